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
    public func checkAtStart() async throws {
        let size = try await database.read { try AuditStore.sealedRows(in: $0).count }
        try await check(size <= pace.startMax ? .whole : .growth)
    }

    /// Verifies the log. A head that was reached is remembered, so that the next start can go on from there.
    @discardableResult
    public func check(_ scope: LogVerifier.Scope) async throws -> LogVerdict {
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
        let verdict = try await verifier.verify(scope)
        if let problem = verdict.first {
            note(problem)
        } else if let mirror, let mirrored {
            let reached = (mirrored.heads + [checkpoint?.head].compactMap(\.self)).max { $0.size < $1.size }
            // While there is damage the next start shall look at everything.
            if let reached, damage == nil || verdict.isEverything {
                try mirror.keep(.init(head: reached, offset: mirrored.end))
            }
        }
        if verdict.isWhole, verdict.isEverything {
            damage = nil
            wholeAt = clock.now
        }
        return verdict
    }
}
