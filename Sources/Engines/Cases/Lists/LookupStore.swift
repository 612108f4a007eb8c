import Cryptography
import Kernel
import Storage

/// From where which number was tried. Numbers fall into a fixed count of buckets, whether a case has them or not: an
/// address fills so many rows at most, and made-up numbers behave like real ones.
struct LookupPlace: Sendable {
    /// SM3 of the address, so that no list of visitors is kept.
    let address: String
    let bucket: Int64
    /// Of the number alone, whoever asks: a million, so that hardly two cases share one.
    let numberBucket: Int64

    private static let buckets: Int64 = 256
    private static let numberBuckets: Int64 = 1 << 20

    init(address: String, number: String) {
        self.address = Hex.encode(SM3.digest(Array("suban look-up \(address)".utf8)).prefix(16))
        let digest = SM3.digest(Array(number.utf8))
        bucket = Int64(digest[0]) % Self.buckets
        numberBucket = digest[1...4].reduce(0) { $0 << 8 | Int64($1) } % Self.numberBuckets
    }
}

/// Wrong codes, counted by address and bucket, and by number over all addresses.
enum LookupStore {
    /// Wrong codes for a number and when the last one was tried.
    struct Tried: Sendable {
        let misses: Int
        let last: Instant
    }

    /// A miss takes so many forgotten rows with it: more than it adds, and few enough to be quick.
    static let forgottenMax = 100

    /// Locks the place until the end of the transaction, so that no other code is compared there meanwhile.
    static func misses(at place: LookupPlace, since: Instant, now: Instant, in tx: any Transaction) throws
        -> Int
    {
        try tx.execute(
            """
            INSERT INTO case_lookup_miss (address, bucket, misses, since) VALUES ($1, $2, 0, $3)
            ON CONFLICT (address, bucket) DO NOTHING
            """,
            place.address,
            place.bucket,
            now
        )
        let row = try tx.first(
            "SELECT misses, since FROM case_lookup_miss WHERE address = $1 AND bucket = $2 FOR UPDATE",
            place.address,
            place.bucket
        )
        guard let row, try row.instant(1) >= since else { return 0 }
        return try row.int(0)
    }

    /// Locks the number until the end of the transaction.
    static func tried(_ place: LookupPlace, now: Instant, in tx: any Transaction) throws -> Tried {
        try tx.send(
            """
            INSERT INTO case_lookup_number (bucket, misses, tried_at) VALUES ($1, 0, $2)
            ON CONFLICT (bucket) DO NOTHING
            """,
            place.numberBucket,
            now
        )
        let row = try tx.first(
            "SELECT misses, tried_at FROM case_lookup_number WHERE bucket = $1 FOR UPDATE",
            place.numberBucket
        )
        return Tried(misses: try row?.int(0) ?? 0, last: try row?.instant(1) ?? now)
    }

    /// Counts one more; what was counted before `since` here and before `quiet` for the number counts no longer.
    static func miss(
        at place: LookupPlace,
        since: Instant,
        quiet: Instant,
        now: Instant,
        in tx: any Transaction
    ) throws {
        try tx.send(
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
        try tx.send(
            """
            INSERT INTO case_lookup_number (bucket, misses, tried_at) VALUES ($1, 1, $2)
            ON CONFLICT (bucket) DO UPDATE SET tried_at = excluded.tried_at,
                misses = CASE WHEN case_lookup_number.tried_at <= $3 THEN 1 ELSE case_lookup_number.misses + 1 END
            """,
            place.numberBucket,
            now,
            quiet
        )
    }

    /// Takes away rows that only locked: a look-up with the right code leaves nothing behind.
    static func release(_ place: LookupPlace, in tx: any Transaction) throws {
        try tx.execute(
            "DELETE FROM case_lookup_miss WHERE address = $1 AND bucket = $2 AND misses = 0",
            place.address,
            place.bucket
        )
        try tx.execute(
            "DELETE FROM case_lookup_number WHERE bucket = $1 AND misses = 0",
            place.numberBucket
        )
    }

    /// How much is kept by address.
    static func rows(in reader: any Reader) throws -> Int64 {
        try reader.number("SELECT COUNT(*) FROM case_lookup_miss")
    }

    /// How many numbers are counted.
    static func numbers(in reader: any Reader) throws -> Int64 {
        try reader.number("SELECT COUNT(*) FROM case_lookup_number")
    }

    /// Forgets what was counted before a moment, of each `countMax` rows at most.
    /// - Parameter quiet: the moment for numbers.
    static func forget(before: Instant, quiet: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        let places = try tx.execute(
            """
            DELETE FROM case_lookup_miss WHERE (address, bucket) IN (
                SELECT address, bucket FROM case_lookup_miss WHERE since < $1 ORDER BY since LIMIT $2)
            """,
            before,
            countMax
        )
        let numbers = try tx.execute(
            """
            DELETE FROM case_lookup_number WHERE bucket IN (
                SELECT bucket FROM case_lookup_number WHERE tried_at < $1 ORDER BY tried_at LIMIT $2)
            """,
            quiet,
            countMax
        )
        return max(places, numbers)
    }
}
