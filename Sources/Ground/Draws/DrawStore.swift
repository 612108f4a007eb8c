import Kernel
import Storage

/// Seeds and samples.
enum DrawStore {
    struct Kept {
        let draw: Draw
        let sealed: [UInt8]
    }

    /// - Returns: false when the purpose has a seed already.
    static func insert(
        _ id: ID<Draw>,
        purpose: String,
        commitment: String,
        sealed: [UInt8],
        at: Instant,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO draw_seed (id, purpose, commitment, sealed, committed) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (purpose) DO NOTHING
            """,
            id,
            purpose,
            commitment,
            sealed,
            at
        ) == 1
    }

    static func find(_ id: ID<Draw>, in reader: any Reader) throws -> Kept? {
        try reader.first(
            """
            SELECT id, purpose, commitment, committed, seed, published, sample_count, sample_digest, sealed
            FROM draw_seed WHERE id = $1
            """,
            id
        ).map(kept)
    }

    static func find(purpose: String, in reader: any Reader) throws -> Kept? {
        try seeds(Span(from: purpose, through: purpose), countMax: 1, in: reader).first
    }

    /// The same as `find`, held against everybody else until the transaction ends.
    static func locked(_ id: ID<Draw>, in tx: any Transaction) throws -> Kept? {
        _ = try tx.first("SELECT id FROM draw_seed WHERE id = $1 FOR UPDATE", id)
        return try find(id, in: tx)
    }

    /// Which purposes are read, and in which order.
    struct Span {
        let from: String
        /// The last one, which is among them.
        let through: String
        /// One that is not, and none after it.
        var below: String?
        var isSecret = false
        /// The first purpose first; else the last.
        var isRising = false
    }

    static func seeds(_ span: Span, countMax: Int, in reader: any Reader) throws -> [Kept] {
        try reader.query(
            """
            SELECT id, purpose, commitment, committed, seed, published, sample_count, sample_digest, sealed
            FROM draw_seed
            WHERE purpose >= $1 AND purpose <= $2 AND ($3 = '' OR purpose < $3) AND ($4 = 0 OR seed IS NULL)
            ORDER BY CASE WHEN $5 = 1 THEN purpose END, purpose DESC LIMIT $6
            """,
            span.from,
            span.through,
            span.below ?? "",
            span.isSecret ? 1 : 0,
            span.isRising ? 1 : 0,
            countMax
        ).map(kept)
    }

    static func publish(
        _ id: ID<Draw>,
        seed: String,
        count: Int,
        digest: String,
        at: Instant,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            """
            UPDATE draw_seed SET seed = $1, sample_count = $2, sample_digest = $3, published = $4 WHERE id = $5
            """,
            seed,
            count,
            digest,
            at,
            id
        )
    }

    /// Not when the seed is published, nor when the draw has the item already. The seed's row is held against its
    /// publication, and not against others who draw by it.
    /// - Returns: whether it was put in.
    static func insert(_ sample: SampleResult, of id: ID<Draw>, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO draw_sample (draw, item, rate, drawn, at)
            SELECT id, CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT)
            FROM draw_seed WHERE id = $1 AND seed IS NULL FOR KEY SHARE
            ON CONFLICT (draw, item) DO NOTHING
            """,
            id,
            sample.item,
            sample.rate,
            sample.isDrawn,
            sample.at
        ) == 1
    }

    /// Everything that was kept about an item, by whichever draw.
    static func deciding(_ item: String, in reader: any Reader) throws -> [Sampled] {
        try reader.query("SELECT draw, item, rate, drawn, at FROM draw_sample WHERE item = $1", item)
            .compactMap { row in
                guard let draw = try find(row.id(0), in: reader)?.draw else { return nil }
                return Sampled(draw: draw, result: try sample(row))
            }
    }

    /// Draws and items of all samples, in the order of both.
    static func keys(after key: SampleKey?, limit: Int, in reader: any Reader) throws -> [SampleKey] {
        try reader.query(
            """
            SELECT draw, item FROM draw_sample WHERE draw > $1 OR (draw = $1 AND item > $2)
            ORDER BY draw, item LIMIT $3
            """,
            key?.draw.rawValue ?? "",
            key?.item ?? "",
            limit
        ).map { SampleKey(draw: try $0.id(0), item: try $0.text(1)) }
    }

    static func count(of id: ID<Draw>, in reader: any Reader) throws -> Int {
        try reader.first("SELECT COUNT(*) FROM draw_sample WHERE draw = $1", id)?.int(0) ?? 0
    }

    static func sample(_ item: String, of id: ID<Draw>, in reader: any Reader) throws -> SampleResult? {
        try reader.first(
            "SELECT draw, item, rate, drawn, at FROM draw_sample WHERE draw = $1 AND item = $2",
            id,
            item
        ).map(sample)
    }

    static func samples(of id: ID<Draw>, after: String, countMax: Int, in reader: any Reader) throws
        -> [SampleResult]
    {
        try reader.query(
            """
            SELECT draw, item, rate, drawn, at FROM draw_sample WHERE draw = $1 AND item > $2 ORDER BY item LIMIT $3
            """,
            id,
            after,
            countMax
        ).map(sample)
    }

    private static func sample(_ row: Row) throws -> SampleResult {
        SampleResult(
            item: try row.text(1),
            rate: try row.int(2),
            isDrawn: try row.bool(3),
            at: try row.instant(4)
        )
    }

    private static func kept(_ row: Row) throws -> Kept {
        Kept(
            draw: Draw(
                id: try row.id(0),
                purpose: try row.text(1),
                commitment: try row.text(2),
                committedAt: try row.instant(3),
                seed: try row.optionalText(4),
                publishedAt: try row.optionalInstant(5),
                sampleCount: try row.optionalInteger(6).map { Int($0) },
                sampleDigest: try row.optionalText(7)
            ),
            sealed: try row.blob(8)
        )
    }
}
