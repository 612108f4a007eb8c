import Cases
import Deadlines
import Identity
import Jobs
import Kernel
import Storage

/// Takes away what the platform no longer needs for its own work, once a day, a bounded number of rows a write.
public struct Housekeeping: Sendable {
    private let database: any Database
    private let clock: any Clock
    private let retention: Retention

    init(database: any Database, clock: any Clock, retention: Retention) {
        self.database = database
        self.clock = clock
        self.retention = retention
    }

    static let kindName = "housekeeping"
    /// At three in the morning few people wait for anything.
    private static let hour = 3
    private static let rowsMax = 5_000

    var kind: JobKind {
        JobKind(Self.kindName) { _ in
            try await run()
            return .again(at: Instant(clock.now.date.adding(days: 1), hour: Self.hour), why: "daily")
        }
    }

    /// Puts the daily round on the list, where it is not yet.
    public func arm() async throws {
        let now = clock.now
        try await database.write { tx in
            try Jobs.enqueue(kind: Self.kindName, key: "daily", payload: nil, at: now, in: tx)
        }
    }

    /// One round.
    /// - Returns: how many rows went, by what they were.
    @discardableResult
    public func run() async throws -> [String: Int] {
        try await [
            "jobs": sweep("jobs") { try Jobs.forget(doneBefore: $0, countMax: Self.rowsMax, in: $1) },
            "events": sweep("events") { try Outbox.forget(toldBefore: $0, countMax: Self.rowsMax, in: $1) },
            "answers": sweep("answers") { try Idempotency.forget(before: $0, countMax: Self.rowsMax, in: $1) },
            "codes": sweep("codes") { try SmsCodes.removeOld(before: $0, in: $1) },
            "sessions": sweep("sessions") { try Sessions.removeOld(before: $0, in: $1) },
            "look-ups": sweep("look-ups") { try CaseDesk.forgetLookups(before: $0, in: $1) },
        ]
    }

    private func sweep(
        _ what: String,
        _ forget: @escaping @Sendable (Instant, any Transaction) throws -> Int
    ) async throws -> Int {
        guard let limit = retention.limit(what, at: clock.now) else { return 0 }
        var gone = 0
        while true {
            let count = try await database.write { try forget(limit, $0) }
            gone += count
            if count < Self.rowsMax { return gone }
        }
    }
}
