import Kernel
import Storage

/// The ledger of issuing bodies' seals: SQL in, values out.
enum SealImpressionStore {
    static func insert(_ one: SealImpression, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO seal_impression (id, seal, certificate, credential, identifier, kind, digest, case_number,
                authority, actor, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            one.id,
            one.seal,
            one.certificate,
            one.credential,
            one.identifier,
            one.kind.rawValue,
            one.digest,
            one.caseNumber,
            one.authority,
            one.actor,
            one.at
        )
    }

    static func find(_ id: ID<SealImpression>, in reader: any Reader) throws -> SealImpression? {
        try reader.first(
            """
            SELECT id, seal, certificate, credential, identifier, kind, digest, case_number, authority, actor, at
            FROM seal_impression WHERE id = $1
            """,
            id
        ).map(impression)
    }

    /// Greater than every identifier: where a list begins.
    private static let end = "~"

    static func of(_ seal: ID<Seal>, before: ID<SealImpression>?, limit: Int, in reader: any Reader) throws
        -> [SealImpression]
    {
        try reader.query(
            """
            SELECT id, seal, certificate, credential, identifier, kind, digest, case_number, authority, actor, at
            FROM seal_impression WHERE seal = $1 AND id < $2 ORDER BY id DESC LIMIT $3
            """,
            seal,
            before?.rawValue ?? end,
            limit
        ).map(impression)
    }

    private static func impression(_ row: Row) throws -> SealImpression {
        SealImpression(
            id: try row.id(0),
            seal: try row.id(1),
            certificate: try row.text(2),
            credential: try row.id(3),
            identifier: try row.text(4),
            kind: try row.value(5),
            digest: try row.text(6),
            caseNumber: try row.text(7),
            authority: try row.text(8),
            actor: try row.text(9),
            at: try row.instant(10)
        )
    }
}
