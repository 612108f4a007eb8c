import Foundation
public import Kernel

/// What is known about Chinese characters: which are standard, their simplified forms, how they sound.
///
/// Read from `Resources/language`; see the licences there.
public struct Language: Sendable {
    let simplified: [Unicode.Scalar: Unicode.Scalar]
    let readings: [Unicode.Scalar: [String]]
    /// 通用规范汉字表, 8,105 characters.
    let standard: Set<Unicode.Scalar>

    public init(home: Home) throws(NameError) {
        var simplified: [Unicode.Scalar: Unicode.Scalar] = [:]
        try Self.each("simplified", home) { character, value in
            simplified[character] = value.unicodeScalars.first
        }
        var readings: [Unicode.Scalar: [String]] = [:]
        try Self.each("pinyin", home) { character, value in
            readings[character] = value.split(separator: " ").map(String.init)
        }
        var standard: Set<Unicode.Scalar> = []
        try Self.each("standard-characters", home) { character, _ in standard.insert(character) }
        self.simplified = simplified
        self.readings = readings
        self.standard = standard
    }

    private static func each(
        _ name: String,
        _ home: Home,
        _ take: (Unicode.Scalar, Substring) -> Void
    ) throws(NameError) {
        let path = home.resource("language/\(name).tsv")
        guard let data = FileManager.default.contents(atPath: path) else { throw .dataMissing(path) }
        let text = String(decoding: data, as: UTF8.self)
        var isHeader = true
        for line in text.utf8.split(separator: 10) {
            if line.first == UInt8(ascii: "#") { continue }
            if isHeader {
                isHeader = false
                continue
            }
            guard let tab = line.firstIndex(of: 9), let scalar = Substring(line[..<tab]).unicodeScalars.first
            else { throw .dataMissing(path) }
            take(scalar, Substring(line[line.index(after: tab)...]))
        }
    }

    /// `text` with every traditional or variant character in its simplified form.
    public func simplify(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { simplified[$0] != nil }) else { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(simplified[scalar] ?? scalar) }
        return String(out)
    }

    /// The sounds of a text without tones, `xin-da`: the most usual first, at most `countMax`. A character without
    /// a known reading stands for itself.
    public func sounds(of text: String, countMax: Int = 8) -> [String] {
        var sounds: [String] = [""]
        for scalar in text.unicodeScalars {
            let known = readings[scalar] ?? [String(Character(scalar))]
            var next: [String] = []
            for reading in known {
                for sound in sounds where next.count < countMax {
                    next.append(sound.isEmpty ? reading : "\(sound)-\(reading)")
                }
            }
            sounds = next
        }
        return sounds
    }

    /// Whether the scalar is a Chinese character at all (the unified ideographs and their extensions, and 〇).
    public static func isHan(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x323AF, 0x3007: true
        default: false
        }
    }

    /// Traditional Mongolian script: letters, marks and punctuation, and the joiners that it needs.
    static func isMongolian(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1800...0x18AF, 0x11660...0x1167F, 0x20, 0x202F, 0x200C, 0x200D: true
        default: false
        }
    }
}
