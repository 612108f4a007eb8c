import Foundation

/// Makes names comparable: NFKC (full-width letters and compatibility forms), no white space or invisible
/// characters, one kind of middle dot, full-width brackets. Traditional characters stay, they are reported.
public enum NameText {
    public static func normalise(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.precomposedStringWithCompatibilityMapping.unicodeScalars {
            if isInvisible(scalar) { continue }
            out.append(unified(scalar))
        }
        return String(out)
    }

    /// Look-alikes of `·` (U+00B7) that keyboards and input methods produce, and brackets of every kind.
    private static func unified(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x2022, 0x2027, 0x2219, 0x22C5, 0x30FB, 0x16EB, 0x0387, 0x25CF, 0x2E31: "\u{00B7}"
        case 0x28, 0x3014, 0x3010, 0x5B: "（"
        case 0x29, 0x3015, 0x3011, 0x5D: "）"
        default: scalar
        }
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF: true
        default: scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
        }
    }
}
