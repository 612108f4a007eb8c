import Kernel
import Storage

/// Wrong codes, counted by case number.
enum LookupStore {
    static func failures(of number: String, since: Instant, in reader: any Reader) throws -> Int {
        Int(
            try reader.number(
                "SELECT COUNT(*) FROM case_lookup_failure WHERE number = $1 AND at >= $2",
                number,
                since
            )
        )
    }

    static func forget(before: Instant, in tx: any Transaction) throws -> Int {
        try tx.execute("DELETE FROM case_lookup_failure WHERE at < $1", before)
    }

    static func insertFailure(_ id: String, number: String, at now: Instant, in tx: any Transaction) throws {
        try tx.execute(
            "INSERT INTO case_lookup_failure (number, at, id) VALUES ($1, $2, $3)",
            number,
            now,
            id
        )
    }
}
