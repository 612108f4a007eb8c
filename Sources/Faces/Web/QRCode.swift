import CQREncode
import Foundation

/// A QR code (ISO/IEC 18004) as a drawing in the page.
public enum QRCode {
    public struct TooLong: Error {
        public let bytes: Int
    }

    /// - Parameters:
    ///   - text: at most about 2,300 bytes at the error correction used (level M).
    ///   - title: what the code is for, read aloud.
    /// - Returns: an SVG with the quiet zone of four modules that readers need.
    public static func markup(_ text: String, title: String) throws(TooLong) -> Markup {
        let made = text.withCString { QRcode_encodeString8bit($0, 0, QR_ECLEVEL_M) }
        guard let code = made else { throw TooLong(bytes: text.utf8.count) }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let modules = code.pointee.data else { throw TooLong(bytes: text.utf8.count) }
        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                guard modules[row * width + column] & 1 == 1 else {
                    column += 1
                    continue
                }
                let start = column
                while column < width, modules[row * width + column] & 1 == 1 { column += 1 }
                path += "M\(start + 4) \(row + 4)h\(column - start)v1h-\(column - start)z"
            }
        }
        let side = width + 8
        let head =
            "<svg class=\"qr\" role=\"img\" viewBox=\"0 0 \(side) \(side)\" shape-rendering=\"crispEdges\">"
        let ground = "<rect width=\"\(side)\" height=\"\(side)\" fill=\"#fff\"/>"
        return Markup(
            trusted: "\(head)<title>\(Markup.escape(title))</title>\(ground)<path d=\"\(path)\"/></svg>"
        )
    }
}
