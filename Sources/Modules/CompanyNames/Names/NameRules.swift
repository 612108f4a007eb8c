public import Catalogue
import Foundation
public import Kernel
public import Standards
public import Storage

/// Everything that the checks know: words, forms, divisions, limits, characters and their sounds.
///
/// Has no clock. Made once from the tables in force; `replace` brings tables that came later to everybody who holds a
/// copy. Rows carry their dates, so one set of tables serves every day.
public struct NameRules: Sendable {
    public let language: Language
    public let standards: Standards
    let divisions: NameDivisions
    private let shelf: Shelf<NameTables>

    var forbidden: [ReferenceRow] { shelf.current.forbidden }
    var limited: [ReferenceRow] { shelf.current.limited }
    var protected: [ReferenceRow] { shelf.current.protected }
    var extensions: [ReferenceRow] { shelf.current.extensions }
    var trades: TradeWords { shelf.current.trades }
    var forms: OrganisationForms { shelf.current.forms }
    public var limits: NameLimits { shelf.current.limits }

    /// Every copy of these rules uses the tables of `other` from now on.
    public func replace(by other: NameRules) { shelf.replace(by: other.shelf.current) }

    /// The tables of names.
    static let kinds = [
        "forbidden-words", "limited-words", "protected-names", "brand-extensions", "trade-synonyms",
        "organisation-forms", "name-limits",
    ]

    /// From the files under `Resources`.
    /// - Parameter terms: the dated limits of company opening; the shipped ones when nil.
    public init(standards: Standards, home: Home, terms: DatedLimits? = nil) throws {
        var tables: [String: ReferenceTable] = [:]
        for kind in Self.kinds {
            tables[kind] = try ReferenceImport.shipped(kind, home: home, standards: standards)
        }
        try self.init(
            tables: tables,
            standards: standards,
            language: try Language(home: home),
            terms: try terms ?? Self.shippedTerms(home: home)
        )
    }

    /// The limits of company opening as they are shipped.
    public static func shippedTerms(home: Home) throws -> DatedLimits {
        let file = "company-opening/limits.yaml"
        let text = try String(contentsOfFile: "\(home.systems)/\(file)", encoding: .utf8)
        return try DatedLimits(yaml: text, file: file)
    }

    /// From the tables in the database that are in force on `date`.
    public init(
        standards: Standards,
        language: Language,
        terms: DatedLimits,
        on date: LocalDate,
        in reader: any Reader
    ) throws {
        var tables: [String: ReferenceTable] = [:]
        for kind in Self.kinds { tables[kind] = try ReferenceImport.table(kind, on: date, in: reader) }
        try self.init(tables: tables, standards: standards, language: language, terms: terms)
    }

    /// From given tables, by kind.
    /// - Throws: `NameError.dataMissing` when one of the seven is missing.
    public init(
        tables: [String: ReferenceTable],
        standards: Standards,
        language: Language,
        terms: DatedLimits
    ) throws(NameError) {
        func rows(_ kind: String) throws(NameError) -> [ReferenceRow] {
            guard let table = tables[kind] else { throw .dataMissing(kind) }
            return table.rows
        }
        self.language = language
        self.standards = standards
        shelf = Shelf(
            NameTables(
                forbidden: try rows("forbidden-words"),
                limited: try rows("limited-words"),
                protected: try rows("protected-names"),
                extensions: try rows("brand-extensions"),
                trades: TradeWords(try rows("trade-synonyms")),
                forms: OrganisationForms(try rows("organisation-forms")),
                limits: NameLimits(try rows("name-limits"), terms: terms, regions: standards.regions)
            )
        )
        divisions = NameDivisions(standards.regions)
    }

    /// A longer text is refused unread; far above every limit of `name-limits.tsv`.
    private static let textMax = 500

    /// Takes a whole name apart.
    /// - Throws: `NameError.unreadable` with the place where it stops making sense.
    public func parse(
        _ text: String,
        subject: NameSubject = .limitedCompany
    ) throws(NameError) -> NameParts {
        guard text.unicodeScalars.count <= Self.textMax else { throw .unreadable(.tooLong, at: Self.textMax) }
        return try NameParser(text: NameText.normalise(text), subject: subject, rules: self).parts()
    }

    /// The parts as they are compared and stored: normalised, nothing else changed.
    public func normalise(_ parts: NameParts) -> NameParts {
        NameParts(
            division: NameText.normalise(parts.division),
            brand: NameText.normalise(parts.brand),
            trade: NameText.normalise(parts.trade),
            form: NameText.normalise(parts.form),
            divisionPlace: parts.divisionPlace
        )
    }

