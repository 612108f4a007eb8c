public import Cryptography
public import Storage

/// Verifies the log: every entry's hash, every tile, the frontier, and all signed heads.
public struct LogVerifier: Sendable {
    private let database: any Database
    private let keys: [SM2PublicKey]
    private let mirrored: [SignedHead]
    private let verified: SignedHead?
    /// Entries read at a time; the next are read while these are hashed.
    private let page = 4_096

    /// How much is hashed anew.
    public enum Scope: Sendable {
        case whole
        /// What came after the head that was `verified`, and the leaf or two before it that share its tile. Edits
        /// before it stay unseen unless they changed how many entries there are.
        case growth
    }

    /// Takes the keys whose heads count, and the heads of the mirror: without those a tail that was cut off with
    /// its heads would not be missed.
    /// - Parameter verified: a head that an earlier verification reached. Signatures of older heads are not checked
    ///   again, their roots are.
    public init(
        database: any Database,
        keys: [SM2PublicKey],
        mirrored: [SignedHead],
        verified: SignedHead? = nil
    ) {
        self.database = database
        self.keys = keys
        self.mirrored = mirrored
        self.verified = verified
    }

    private struct Page: Sendable {
        let rows: [AuditStore.Sealed]
        let tiles: [AuditStore.Tile?]
    }

    /// What the tables claim. Read in this order, because on PostgreSQL the log grows meanwhile.
    private struct Claim: Sendable {
        let heads: [SignedHead]
        let tiles: Int64
        let rows: (count: Int64, last: Int64)
        /// Nil when it cannot be read: one more way of being wrong.
        let frontier: Frontier?

        init(_ reader: any Reader) throws {
            heads = try AuditStore.heads(in: reader)
            tiles = try AuditStore.tileCount(in: reader)
            rows = try AuditStore.sealedRows(in: reader)
            frontier = try? AuditStore.frontier(in: reader)
        }

        var size: Int64 {
            let claimed = frontier?.size ?? rows.count
            // A size that was raised beyond all rows must not keep the verifier busy for ever.
            return claimed - rows.count > 100_000 ? rows.count : claimed
        }
    }

    /// Hashes and compares.
    /// - Parameter progress: told how many entries are done, and how many there are.
    public func verify(
        _ scope: Scope = .whole,
        progress: @Sendable (_ done: Int64, _ size: Int64) async -> Void = { _, _ in }
    ) async throws -> LogVerdict {
        let claim = try await database.read { try Claim($0) }
        let size = claim.size
        let beginning = try await beginning(scope, claim)
        var start = beginning?.frontier.size ?? 0
        var check = LogCheck(
            size: size,
            heads: (claim.heads + mirrored + [verified].compactMap(\.self)).filter { $0.size >= start },
            keys: keys,
            verified: verified,
            beginning: beginning
        )
        if claim.rows.last >= size { check.report(.surplus(size)) }
        var current = try await read(from: start, until: size)
        while start < size {
            let next = start + Int64(page)
            async let following = read(from: next, until: size)
            check.run(current.rows, tiles: current.tiles, from: start, until: min(next, size))
            current = try await following
            start = next
            await progress(min(start, size), size)
        }
        let upper = check.upperTiles
        let tiles = try await database.read { reader in
            try upper.map { try AuditStore.tile(level: $0.level, position: $0.position, in: reader) }
        }
        return check.finish(stored: claim.frontier, tiles: tiles, tileCount: claim.tiles)
    }

    /// Where to begin when only what grew is asked for: the last tile border before the verified head. Nil, which is
    /// everything, when the tables do not reach that far or miss rows, so that the first bad entry is named.
    private func beginning(_ scope: Scope, _ claim: Claim) async throws -> LogBeginning? {
        guard scope == .growth, let verified, verified.size <= claim.size, claim.rows.count == claim.size,
            claim.frontier != nil, verified.size >= 256
        else { return nil }
        return try await database.read { try? LogBeginning(before: verified.size, in: $0) }
    }

    private func read(from start: Int64, until end: Int64) async throws -> Page {
        guard start < end else { return Page(rows: [], tiles: []) }
        let page = page
        return try await database.read { reader in
            let rows = try AuditStore.sealed(from: start, limit: page, in: reader)
                .filter { $0.sequence < min(start + Int64(page), end) }
            let tiles = try (start / 256..<min(start + Int64(page), end) / 256).map {
                try AuditStore.tile(level: 0, position: $0, in: reader)
            }
            return Page(rows: rows, tiles: tiles)
        }
    }
}
