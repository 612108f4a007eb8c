import Kernel
import Storage

/// What an extract of the log is made of.
enum ExtractStore {
    /// Entries about an object up to a moment, with their numbers.
    static func entries(about object: String, until moment: Instant, in reader: any Reader) throws
        -> [(bytes: String, salt: [UInt8]?, sequence: Int64?)]
    {
        try reader.unopened.query(
            """
            SELECT bytes, salt, sequence FROM audit_entry
            WHERE object = $1 AND at <= $2 AND (sequence IS NULL OR sequence >= 0)
            """,
            object,
            moment
        ).map { (try $0.text(0), $0.isNull(1) ? nil : try $0.blob(1), try $0.optionalInteger(2)) }
    }
}
