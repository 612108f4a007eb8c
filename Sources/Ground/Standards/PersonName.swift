/// A person's name: 2 to 50 characters, kept as entered; `key` is what is compared.
public struct PersonName: Hashable, Sendable, CustomStringConvertible {
    /// As entered, with outer and doubled spaces gone, and those between Chinese characters. Rare characters (GB 18030-2022, also of the private use
    /// area) stay as they are; no Unicode normalisation touches them.
    public let text: String

    /// - Throws: `person-name.length`, or `person-name.character` with the position of a digit, symbol or control.
    public init(_ entered: some StringProtocol) throws(IdentifierError) {
        let text = BorderText.line(entered)
        guard (2...50).contains(text.count) else { throw IdentifierError(.personName, .length) }
        for (index, scalar) in text.unicodeScalars.enumerated() where !Self.mayStand(scalar) {
            throw IdentifierError(.personName, .character, position: index + 1)
        }
        self.text = Self.closed(text)
    }

    /// Forms set two characters apart (`张　三`); no name is written so.
    private static func closed(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var out = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let isBetween =
                scalar.properties.isWhitespace && index > 0 && index + 1 < scalars.count
                && scalars[index - 1].properties.isIdeographic
                && scalars[index + 1].properties.isIdeographic
            if !isBetween { out.append(scalar) }
        }
        return String(out)
    }

    public var description: String { text }

    /// The comparison key: dot look-alikes become `·`, full-width letters become narrow, letters of alphabets are
    /// upper case, spaces between Chinese characters and around dots go.
    public var key: String {
        var out = String.UnicodeScalarView()
        let scalars = text.unicodeScalars.map { Self.isDot($0) ? "·" : BorderText.narrowed($0) }
        for (index, scalar) in scalars.enumerated() {
            if scalar.properties.isWhitespace {
                let before = index > 0 ? scalars[index - 1] : scalar
                let after = index + 1 < scalars.count ? scalars[index + 1] : scalar
                if before.properties.isIdeographic || after.properties.isIdeographic || before == "·"
                    || after == "·"
                {
                    continue
                }
                out.append(" ")
            } else {
                out.append(contentsOf: scalar.properties.uppercaseMapping.unicodeScalars)
            }
        }
        return String(out)
    }

    /// Whether two names are the same once their dots, widths and cases are.
    public func matches(_ other: PersonName) -> Bool { key == other.key }

    /// The key without dots and spaces: names that differ in these only go to a person, not to a refusal (R4).
    public var nearKey: String { key.filter { $0 != "·" && $0 != " " } }

    /// Whether two texts are the same name, however dots and widths were typed; what is no name stands for itself.
    public static func areSame(_ one: String, _ other: String) -> Bool {
        guard let first = try? PersonName(one), let second = try? PersonName(other) else {
            return one == other
        }
        return first.matches(second)
    }

    public var masked: String { Masking.name(text) }

    /// U+00B7 and what keyboards and other systems put in its place.
    private static func isDot(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00B7, 0x0387, 0x2022, 0x2024, 0x2027, 0x2219, 0x22C5, 0x25CF, 0x30FB, 0xFF0E, 0xFF65, 0x2E:
            true
        default: false
        }
    }

    private static func mayStand(_ scalar: Unicode.Scalar) -> Bool {
        if isDot(scalar) || scalar == " " || scalar == "-" || scalar == "'" || scalar == "’" { return true }
        // Han variation selectors belong to the character before them.
        if (0xFE00...0xFE0F).contains(scalar.value) || (0xE0100...0xE01EF).contains(scalar.value) {
            return true
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark,
            .spacingMark, .privateUse, .letterNumber:
            return true
        case .format: return scalar.value == 0x180E || scalar.value == 0x202F
        default: return (0x180B...0x180F).contains(scalar.value)
        }
    }
}
