/// What a file is called once it is kept: a harmless stem and the ending of what its bytes are, whatever its sender
/// called it. Whoever saves it and opens it opens a picture or a document, never a program.
public enum FileName {
    /// A file system takes 255 bytes for a name.
    static let stemBytesMax = 180

    public static func of(_ claimed: String, kind: FileKind) -> String {
        "\(stem(of: claimed)).\(kind.rawValue)"
    }

    private static func stem(of claimed: String) -> String {
        let last = claimed.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        var scalars: [Unicode.Scalar] = []
        for scalar in withoutEnding(last).unicodeScalars {
            if isPlain(scalar) {
                scalars.append(scalar)
            } else if isVisible(scalar) {
                scalars.append("_")
            }
        }
        var stem = ""
        for character in String(String.UnicodeScalarView(scalars)).drop(while: isFringe) {
            guard stem.utf8.count + character.utf8.count <= stemBytesMax else { break }
            stem.append(character)
        }
        while let end = stem.last, isFringe(end) { stem.removeLast() }
        if stem.isEmpty { return "file" }
        return devices.contains(stem.lowercased()) ? "file-\(stem)" : stem
    }

    /// An ending is what follows the last dot when it looks like one: one to eight ASCII letters and digits, a letter
    /// among them. `2026.03` keeps its month.
    private static func withoutEnding(_ name: Substring) -> Substring {
        guard let dot = name.lastIndex(of: ".") else { return name }
        let ending = name[name.index(after: dot)...]
        let isEnding =
            (1...8).contains(ending.count) && ending.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            && ending.contains(where: \.isLetter)
        return isEnding ? name[..<dot] : name
    }

    private static let marks = Set("-_()（）·、，《》【】〔〕— ".unicodeScalars)

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark,
            .spacingMark, .decimalNumber, .letterNumber:
            true
        default: marks.contains(scalar)
        }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            false
        default: true
        }
    }

    /// No name begins or ends with it: a leading hyphen is an option to some programs, a space is lost on some disks.
    private static func isFringe(_ character: Character) -> Bool {
        character == " " || character == "_" || character == "-"
    }

    /// Names that Windows keeps for devices, with any ending.
    private static let devices: Set<String> = {
        let numbered = ["com", "lpt"].flatMap { name in (0...9).map { "\(name)\($0)" } }
        return Set(["con", "prn", "aux", "nul"] + numbered)
    }()
}
