import Kernel
import Storage

/// Look-ups for near names. Each one walks an index from an exact start and brings at most `limit` rows, so their
/// cost does not depend on how many names there are.
extension NameStore {
    /// The same brand in the trade, wherever; and in any trade, when asked.
    static func brand(
        _ brand: String,
        industryClass: String,
        anyTrade: Bool,
        limit: Int,
        in reader: any Reader
    ) throws -> [Candidate] {
        var rows = try reader.query(
            """
            SELECT id, full_text, scope, brand, industry_class, state, until FROM company_name_entry
            WHERE brand = $1 AND industry_class = $2 AND blocks = 1 LIMIT $3
            """,
            brand,
            industryClass,
            limit
        )
        if anyTrade {
            rows += try reader.query(
                """
                SELECT id, full_text, scope, brand, industry_class, state, until FROM company_name_entry
                WHERE brand = $1 AND blocks = 1 LIMIT $2
                """,
                brand,
                limit
            )
        }
        return try rows.map(candidate)
    }

    /// The same brand in the library, in any trade.
    static func brand(
        _ brand: String,
        scope: String,
        limit: Int,
        in reader: any Reader
    ) throws -> [Candidate] {
        try reader.query(
            """
            SELECT id, full_text, scope, brand, industry_class, state, until FROM company_name_entry
            WHERE scope = $1 AND brand = $2 AND blocks = 1 LIMIT $3
            """,
            scope,
            brand,
            limit
        ).map(candidate)
    }

    static func sound(
        _ sound: String,
        industryClass: String,
        scope: String,
        limit: Int,
        in reader: any Reader
    ) throws -> [Candidate] {
        let here = try reader.query(
            """
            SELECT id, full_text, scope, brand, industry_class, state, until FROM company_name_entry
            WHERE sound = $1 AND industry_class = $2 AND scope = $3 AND blocks = 1 LIMIT $4
            """,
            sound,
            industryClass,
            scope,
            limit
        )
        let trade = try reader.query(
            """
            SELECT id, full_text, scope, brand, industry_class, state, until FROM company_name_entry
            WHERE sound = $1 AND industry_class = $2 AND blocks = 1 LIMIT $3
            """,
            sound,
            industryClass,
            limit
        )
        let anywhere = try reader.query(
            """
            SELECT id, full_text, scope, brand, industry_class, state, until FROM company_name_entry
            WHERE sound = $1 AND blocks = 1 LIMIT $2
            """,
            sound,
            limit
        )
        return try (here + trade + anywhere).map(candidate)
    }

    /// Entries stored under one of the additional keys, in one trade.
    static func key(
        _ key: String,
        industryClass: String,
        limit: Int,
        in reader: any Reader
    ) throws -> [Candidate] {
        try reader.query(
            """
            SELECT e.id, e.full_text, e.scope, e.brand, e.industry_class, e.state, e.until
            FROM company_name_key k JOIN company_name_entry e ON e.id = k.entry
            WHERE k.name_key = $1 AND k.industry_class = $2 LIMIT $3
            """,
            key,
            industryClass,
            limit
        ).map(candidate)
    }

    private static func candidate(_ row: Row) throws -> Candidate {
        Candidate(
            id: try row.text(0),
            text: try row.text(1),
            scope: try row.text(2),
            brand: try row.text(3),
            industryClass: try row.text(4),
            state: try row.value(5),
            until: try row.optionalInstant(6)
        )
    }
}
