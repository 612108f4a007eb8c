import Kernel
import Standards
import Web

/// How often one address or session may ask: dated data from `web-limits.tsv`.
struct WebLimits: Sendable {
    /// A person reads a few pages a minute and a page asks for a dozen files; a flood asks for thousands.
    enum Name: String, CaseIterable {
        case perMinute = "requests.per-minute"
        case burst = "requests.burst"
    }

    private let values: [Name: [(from: LocalDate, value: Int)]]

    /// - Throws: which line cannot be read, or `columnMissing` when a limit is not there at all.
    init(home: Home) throws(StandardsError) {
        let file = "web-limits.tsv"
        let table = try TabTable(file, home: home, columns: ["name", "from", "value"])
        let rows = try table.map { (row: TabRow) throws(StandardsError) -> (Name, LocalDate, Int) in
            guard let name = Name(rawValue: row.text("name")) else { throw row.bad("name is not known") }
            let value = try row.integer("value")
            guard value > 0 else { throw row.bad("value is at least 1") }
            return (name, try row.date("from"), value)
        }
        var values: [Name: [(from: LocalDate, value: Int)]] = [:]
        for (name, from, value) in rows { values[name, default: []].append((from, value)) }
        for name in Name.allCases where values[name] == nil {
            throw .columnMissing(file: file, column: name.rawValue)
        }
        self.values = values.mapValues { $0.sorted { $0.from < $1.from } }
    }

    /// The value in force on a day; the earliest before all of them.
    func value(_ name: Name, on day: LocalDate) -> Int {
        let entries = values[name] ?? []
        return (entries.last { $0.from <= day } ?? entries.first)?.value ?? 1
    }

    /// One limiter for each day on which a number changes.
    var limiters: DatedLimiters {
        let days = Set(values.values.joined().map(\.from)).sorted()
        return DatedLimiters(
            days.map { day in
                (day, RateLimiter(perMinute: value(.perMinute, on: day), burst: value(.burst, on: day)))
            }
        )
    }
}

/// The limiter of the numbers in force at a moment.
struct DatedLimiters: Sendable {
    private let all: [(from: LocalDate, limiter: RateLimiter)]

    init(_ all: [(from: LocalDate, limiter: RateLimiter)]) { self.all = all }

    func wait(for key: String, now: Instant) -> Int? {
        let day = now.date
        return (all.last { $0.from <= day } ?? all.first)?.limiter.wait(for: key, now: now)
    }
}
