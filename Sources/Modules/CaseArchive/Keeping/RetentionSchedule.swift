public import ArchivePackages
public import Kernel
public import Standards

/// How long archives are kept, by item and outcome, by date: `archive-retention.tsv`. A row with an item goes before
/// one for all (`*`). How long what is kept is for whoever runs the installation to lay down; the file that ships is an example.
public struct RetentionSchedule: Sendable {
    private struct Rule {
        let name: String
        let item: String
        let outcome: String
        let from: LocalDate
        /// Nil: for ever.
        let years: Int?
    }

    private let rules: [Rule]

    public init(home: Home) throws(StandardsError) {
        try self.init(
            TabTable(
                "archive-retention.tsv",
                home: home,
                columns: ["rule", "item", "outcome", "from", "years"]
            )
        )
    }

    init(_ table: TabTable) throws(StandardsError) {
        rules = try table.map { (row: TabRow) throws(StandardsError) -> Rule in
            let years = row.text("years")
            let number = Int(years)
            guard years == "permanent" || number.map({ (1...1_000).contains($0) }) == true else {
                throw row.bad("years is a number from 1 to 1000, or permanent")
            }
            return Rule(
                name: row.text("rule"),
                item: row.text("item"),
                outcome: row.text("outcome"),
                from: try row.date("from"),
                years: number
            )
        }
    }

    /// The term of a matter that was closed on a day, by the rules of another day. Without a rule it is kept for ever.
    public func term(item: String, outcome: String, closed: LocalDate, on day: LocalDate) -> ArchiveRetention
    {
        let known = rules.filter { $0.outcome == outcome && $0.from <= day }
        let own = known.filter { $0.item == item }
        let rule = (own.isEmpty ? known.filter { $0.item == "*" } : own).max { $0.from < $1.from }
        return ArchiveRetention(rule: rule?.name ?? "none", years: rule?.years, from: closed)
    }
}
