import Kernel

/// Somebody below an authority of others who may make seals that count here, and under which codes. An authority vouches
/// for names of certificates; whose seal it is says the maker, so that he is named when the authority is recognised.
public struct SealMaker: Hashable, Sendable {
    /// The organisation and name of his certificate, which are one.
    public let name: String
    /// How the codes of his seals begin: the digits of a division, or what his place writes instead.
    public let codes: [String]

    /// Of one authority.
    static let countMax = 50

    public init(name: String, codes: [String]) {
        self.name = name
        self.codes = codes
    }

    /// Reads one a line: the name, `=`, beginnings of codes between spaces.
    /// - Throws: `TrustError.badField` for a line that is none.
    public static func all(reading lines: String) throws(TrustError) -> [SealMaker] {
        var makers: [SealMaker] = []
        for line in lines.split(whereSeparator: \.isNewline)
        where !line.allSatisfy(\.isWhitespace) {
            guard let sign = line.lastIndex(where: { $0 == "=" || $0 == "＝" }) else {
                throw .badField("makers")
            }
            let name = line[..<sign].split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let codes = line[line.index(after: sign)...].split(whereSeparator: \.isWhitespace)
            makers.append(SealMaker(name: name, codes: codes.map(String.init)))
        }
        guard makers.count <= countMax, makers.allSatisfy(\.isWhole) else { throw .badField("makers") }
        return makers
    }

    /// At least two signs of a code: a maker whom every code is open to could make everybody's seal.
    var isWhole: Bool {
        (1...100).contains(name.count) && (1...50).contains(codes.count)
            && codes.allSatisfy { code in
                (2...32).contains(code.utf8.count)
                    && code.utf8.allSatisfy {
                        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
                    }
            }
    }

    func mayMake(_ code: String) -> Bool { codes.contains { code.hasPrefix($0) } }

    /// The line from which `all(reading:)` reads the same.
    public var line: String { "\(name) = \(codes.joined(separator: " "))" }

    var json: JSON { ["name": .string(name), "codes": .array(codes.map(JSON.string))] }

    init?(_ json: JSON) {
        guard let name = json["name"].text else { return nil }
        self.init(name: name, codes: json["codes"].elements.compactMap(\.text))
    }
}
