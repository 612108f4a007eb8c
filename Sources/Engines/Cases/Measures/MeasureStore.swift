public import Kernel
public import Storage

/// The share and the times that are promised, counted from the cases themselves.
public struct Measures: Sendable {
    /// Half and nine tenths of the cases took no longer than this, in milliseconds; nil without a case.
    public struct Duration: Sendable {
        public let count: Int
        public let median: Int64?
        public let ninetieth: Int64?
    }

    /// 填报时长: first field to the first hand-in.
    public let filling: Duration
    /// 审批时长: what the authority needed, from each hand-in, or the last needed signature if later, to its answer;
    /// the time in which a returned case lay with the applicant is not its own.
    public let approval: Duration
    /// 全流程时长: first hand-in to the last ticked line that counts, returns included.
    public let whole: Duration
    /// Everything was done within what the region promised on the day of the first hand-in.
    public let kept: Int
    /// Done later than promised, or still not done at the authority or its partners although the promise is over.
    public let broken: Int
    public let granted: Int
    public let instant: Int
    /// Granted within the minutes that the place promises for an approval; nil where it promises none.
    public let prompt: Int?
    /// Granted, refused or returned at least once.
    public let judged: Int
    /// Of these the ones that were never returned.
    public let firstTimeRight: Int
    /// Cases that were returned, however often.
    public let returned: Int
    /// Cases that were returned more than once.
    public let returnedAgain: Int
    public let refused: Int
    /// Lines to outside parties that the granted cases began.
    public let lines: Int
    /// Why cases were not decided at once, most frequent first.
    public let fallouts: [(reason: String, count: Int)]
}

/// Which cases a measure counts.
public struct MeasureScope: Sendable {
    public let item: String
    public let regionPrefix: String
    public let from: Instant
    public let until: Instant
    /// The promised time of an approval: the dated limit `instantMinutes`.
    public let promisedMinutes: Int64?

    public init(
        item: String,
        regionPrefix: String,
        from: Instant,
        until: Instant,
        promisedMinutes: Int64?
    ) {
        self.item = item
        self.regionPrefix = regionPrefix
        self.from = from
        self.until = until
        self.promisedMinutes = promisedMinutes
    }

    fileprivate var values: [any Bindable] { [item, regionPrefix, regionPrefix + "~", from, until] }
}

public enum MeasureStore {
    /// - Parameter now: promises that are over by then and not kept count as broken.
    public static func measure(_ scope: MeasureScope, at now: Instant, in reader: any Reader) throws
        -> Measures
    {
        let values: [any Bindable] = scope.values + [now, (scope.promisedMinutes ?? -1) * Instant.minute]
        var counted: [String: Int64] = [:]
        for row in try reader.query(figures, values) { counted[try row.text(0)] = try row.integer(1) }
        func count(_ name: String) -> Int { Int(counted[name] ?? 0) }
        func duration(_ name: String, of number: String) -> Measures.Duration {
            Measures.Duration(
                count: count(number),
                median: counted["\(name)-half"],
                // Of a single case both are the same one, which is named once.
                ninetieth: counted["\(name)-nine-tenths"] ?? counted["\(name)-half"]
            )
        }
        return Measures(
            filling: duration("filling", of: "handed-in"),
            approval: duration("approval", of: "granted"),
            whole: duration("whole", of: "completed"),
            kept: count("kept"),
            broken: count("broken"),
            granted: count("granted"),
            instant: count("instant"),
            prompt: scope.promisedMinutes.map { _ in count("prompt") },
            judged: count("judged"),
            firstTimeRight: count("judged") - count("returned"),
            returned: count("returned"),
            returnedAgain: count("returned-again"),
            refused: count("refused"),
            lines: count("lines"),
            fallouts: try fallouts(scope, in: reader)
        )
    }

