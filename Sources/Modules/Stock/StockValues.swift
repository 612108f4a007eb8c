import Credentials
import Forms
import Kernel
import Standards

/// The typed values of a row, by field. What the source does not know is not there: it never becomes a day or a word.
struct StockValues: Sendable {
    var texts: [String: String] = [:]
    var days: [String: LocalDate] = [:]
    var documents: [String: IdentityDocument] = [:]
    var capital: Int64?
    var isLegacy = false
    /// What stands on a licence, by the keys of its type.
    var licence: JSON = [:]
}

/// Reads rows by a mapping.
struct StockReader: Sendable {
    let mapping: StockMapping
    let standards: Standards
    let types: LicenceTypes
    let today: LocalDate
    private let columns: [String: Int]
    /// A document is read by its kind, which the mapping may name after it.
    private let rules: [StockMapping.Rule]

    init(
        mapping: StockMapping,
        columns: [String],
        standards: Standards,
        types: LicenceTypes,
        today: LocalDate
    ) {
        self.mapping = mapping
        self.standards = standards
        self.types = types
        self.today = today
        self.columns = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
        rules = mapping.rules.filter { $0.field.content != .onLicence }.sorted {
            $0.field.content == .documentKind && $1.field.content != .documentKind
        }
    }

    /// What tells the row from all others in the source.
    func key(of row: StockRow) -> String {
        mapping.row.map { columns[$0].map { row.values[$0] } ?? "" }.joined(separator: "\u{1F}")
    }

    func read(_ row: StockRow) -> (values: StockValues, findings: [StockFinding]) {
        var values = StockValues()
        if let fault = row.fault {
            return (values, [StockFinding(row.line, "", "stock.\(fault.rawValue)")])
        }
        var findings: [StockFinding] = []
        for rule in rules {
            let text = BorderText.line(written(rule, in: row))
            guard !text.isEmpty, !mapping.unknown.contains(text) else {
                if rule.field.isRequired {
                    findings.append(missing(rule, line: row.line))
                }
                continue
            }
            let problem = take(text, rule, into: &values)
            if let problem {
                findings.append(
                    StockFinding(row.line, rule.column ?? rule.field.name, problem.code, problem.arguments)
                )
            }
        }
        if let from = values.days["validFrom"], let until = values.days["validUntil"], until < from {
            findings.append(StockFinding(row.line, "", "stock.ends-before-start"))
        }
        if let finding = otherBirth(values, line: row.line) { findings.append(finding) }
        if mapping.holdsFields { findings += takeFields(of: row, into: &values) }
        return (values, findings)
    }

    func written(_ rule: StockMapping.Rule, in row: StockRow) -> String {
        rule.column.flatMap { columns[$0] }.map { row.values[$0] } ?? rule.value ?? ""
    }

    /// A number that names another day of birth than the row: one of the two is somebody else's, and nobody here knows which.
    private func otherBirth(_ values: StockValues, line: Int) -> StockFinding? {
        guard let birth = values.documents["document"]?.birth, let told = values.days["birth"], told != birth
        else { return nil }
        let column = mapping.rules.first { $0.field.name == "birth" }?.column ?? "birth"
        let days = ["birth": birth.description, "told": told.description]
        return StockFinding(line, column, "stock.birth-differs", days)
    }

    private func missing(_ rule: StockMapping.Rule, line: Int) -> StockFinding {
        StockFinding(line, rule.column ?? rule.field.name, "stock.missing", ["field": rule.field.name])
    }

    private typealias Problem = (code: String, arguments: [String: String])

