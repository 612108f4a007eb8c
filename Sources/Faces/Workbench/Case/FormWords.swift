import CompanyNames
import CompanyOpening
import Forms
import Kernel
import Standards
import Storage
import Web

/// The words for codes that a form keeps and lists outside it explain: scope phrases, divisions, trades, engravers,
/// banks, and the kind of enterprise.
struct FormWords: Sendable {
    private let standards: Standards
    private let phrases: [String: ReferenceRow]
    /// By the path of the field whose codes they explain.
    private let tables: [String: [String: String]]
    private let isEnglish: Bool

    /// The reference tables that explain a field's codes.
    private static let sources = [
        "joined.seals.engraver": "engravers", "joined.bank.bank": "banks",
        "joined.bank.branch": "bank-branches",
    ]

    init(_ visit: Visit, _ desk: WorkbenchDesk, in reader: any Reader) throws {
        standards = desk.standards
        isEnglish = visit.language == .en
        let today = visit.now.date
        phrases = Dictionary(desk.opening.book.phrases(on: today).map { ($0["code"], $0) }) { $1 }
        let name = isEnglish ? "name_en" : "name_zh"
        tables = try Self.sources.mapValues { kind in
            let rows = try ReferenceImport.table(kind, on: today, in: reader)?.rows(on: today) ?? []
            return Dictionary(rows.map { ($0["code"], $0[name]) }) { $1 }
        }.merging(["type": Self.kinds(visit)]) { $1 }
    }

    private static func kinds(_ visit: Visit) -> [String: String] {
        [
            "llc": visit.text("workbench.type.llc"), "soleTrader": visit.text("workbench.type.soleTrader"),
        ]
    }

    /// The words of a field's value; nil where the value says it itself.
    /// - Parameter path: names joined by points, without the numbers of rows.
    func words(_ field: FormField, at path: String, _ value: JSON) -> String? {
        switch field.kind {
        case .scope:
            return value.elements.compactMap(\.text).map(phrase).joined(separator: "；")
        case .region: return value.text.map(region)
        case .industry:
            return value.text.map { code in
                standards.industries[code].map { "\($0.name)（\(code)）" } ?? code
            }
        case .text:
            guard let code = value.text else { return nil }
            if path == "approvals.phrase" { return phrase(code) }
            return tables[path]?[code]
        default: return nil
        }
    }

    /// A phrase in full with its code behind it, so that a clerk can look it up; an unknown one as it stands.
    func phrase(_ code: String) -> String {
        guard let row = phrases[code] else { return code }
        let text = isEnglish && !row["text_en"].isEmpty ? row["text_en"] : row["text_zh"]
        return "\(text)（\(code)）"
    }

    func region(_ code: String) -> String {
        guard let region = standards.regions[code] else { return code }
        return isEnglish ? region.englishName : standards.regions.fullName(of: code)
    }
}
