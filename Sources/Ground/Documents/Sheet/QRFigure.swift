import CQREncode

/// A QR code (ISO/IEC 18004) as one filled path: the outline of its dark fields, so that no hairlines show between
/// them.
enum QRFigure {
    /// - Parameter text: at most about 2,300 bytes at the error correction used (level M).
    /// - Returns: the code with the quiet zone of four modules inside the box, a square of the box's shorter side.
    static func mark(_ text: String, in box: SheetBox, for block: String) throws(DocumentError) -> PathMark {
        let made = text.withCString { QRcode_encodeString8bit($0, 0, QR_ECLEVEL_M) }
        guard let code = made, let modules = code.pointee.data else {
            throw .sheet("\(block): the code's text is empty or too long; shorten it")
        }
        defer { QRcode_free(code) }
        let count = Int(code.pointee.width)
        let side = min(box.width, box.height)
        let step = side / Double(count + 8)
        let left = box.x + (box.width - side) / 2 + 4 * step
        let top = box.y + (box.height - side) / 2 + 4 * step
        let isDark = (0..<count * count).map { modules[$0] & 1 == 1 }
        let outline = outline(isDark, count: count)
        return PathMark(
            outline.moved { SheetPoint(left + $0.x * step, top + $0.y * step) },
            fill: .black
        )
    }

    /// Edges between dark and light with the dark on the right, joined to rings; what is light inside runs the other
    /// way round and stays open when the path is filled.
    private static func outline(_ isDark: [Bool], count: Int) -> SheetPath {
        func dark(_ x: Int, _ y: Int) -> Bool {
            x >= 0 && y >= 0 && x < count && y < count && isDark[y * count + x]
        }
        let width = count + 1
        // Directions: 0 right, 1 down, 2 left, 3 up. One bit for each edge that leaves a corner.
        var leaving = [UInt8](repeating: 0, count: width * width)
        for y in 0..<count {
            for x in 0..<count where dark(x, y) {
                if !dark(x, y - 1) { leaving[y * width + x] |= 1 }
                if !dark(x + 1, y) { leaving[y * width + x + 1] |= 2 }
                if !dark(x, y + 1) { leaving[(y + 1) * width + x + 1] |= 4 }
                if !dark(x - 1, y) { leaving[(y + 1) * width + x] |= 8 }
            }
        }
        let moves = [1, width, -1, -width]
        func point(_ corner: Int) -> SheetPoint { SheetPoint(Double(corner % width), Double(corner / width)) }
        var path = SheetPath()
        for start in leaving.indices {
            // Every ring has an edge that runs right: begin there.
            while leaving[start] & 1 != 0 {
                var corner = start + 1
                var direction = 0
                path.steps.append(.move(point(start)))
                while true {
                    // Where two fields touch at a corner the ring keeps to its own field: it turns right first.
                    let turns = [(direction + 1) % 4, direction, (direction + 3) % 4]
                    guard let next = turns.first(where: { leaving[corner] & (1 << UInt8($0)) != 0 }),
                        corner != start || next != 0
                    else { break }
                    if next != direction { path.steps.append(.line(point(corner))) }
                    leaving[corner] &= ~(1 << UInt8(next))
                    direction = next
                    corner += moves[next]
                }
                leaving[start] &= ~1
                path.steps.append(.close)
            }
        }
        return path
    }
}
