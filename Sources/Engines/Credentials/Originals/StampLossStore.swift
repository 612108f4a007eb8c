import Kernel
import Storage

/// Thefts of the key of the time stamps: SQL in, values out.
enum StampLossStore {
    static func insert(_ loss: StampLoss, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO stamp_loss (id, since, begun_at, place_credential, place_format, looked, renewed, unproven)
            VALUES ($1, $2, $3, '', '', 0, 0, 0)
            """,
            loss.id,
            loss.since,
            loss.begunAt
        )
    }

    static func all(in reader: any Reader) throws -> [StampLoss] {
        try reader.query(
            """
            SELECT id, since, begun_at, place_credential, place_format, looked, renewed, unproven, done_at
            FROM stamp_loss ORDER BY begun_at, id LIMIT 100
            """
        ).map(loss)
    }

    static func find(_ id: ID<StampLoss>, in reader: any Reader) throws -> StampLoss? {
        try reader.first(
            """
            SELECT id, since, begun_at, place_credential, place_format, looked, renewed, unproven, done_at
            FROM stamp_loss WHERE id = $1
            """,
            id
        ).map(loss)
    }

    static func update(_ loss: StampLoss, in tx: any Transaction) throws {
        try tx.send(
            """
            UPDATE stamp_loss SET place_credential = $2, place_format = $3, looked = $4, renewed = $5, unproven = $6,
                done_at = $7
            WHERE id = $1
            """,
            loss.id,
            loss.place.credential,
            loss.place.format,
            loss.looked,
            loss.renewed,
            loss.unproven,
            loss.doneAt
        )
    }

    /// Files that were made before a moment, in the order of their keys.
    static func files(
        after place: (credential: String, format: String),
        before moment: Instant,
        limit: Int,
        in reader: any Reader
    ) throws -> [LicenceFile] {
        try reader.query(
            """
            SELECT credential, format, digest, made_at FROM licence_file
            WHERE credential >= $1 AND (credential > $1 OR format > $2) AND made_at < $3
            ORDER BY credential, format LIMIT $4
            """,
            place.credential,
            place.format,
            moment,
            limit
        ).map { row in
            LicenceFile(
                credential: try row.id(0),
                format: try row.value(1),
                digest: try row.text(2),
                madeAt: try row.instant(3)
            )
        }
    }

    private static func loss(_ row: Row) throws -> StampLoss {
        var loss = StampLoss(id: try row.id(0), since: try row.instant(1), begunAt: try row.instant(2))
        loss.place = (try row.text(3), try row.text(4))
        loss.looked = try row.int(5)
        loss.renewed = try row.int(6)
        loss.unproven = try row.int(7)
        loss.doneAt = try row.optionalInstant(8)
        return loss
    }
}
