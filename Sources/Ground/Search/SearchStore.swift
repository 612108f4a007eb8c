public import Kernel
public import Storage

/// Finds things by part of what they are called, on both engines alike: an index of pairs of characters by kind, pair,
/// division and time. It may name a thing whose words have changed since; whoever asks looks at the thing itself.
public enum Search {
    /// So many of a division are looked through, the newest first.
    static let depth = 500

    /// Makes a thing findable by its telling words: those that stand in every name of its kind only make the index long.
    /// - Returns: how many pairs were not there before.
    @discardableResult
    public static func put(
        _ words: String,
        kind: String,
        object: String,
        region: String,
        at: Instant,
        in tx: any Transaction
    ) throws -> Int {
        try Grams.of(words).sorted().reduce(0) { count, gram in
            try count
                + tx.execute(
                    """
                    INSERT INTO search_gram (kind, gram, region, at, object) VALUES ($1, $2, $3, $4, $5)
                    ON CONFLICT DO NOTHING
                    """,
                    kind,
                    gram,
                    region,
                    at,
                    object
                )
        }
    }

    /// What may bear these words, newest first: the rarest pair of them decides. A pair that nothing has is passed over,
    /// because not all that a thing is called was put in.
    /// - Parameter regionPrefix: six digits of a division, or the first two or four of them.
    public static func find(_ words: String, kind: String, regionPrefix: String, in reader: any Reader) throws
        -> [String]
    {
        var rarest: (gram: String, count: Int64)?
        for gram in Grams.of(words).sorted() {
            let count = try count(gram, kind, in: reader)
            if count > 0, count < rarest?.count ?? .max { rarest = (gram, count) }
        }
        guard let gram = rarest?.gram else { return [] }
        var found: [(at: Int64, object: String)] = []
        var region = try next(gram, kind, from: regionPrefix, until: regionPrefix + "~", in: reader)
        while let division = region {
            let rows = try reader.query(
                """
                SELECT at, object FROM search_gram WHERE kind = $1 AND gram = $2 AND region = $3
                ORDER BY at DESC, object DESC LIMIT $4
                """,
                kind,
                gram,
                division,
                depth
            )
            for row in rows { found.append((try row.integer(0), try row.text(1))) }
            region = try next(gram, kind, from: division + "!", until: regionPrefix + "~", in: reader)
        }
        return found.sorted { ($1.at, $1.object) < ($0.at, $0.object) }.map(\.object)
    }

    /// How many things have a pair; beyond `depth` it does not matter.
    private static func count(_ gram: String, _ kind: String, in reader: any Reader) throws -> Int64 {
        try reader.number(
            "SELECT COUNT(*) FROM (SELECT 1 FROM search_gram WHERE kind = $1 AND gram = $2 LIMIT $3) g",
            kind,
            gram,
            depth
        )
    }

    /// The first division in a range where something has the pair.
    private static func next(
        _ gram: String,
        _ kind: String,
        from start: String,
        until end: String,
        in reader: any Reader
    ) throws -> String? {
        try reader.first(
            """
            SELECT region FROM search_gram WHERE kind = $1 AND gram = $2 AND region >= $3 AND region < $4
            ORDER BY region LIMIT 1
            """,
            kind,
            gram,
            start,
            end
        )?.text(0)
    }
}

/// The same for many things at once.
public struct SearchRows: Sendable {
    private let kind: String
    private var made: [(gram: String, region: String, at: Instant, object: String)] = []

    public init(kind: String) { self.kind = kind }

    public mutating func put(_ words: String, object: String, region: String, at: Instant) {
        for gram in Grams.of(words) { made.append((gram, region, at, object)) }
    }

    /// In the order of the index, where neighbours lie side by side.
    public var all: [Rows] {
        var rows = Rows(
            "INSERT INTO search_gram (kind, gram, region, at, object) VALUES ($1, $2, $3, $4, $5)"
        )
        let sorted = made.sorted {
            ($0.gram, $0.region, $0.at, $0.object) < ($1.gram, $1.region, $1.at, $1.object)
        }
        for one in sorted { rows.add(kind, one.gram, one.region, one.at, one.object) }
        return [rows]
    }
}
