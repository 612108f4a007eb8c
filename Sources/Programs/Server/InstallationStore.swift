import Kernel
import Storage

enum InstallationMigrations {
    static let all: [Migration] = [
        Migration(
            "installation",
            1,
            // Identifiers of public keys and digests of secrets, by file name.
            "CREATE TABLE installation_mark (name TEXT PRIMARY KEY, digest TEXT NOT NULL)"
        )
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
            try tx.execute(
                "INSERT INTO installation_mark (name, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                name,
                digest
            )
        }
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
