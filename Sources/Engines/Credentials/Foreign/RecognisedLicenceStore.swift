import Kernel
import Standards
import Storage

/// Licences of other places: SQL in, values out.
enum RecognisedLicenceStore {
    /// - Returns: false when it is there already.
    static func insert(_ licence: RecognisedLicence, number: String?, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO licence_recognised (id, identifier, type, holder, file, root, at, number)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (identifier) DO NOTHING
            """,
            licence.id,
            licence.record.identifier.description,
            licence.type,
            licence.record.holder.code,
            PersonalBytes(licence.file),
            licence.root,
            licence.at,
            number
        ) == 1
    }

    static func of(holder: String, in reader: any Reader) throws -> [RecognisedLicence] {
        try reader.query(
            "SELECT id, type, file, root, at FROM licence_recognised WHERE holder = $1 ORDER BY id",
            holder
        ).map(licence)
    }

    /// Those of a type under a printed number, in the order in which they were recognised.
    static func numbered(_ number: String, type: String, in reader: any Reader) throws -> [RecognisedLicence]
    {
        try reader.query(
            "SELECT id, type, file, root, at FROM licence_recognised WHERE number = $1 AND type = $2 ORDER BY id",
            number,
            type
        ).map(licence)
    }

    private static func licence(_ row: Row) throws -> RecognisedLicence {
        let file = try row.blob(2)
        guard let signed = SignedRecord(file: file), let record = CredentialRecord(bytes: signed.record)
        else {
            throw StorageError.unexpectedColumn(index: 2, wanted: "credential file")
        }
        return RecognisedLicence(
            id: try row.id(0),
            record: record,
            type: try row.text(1),
            file: file,
            root: try row.text(3),
            at: try row.instant(4)
        )
    }
}
