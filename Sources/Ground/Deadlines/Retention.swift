public import Kernel
import Standards

/// How long the platform keeps what it needs for its own work, by date: `retention.tsv`, and what the law wants kept at
/// least: `retention-least.tsv`.
public struct Retention: Sendable {
    private let terms: [String: [(from: LocalDate, keep: Period)]]

    /// - Throws: `RetentionError` when something is kept for less than the law wants.
    public init(home: Home) throws {
        try self.init(
            TabTable("retention.tsv", home: home, columns: ["what", "from", "keep"]),
            least: TabTable("retention-least.tsv", home: home, columns: ["what", "from", "keep"])
        )
    }

    init(_ table: TabTable, least: TabTable) throws {
        let (terms, floors) = (try Self.terms(table), try Self.terms(least))
        for (what, rows) in floors {
            for floor in rows {
                guard let own = terms[what], own.contains(where: { $0.from <= floor.from }) else {
                    throw RetentionError.notKept(what: what)
                }
                // Every term that is in force on the day from which the law wants it, or later.
                let begun = own.last { $0.from <= floor.from }
                for term in own where term.from >= floor.from || term.from == begun?.from {
                    let day = Instant(max(term.from, floor.from))
                    guard Self.limit(term.keep, at: day) <= Self.limit(floor.keep, at: day) else {
                        throw RetentionError.tooShort(
                            what: what,
                            keep: term.keep.description,
                            least: floor.keep.description
                        )
                    }
                }
            }
        }
        self.terms = terms
    }

    private static func terms(_ table: TabTable) throws(StandardsError) -> [String: [(
        from: LocalDate, keep: Period
    )]] {
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
        return terms.mapValues { $0.sorted { $0.from < $1.from } }
    }

    /// The moment before which `what` is no longer kept; nil when no term is in force, and everything is kept.
    public func limit(_ what: String, at now: Instant) -> Instant? {
        terms[what]?.last { $0.from <= now.date }.map { Self.limit($0.keep, at: now) }
    }

    private static func limit(_ keep: Period, at now: Instant) -> Instant {
        switch keep.unit {
        case .hour, .minute: now + -(keep.milliseconds ?? 0)
        case .day, .workingDay: now + -Int64(keep.amount) * Instant.day
        case .month: Instant(now.date.adding(months: -keep.amount))
        case .year: Instant(now.date.adding(months: -12 * keep.amount))
        }
    }
}

/// Why the terms of keeping are not taken.
public enum RetentionError: Refusal, Equatable {
    case tooShort(what: String, keep: String, least: String)
    case notKept(what: String)

    public var code: String {
        switch self {
        case .tooShort: "retention.too-short"
        case .notKept: "retention.not-kept"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .tooShort(let what, let keep, let least): ["what": what, "keep": keep, "least": least]
        case .notKept(let what): ["what": what]
        }
    }

    public var status: RefusalStatus { .unavailable }
}
