import Kernel
import Storage

enum InstallationMigrations {
    static let all: [Migration] = [
        Migration(
            "installation",
            1,
            // Identifiers of public keys and digests of secrets, by file name.
            "CREATE TABLE installation_mark (name TEXT PRIMARY KEY, digest TEXT NOT NULL)"
        ),
        Migration.additive(
            "installation",
            2,
            // One row at most: which node is starting, and until when it counts as alive.
            """
            CREATE TABLE installation_turn (
                name TEXT PRIMARY KEY, holder TEXT NOT NULL, ends_at BIGINT NOT NULL)
            """
        ),
        // A population that somebody made up: by its row everybody sees that nothing here is real.
        Migration.additive(
            "installation",
            3,
            """
            CREATE TABLE installation_load (
                seed BIGINT PRIMARY KEY, day TEXT NOT NULL, subjects BIGINT NOT NULL, cases BIGINT NOT NULL,
                licences BIGINT NOT NULL, subjects_done BIGINT NOT NULL, cases_done BIGINT NOT NULL,
                licences_done BIGINT NOT NULL, begun_at BIGINT NOT NULL)
            """
        ),
        Migration.additive(
            "installation",
            4,
            // Announced times in which nothing is changed.
            """
            CREATE TABLE installation_window (
                id TEXT PRIMARY KEY, starts BIGINT NOT NULL, ends BIGINT NOT NULL, notice_zh TEXT NOT NULL,
                notice_en TEXT NOT NULL, announced BIGINT NOT NULL, cancelled BIGINT)
            """
        ),
        // The league or division whose population was made up; null for the whole region.
        Migration.additive("installation", 5, "ALTER TABLE installation_load ADD COLUMN region TEXT"),
    ]
}

/// Whose keys and secrets a database belongs to.
enum InstallationStore {
    static func marks(in reader: any Reader) throws -> [String: String] {
        let rows = try reader.query("SELECT name, digest FROM installation_mark")
        return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.text(0), try $0.text(1)) })
    }

    static func add(_ marks: [String: String], in tx: any Transaction) throws {
        for (name, digest) in marks.sorted(by: { $0.key < $1.key }) {
            try tx.send(
                "INSERT INTO installation_mark (name, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                name,
                digest
            )
        }
    }

    /// - Returns: whether `holder` has the turn now: nobody had it, it had run out, or it was its own.
    static func takeTurn(_ holder: String, now: Instant, until: Instant, in tx: any Transaction) throws
        -> Bool
    {
        try tx.execute(
            """
            INSERT INTO installation_turn (name, holder, ends_at) VALUES ('start', $1, $3)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
            WHERE installation_turn.ends_at <= $2 OR installation_turn.holder = $1
            """,
            holder,
            now,
            until
        ) == 1
    }

    static func giveTurn(_ holder: String, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM installation_turn WHERE holder = $1", holder)
    }

    /// Whether anybody has signed in or anything was signed: before that, keys may be made.
    static func isUsed(in reader: any Reader) throws -> Bool {
        if try log(in: reader) != nil { return true }
        return try reader.first("SELECT id FROM identity_account LIMIT 1") != nil
    }

    /// The key that signed the newest head of the log.
    static func log(in reader: any Reader) throws -> String? {
        // One that is no text is somebody else's: the verification of the log says what is wrong with it.
        try reader.unopened.first("SELECT log FROM audit_head ORDER BY size DESC LIMIT 1").map {
            (try? $0.text(0)) ?? ""
        }
    }
}
