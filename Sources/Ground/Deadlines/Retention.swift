public import Kernel
public import Standards

/// How long the platform keeps what it needs only for its own work, by date: `retention.tsv`.
public struct Retention: Sendable {
    private let terms: [String: [(from: LocalDate, keep: Period)]]

    public init(home: Home) throws(StandardsError) {
        try self.init(TabTable("retention.tsv", home: home, columns: ["what", "from", "keep"]))
    }

    init(_ table: TabTable) throws(StandardsError) {
        var terms: [String: [(from: LocalDate, keep: Period)]] = [:]
        let rows = try table.map { (row: TabRow) throws(StandardsError) -> (String, LocalDate, Period) in
            let keep: Period
            do { keep = try Period(row.text("keep")) } catch { throw row.bad("keep is no period") }
            guard keep.unit != .workingDay else {
                throw row.bad("keep is counted in days of the calendar or hours")
            }
            return (row.text("what"), try row.date("from"), keep)
        }
        for (what, from, keep) in rows { terms[what, default: []].append((from, keep)) }
        self.terms = terms.mapValues { $0.sorted { $0.from < $1.from } }
    }

    public var names: Set<String> { Set(terms.keys) }

    /// The moment before which `what` is no longer kept; nil when no term is in force, and everything is kept.
    public func limit(_ what: String, at now: Instant) -> Instant? {
        guard let keep = terms[what]?.last(where: { $0.from <= now.date })?.keep else { return nil }
        switch keep.unit {
        case .hour, .minute: return now + -(keep.milliseconds ?? 0)
        case .day, .workingDay: return now + -Int64(keep.amount) * Instant.day
        case .month: return Instant(now.date.adding(months: -keep.amount))
        case .year: return Instant(now.date.adding(months: -12 * keep.amount))
        }
    }
}
