import Foundation
import Storage
import Synchronization

/// A streaming replica that answers what may be a little behind, as long as it has what the reader wrote.
///
/// How far it is behind is judged by places of the primary's log that this node has asked for: a replica that has
/// replayed what the primary had a second ago is at most a second behind, whatever the clocks of the servers say, and
/// also while nothing is written or the replica has lost its primary.
final class PostgresReplica: Sendable {
    private struct State {
        /// Places of the primary, the oldest first, none older than the lag that is allowed.
        var places: [(at: ContinuousClock.Instant, place: UInt64)] = []
        var isAsking = false
        /// It could not be reached: until then nobody tries.
        var restsUntil: ContinuousClock.Instant?
    }

    private let workers: Workers<Link>
    private let lagMax: Duration
    private let state = Mutex(State())

    init(url: String, schema: String?, connectionsMax: Int, settings: PostgresSettings) {
        lagMax = .milliseconds(settings.replicaLagMilliseconds)
        var settings = settings
        // What is in the way there is not in the way on the primary.
        settings.repetitionsMax = 1
        let own = settings
        workers = Workers(
            name: "postgres-replica",
            countMax: connectionsMax,
            lengthMax: settings.waitingMax,
            makeTool: { Link(url: url, schema: schema, settings: own) },
            dropTool: { $0.drop() }
        )
    }

    /// Where the primary was at a moment not longer ago than the lag that is allowed.
    /// - Returns: nil when the replica is not to be asked.
    func place(askingPrimary primary: Workers<Link>) async throws -> UInt64? {
        let now = ContinuousClock.now
        let (known, asks) = state.withLock { state -> (UInt64?, Bool) in
            if let until = state.restsUntil, now < until { return (nil, false) }
            state.places.removeAll { now - $0.at > lagMax }
            let isFresh = state.places.last.map { now - $0.at < lagMax / 4 } ?? false
            let asks = !isFresh && !state.isAsking
            if asks { state.isAsking = true }
            return (state.places.first?.place, asks)
        }
        guard asks else { return known }
        defer { state.withLock { $0.isAsking = false } }
        let place = try await primary.run { link in
            try link.read { tx in
                UInt64(try tx.number("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"))
            }
        }
        state.withLock { $0.places.append((now, place)) }
        return known ?? place
    }

    /// - Returns: nil when it has not replayed the place, or cannot answer.
    func read<Answer: Sendable>(
        atLeast place: UInt64,
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer? {
        do {
            return try await workers.run { link in
                // In a transaction before: a snapshot must not be older than what was asked about it.
                let replayed = try link.read { tx in
                    try tx.query(
                        """
                        SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') END
                        """
                    ).first?.optionalInteger(0)
                }
                guard let replayed, UInt64(replayed) >= place else { return nil }
                return try link.read(body)
            }
        } catch StorageError.closed {
            throw StorageError.closed
        } catch let error as StorageError {
            if case .unreachable = error { rest() }
            if case .unavailable = error { rest() }
            return nil
        }
    }

    func close() async { await workers.close() }

    private func rest() {
        let until = ContinuousClock.now + lagMax
        state.withLock { $0.restsUntil = until }
    }
}