    /// Every figure of the scope by its name, in one walk through its cases. A case's first handing in is never later than
    /// its last, by which the index finds it. A duration is the one of the case below which half and nine tenths lie.
    private static let figures: StaticString = """
        WITH seen AS MATERIALIZED (
            SELECT c.id AS id, c.state AS state, c.result AS result, c.completed_at AS completed,
                t.promised AS promised, t.handed_in - c.created_at AS filling, t.office AS approval,
                c.completed_at - t.handed_in AS whole
            FROM case_case c CROSS JOIN case_times t
            WHERE t.case_id = c.id AND c.item = $1 AND c.region >= $2 AND c.region < $3 AND c.submitted_at >= $4
                AND +t.handed_in >= $4 AND +t.handed_in < $5),
        decided AS MATERIALIZED (
            SELECT d.case_id AS id,
                SUM(CASE WHEN d.outcome = 'grant' AND d.instant = 1 THEN 1 ELSE 0 END) AS instant,
                SUM(CASE WHEN d.outcome = 'return' THEN 1 ELSE 0 END) AS returns,
                SUM(CASE WHEN d.outcome = 'refuse' THEN 1 ELSE 0 END) AS refusals
            FROM seen s CROSS JOIN case_decision d
            WHERE d.case_id = s.id AND d.outcome IN ('grant', 'refuse', 'return') GROUP BY d.case_id)
        SELECT 'handed-in', COUNT(*) FROM seen
        UNION ALL SELECT 'granted', COUNT(*) FROM seen WHERE result IS NOT NULL
        UNION ALL SELECT 'completed', COUNT(*) FROM seen WHERE completed IS NOT NULL
        UNION ALL SELECT 'kept', COUNT(*) FROM seen WHERE completed <= promised
        UNION ALL SELECT 'broken', COUNT(*) FROM seen WHERE completed > promised
            OR (completed IS NULL AND $6 > promised AND state IN ('received', 'accepted', 'review', 'granted'))
        UNION ALL SELECT 'prompt', COUNT(*) FROM seen WHERE result IS NOT NULL AND approval <= $7
        UNION ALL SELECT 'judged', COUNT(*) FROM decided
        UNION ALL SELECT 'instant', COUNT(*) FROM decided WHERE instant > 0
        UNION ALL SELECT 'returned', COUNT(*) FROM decided WHERE returns > 0
        UNION ALL SELECT 'returned-again', COUNT(*) FROM decided WHERE returns > 1
        UNION ALL SELECT 'refused', COUNT(*) FROM decided WHERE refusals > 0
        UNION ALL SELECT 'lines', COUNT(*) FROM seen n CROSS JOIN case_step p
            WHERE p.case_id = n.id AND n.result IS NOT NULL AND p.kind = 'outside' AND p.state <> 'skipped'
        UNION ALL SELECT CASE WHEN place = (number * 5 + 9) / 10 THEN 'filling-half' ELSE 'filling-nine-tenths' END, filling
            FROM (SELECT filling, ROW_NUMBER() OVER (ORDER BY filling) AS place, COUNT(*) OVER () AS number FROM seen) f
            WHERE place = (number * 5 + 9) / 10 OR place = (number * 9 + 9) / 10
        UNION ALL SELECT CASE WHEN place = (number * 5 + 9) / 10 THEN 'approval-half' ELSE 'approval-nine-tenths' END, approval
            FROM (SELECT approval, ROW_NUMBER() OVER (ORDER BY approval) AS place, COUNT(*) OVER () AS number
                FROM seen WHERE result IS NOT NULL) a
            WHERE place = (number * 5 + 9) / 10 OR place = (number * 9 + 9) / 10
        UNION ALL SELECT CASE WHEN place = (number * 5 + 9) / 10 THEN 'whole-half' ELSE 'whole-nine-tenths' END, whole
            FROM (SELECT whole, ROW_NUMBER() OVER (ORDER BY whole) AS place, COUNT(*) OVER () AS number
                FROM seen WHERE completed IS NOT NULL) w
            WHERE place = (number * 5 + 9) / 10 OR place = (number * 9 + 9) / 10
        """

    /// Reasons of the decisions that were not instant grants, read from the kept findings.
    private static func fallouts(_ scope: MeasureScope, in reader: any Reader) throws -> [(
        reason: String, count: Int
    )] {
        var counts: [String: Int] = [:]
        let rows = try reader.query(
            """
            SELECT d.findings FROM case_case c CROSS JOIN case_times t CROSS JOIN case_decision d
            WHERE t.case_id = c.id AND d.case_id = c.id AND c.item = $1 AND c.region >= $2 AND c.region < $3 AND c.submitted_at >= $4
                AND +t.handed_in >= $4 AND +t.handed_in < $5 AND d.outcome <> 'grant' AND d.actor_kind = 'platform' AND d.actor <> 'recheck'
            """,
            scope.values
        )
        for row in rows {
            let findings = try row.json(0).elements.compactMap(Finding.init(json:))
            for reason in Set(findings.filter { $0.outcome != .pass }.map { "\($0.rule).\($0.reason)" }) {
                counts[reason, default: 0] += 1
            }
        }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
}
