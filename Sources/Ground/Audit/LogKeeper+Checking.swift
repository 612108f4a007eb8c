import Cryptography
public import Kernel
import Storage

/// A contradiction between the log and what was signed, as it was found.
public struct LogDamage: Hashable, Sendable {
    public let problem: LogProblem
    public let seenAt: Instant
}

extension LogKeeper {
    /// Verifies the log as the start can afford it: a short one as a whole, a long one from the last verified head on.
    /// What is found stands in `damage`.
    /// A verification that fails stands in `checkFailure`: the platform comes up, and says that it is not ready.
    public func checkAtStart() async {
        do {
            let last = try await database.read { try AuditStore.ends(in: $0)?.last ?? -1 }
            // So many entries have been signed long ago, whatever the table of heads says now.
            let hasHeads =
                try await database.read { try HeadStore.latest(in: $0) } != nil || last >= pace.entriesMax
            if let mirror, hasHeads { lacksMirror = !mirror.holdsHeads }
            try await check(last < pace.startMax ? .whole : .growth)
        } catch {
            checkFailure = error
        }
    }

    /// Verifies the log. A head that was reached is remembered, so that the next start can go on from there.
    /// - Throws: why it could not be verified; that is no finding when the database is merely unavailable.
    @discardableResult
    public func check(_ scope: LogVerifier.Scope) async throws -> LogVerdict {
        do {
            let verdict = try await look(scope)
            checkFailure = nil
            return verdict
        } catch {
            if !(error is CancellationError) { checkFailure = error }
            throw error
        }
    }

    private func look(_ scope: LogVerifier.Scope) async throws -> LogVerdict {
        let before = findings
        let key = identity.key.publicKey
        let checkpoint = mirror?.checkpoint().flatMap { $0.head.isSigned(by: key) ? $0 : nil }
        // A whole verification reads the whole mirror too.
        let mirrored = try mirror?.heads(from: scope == .whole ? 0 : checkpoint?.offset ?? 0)
        let verifier = LogVerifier(
            database: database,
            keys: [key],
            mirrored: mirrored?.heads ?? [],
            verified: checkpoint?.head
        )
        let verdict: LogVerdict
        do { verdict = try await verifier.verify(scope) } catch {
            noteUnreadable(error)
            throw error
        }
        if let problem = verdict.first {
            note(problem)
        } else if let mirror, let mirrored {
            let reached = (mirrored.heads + [checkpoint?.head].compactMap(\.self)).max { $0.size < $1.size }
            // While there is damage the next start shall look at everything. What was found while this ran may lie
            // where it had looked already.
            if let reached, findings == before, damage == nil || verdict.isEverything {
                keep(.init(head: reached, offset: mirrored.end), in: mirror)
            }
        }
        if verdict.isWhole, findings == before {
            reachedAt = clock.now
            if verdict.isEverything {
                damage = nil
                wholeAt = clock.now
            }
        }
        return verdict
    }

    private func keep(_ checkpoint: HeadMirror.Checkpoint, in mirror: HeadMirror) {
        do {
            try mirror.keep(checkpoint)
            checkpointFailure = nil
        } catch {
            checkpointFailure = error
        }
    }

    /// Whether the log was found whole not too long ago, and nothing has been found since. A database that was away
    /// while somebody looked again says nothing: what was found before counts for as long as it would have.
    public func isWhole(at now: Instant) -> Bool {
        guard damage == nil, checkFailure?.isPassing ?? true, let reachedAt else { return false }
        return now - reachedAt <= pace.wholeMax
    }

    /// Takes down what stands otherwise in the tables than the log says, from whoever compared them to the end. Heads go
    /// on being signed: the log itself is whole.
    public func compared(altered: [String]) {
        self.altered = altered
        comparedAt = clock.now
        compareFailure = nil
    }

    /// Takes down that a comparison of the tables came to no end. What an earlier one found stays.
    public func notCompared(because error: any Error) {
        if !(error is CancellationError) { compareFailure = error }
    }

    /// What is known of the tables beside the log.
    public enum Tables: Sendable {
        /// All stand as the log says, by a comparison that is not too old.
        case logged
        /// Nobody has compared them since the start, and there is still time for it.
        case pending
        /// One stands otherwise, or nobody could look, or not in time. That the database was away for a moment, as when
        /// another one takes over, is no reason: the time that is left decides.
        case doubtful
    }

    public func tables(at now: Instant) -> Tables {
        guard altered.isEmpty, compareFailure?.isPassing ?? true else { return .doubtful }
        guard let comparedAt else { return now - madeAt <= pace.firstMax ? .pending : .doubtful }
        return now - comparedAt <= pace.wholeMax ? .logged : .doubtful
    }

    /// Whether the last verification, comparison, head or round came to no end.
    public var isFailing: Bool {
        [checkFailure, compareFailure, checkpointFailure, signFailure, failure].contains { $0 != nil }
    }

    /// Whether signing goes on: heads can be signed, and have been in time.
    public func isSigned(at now: Instant) async -> Bool {
        guard signFailure == nil, failure?.isPassing ?? true else { return false }
        return await isWritable(at: now)
    }
}
