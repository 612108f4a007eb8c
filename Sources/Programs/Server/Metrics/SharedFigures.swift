import Audit
import Changes
import Exchange
import Foundation
import Identity
import Jobs
import Kernel
import Storage

/// What the database says of the work of all nodes together. Read when somebody looks, and not more often than
/// `pause`: a list that is long because something stands still must not be counted ten times a second.
actor SharedFigures {
    private let database: any Database
    private let clock: any Clock
    private let parties: [String]
    private let subscribers: [String]
    private var read: (at: ContinuousClock.Instant, families: [MetricFamily])?
    private static let pause = Duration.milliseconds(2_000)

    init(database: any Database, clock: any Clock, parties: [String], subscribers: [String]) {
        self.database = database
        self.clock = clock
        self.parties = parties
        self.subscribers = subscribers
    }

    /// - Throws: when the database is not at hand.
    func families() async throws -> [MetricFamily] {
        if let read, ContinuousClock.now - read.at < Self.pause { return read.families }
        let (now, parties, subscribers) = (clock.now, parties, subscribers)
        let families = try await database.read { reader in
            try Self.jobs(subscribers, now, reader) + Self.log(now, reader)
                + Self.webhooks(now, reader) + [Self.lines(parties, reader), Self.sessions(now, reader)]
        }
        read = (.now, families)
        return families
    }

    private static func gauge(
        _ name: String,
        _ help: String,
        labels: [String] = [],
        _ numbers: [([String], Double)]
    ) -> MetricFamily {
        let family = MetricFamily(.gauge, name, help, labels: labels)
        family.replace(by: numbers)
        return family
    }

    private static func jobs(_ subscribers: [String], _ now: Instant, _ reader: any Reader) throws
        -> [MetricFamily]
    {
        let figures = try JobFigures(now: now, subscribers: subscribers, in: reader)
        return [
            gauge("suban_jobs_due", "Jobs that are due and not begun.", [([], Double(figures.due))]),
            gauge("suban_jobs_running", "Jobs that a node works on.", [([], Double(figures.running))]),
            gauge("suban_jobs_dead", "Jobs that failed for the last time.", [([], Double(figures.dead))]),
            gauge(
                "suban_jobs_late_seconds",
                "How long the oldest due job has waited.",
                [([], figures.oldestDue.map { seconds(now - $0) } ?? 0)]
            ),
            gauge(
                "suban_outbox_lag",
                "Events that a subscriber has not heard.",
                labels: ["subscriber"],
                figures.lag.map { ([$0.subscriber], Double($0.events)) }
            ),
            gauge("suban_outbox_dead", "Events that nobody could hear.", [([], Double(figures.deadEvents))]),
        ]
    }

    private static func log(_ now: Instant, _ reader: any Reader) throws -> [MetricFamily] {
        let ages = try AuditLog.ages(in: reader)
        return [
            gauge(
                "suban_log_unsealed_seconds",
                "Age of the oldest entry without a sequence.",
                [([], ages.unsealed.map { seconds(now - $0) } ?? 0)]
            ),
            gauge(
                "suban_log_unsigned_seconds",
                "Age of the oldest entry that no head covers.",
                [([], ages.unsigned.map { seconds(now - $0) } ?? 0)]
            ),
        ]
    }

    /// Of subscriptions that nobody has paused.
    private static func webhooks(_ now: Instant, _ reader: any Reader) throws -> [MetricFamily] {
        let standings = try Webhooks.standings(in: reader).filter { $0.webhook.state == .active }
        return [
            gauge(
                "suban_webhook_lag",
                "Entries of the log that a receiver has not been told of.",
                labels: ["webhook"],
                standings.map { ([$0.webhook.id.rawValue], Double($0.lag)) }
            ),
            gauge(
                "suban_webhook_late_seconds",
                "Age of the oldest entry that a receiver has not been told of.",
                labels: ["webhook"],
                standings.map { ([$0.webhook.id.rawValue], $0.since.map { seconds(now - $0) } ?? 0) }
            ),
        ]
    }

    private static func lines(_ parties: [String], _ reader: any Reader) throws -> MetricFamily {
        var numbers: [([String], Double)] = []
        for party in parties {
            for (state, count) in try ExchangeStore.open(of: party, in: reader) {
                numbers.append(([party, state.rawValue], Double(count)))
            }
        }
        return gauge(
            "suban_exchange_lines",
            "Lines to outside parties that have not ended.",
            labels: ["party", "state"],
            numbers
        )
    }

    private static func sessions(_ now: Instant, _ reader: any Reader) throws -> MetricFamily {
        gauge(
            "suban_sessions",
            "Open sessions.",
            [([], Double(try Sessions.openCount(now: now, in: reader)))]
        )
    }

    private static func seconds(_ milliseconds: Int64) -> Double { Double(max(0, milliseconds)) / 1_000 }
}
