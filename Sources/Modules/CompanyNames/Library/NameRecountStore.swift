public import Storage

/// Whether every name of the library is found again by the keys under which near names are looked up.
public enum NameRecounts {
    /// Keys of an entry that is not there, or blocks nothing any more.
    public static let all = [
        Recount(
            "name.keys",
            all: "SELECT COUNT(*) FROM company_name_key",
            wrong: """
                SELECT k.entry FROM company_name_key k
                WHERE NOT EXISTS (SELECT 1 FROM company_name_entry e WHERE e.id = k.entry AND e.blocks = 1)
                ORDER BY k.entry LIMIT $1
                """
        )
    ]

    /// A page of the entries that block, by their id.
    /// - Returns: how many, the last of them, and the names whose keys are not what they must be; nil at the end.
    public static func page(after id: String, limit: Int, in reader: any Reader) throws -> (
        count: Int, last: String, wrong: [String]
    )? {
        let rows = try reader.query(
            """
            SELECT id, brand, industry_class, other_sounds, full_text FROM company_name_entry
            WHERE blocks = 1 AND id > $1 ORDER BY id LIMIT $2
            """,
            id,
            limit
        )
        guard let end = rows.last else { return nil }
        let wrong = try rows.filter { row in
            let others = try row.text(3).split(separator: " ").map(String.init)
            let wanted = NameKeys.stored(brand: try row.text(1), otherSounds: others)
            let entry = try row.text(0)
            return try wanted.contains { key in
                try reader.number(
                    "SELECT COUNT(*) FROM company_name_key WHERE name_key = $1 AND industry_class = $2 AND entry = $3",
                    key,
                    row.text(2),
                    entry
                ) == 0
            }
        }
        return (rows.count, try end.text(0), try wrong.map { try $0.text(4) })
    }
}
