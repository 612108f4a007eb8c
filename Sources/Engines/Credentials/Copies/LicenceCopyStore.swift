import Kernel
import Storage

/// Annotated copies: SQL in, values out.
enum LicenceCopyStore {
    static func insert(_ copy: LicenceCopy, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO licence_copy (id, original, identifier, for_whom, purpose, case_number, made_by, made_at,
                valid_until, digest)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            copy.id,
            copy.original,
            copy.identifier,
            copy.forWhom,
            copy.purpose,
            copy.caseNumber,
            copy.madeBy,
            copy.madeAt,
            copy.validUntil,
            copy.digest
        )
    }

    static func find(digest: String, in reader: any Reader) throws -> LicenceCopy? {
        try reader.first(
            """
            SELECT id, original, identifier, for_whom, purpose, case_number, made_by, made_at, valid_until, digest
            FROM licence_copy WHERE digest = $1
            """,
            digest
        ).map(copy)
    }

    /// All copies of a licence.
    static func of(_ original: ID<Credential>, in reader: any Reader) throws -> [LicenceCopy] {
        try reader.query(
            """
            SELECT id, original, identifier, for_whom, purpose, case_number, made_by, made_at, valid_until, digest
            FROM licence_copy WHERE original = $1 ORDER BY id
            """,
            original
        ).map(copy)
    }

    private static func copy(_ row: Row) throws -> LicenceCopy {
        LicenceCopy(
            id: try row.id(0),
            original: try row.id(1),
            identifier: try row.text(2),
            forWhom: try row.text(3),
            purpose: try row.text(4),
            caseNumber: try row.text(5),
            madeBy: try row.text(6),
            madeAt: try row.instant(7),
            validUntil: try row.date(8),
            digest: try row.text(9)
        )
    }
}
