/// The identifier of an electronic licence (GB/T 36904-2018):
/// `1.2.156.3005.2.TYPE.ISSUER.SERIAL.VERSION.CHECK`.
public struct LicenceIdentifier: Hashable, Sendable, CustomStringConvertible {
    /// 21 characters: credit code of the authority that defines the type, and three digits.
    public let type: String
    /// 18-character credit code of the issuing body; some published ones have a six-digit region here.
    public let issuer: String
    /// Digits and capitals, unique for type and issuer.
    public let serial: String
    /// 1...999; one more on every re-issue with changes.
    public let version: Int
    /// Whether the check character fits. Not all published foreign ones do; our own always do.
    public let isCheckValid: Bool
    private let check: Character

    public static let root = "1.2.156.3005.2"

    /// Puts an identifier together and adds its check.
    public init(type: String, issuer: String, serial: String, version: Int) throws(IdentifierError) {
        try Self.checkParts(type: type, issuer: issuer, serial: serial)
        guard (1...999).contains(version) else { throw IdentifierError(.licenceIdentifier, .part) }
        self.type = type
        self.issuer = issuer
        self.serial = serial
        self.version = version
        check = Self.check(of: type + issuer + serial + Self.padded(version))
        isCheckValid = true
    }

    /// Reads one, with or without the root.
    /// - Parameter strict: refuse a wrong check character; otherwise it is only marked (for other issuers' licences).
    public init(parsing text: some StringProtocol, strict: Bool = true) throws(IdentifierError) {
        var rest = BorderText.code(text)
        if rest.hasPrefix(Self.root + ".") { rest.removeFirst(Self.root.count + 1) }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5 else { throw IdentifierError(.licenceIdentifier, .length) }
        try Self.checkParts(type: parts[0], issuer: parts[1], serial: parts[2])
        guard parts[3].utf8.count == 3, let version = Int(parts[3]), version >= 0,
            BorderText.isDigits(parts[3]),
            parts[4].utf8.count == 1, let check = parts[4].first,
            OrganisationCode.value(check.asciiValue ?? 0) != nil
        else { throw IdentifierError(.licenceIdentifier, .part) }
        type = parts[0]
        issuer = parts[1]
        serial = parts[2]
        self.version = version
        self.check = check
        isCheckValid = Self.check(of: parts[0] + parts[1] + parts[2] + parts[3]) == check
        guard isCheckValid || !strict else { throw IdentifierError(.licenceIdentifier, .check) }
    }

    public var description: String {
        "\(Self.root).\(type).\(issuer).\(serial).\(Self.padded(version)).\(check)"
    }

    /// The identifier of the next version, after a change.
    public func nextVersion() throws(IdentifierError) -> LicenceIdentifier {
        try LicenceIdentifier(type: type, issuer: issuer, serial: serial, version: version + 1)
    }

    private static func checkParts(type: String, issuer: String, serial: String) throws(IdentifierError) {
        guard type.utf8.count == 21, [6, 18].contains(issuer.utf8.count), (1...64).contains(serial.utf8.count)
        else {
            throw IdentifierError(.licenceIdentifier, .length)
        }
        for (index, byte) in (type + issuer + serial).utf8.enumerated()
        where OrganisationCode.value(byte) == nil {
            throw IdentifierError(.licenceIdentifier, .character, position: index + 1)
        }
    }

    private static func padded(_ version: Int) -> String {
        String(repeating: "0", count: max(0, 3 - String(version).count)) + String(version)
    }

    /// ISO/IEC 7064 MOD 37,36 (GB/T 17710) over the parts without dots.
    static func check(of text: String) -> Character {
        var product = 36
        for byte in text.utf8 {
            var sum = (product + (OrganisationCode.value(byte) ?? 0)) % 36
            if sum == 0 { sum = 36 }
            product = 2 * sum % 37
        }
        let value = (37 - product) % 36
        let byte = value < 10 ? UInt8(0x30 + value) : UInt8(0x41 + value - 10)
        return Character(Unicode.Scalar(byte))
    }
}