    /// What makes the name the same as another: library, simplified brand, class of the trade.
    /// - Parameter industry: GB/T 4754 class of the main business, used when the trade words tell nothing.
    public func key(
        _ parts: NameParts,
        subject: NameSubject,
        scope: String,
        industry: String? = nil
    ) -> NameKey {
        NameKey(
            scope: scope,
            brand: language.simplify(parts.brand),
            industryClass: industryClass(of: parts, subject: subject, industry: industry)
        )
    }

    /// Two digits of GB/T 4754; empty when the name says no trade.
    public func industryClass(
        of parts: NameParts,
        subject: NameSubject,
        industry: String? = nil
    ) -> String {
        let trade = language.simplify(parts.trade)
        if let found = trades.industryClass(of: trade) { return found }
        switch subject {
        case .limitedCompany:
            return trade.isEmpty ? "" : industry.map { String($0.prefix(2)) } ?? ""
        case .soleTrader:
            if let found = trades.industryClass(of: language.simplify(parts.form)) { return found }
            return industry.map { String($0.prefix(2)) } ?? ""
        }
    }
}

/// The tables of names that are in force together.
private final class NameTables: Sendable {
    let forbidden: [ReferenceRow]
    let limited: [ReferenceRow]
    let protected: [ReferenceRow]
    let extensions: [ReferenceRow]
    let trades: TradeWords
    let forms: OrganisationForms
    let limits: NameLimits

    init(
        forbidden: [ReferenceRow],
        limited: [ReferenceRow],
        protected: [ReferenceRow],
        extensions: [ReferenceRow],
        trades: TradeWords,
        forms: OrganisationForms,
        limits: NameLimits
    ) {
        self.forbidden = forbidden
        self.limited = limited
        self.protected = protected
        self.extensions = extensions
        self.trades = trades
        self.forms = forms
        self.limits = limits
    }
}

/// Words for the trade, and the class of each.
struct TradeWords: Sendable {
    /// Nil for an auxiliary word, which has no class of its own.
    private let classes: [String: String?]
    let lengthMax: Int

    init(_ rows: [ReferenceRow]) {
        var classes: [String: String?] = [:]
        for row in rows {
            classes.updateValue(row["role"] == "main" ? row["class"] : nil, forKey: row["word"])
        }
        self.classes = classes
        lengthMax = rows.map { $0["word"].count }.max() ?? 0
    }

    func contains(_ word: String) -> Bool { classes[word] != nil }

    /// Splits from the end, the longest known word first; stops where nothing is known.
    /// - Parameter keeping: so many characters at the front are never taken.
    func wordsAtEnd(of text: [Character], keeping: Int = 0) -> [String] {
        var words: [String] = []
        var end = text.count
        while end > keeping {
            let lengths = stride(from: min(lengthMax, end - keeping), through: 1, by: -1)
            guard let length = lengths.first(where: { contains(String(text[end - $0..<end])) }) else { break }
            words.insert(String(text[end - length..<end]), at: 0)
            end -= length
        }
        return words
    }

    /// The class of the last word that names a trade: 农业科技 is technology, 餐饮管理 is catering.
    func industryClass(of trade: String) -> String? {
        let text = Array(trade)
        for word in wordsAtEnd(of: text).reversed() {
            if let found = classes[word] ?? nil { return found }
        }
        return nil
    }
}

/// The forms with which names end.
struct OrganisationForms: Sendable {
    private let rows: [NameSubject: [String: ReferenceRow]]
    /// All forms, the longest first.
    let all: [String]

    init(_ table: [ReferenceRow]) {
        var rows: [NameSubject: [String: ReferenceRow]] = [:]
        for row in table {
            guard let subject = NameSubject(rawValue: row["subject"]) else { continue }
            rows[subject, default: [:]][NameText.normalise(row["form"])] = row
        }
        self.rows = rows
        let names = Set(rows.values.flatMap(\.keys))
        all = names.sorted { $0.count == $1.count ? $0 < $1 : $0.count > $1.count }
    }

    func isAllowed(_ form: String, for subject: NameSubject) -> Bool {
        rows[subject]?[form]?["allowed"] == "yes"
    }

    /// Why a form is refused, when the table says so.
    func reason(_ form: String, for subject: NameSubject) -> String? { rows[subject]?[form]?["reason"] }

    func allowed(for subject: NameSubject) -> [String] {
        all.filter { isAllowed($0, for: subject) }
    }
}
