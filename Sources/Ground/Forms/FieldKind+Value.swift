public import Kernel
import Standards

extension FieldKind {
    /// Types what a person wrote. Full-width digits, stray spaces, hyphens and a small `x` are put right. What cannot
    /// be typed stays a text, so that nothing typed is lost: `problem` then says what is wrong with it.
    /// - Returns: null for an empty text.
    public func read(_ raw: String) -> JSON {
        switch self {
        case .text, .name: return Self.word(BorderText.line(raw))
        case .multiline: return Self.word(Self.lines(raw))
        case .integer, .decimal, .percent:
            let text = Self.number(raw, dropping: ["%", "％"])
            guard !text.isEmpty else { return .null }
            return Decimals.canonical(text).map { .number($0) } ?? .string(text)
        case .money:
            let text = Self.number(raw, dropping: ["万元", "万", "元"])
            guard !text.isEmpty else { return .null }
            return Money(tenThousandYuan: text).map { JSON($0.fen) } ?? .string(text)
        case .date:
            let text = BorderText.code(raw)
            return text.isEmpty ? .null : .string(Self.day(text) ?? text)
        case .time:
            let text = BorderText.code(raw)
            return text.isEmpty ? .null : .string(Self.clock(text) ?? text)
        case .yesNo: return Self.yesNo(BorderText.line(raw))
        case .choice, .region, .industry, .promise, .sameAs: return Self.word(BorderText.line(raw))
        case .identityNumber, .creditCode:
            return Self.word(BorderText.code(raw).filter { !"-－–—".contains($0) })
        case .phone: return Self.word(Self.phone(raw))
        case .email:
            let text = BorderText.line(raw).precomposedNarrow
            guard let at = text.lastIndex(of: "@") else { return Self.word(text) }
            return .string(text[..<at] + text[at...].lowercased())
        case .file: return Self.word(BorderText.line(raw))
        case .multichoice, .scope:
            return .array(raw.split(separator: ",").map { .string(BorderText.line($0)) })
        case .signature, .group, .rows: return .null
        }
    }

    /// As a person would write it into the field; `read` gives the same value back.
    public func print(_ value: JSON) -> String {
        switch value {
        case .null: return ""
        case .bool(let flag): return flag ? "true" : "false"
        case .string(let text): return text
        case .number(let digits):
            if case .money = self, let fen = Int64(digits) { return Money(fen: fen).tenThousandYuanText }
            return digits
        case .array(let elements): return elements.compactMap(\.text).joined(separator: ",")
        case .object: return ""
        }
    }

    private static func word(_ text: String) -> JSON { text.isEmpty ? .null : .string(text) }

    /// Thousands separators and units go; a sign and a point stay.
    private static func number(_ raw: String, dropping units: [String]) -> String {
        var text = BorderText.line(raw).precomposedNarrow.filter { $0 != " " && $0 != "," && $0 != "，" }
        for unit in units where text.hasSuffix(unit) {
            text.removeLast(unit.count)
            break
        }
        return text
    }

    private static func lines(_ raw: String) -> String {
        let unified = raw.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let lines = unified.split(separator: "\n", omittingEmptySubsequences: false).map {
            BorderText.line($0)
        }
        var trimmed = lines[...]
        while trimmed.last?.isEmpty == true { trimmed.removeLast() }
        while trimmed.first?.isEmpty == true { trimmed.removeFirst() }
        return trimmed.joined(separator: "\n")
    }

    private static func yesNo(_ text: String) -> JSON {
        switch text {
        case "": .null
        case "true", "yes", "on", "1", "是": .bool(true)
        case "false", "no", "0", "否": .bool(false)
        default: .string(text)
        }
    }

    /// `2026-1-5`, `2026/01/05`, `2026.1.5`, `20260105` and `2026年1月5日` become `2026-01-05`; nil for other shapes.
    static func day(_ text: String) -> String? {
        let separators: Set<Character> = ["-", "/", ".", "年", "月", "－"]
        var parts = text.split(whereSeparator: { separators.contains($0) }).map(String.init)
        if parts.count == 3, parts[2].hasSuffix("日") { parts[2].removeLast() }
        if parts.count == 1, text.utf8.count == 8 {
            parts = [String(text.prefix(4)), String(text.dropFirst(4).prefix(2)), String(text.suffix(2))]
        }
        guard parts.count == 3, parts[0].utf8.count == 4, (1...2).contains(parts[1].utf8.count),
            (1...2).contains(parts[2].utf8.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        func two(_ text: String) -> String { text.utf8.count == 1 ? "0\(text)" : text }
        return "\(parts[0])-\(two(parts[1]))-\(two(parts[2]))"
    }

    /// `9:05` and `0905` become `09:05`.
    static func clock(_ text: String) -> String? {
        let plain = text.replacing("：", with: ":")
        var parts = plain.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1, plain.utf8.count == 4 {
            parts = [String(plain.prefix(2)), String(plain.suffix(2))]
        }
        guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]), (0..<24).contains(hour),
            (0..<60).contains(minute), parts[0].utf8.count <= 2, parts[1].utf8.count == 2
        else { return nil }
        return "\(hour < 10 ? "0" : "")\(hour):\(parts[1])"
    }

    /// Digits with an optional `+country`; `+86` and `0086` before a Chinese number go.
    private static func phone(_ raw: String) -> String {
        var text = BorderText.code(raw).filter { !"-－–—()（）.".contains($0) }
        for prefix in ["+86", "0086"] where text.hasPrefix(prefix) {
            text.removeFirst(prefix.count)
            break
        }
        return text
    }
}

extension String {
    /// Full-width letters, digits and signs as ASCII; nothing else is touched.
    var precomposedNarrow: String {
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0xFF01...0xFF5E: scalars.append(Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar)
            case 0x3000: scalars.append(" ")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
