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
        ).map {
            LicenceFile(
                credential: credential,
                format: format,
                digest: try $0.text(0),
                madeAt: try $0.instant(1)
            )
        }
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
