import Audit
import Cryptography
import Foundation
import Kernel
import StorageSQLite
import Storage

/// Verification of a whole log against the SM3 hashing that it cannot do without.
enum LogBench {
    private static let entries = 50_000
    private static let pace = LogKeeper.Pace(
        ageMax: 10 * Instant.minute,
        entriesMax: 10_000,
        unsignedMax: 4 * Instant.hour,
        lookMax: Instant.minute,
        wholeMax: 2 * Instant.day,
        firstMax: 15 * Instant.minute
    )

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let folder = "\(settings.folder)/log"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try SQLiteDatabase(path: "\(folder)/log.sqlite")
        try await database.migrate(AuditMigrations.all)
        let entropy = SeededEntropy(seed: 1)
        let clock = ManualClock(Instant(milliseconds: 1_770_000_000_000))
        let store = try KeyStore.open(folder: "\(folder)/keys", entropy: entropy)
        let keys = try PlatformKeys.openOrCreate(
            in: store,
            organization: "bench",
            now: clock.now,
            entropy: entropy
        )
        let mirror = HeadMirror(path: "\(folder)/heads.jsonl")
        let keeper = LogKeeper(
            database: database,
            identity: keys.log,
            mirror: mirror,
            clock: clock,
            pace: pace
        )
        let lengths = Locked<[Int]>([])
        for batch in 0..<entries / 500 {
            let made = try await database.write { tx in
                try (0..<500).map { number in
                    let occasion = Occasion(
                        now: clock.now,
                        actor: Actor(.person, id: "founder-\(batch)", role: "person"),
                        request: "bench-\(batch)-\(number)",
                        entropy: entropy
                    )
                    return try AuditLog.append(
                        "case.submitted",
                        object: "case:\(batch)-\(number)",
                        after: ["state": "granted"],
                        occasion: occasion,
                        in: tx
                    ).bytes.count
                }
            }
            lengths.with { $0 += made }
            if batch % 20 == 19 { try await keeper.round() }
        }
        _ = try await keeper.head(covering: Int64(entries - 1))
        let verifier = LogVerifier(
            database: database,
            keys: [keys.log.key.publicKey],
            mirrored: try mirror.heads()
        )
        // Both sides in turn, the best of three each: what other programs take away is nobody's.
        var own = Double.infinity
        var bare = Double.infinity
        for _ in 0..<3 {
            let start = ContinuousClock.now
            let verdict = try await verifier.verify()
            own = min(own, Stopwatch.seconds(since: start))
            guard verdict.isWhole, verdict.size == Int64(entries) else {
                throw BenchFault("the log is not whole: \(verdict.size) entries, \(verdict.problems)")
            }
            bare = min(bare, hashing(lengths.with { $0 }))
        }
        await database.close()
        return [
            BenchFigure(
                "log.verification",
                Double(entries) / own,
                "entries/s",
                peer: "bare SM3 of leaves and nodes",
                against: Double(entries) / bare,
                note: "\(entries) entries, heads, tiles and mirror included; the best of three each, seed 1"
            )
        ]
    }

    /// Seconds for every leaf (a byte and the entry) and every inner node (a byte and two digests).
    private static func hashing(_ lengths: [Int]) -> Double {
        let leaves = lengths.map { [UInt8](repeating: 7, count: $0 + 1) }
        let node = [UInt8](repeating: 7, count: 65)
        let digest = RawDigest()
        return Stopwatch.seconds {
            for leaf in leaves { digest.hash(leaf) }
            for _ in 1..<leaves.count { digest.hash(node) }
        }
    }
}
