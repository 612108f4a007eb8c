import Deadlines
public import Kernel
import Standards
public import Web

/// A time announced beforehand in which nothing can be changed.
public struct MaintenanceWindow: Hashable, Sendable {
    public let id: String
    public let from: Instant
    public let to: Instant
    public let notice: Bilingual

    func isOn(at now: Instant) -> Bool { from <= now && now < to }

    /// As clocks and their journal name it.
    var announcement: String { "系统维护公告 \(id)" }
}

/// What is refused about a window.
public enum WindowRefusal: Refusal, Equatable {
    /// It ends before it begins, or has begun already.
    case badPeriod
    case noNotice
    /// There is none of that name, or it is over.
    case unknown(id: String)

    public var code: String {
        switch self {
        case .badPeriod: "maintenance.bad-period"
        case .noNotice: "maintenance.no-notice"
        case .unknown: "maintenance.unknown"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .badPeriod, .noNotice: [:]
        case .unknown(let id): ["id": id]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .badPeriod, .noNotice: .unacceptable
        case .unknown: .notFound
        }
    }
}

/// Which clocks a window moves, and on what basis, by date: `maintenance-clocks.tsv`.
struct MovedClocks: Sendable {
    private let rows: [(name: String, from: LocalDate, basis: String)]

    init(home: Home) throws(StandardsError) {
        let table = try TabTable(
            "maintenance-clocks.tsv",
            home: home,
            columns: ["clock", "from", "basis", "certainty"]
        )
        rows = try table.map { (row: TabRow) throws(StandardsError) -> (String, LocalDate, String) in
            (row.text("clock"), try row.date("from"), row.text("basis"))
        }
    }

    /// Those in force on a day; of several rows of a clock the latest. One without a basis moves nothing any more.
    func inForce(on day: LocalDate) -> [(name: String, basis: String)] {
        let known = Dictionary(grouping: rows.filter { $0.from <= day }, by: \.name)
        return known.compactMap { name, rows in
            rows.max { $0.from < $1.from }.map { (name, $0.basis) }
        }.filter { !$0.1.isEmpty }.sorted { $0.0 < $1.0 }
    }
}
