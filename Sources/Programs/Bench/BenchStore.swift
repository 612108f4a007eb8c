import Kernel
import Storage

/// What a measurement reads from the tables without going through their owners.
enum BenchStore {
    struct Counts: Sendable {
        var lines: Int64
        var events: Int64
        var unsealed: Int64
    }

    static func counts(in reader: any Reader) throws -> Counts {
        Counts(
            lines: try reader.number("SELECT COUNT(*) FROM exchange_line WHERE case_id <> ''"),
            events: try reader.number("SELECT COUNT(*) FROM jobs_event"),
            unsealed: try reader.number("SELECT COUNT(*) FROM audit_entry WHERE sequence IS NULL")
        )
    }

    /// Signatures with a time between two moments, each a row of its own.
    static func signed(from start: Instant, until end: Instant, in reader: any Reader) throws
        -> OpeningProof.Signed
    {
        var signed = OpeningProof.Signed()
        signed.credentials = try reader.number(
            "SELECT COUNT(*) FROM credential_step WHERE version = 1 AND recorded_at BETWEEN $1 AND $2",
            start,
            end
        )
        signed.heads = try reader.number(
            "SELECT COUNT(*) FROM audit_head WHERE at BETWEEN $1 AND $2",
            start,
            end
        )
        let kinds = try reader.query(
            "SELECT kind, COUNT(*) FROM exchange_message WHERE at BETWEEN $1 AND $2 GROUP BY kind",
            start,
            end
        )
        for row in kinds {
            let count = try row.integer(1)
            switch try row.text(0) {
            case "question": signed.questions = count
            case "order": signed.orders = count
            case "receipt": signed.receipts = count
            default: signed.parties += count
            }
        }
        return signed
    }

    struct Message: Sendable {
        let message: String
        let kind: String
        let at: Instant
        let bytes: [UInt8]
    }

    static func messages(from start: Instant, until end: Instant, limit: Int64, in reader: any Reader) throws
        -> [Message]
    {
        try reader.query(
            """
            SELECT message, kind, at, bytes FROM exchange_message
            WHERE at BETWEEN $1 AND $2 AND NOT (party = 'sms' AND length(bytes) = 0) ORDER BY id LIMIT $3
            """,
            start,
            end,
            limit
        ).map { row in
            Message(
                message: try row.text(0),
                kind: try row.text(1),
                at: try row.instant(2),
                bytes: try row.blob(3)
            )
        }
    }

    /// Objects of which the outbox tells both that they were handed in and that they were granted.
    static func grantedObjects(in reader: any Reader) throws -> Set<String> {
        let rows = try reader.query(
            """
            SELECT object FROM jobs_event WHERE name IN ('case.submitted', 'case.granted')
            GROUP BY object HAVING COUNT(DISTINCT name) = 2
            """
        )
        return Set(try rows.map { try $0.text(0) })
    }

    /// What the latest event about an object says.
    static func payload(of object: String, in reader: any Reader) throws -> JSON? {
        try reader.first(
            "SELECT payload FROM jobs_event WHERE object = $1 ORDER BY place DESC LIMIT 1",
            object
        ).map {
            try JSON.read($0.text(0))
        }
    }

    // MARK: - Calls

    /// Cases that were begun, with their applicants; what log, outbox and keys tell of them.
    struct Begun: Sendable {
        var rows: [String: String] = [:]
        var entries: Set<String> = []
        var events: Set<String> = []
        var keys: Set<String> = []
    }

    static func begun(in reader: any Reader) throws -> Begun {
        var begun = Begun()
        for row in try reader.query("SELECT id, applicant FROM case_case") {
            begun.rows[try row.text(0)] = try row.text(1)
        }
        let entries = try reader.query("SELECT object FROM audit_entry WHERE object LIKE 'case:%'")
        begun.entries = Set(try entries.map { try $0.text(0) })
        let events = try reader.query("SELECT object FROM jobs_event WHERE name = 'case.started'")
        begun.events = Set(try events.map { try $0.text(0) })
        let keys = try reader.query("SELECT answer FROM jobs_idempotency WHERE scope LIKE 'start:%'")
        begun.keys = Set(try keys.map { try $0.json(0)["case"].text ?? "" })
        return begun
    }

    /// The versions of all cases, and how many entries of the log tell of a saving.
    static func saved(in reader: any Reader) throws -> (versions: [String: Int], entries: Int) {
        let rows = try reader.query("SELECT id, version FROM case_case")
        let entries = try reader.number(
            "SELECT COUNT(*) FROM audit_entry WHERE bytes LIKE '{\"act\":\"case.saved\"%'"
        )
        return (try Dictionary(rows.map { (try $0.text(0), try $0.int(1)) }) { $1 }, Int(entries))
    }

    /// The table of the naked route.
    static let nakedRows = Migration(
        "bench",
        1,
        "CREATE TABLE bench_row (id BIGINT PRIMARY KEY, word TEXT NOT NULL)"
    )

    static func insert(_ number: Int64, in tx: any Transaction) throws {
        try tx.execute("INSERT INTO bench_row (id, word) VALUES ($1, $2)", number, "{\"word\":\"蒙速办\"}")
    }

    static func word(of number: Int64, in reader: any Reader) throws -> String {
        try reader.first("SELECT word FROM bench_row WHERE id = $1", number)?.text(0) ?? ""
    }

    static func nakedRows(in reader: any Reader) throws -> Int64 {
        try reader.number("SELECT COUNT(*) FROM bench_row")
    }

    // MARK: - Scale

    /// Cases of a division that were handed in, spread over its time.
    static func cases(of region: String, limit: Int, in reader: any Reader) throws -> [(
        number: String, title: String
    )] {
        try reader.query(
            """
            SELECT number, title FROM case_case WHERE region = $1 AND submitted_at IS NOT NULL
            ORDER BY lookup_code LIMIT $2
            """,
            region,
            limit
        ).map { (try $0.text(0), try $0.text(1)) }
    }

    /// Licences spread over the whole library, with their holders.
    static func licences(limit: Int, in reader: any Reader) throws -> [(holder: String, identifier: String)] {
        let rows = try reader.number("SELECT COUNT(*) FROM credential_record")
        return try reader.query(
            """
            SELECT holder, identifier FROM credential_record WHERE rowid % $1 = 0 ORDER BY code LIMIT $2
            """,
            max(1, rows / Int64(limit)),
            limit
        ).map { (try $0.text(0), try $0.text(1)) }
    }

    /// Uses of licences by codes, and how many entries of the log tell of them.
    static func presented(in reader: any Reader) throws -> (uses: Int, entries: Int) {
        let uses = try reader.number("SELECT COUNT(*) FROM licence_use WHERE way = 'presentation'")
        let entries = try reader.number(
            "SELECT COUNT(*) FROM audit_entry WHERE bytes LIKE '{\"act\":\"licence.presented\"%'"
        )
        return (Int(uses), Int(entries))
    }

    static func holders(limit: Int, in reader: any Reader) throws -> [String] {
        try reader.query("SELECT DISTINCT holder FROM credential_record ORDER BY holder LIMIT $1", limit).map
        {
            try $0.text(0)
        }
    }
}
