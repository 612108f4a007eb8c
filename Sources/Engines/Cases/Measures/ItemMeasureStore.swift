public import Kernel
public import Storage

extension MeasureStore {
    /// Every item of which something was handed in, by its name.
    /// - Parameter now: promises that are over by then and not kept count as broken.
    public static func items(
        below regionPrefix: String,
        from: Instant,
        until: Instant,
        at now: Instant,
        in reader: any Reader
    ) throws -> [ItemMeasures] {
        try reader.query(
            """
            SELECT c.item, COUNT(*), COUNT(c.result),
                COUNT(CASE WHEN c.completed_at <= t.promised THEN 1 END),
                COUNT(CASE WHEN c.completed_at > t.promised OR (c.completed_at IS NULL AND $5 > t.promised
                    AND c.state IN ('received', 'accepted', 'review', 'granted')) THEN 1 END)
            FROM case_times t CROSS JOIN case_case c
            WHERE c.id = t.case_id AND t.handed_in >= $3 AND t.handed_in < $4 AND c.region >= $1 AND c.region < $2
            GROUP BY c.item ORDER BY c.item
            """,
            regionPrefix,
            regionPrefix + "~",
            from,
            until,
            now
        ).map { row in
            ItemMeasures(
                item: try row.text(0),
                handedIn: Int(try row.integer(1)),
                granted: Int(try row.integer(2)),
                kept: Int(try row.integer(3)),
                broken: Int(try row.integer(4))
            )
        }
    }
}
