public import Credentials
import Cryptography
import Forms
public import Kernel

/// Which column of a source becomes which field: written as a draft by the profile and edited by an official.
///
///     kind: enterprise
///     source: 包头市原登记系统 2026-10-31
///     row: [注册号]
///     unknown: ["", 不详, "1900-01-01"]
///     fields:
///       code: {column: 统一社会信用代码, legacy: accept}
///       state: {column: 登记状态, codes: {存续: active}}
///       established: {column: 成立日期, dates: [yyyyMMdd]}
///       capital: {column: 注册资本, unit: wan}
///       region: {value: "150203"}
public struct StockMapping: Sendable {
    public struct Rule: Sendable {
        public let field: StockField
        public let column: String?
        /// The same for every row.
        public let value: String?
        /// Codes of the source and what they are here.
        public let codes: [String: String]
        public let dates: [StockDateFormat]
        /// Fen in one of the source's unit.
        public let fen: Int64
        /// Credit codes that fail their check digit are taken over and marked: early pilot places issued some.
        public let acceptsLegacy: Bool

        /// The key of what stands on a licence.
        var onLicence: String { String(field.name.dropFirst(StockField.onLicence.count)) }
    }

    public let kind: StockKind
    /// Where it comes from, as registers, reports and the log name it.
    public let source: String
    /// Columns that together tell a row from all others.
    public let row: [String]
    /// What the source writes where it does not know.
    public let unknown: Set<String>
    public let rules: [Rule]
    /// SM3 over the text, in hexadecimal.
    public let digest: String

    /// - Parameter types: what stands on licences.
    /// - Throws: `DefinitionError` with the line, `StockError.fieldUnmapped`, `.unknownField`.
    public init(yaml: String, file: String, types: LicenceTypes) throws {
        let root = try SourceNode(yaml: yaml, file: file).map(["kind", "source", "row", "unknown", "fields"])
        let kind = try root.needed("kind").one(of: StockKind.self)
        self.kind = kind
        source = try root.needed("source").word()
        row = try root.needed("row").words()
        unknown = Set(try root["unknown"]?.list().map { try $0.text() } ?? [])
        rules = try root.needed("fields").entries().map { try Rule($0, kind: kind) }
        digest = Hex.encode(SM3.digest(Array(yaml.utf8)))
        let mapped = Set(rules.map(\.field.name))
        for field in kind.fields where field.isRequired && !mapped.contains(field.name) {
            throw StockError.fieldUnmapped(field: field.name, kind: kind.rawValue)
        }
        let type = rules.first { $0.field.name == "type" }?.value
        for rule in rules where rule.field.content == .onLicence {
            let possible = type.map { key in types.all.filter { $0.key == key } } ?? types.all
            guard possible.contains(where: { $0.field(rule.onLicence) != nil }) else {
                throw StockError.unknownField(field: rule.field.name, kind: type ?? kind.rawValue)
            }
        }
    }

    /// Whether it says what stands on licences: then each row is held against its type.
    var holdsFields: Bool { rules.contains { $0.field.content == .onLicence } }

    /// - Throws: `StockError.noColumn`.
    public func check(against file: StockFile) throws {
        for column in row + rules.compactMap(\.column) where !file.columns.contains(column) {
            throw StockError.noColumn(column: column, file: file.name)
        }
    }
}

extension StockMapping.Rule {
    fileprivate init(_ entry: SourceEntry, kind: StockKind) throws {
        guard let field = kind.field(entry.key) else {
            throw StockError.unknownField(field: entry.key, kind: kind.rawValue)
        }
        let map = try entry.value.map(["column", "value", "codes", "dates", "unit", "legacy"])
        self.field = field
        column = try map["column"]?.word()
        value = try map["value"]?.text()
        guard (column == nil) != (value == nil) else { throw entry.value.bad("either column or value") }
        codes = Dictionary(
            try map["codes"]?.entries().map { ($0.key, try $0.value.text()) } ?? [],
            uniquingKeysWith: { $1 }
        )
        dates = try (map["dates"]?.words() ?? ["yyyy-MM-dd"]).map { pattern in
            guard let format = StockDateFormat(pattern) else {
                throw entry.value.bad("dates such as yyyyMMdd, yyyy-MM-dd, yyyy年M月d日")
            }
            return format
        }
        fen = try (map["unit"]?.one(of: Unit.self) ?? .yuan).fen
        acceptsLegacy = try map["legacy"]?.text() == "accept"
    }

    private enum Unit: String, CaseIterable {
        case fen, yuan, wan

        var fen: Int64 {
            switch self {
            case .fen: 1
            case .yuan: 100
            case .wan: 1_000_000
            }
        }
    }
}

/// How a source writes days: `y`, `M`, `d` are digits, as many as there are letters or, of one letter, one or two; hours,
/// minutes and seconds are read past; everything else stands for itself.
public struct StockDateFormat: Sendable, Equatable {
    public let pattern: String

    public init?(_ pattern: String) {
        guard pattern.contains("yyyy"), pattern.contains("M"), pattern.contains("d") else { return nil }
        self.pattern = pattern
    }

    private static let numbers = Set("yMdHms".utf8)

    /// - Returns: nil when the text is not written so, or names a day that does not exist.
    public func read(_ text: String) -> LocalDate? {
        var (year, month, day) = (0, 0, 0)
        var rest = text.utf8[...]
        var letters = pattern.utf8[...]
        while let letter = letters.first {
            let run = letters.prefix { $0 == letter }
            letters = letters.dropFirst(run.count)
            guard Self.numbers.contains(letter) else {
                guard rest.starts(with: run) else { return nil }
                rest = rest.dropFirst(run.count)
                continue
            }
            let digits = rest.prefix(run.count == 1 ? 2 : run.count).prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count), run.count == 1 || digits.count == run.count else {
                return nil
            }
            let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            rest = rest.dropFirst(digits.count)
            switch letter {
            case UInt8(ascii: "y"): year = number
            case UInt8(ascii: "M"): month = number
            case UInt8(ascii: "d"): day = number
            default: break
            }
        }
        return rest.isEmpty ? LocalDate(year: year, month: month, day: day) : nil
    }
}
