import Kernel
import Storage

/// Seeds, results and samples.
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

    static func find(purpose: String, in reader: any Reader) throws -> Kept? {
        try reader.first(
            """
            SELECT id, purpose, commitment, committed, seed, published, sample_count, sample_digest, sealed
            FROM draw_seed WHERE purpose = $1
            """,
            purpose
        ).map(kept)
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

    static func locked(_ id: ID<Draw>, in tx: any Transaction) throws -> Kept? {
        try tx.first(
            """
            SELECT id, purpose, commitment, committed, seed, published, sample_count, sample_digest, sealed
            FROM draw_seed WHERE id = $1 FOR UPDATE
            """,
            id
        ).map(kept)
    }

    /// Purposes from `first` on, before `end`; the last first.
    static func latest(from first: String, below end: String, countMax: Int, in reader: any Reader) throws
        -> [Draw]
    {
        try reader.query(
            """
            SELECT id, purpose, commitment, committed, seed, published, sample_count, sample_digest, sealed
            FROM draw_seed WHERE purpose >= $1 AND purpose < $2 ORDER BY purpose DESC LIMIT $3
            """,
            first,
            end,
            countMax
        ).map { try kept($0).draw }
    }

    /// Purposes from `first` on, before `end`, whose seeds are secret; the first first.
    static func secret(from first: String, below end: String, countMax: Int, in reader: any Reader) throws
        -> [Draw]
    {
        try reader.query(
            """
            SELECT id, purpose, commitment, committed, seed, published, sample_count, sample_digest, sealed
            FROM draw_seed WHERE purpose >= $1 AND purpose < $2 AND seed IS NULL ORDER BY purpose LIMIT $3
            """,
            first,
            end,
            countMax
        ).map { try kept($0).draw }
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

    static func insert(
        _ result: DrawResult,
        list: [String],
        of id: ID<Draw>,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO draw_result (draw, list_digest, list, list_count, beacon, drawn, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (draw) DO NOTHING
            """,
            id,
            result.listDigest,
            JSON.array(list.map { .string($0) }),
            result.listCount,
            result.beacon,
            JSON.array(result.drawn.map { .string($0) }),
            result.at
        ) == 1
    }

    static func result(of id: ID<Draw>, in reader: any Reader) throws -> (result: DrawResult, list: [String])?
    {
        try reader.first(
            "SELECT list_digest, list_count, beacon, drawn, at, list FROM draw_result WHERE draw = $1",
            id
        ).map { row in
            let result = DrawResult(
                listDigest: try row.text(0),
                listCount: try row.int(1),
                beacon: try row.text(2),
                drawn: try row.json(3).elements.compactMap(\.text),
                at: try row.instant(4)
            )
            return (result, try row.json(5).elements.compactMap(\.text))
        }
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

    /// Every draw that has decided the item, and the seed of `purpose`, which may not have.
    static func deciding(_ item: String, purpose: String, in reader: any Reader) throws
        -> [(kept: Kept, result: SampleResult?)]
    {
        try reader.query(
            """
            SELECT s.draw, d.purpose, d.commitment, d.committed, d.seed, d.published, d.sample_count,
                d.sample_digest, d.sealed, s.rate, s.drawn, s.at
            FROM draw_sample s JOIN draw_seed d ON d.id = s.draw WHERE s.item = $1
            UNION ALL
            SELECT id, purpose, commitment, committed, seed, published, sample_count, sample_digest, sealed,
                NULL, NULL, NULL
            FROM draw_seed WHERE purpose = $2
            """,
            item,
            purpose
        ).map { row in
            let result =
                row.isNull(9)
                ? nil
                : SampleResult(
                    item: item,
                    rate: try row.int(9),
                    isDrawn: try row.bool(10),
                    at: try row.instant(11)
                )
            return (try kept(row), result)
        }
    }

    static func count(of id: ID<Draw>, in reader: any Reader) throws -> Int {
        try reader.first("SELECT COUNT(*) FROM draw_sample WHERE draw = $1", id)?.int(0) ?? 0
    }

    static func sample(_ item: String, of id: ID<Draw>, in reader: any Reader) throws -> SampleResult? {
        try reader.first(
            "SELECT item, rate, drawn, at FROM draw_sample WHERE draw = $1 AND item = $2",
            id,
            item
        ).map(sample)
    }

    static func samples(of id: ID<Draw>, after: String, countMax: Int, in reader: any Reader) throws
        -> [SampleResult]
    {
        try reader.query(
            """
            SELECT item, rate, drawn, at FROM draw_sample WHERE draw = $1 AND item > $2 ORDER BY item LIMIT $3
            """,
            id,
            after,
            countMax
        ).map(sample)
    }

    private static func sample(_ row: Row) throws -> SampleResult {
        SampleResult(
            item: try row.text(0),
            rate: try row.int(1),
            isDrawn: try row.bool(2),
            at: try row.instant(3)
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