    private func take(_ written: String, _ rule: StockMapping.Rule, into values: inout StockValues)
        -> Problem?
    {
        let name = rule.field.name
        let text = rule.codes[written] ?? written
        if !rule.codes.isEmpty, rule.codes[written] == nil {
            return ("stock.unknown-code", ["value": String(written.prefix(40))])
        }
        do {
            switch rule.field.content {
            case .text: values.texts[name] = text
            case .personName: values.texts[name] = try PersonName(text).text
            case .phone: values.texts[name] = try PhoneNumber(text).rawValue
            case .documentKind:
                guard standards.identityDocuments[text] != nil else { return unknown(written) }
                values.texts[name] = text
            case .document: return try document(text, name: name, into: &values)
            case .creditCode: return try creditCode(text, rule, into: &values)
            // By its type, which may stand in a later column.
            case .onLicence: return nil
            case .holder:
                guard let code = try? CreditCode(registered: text) else {
                    return try document(text, name: name, into: &values)
                }
                values.texts[name] = code.rawValue
            case .date:
                guard let day = rule.dates.lazy.compactMap({ $0.read(text) }).first else {
                    let patterns = rule.dates.map(\.pattern).joined(separator: ", ")
                    return ("stock.bad-date", ["value": String(text.prefix(40)), "patterns": patterns])
                }
                guard day <= today || name.hasSuffix("Until") else {
                    return ("stock.future-date", ["value": day.description])
                }
                values.days[name] = day
            case .region:
                guard standards.regions[text] != nil else { return unknown(written) }
                values.texts[name] = text
            case .agency:
                guard standards.agencies[text] != nil else { return unknown(written) }
                values.texts[name] = text
            case .money:
                guard let fen = Self.fen(text, unit: rule.fen) else {
                    return ("stock.bad-number", ["value": String(text.prefix(40))])
                }
                values.capital = fen
            case .choice(let known):
                guard known.contains(text) else { return unknown(written) }
                values.texts[name] = text
            }
        } catch { return (error.code, error.arguments) }
        return nil
    }

    private func unknown(_ text: String) -> Problem {
        ("stock.unknown-code", ["value": String(text.prefix(40))])
    }

    /// An old number of 15 digits becomes that of 18; it was given to people born in the 1900s only.
    private func document(_ text: String, name: String, into values: inout StockValues)
        throws(IdentifierError)
        -> Problem?
    {
        let kind = values.texts["documentKind"] ?? "resident-id"
        let old = BorderText.code(text)
        guard kind == "resident-id", old.utf8.count == 15 else {
            values.documents[name] = try standards.identityDocuments.read(
                kind: kind,
                number: text,
                today: today,
                regions: standards.regions
            )
            return nil
        }
        let number = try CitizenID.upgraded(from15: old, today: today, regions: standards.regions)
        values.documents[name] = try standards.identityDocuments.read(
            kind: kind,
            number: number.rawValue,
            today: today,
            regions: standards.regions
        )
        return ("stock.converted", [:])
    }

    private func creditCode(
        _ text: String,
        _ rule: StockMapping.Rule,
        into values: inout StockValues
    ) throws(IdentifierError) -> Problem? {
        guard rule.acceptsLegacy else {
            values.texts[rule.field.name] = try CreditCode(text).rawValue
            return nil
        }
        let code = try CreditCode(registered: text)
        values.texts[rule.field.name] = code.rawValue
        values.isLegacy = code.isLegacy
        return code.isLegacy ? ("stock.legacy-code", [:]) : nil
    }

    /// `1,234.5` of the unit in fen; nil for what is no number, is negative, or is not whole in fen.
    static func fen(_ text: String, unit: Int64) -> Int64? {
        let plain = BorderText.code(text).filter { $0 != "," }
        let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = Int64(parts[0])
        else { return nil }
        var (fen, isOver) = whole.multipliedReportingOverflow(by: unit)
        guard !isOver else { return nil }
        var unit = unit
        for digit in parts.count == 2 ? Array(parts[1].utf8) : [] {
            guard unit >= 10 else {
                if digit != 0x30 { return nil }
                continue
            }
            unit /= 10
            fen += Int64(digit - 0x30) * unit
        }
        return fen
    }
}
