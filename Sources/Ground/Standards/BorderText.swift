/// What people type, made comparable at the border: codes and numbers arrive with full-width digits, spaces of
/// every kind and lower case.
public enum BorderText {
    /// For codes and numbers: full-width forms become ASCII, all white space, format and zero-width characters
    /// go, lower case becomes upper case.
    public static func code(_ text: some StringProtocol) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let narrow = narrowed(scalar)
            if isBlank(narrow) { continue }
            if (0x61...0x7A).contains(narrow.value), let upper = Unicode.Scalar(narrow.value - 32) {
                scalars.append(upper)
            } else {
                scalars.append(narrow)
            }
        }
        return String(scalars)
    }

    /// For what may be a name as well as a number: letters and digits of full width become ASCII, everything else stays,
    /// such as the brackets of a name.
    public static func words(_ text: some StringProtocol) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let narrow = narrowed(scalar)
            let isPlain = narrow.properties.isAlphabetic || ("0"..."9").contains(narrow)
            scalars.append(isPlain ? narrow : scalar)
        }
        return String(scalars)
    }

    /// For free text: white space at both ends goes, runs inside become one space, zero-width and control
    /// characters go. Everything else stays as entered.
    public static func line(_ text: some StringProtocol) -> String {
        if text.unicodeScalars.allSatisfy(isInk) { return String(text) }
        var scalars = String.UnicodeScalarView()
        var pendingSpace = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                pendingSpace = !scalars.isEmpty
            } else if isBlank(scalar) || scalar.properties.generalCategory == .control {
                continue
            } else {
                if pendingSpace { scalars.append(" ") }
                pendingSpace = false
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// U+FF01...U+FF5E and the ideographic space.
    static func narrowed(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        case 0x3000: " "
        default: scalar
        }
    }

    /// What nearly all texts are made of, and what is neither blank nor control: no look into the tables of Unicode.
    private static func isInk(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x7E, 0x3001...0x3020, 0x4E00...0x9FFF, 0xFF01...0xFF5E: true
        default: false
        }
    }

    /// White space, and the zero-width space, joiners, word joiner, byte order mark and soft hyphen. Mongolian
    /// vowel separators and variation selectors are letters' parts and stay.
    static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00AD, 0x200B...0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF: true
        default: !isInk(scalar) && scalar.properties.isWhitespace
        }
    }

    /// ASCII digits only, and at least one.
    static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
