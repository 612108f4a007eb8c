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

    /// What the tables claim.
    private struct Claim: Sendable {
        let heads: [SignedHead]
        let tiles: Int64
        /// Entries that are where the tree says.
        let count: Int64
        let ends: (first: Int64, last: Int64)?
        /// Nil when it cannot be read: one more way of being wrong.
        let frontier: Frontier?

        init(headsFrom size: Int64, _ reader: any Reader) throws {
            heads = try HeadStore.heads(from: size, in: reader)
            tiles = try AuditStore.tileCount(in: reader)
            ends = try AuditStore.ends(in: reader)
            do { frontier = try AuditStore.frontier(in: reader) } catch AuditError.damaged { frontier = nil }
            count = try AuditStore.sealedCount(below: frontier?.size ?? .max, in: reader)
        }

        var size: Int64 {
            let claimed = frontier?.size ?? count
            // A size that was raised beyond all rows must not keep the verifier busy for ever.
            return claimed - count > Self.gapMax ? count : claimed
        }

        /// Missing entries that are looked for one by one.
        private static let gapMax: Int64 = 100_000

        /// An entry with a number that the tree does not know.
        var surplus: Int64? {
            guard let ends else { return nil }
            if ends.first < 0 { return ends.first }
            return ends.last >= size || count > size ? size : nil
        }
    }

    /// Hashes and compares.
    /// - Parameter progress: told how many entries are done, and how many there are.
    public func verify(
        _ scope: Scope = .whole,
        progress: @Sendable (_ done: Int64, _ size: Int64) async -> Void = { _, _ in }
    ) async throws -> LogVerdict {
        // Of what was verified before, only the heads from its tile on are needed.
        let from = scope == .growth ? verified.map { $0.size / 256 * 256 } : nil
        var claim = try await database.read { try Claim(headsFrom: from ?? .min, $0) }
        let beginning = try await beginning(scope, claim)
        if beginning == nil, from != nil {
            claim = try await database.read { try Claim(headsFrom: .min, $0) }
        }
        let size = claim.size
        var start = beginning?.frontier.size ?? 0
        var check = LogCheck(
            size: size,
            heads: (claim.heads + mirrored + [verified].compactMap(\.self)).filter { $0.size >= start },
            keys: keys,
            verified: verified,
            beginning: beginning
        )
        if let surplus = claim.surplus { check.report(.surplus(surplus)) }
        var current = try await read(from: start, until: size)
        while start < size {
            try Task.checkCancellation()
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
        guard scope == .growth, let verified, verified.size <= claim.size, claim.count == claim.size,
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
