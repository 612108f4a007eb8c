import Foundation
public import Kernel
public import Logging
public import Storage
import Web

/// What one node counts of its own work. Each platform has its own, so that several may run in one process.
public final class Meters: Sendable {
    private let requests = MetricFamily(
        .histogram,
        "suban_http_request_seconds",
        "Answered requests by route and status.",
        labels: ["method", "route", "status"]
    )
    private let running = MetricFamily(
        .gauge,
        "suban_database_running",
        "Reads and writes that wait or run now.",
        labels: ["kind"]
    )
    private let waits = MetricFamily(
        .histogram,
        "suban_database_wait_seconds",
        "Until a connection, or the writer, was free.",
        labels: ["kind"]
    )
    private let works = MetricFamily(
        .histogram,
        "suban_database_work_seconds",
        "In the body of a transaction.",
        labels: ["kind"]
    )
    private let commits = MetricFamily(
        .histogram,
        "suban_database_commit_seconds",
        "From the end of a write's body to its answer: the durable commit."
    )
    private let groups = MetricFamily(
        .histogram,
        "suban_database_group_size",
        "Writes that shared a commit (SQLite).",
        bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256]
    )
    private let failures = MetricFamily(
        .counter,
        "suban_database_failed_total",
        "Reads and writes that were not kept, by stable code; refusals of the trade are among them.",
        labels: ["kind", "code"]
    )
    private let slow = MetricFamily(
        .counter,
        "suban_database_slow_statements_total",
        "Statements over the limit statement.slow."
    )
    let started = Date().timeIntervalSince1970

    public init() {
        for kind in ["read", "write"] { running.add(0, [kind]) }
        slow.add(0)
    }

    /// Counts what the database tells, and writes a line for each slow statement.
    public func watch(home: Home, logger: Logger) throws -> DatabaseWatch {
        let limit = try OperatingLimits(home: home).value(.slowStatement, on: SystemClock().now.date)
        return watch(slowAfter: .milliseconds(limit)) { slow in
            logger.warning(
                "a slow statement",
                metadata: [
                    "statement":
                        "\(slow.statement.split(whereSeparator: \.isWhitespace).joined(separator: " "))",
                    "milliseconds": "\(Int((slow.duration.inSeconds * 1_000).rounded()))",
                    "rows": "\(slow.rows)", "request": "\(slow.request ?? "-")",
                ]
            )
        }
    }

    /// - Parameter told: of each slow statement, for the log.
    func watch(slowAfter: Duration, told: @escaping @Sendable (DatabaseWatch.Slow) -> Void) -> DatabaseWatch {
        DatabaseWatch(
            slowAfter: slowAfter,
            began: { [running] in running.add(1, [$0.rawValue]) },
            ended: { [self] run in
                running.add(-1, [run.kind.rawValue])
                waits.observe(run.waited.inSeconds, [run.kind.rawValue])
                works.observe(run.worked.inSeconds, [run.kind.rawValue])
                if let failure = run.failure {
                    failures.add(1, [run.kind.rawValue, failure])
                } else if run.kind == .write {
                    commits.observe(run.ended.inSeconds)
                }
            },
            slow: { [slow] in
                slow.add()
                told($0)
            },
            grouped: { [groups] in groups.observe(Double($0)) }
        )
    }

    func answered(_ answer: Answered) {
        requests.observe(answer.duration.inSeconds, [answer.method, answer.route, String(answer.status)])
    }

    var families: [MetricFamily] { [requests, running, waits, works, commits, groups, failures, slow] }
}
