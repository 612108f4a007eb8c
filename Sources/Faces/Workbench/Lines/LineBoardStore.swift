import Exchange
import Kernel
import Storage

/// Which lines and work items a post sees. Part of the query, never a filter afterwards.
struct LineReach: Sendable {
    /// Nil for the authority that registers: it follows every party of its cases.
    let parties: Set<String>?
    let regionPrefix: String
}

/// What a clerk has to look at, with the case it belongs to.
struct WaitingItem: Sendable {
    let id: ID<WorkItem>
    let line: ID<PartyLine>?
    let party: String
    let operation: String
    let caseNumber: String
    let why: WorkItem.Why
    let openedAt: Instant
}

/// What a clerk had to look at, and what came of it.
struct ClosedItem: Sendable {
    let why: WorkItem.Why
    let at: Instant
    /// Who closed it: a member of staff, or the part of the platform or party whose word did.
    let by: String
    let note: String
}

/// Lines and work items by the region of their case: the exchange knows no regions, the cases know no parties.
enum LineBoardStore {
    /// Lines that have not ended well, longest unchanged first.
    /// - Parameter state: only this state; nil for all that wait, came back or were set aside.
    static func lines(_ reach: LineReach, state: LineState?, limit: Int, in reader: any Reader) throws
        -> [PartyLine]
    {
        var found: [(Instant, ID<PartyLine>)] = []
        for party in reach.parties.map({ $0.sorted() }) ?? [""] {
            found += try rows(of: party, reach, state: state, limit: limit, in: reader).map {
                (try $0.instant(0), try $0.id(1))
            }
        }
        let first = found.sorted { ($0.0, $0.1.rawValue) < ($1.0, $1.1.rawValue) }.prefix(limit)
        return try first.compactMap { try ExchangeStore.line($0.1, in: reader) }
    }

    /// Two statements, so that each walks an index in order and stops at the limit.
    private static func rows(
        of party: String,
        _ reach: LineReach,
        state: LineState?,
        limit: Int,
        in reader: any Reader
    ) throws -> [Row] {
        guard let state else {
            return try reader.query(
                """
                SELECT l.changed_at, l.id FROM exchange_line l JOIN case_case c ON c.id = l.case_id
                WHERE ($1 = '' OR l.party = $1) AND c.region >= $2 AND c.region < $3
                    AND l.state NOT IN ('done', 'notNeeded')
                ORDER BY l.changed_at, l.id LIMIT $4
                """,
                party,
                reach.regionPrefix,
                reach.regionPrefix + "~",
                limit
            )
        }
        return try reader.query(
            """
            SELECT l.changed_at, l.id FROM exchange_line l JOIN case_case c ON c.id = l.case_id
            WHERE ($1 = '' OR l.party = $1) AND c.region >= $2 AND c.region < $3 AND l.state = $4
            ORDER BY l.changed_at, l.id LIMIT $5
            """,
            party,
            reach.regionPrefix,
            reach.regionPrefix + "~",
            state.rawValue,
            limit
        )
    }

    /// Lines of the case with that number, all states.
    static func lines(_ reach: LineReach, ofCase number: String, limit: Int, in reader: any Reader) throws
        -> [PartyLine]
    {
        let ids: [ID<PartyLine>] = try reader.query(
            """
            SELECT l.id FROM exchange_line l JOIN case_case c ON c.id = l.case_id
            WHERE c.number = $1 AND c.region >= $2 AND c.region < $3 ORDER BY l.opened_at, l.id LIMIT $4
            """,
            number,
            reach.regionPrefix,
            reach.regionPrefix + "~",
            limit
        ).map { try $0.id(0) }
        return try ids.compactMap { try find($0, reach, in: reader) }
    }

    /// The region of the case behind a line; nil when none is in reach.
    static func find(_ id: ID<PartyLine>, _ reach: LineReach, in reader: any Reader) throws -> PartyLine? {
        let isThere = try reader.number(
            """
            SELECT COUNT(*) FROM exchange_line l JOIN case_case c ON c.id = l.case_id
            WHERE l.id = $1 AND c.region >= $2 AND c.region < $3
            """,
            id,
            reach.regionPrefix,
            reach.regionPrefix + "~"
        )
        guard isThere == 1, let line = try ExchangeStore.line(id, in: reader),
            reach.parties.map({ $0.contains(line.order.party) }) ?? true
        else { return nil }
        return line
    }

    /// What a line belongs to is called, by the number of its case.
    static func titles(of lines: [PartyLine], in reader: any Reader) throws -> [String: String] {
        var titles: [String: String] = [:]
        for number in Set(lines.map(\.order.caseNumber)) {
            titles[number] = try reader.first("SELECT title FROM case_case WHERE number = $1", number)?.text(
                0
            )
        }
        return titles
    }

    /// The work items of a line that somebody closed, oldest first, with what he wrote.
    static func closed(of line: ID<PartyLine>, limit: Int, in reader: any Reader) throws -> [ClosedItem] {
        try reader.query(
            """
            SELECT why, closed_at, closed_by, note FROM exchange_item
            WHERE line = $1 AND closed_at IS NOT NULL ORDER BY closed_at, id LIMIT $2
            """,
            line,
            limit
        ).map { row in
            ClosedItem(
                why: try row.value(0),
                at: try row.instant(1),
                by: try row.optionalText(2) ?? "",
                note: try row.optionalText(3) ?? ""
            )
        }
    }

    /// Open work items, oldest first. One that names no case goes to every clerk of its party.
    static func items(_ reach: LineReach, limit: Int, in reader: any Reader) throws -> [WaitingItem] {
        var found: [WaitingItem] = []
        for party in reach.parties.map({ $0.sorted() }) ?? [""] {
            found += try reader.query(
                """
                SELECT i.id, i.line, i.party, i.operation, i.case_number, i.why, i.opened_at
                FROM exchange_item i LEFT JOIN case_case c ON c.number = i.case_number
                WHERE i.closed_at IS NULL AND ($1 = '' OR i.party = $1)
                    AND (i.case_number = '' OR (c.region >= $2 AND c.region < $3))
                ORDER BY i.opened_at, i.id LIMIT $4
                """,
                party,
                reach.regionPrefix,
                reach.regionPrefix + "~",
                limit
            ).map { row in
                WaitingItem(
                    id: try row.id(0),
                    line: try row.optionalText(1).map { ID($0) },
                    party: try row.text(2),
                    operation: try row.text(3),
                    caseNumber: try row.text(4),
                    why: try row.value(5),
                    openedAt: try row.instant(6)
                )
            }
        }
        return Array(
            found.sorted { ($0.openedAt, $0.id.rawValue) < ($1.openedAt, $1.id.rawValue) }.prefix(limit)
        )
    }
}
