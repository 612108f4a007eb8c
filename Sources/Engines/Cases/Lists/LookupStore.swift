import Cryptography
import Kernel
import Storage

/// From where which number was tried. Numbers fall into a fixed count of buckets, whether a case has them or not: an
/// address fills so many rows at most, and made-up numbers behave like real ones.
struct LookupPlace: Sendable {
    /// SM3 of the address, so that no list of visitors is kept.
    let address: String
    let bucket: Int64

    private static let buckets: Int64 = 256

    init(address: String, number: String) {
        self.address = Hex.encode(SM3.digest(Array("suban look-up \(address)".utf8)).prefix(16))
        bucket = Int64(SM3.digest(Array(number.utf8))[0]) % Self.buckets
    }
}

/// Wrong codes, counted by address and bucket.
enum LookupStore {
    static func misses(at place: LookupPlace, since: Instant, in reader: any Reader) throws -> Int {
        let row = try reader.first(
            "SELECT misses FROM case_lookup_miss WHERE address = $1 AND bucket = $2 AND since >= $3",
            place.address,
            place.bucket,
            since
        )
        return try row?.int(0) ?? 0
    }

    /// How much is kept.
    static func rows(in reader: any Reader) throws -> Int64 {
        try reader.number("SELECT COUNT(*) FROM case_lookup_miss")
    }

    /// Forgets what was counted before a moment, `countMax` rows at most.
    static func forget(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM case_lookup_miss WHERE (address, bucket) IN (
                SELECT address, bucket FROM case_lookup_miss WHERE since < $1 ORDER BY since LIMIT $2)
            """,
            before,
            countMax
        )
    }

    /// A miss takes so many forgotten rows with it: more than it adds, and few enough to be quick.
    private static let forgottenMax = 100

    /// Counts one more; what was counted before `since` is forgotten, here and by and by everywhere.
    static func miss(at place: LookupPlace, since: Instant, now: Instant, in tx: any Transaction) throws {
        _ = try forget(before: since, countMax: forgottenMax, in: tx)
        try tx.execute(
            """
            INSERT INTO case_lookup_miss (address, bucket, misses, since) VALUES ($1, $2, 1, $3)
            ON CONFLICT (address, bucket) DO UPDATE SET since = excluded.since,
                misses = CASE WHEN case_lookup_miss.since < $4 THEN 1 ELSE case_lookup_miss.misses + 1 END
            """,
            place.address,
            place.bucket,
            now,
            since
        )
    }
}
