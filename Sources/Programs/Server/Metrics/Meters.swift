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
        for kind in ["read", "write"] { _ = running.of([kind]) }
        _ = slow.of()
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
        let (reads, writes) = (kept(of: .read), kept(of: .write))
        let (commits, slow, groups) = (commits.of(), slow.of(), groups.of())
        return DatabaseWatch(
            slowAfter: slowAfter,
            began: { ($0 == .read ? reads : writes).running.add(1) },
            ended: { [failures] run in
                let kept = run.kind == .read ? reads : writes
                kept.running.add(-1)
                kept.waits.observe(run.waited.inSeconds)
                kept.works.observe(run.worked.inSeconds)
                if let failure = run.failure {
                    failures.of([run.kind.rawValue, failure]).add()
                } else if run.kind == .write {
                    commits.observe(run.ended.inSeconds)
                }
            },
            slow: {
                slow.add()
                told($0)
            },
            grouped: { groups.observe(Double($0)) }
        )
    }

    private struct Kept: Sendable {
        let running, waits, works: MetricFamily.Series
    }

    private func kept(of kind: DatabaseWatch.Kind) -> Kept {
        Kept(
            running: running.of([kind.rawValue]),
            waits: waits.of([kind.rawValue]),
            works: works.of([kind.rawValue])
        )
    }

    func answered(_ answer: Answered) {
        requests.of([answer.method, answer.route, String(answer.status)]).observe(answer.duration.inSeconds)
    }

    var families: [MetricFamily] { [requests, running, waits, works, commits, groups, failures, slow] }
}
