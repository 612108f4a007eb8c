public import Cryptography
public import Kernel
public import Standards

/// With which algorithms time stamps are made, and until when each counts: `Resources/standards/stamp-algorithms.tsv`.
public struct StampAlgorithms: Sendable {
    private struct Row {
        let name: String
        let from: LocalDate
        /// The last day on which it counts; nil while no end is known.
        let until: LocalDate?
    }

    /// In the order in which they are preferred.
    private let rows: [Row]

    public init(home: Home) throws(StandardsError) {
        try self.init(
            TabTable("stamp-algorithms.tsv", home: home, columns: ["algorithm", "from", "until"])
        )
    }

    public init(_ table: TabTable) throws(StandardsError) {
        rows = try table.map { (row: TabRow) throws(StandardsError) -> Row in
            let name = row.text("algorithm")
            guard name == "p256" || ImprintAlgorithm(name: name) != nil else {
                throw row.bad("algorithm is sm3, sha256 or p256")
            }
            let until = row.text("until") == "open" ? nil : try row.date("until")
            return Row(name: name, from: try row.date("from"), until: until)
        }
    }

    public var ends: AlgorithmEnds {
        let pairs = rows.compactMap { row in row.until.map { (row.name, Instant($0.adding(days: 1))) } }
        return AlgorithmEnds(Dictionary(pairs) { min($0, $1) })
    }

    /// With which digest an archive is stamped on a day: the first that goes on until another.
    public func imprint(on day: LocalDate, lasting last: LocalDate) -> ImprintAlgorithm? {
        rows.first { row in
            ImprintAlgorithm(name: row.name) != nil && row.from <= day && row.until.map { last <= $0 } ?? true
        }.flatMap { ImprintAlgorithm(name: $0.name) }
    }
}
