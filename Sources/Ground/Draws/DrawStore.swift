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
            SELECT id, purpose, commitment, committed, seed, published, sealed FROM draw_seed WHERE purpose = $1
            """,
            purpose
        ).map(kept)
    }

    static func find(_ id: ID<Draw>, in reader: any Reader) throws -> Kept? {
        try reader.first(
            "SELECT id, purpose, commitment, committed, seed, published, sealed FROM draw_seed WHERE id = $1",
            id
        ).map(kept)
    }

    static func locked(_ id: ID<Draw>, in tx: any Transaction) throws -> Kept? {
        try tx.first(
            """
            SELECT id, purpose, commitment, committed, seed, published, sealed FROM draw_seed WHERE id = $1 FOR UPDATE
            """,
            id
        ).map(kept)
    }

    static func publish(_ id: ID<Draw>, seed: String, at: Instant, in tx: any Transaction) throws {
        try tx.execute("UPDATE draw_seed SET seed = $1, published = $2 WHERE id = $3", seed, at, id)
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

    static func insert(_ sample: SampleResult, of id: ID<Draw>, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO draw_sample (draw, item, rate, drawn, at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (draw, item) DO NOTHING
            """,
            id,
            sample.item,
            sample.rate,
            sample.isDrawn,
            sample.at
        )
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
                publishedAt: try row.optionalInstant(5)
            ),
            sealed: try row.blob(6)
        )
    }
}
