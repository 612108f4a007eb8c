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
        let granted = try number(grantedCases, scope, in: reader)
        let instant = try number(
            """
            SELECT COUNT(DISTINCT c.id) FROM case_times t JOIN case_case c ON c.id = t.case_id
                JOIN case_decision d ON d.case_id = c.id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND d.outcome = 'grant' AND d.instant = 1
            """,
            scope,
            in: reader
        )
        let judged = try number(
            """
            SELECT COUNT(DISTINCT c.id) FROM case_times t JOIN case_case c ON c.id = t.case_id
                JOIN case_decision d ON d.case_id = c.id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND d.outcome IN ('grant', 'refuse', 'return')
            """,
            scope,
            in: reader
        )
        let returned = try self.judged(.return, scope, in: reader)
        return Measures(
            filling: try filling(scope, in: reader),
            approval: try approval(scope, in: reader),
            whole: try whole(scope, in: reader),
            kept: try kept(scope, in: reader),
            broken: try broken(scope, at: now, in: reader),
            granted: granted,
            instant: instant,
            prompt: try prompt(scope, in: reader),
            judged: judged,
            firstTimeRight: judged - returned,
            returned: returned,
            returnedAgain: try returnedAgain(scope, in: reader),
            refused: try self.judged(.refuse, scope, in: reader),
            lines: try lines(scope, in: reader),
            fallouts: try fallouts(scope, in: reader)
        )
    }

    /// Cases on which this was decided, however often.
    private static func judged(_ outcome: CaseEvent, _ scope: MeasureScope, in reader: any Reader) throws
        -> Int
    {
        try number(
            """
            SELECT COUNT(DISTINCT c.id) FROM case_times t JOIN case_case c ON c.id = t.case_id
                JOIN case_decision d ON d.case_id = c.id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND d.outcome = $6
            """,
            scope,
            and: outcome.rawValue,
            in: reader
        )
    }

    /// Cases that came back to the applicant a second time.
    private static func returnedAgain(_ scope: MeasureScope, in reader: any Reader) throws -> Int {
        try number(
            """
            SELECT COUNT(DISTINCT c.id) FROM case_times t JOIN case_case c ON c.id = t.case_id
                JOIN case_decision d ON d.case_id = c.id JOIN case_decision e ON e.case_id = c.id AND e.id <> d.id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND d.outcome = 'return' AND e.outcome = 'return'
            """,
            scope,
            in: reader
        )
    }

    /// First field to first hand-in.
    private static func filling(_ scope: MeasureScope, in reader: any Reader) throws -> Measures.Duration {
        try duration(
            """
            SELECT t.handed_in - c.created_at FROM case_times t JOIN case_case c ON c.id = t.case_id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
            ORDER BY 1 LIMIT 1 OFFSET $6
            """,
            counted: """
                SELECT COUNT(*) FROM case_times t JOIN case_case c ON c.id = t.case_id
                WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                """,
            scope,
            in: reader
        )
    }

    /// What the authority needed.
    private static func approval(_ scope: MeasureScope, in reader: any Reader) throws -> Measures.Duration {
        try duration(
            """
            SELECT t.office FROM case_times t JOIN case_case c ON c.id = t.case_id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND c.result IS NOT NULL ORDER BY 1 LIMIT 1 OFFSET $6
            """,
            counted: grantedCases,
            scope,
            in: reader
        )
    }

    /// First hand-in to the last line.
    private static func whole(_ scope: MeasureScope, in reader: any Reader) throws -> Measures.Duration {
        try duration(
            """
            SELECT c.completed_at - t.handed_in FROM case_times t JOIN case_case c ON c.id = t.case_id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND c.completed_at IS NOT NULL ORDER BY 1 LIMIT 1 OFFSET $6
            """,
            counted: """
                SELECT COUNT(*) FROM case_times t JOIN case_case c ON c.id = t.case_id
                WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                    AND c.completed_at IS NOT NULL
                """,
            scope,
            in: reader
        )
    }

    /// Done by the promised moment.
    private static func kept(_ scope: MeasureScope, in reader: any Reader) throws -> Int {
        try number(
            """
            SELECT COUNT(*) FROM case_times t JOIN case_case c ON c.id = t.case_id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND c.completed_at <= t.promised
            """,
            scope,
            in: reader
        )
    }

    /// Done too late, or not done although the promise is over.
    private static func broken(_ scope: MeasureScope, at now: Instant, in reader: any Reader) throws -> Int {
        try number(
            """
            SELECT COUNT(*) FROM case_times t JOIN case_case c ON c.id = t.case_id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND (c.completed_at > t.promised OR (c.completed_at IS NULL AND $6 > t.promised
                    AND c.state IN ('received', 'accepted', 'review', 'granted')))
            """,
            scope,
            and: now,
            in: reader
        )
    }

    /// A licence in time, by 审批时长.
    private static func prompt(_ scope: MeasureScope, in reader: any Reader) throws -> Int? {
        guard let minutes = scope.promisedMinutes else { return nil }
        return try number(
            """
            SELECT COUNT(*) FROM case_times t JOIN case_case c ON c.id = t.case_id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND c.result IS NOT NULL AND t.office <= $6
            """,
            scope,
            and: minutes * Instant.minute,
            in: reader
        )
    }

    private static func lines(_ scope: MeasureScope, in reader: any Reader) throws -> Int {
        try number(
            """
            SELECT COUNT(*) FROM case_times t JOIN case_case c ON c.id = t.case_id
                JOIN case_step s ON s.case_id = c.id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4
                AND t.handed_in < $5 AND c.result IS NOT NULL AND s.kind = 'outside' AND s.state <> 'skipped'
            """,
            scope,
            in: reader
        )
    }

    private static let grantedCases: StaticString = """
        SELECT COUNT(*) FROM case_times t JOIN case_case c ON c.id = t.case_id
        WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
            AND c.result IS NOT NULL
        """

    private static func number(
        _ sql: StaticString,
        _ scope: MeasureScope,
        and last: (any Bindable)? = nil,
        in reader: any Reader
    ) throws -> Int {
        let values: [any Bindable] = scope.values + (last.map { [$0] } ?? [])
        return Int(try reader.query(sql, values).first?.integer(0) ?? 0)
    }

    private static func duration(
        _ sql: StaticString,
        counted: StaticString,
        _ scope: MeasureScope,
        in reader: any Reader
    ) throws -> Measures.Duration {
        let values = scope.values
        let count = Int(try reader.query(counted, values).first?.integer(0) ?? 0)
        func at(_ tenths: Int) throws -> Int64? {
            guard count > 0 else { return nil }
            let index = (count * tenths + 9) / 10 - 1
            return try reader.query(sql, values + [index]).first?.integer(0)
        }
        return Measures.Duration(count: count, median: try at(5), ninetieth: try at(9))
    }

    /// Reasons of the decisions that were not instant grants, read from the kept findings.
    private static func fallouts(_ scope: MeasureScope, in reader: any Reader) throws -> [(
        reason: String, count: Int
    )] {
        var counts: [String: Int] = [:]
        let rows = try reader.query(
            """
            SELECT d.findings FROM case_times t JOIN case_case c ON c.id = t.case_id
                JOIN case_decision d ON d.case_id = c.id
            WHERE c.item = $1 AND c.region >= $2 AND c.region < $3 AND t.handed_in >= $4 AND t.handed_in < $5
                AND d.outcome <> 'grant' AND d.actor_kind = 'platform' AND d.actor <> 'recheck'
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
