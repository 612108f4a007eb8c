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

    /// Forgets what was counted before a moment.
    static func forget(before: Instant, in tx: any Transaction) throws -> Int {
        try tx.execute("DELETE FROM case_lookup_miss WHERE since < $1", before)
    }

    /// Counts one more; what was counted before `since` is forgotten, everywhere.
    static func miss(at place: LookupPlace, since: Instant, now: Instant, in tx: any Transaction) throws {
        _ = try forget(before: since, in: tx)
        try tx.execute(
            """
            INSERT INTO case_lookup_miss (address, bucket, misses, since) VALUES ($1, $2, 1, $3)
            ON CONFLICT (address, bucket) DO UPDATE SET misses = case_lookup_miss.misses + 1, since = excluded.since
            """,
            place.address,
            place.bucket,
            now
        )
    }
}
