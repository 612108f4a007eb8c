import Kernel
import Storage

/// Files of licences: SQL in, values out.
enum LicenceFileStore {
    static func find(_ credential: ID<Credential>, _ format: LicencePress.Format, in reader: any Reader)
        throws
        -> LicenceFile?
    {
        try reader.first(
            "SELECT digest, made_at FROM licence_file WHERE credential = $1 AND format = $2",
            credential,
            format.rawValue
        ).map { try file(of: credential, format, $0) }
    }

    /// Puts another file in a file's place; the former one stays on record.
    /// - Returns: false when it was replaced already, as by another node.
    static func replace(_ old: LicenceFile, by new: LicenceFile, in tx: any Transaction) throws -> Bool {
        let isFirst =
            try tx.execute(
                """
                UPDATE licence_file SET digest = $4, made_at = $5
                WHERE credential = $1 AND format = $2 AND digest = $3
                """,
                old.credential,
                old.format.rawValue,
                old.digest,
                new.digest,
                new.madeAt
            ) == 1
        guard isFirst else { return false }
        try tx.send(
            """
            INSERT INTO licence_file_former (credential, format, digest, made_at, replaced_at)
            VALUES ($1, $2, $3, $4, $5)
            """,
            old.credential,
            old.format.rawValue,
            old.digest,
            old.madeAt,
            new.madeAt
        )
        return true
    }

    /// Files in whose place another one was put, the oldest first.
    static func former(
        of credential: ID<Credential>,
        _ format: LicencePress.Format,
        in reader: any Reader
    ) throws -> [LicenceFile] {
        try reader.query(
            """
            SELECT digest, made_at FROM licence_file_former WHERE credential = $1 AND format = $2
            ORDER BY replaced_at, digest
            """,
            credential,
            format.rawValue
        ).map { try file(of: credential, format, $0) }
    }

    private static func file(of credential: ID<Credential>, _ format: LicencePress.Format, _ row: Row) throws
        -> LicenceFile
    {
        LicenceFile(
            credential: credential,
            format: format,
            digest: try row.text(0),
            madeAt: try row.instant(1)
        )
    }

    /// - Returns: false when there is one already, as when two nodes made it at the same time.
    static func insert(_ file: LicenceFile, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO licence_file (credential, format, digest, made_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (credential, format) DO NOTHING
            """,
            file.credential,
            file.format.rawValue,
            file.digest,
            file.madeAt
        ) == 1
    }
}
