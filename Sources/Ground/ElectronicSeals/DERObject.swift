import SwiftASN1

/// Object identifiers with arcs of up to 128 bits, which identifiers under the arc of UUIDs (ITU-T X.667) need and
/// the ASN.1 library does not read.
enum DERObject {
    /// The identifier in dotted form.
    static func read(_ node: ASN1Node) throws(SealFormatError) -> String {
        guard node.identifier == .objectIdentifier, case .primitive(let content) = node.content,
            content.last.map({ $0 & 0x80 == 0 }) == true
        else { throw SealFormatError("OBJECT IDENTIFIER") }
        var arcs: [UInt128] = []
        var arc: UInt128 = 0
        var isFirstByte = true
        for byte in content {
            // The shortest form, and none that runs over.
            guard !(isFirstByte && byte == 0x80), arc <= UInt128.max >> 7 else {
                throw SealFormatError("OBJECT IDENTIFIER")
            }
            arc = arc << 7 | UInt128(byte & 0x7F)
            isFirstByte = byte & 0x80 == 0
            if isFirstByte {
                arcs.append(arc)
                arc = 0
            }
        }
        let first = min(arcs[0] / 40, 2)
        return ([first, arcs[0] - first * 40] + arcs.dropFirst()).map(String.init).joined(separator: ".")
    }

    /// The content of an identifier in dotted form; nil when it is none.
    static func content(_ dotted: String) -> [UInt8]? {
        let arcs = dotted.split(separator: ".", omittingEmptySubsequences: false).map { UInt128($0) }
        guard arcs.count >= 2, let top = arcs[0], let second = arcs[1], top <= 2, top == 2 || second < 40
        else {
            return nil
        }
        var content: [UInt8] = []
        for arc in [top * 40 + second] + arcs.dropFirst(2) {
            guard var rest = arc else { return nil }
            var bytes = [UInt8(rest & 0x7F)]
            rest >>= 7
            while rest > 0 {
                bytes.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            content += bytes.reversed()
        }
        return content
    }
}
