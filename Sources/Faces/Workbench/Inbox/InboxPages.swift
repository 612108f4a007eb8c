import Cases
import Catalogue
import CompanyOpening
import Identity
import Kernel
import Standards
import Storage
import Web

/// What waits for a decision by a person, longest waiting first.
enum InboxPages {
    static let rowsMax = 100
    /// Open steps read for one page when a rule is looked for: findings are no columns.
    private static let scannedMax = 5_000

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk", who: .staff, scope: .region, zh: "工作台待办", en: "Inbox of staff") { visit in
                if let elsewhere = door(of: try desk.seat(visit), desk) { return .redirect(to: elsewhere) }
                let view = try await inbox(visit, desk)
                return .page(
                    "workbench/inbox",
                    view,
                    heading: Heading(visit.text("workbench.inbox.title"), section: "inbox")
                )
            }
        ]
    }

    /// Where the day of a post that reads no cases begins: a party's clerk at the lines of his party, the three
    /// administrators at theirs, whoever has no page of work at his own account.
    private static func door(of seat: Seat, _ desk: WorkbenchDesk) -> String? {
        func may(_ operation: String) -> Bool {
            (try? desk.permissions.scope(operation, of: seat.principal)) != nil
        }
        if may("case.read") { return nil }
        let doors = [
            ("line.read", "/desk/lines"), ("measure.read", "/desk/measures"), ("audit.read", "/desk/log"),
            ("staff.manage", "/desk/accounts"), ("job.revive", "/desk/jobs"),
        ]
        return doors.first { may($0.0) }?.1 ?? "/account"
    }

    private static func inbox(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> InboxView {
        let seat = try desk.seat(visit)
        let wish = try InboxWish(visit.query)
        let scope = try wish.scope(seat, desk)
        let whole = try desk.inbox(of: seat)
        let after = mark(visit.query["after"])
        let calendar = desk.standards.calendar
        let rules = try await ruleNames(whole, desk)
        return try await desk.database.browse { reader in
            let filter = wish.filter(visit, desk)
            let (rows, isMore) = try rows(wish, scope, filter, after: after, in: reader)
            var cells: [[TableView.Cell]] = []
            for (row, failed) in rows {
                let clock = try ClockWords(row.clock, visit: visit, calendar: calendar, in: reader)
                let found = try CaseStore.find(row.caseID, in: reader)
                let definition = try desk.desk.definitions.of(row.origin, in: reader)
                let bill = try CaseBill(found, definition, visit, in: reader)
                cells.append([
                    TableView.Cell(row.number, href: "/desk/cases/\(row.caseID)"),
                    TableView.Cell(row.title, badge: try again(row, visit, in: reader)),
                    TableView.Cell(applicant(of: found, definition)),
                    TableView.Cell(failed.map { RuleWords.name($0, visit) }.joined(separator: "、")),
                    TableView.Cell(visit.dash(row.submittedAt?.minuteText)),
                    TableView.Cell(Waiting.words(visit.now - row.openedAt, visit: visit)),
                    TableView.Cell(try due(clock, of: found, visit, in: reader), badge: clock.badge),
                    TableView.Cell(bill.badge == nil ? visit.dash(nil) : bill.words, badge: bill.badge),
                    TableView.Cell(try assignee(row.assignee, visit: visit, in: reader)),
                    TableView.Cell(visit.text("workbench.channel.\(row.channel.rawValue)")),
                ])
            }
            let isFiltered = !wish.pairs.isEmpty
            return InboxView(
                done: try DoneNotice.ofQuery(visit, desk, in: reader),
                stats: try stats(whole, visit, desk, in: reader),
                choices: try InboxChoice.all(wish, rules: rules, seat, visit, desk, in: reader),
                kept: wish.pairs.map { InboxView.Kept(name: $0.name, value: $0.value) },
                isFiltered: isFiltered,
                table: TableView(
                    caption: visit.text("workbench.inbox.title"),
                    columns: [
                        "number", "company", "applicant", "rules", "handed-in", "waited", "due", "bill",
                        "assignee", "channel",
                    ].map {
                        visit.text("workbench.column.\($0)")
                    },
                    rows: cells,
                    emptyText: visit.text("workbench.inbox.empty")
                ),
                isEmpty: rows.isEmpty,
                exports: !rows.isEmpty,
                empty: after != nil
                    ? EmptyView(visit.text("workbench.inbox.no-more"), text: nil, link: nil)
                    : EmptyView(
                        visit.text(isFiltered ? "workbench.inbox.none-such" : "workbench.inbox.empty"),
                        text: isFiltered ? nil : visit.text("workbench.inbox.empty-next"),
                        link: isFiltered ? (visit.text("workbench.inbox.all"), "/desk") : nil
                    ),
                total: wish.rule == nil && !rows.isEmpty
                    ? visit.text(
                        "workbench.inbox.total",
                        ["count": String(try InboxStore.count(scope, filter: filter, in: reader))]
                    ) : nil,
                startHref: after == nil ? nil : href(wish.pairs),
                firstHref: rows.first.map { "/desk/cases/\($0.0.caseID)" },
                nextHref: isMore ? rows.last.map { next(wish, after: $0.0) } : nil
            )
        }
    }

    /// The enterprise, or whoever applies for himself, masked as everywhere before a purpose is said.
    private static func applicant(of found: Case, _ definition: CaseDefinition) -> String {
        if let firm = definition.item.plain?.firm, let name = found.data[firm]["name"].text { return name }
        let group = definition.item.plain?.applicant ?? "applicant"
        return found.data[group]["name"].text.map { PersonMask.name($0) } ?? ""
    }

    /// The last day of the law, and the day that was promised where one was.
    private static func due(_ clock: ClockWords, of found: Case, _ visit: Visit, in reader: any Reader)
        throws -> String
    {
        guard let promised = try CaseTimesStore.of(found.id, in: reader)?.promised else { return clock.due }
        return visit.text(
            "workbench.inbox.promised",
            ["due": clock.due, "promised": promised.date.description]
        )
    }

    private static func stats(
        _ whole: InboxScope,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws -> [StatView] {
        let me = visit.occasion.actor.id
        func count(_ filter: InboxFilter) throws -> String {
            String(try InboxStore.count(whole, filter: filter, in: reader))
        }
        let today = visit.now.date
        let decided =
            whole.isEmpty
            ? []
            : try CaseSearchStore.decided(
                from: Instant(today),
                until: Instant(today.adding(days: 1)),
                by: nil,
                regionPrefix: whole.regionPrefix,
                limit: 1_000,
                in: reader
            )
        return [
            StatView(visit.text("workbench.inbox.open"), try count(InboxFilter()), href: "/desk"),
            StatView(
                visit.text("workbench.inbox.mine"),
                try count(InboxFilter(assignee: me)),
                href: "/desk?assignee=me"
            ),
            StatView(
                visit.text("workbench.inbox.late"),
                try count(InboxFilter(dueBefore: visit.now)),
                href: "/desk?due=over"
            ),
            StatView(
                visit.text("workbench.inbox.decided"),
                String(decided.count),
                href: "/desk/decided"
            ),
        ]
    }

    /// A page's rows with the rules that failed, and whether more wait behind them.
    private static func rows(
        _ wish: InboxWish,
        _ scope: InboxScope,
        _ filter: InboxFilter,
        after: (Instant, String)?,
        in reader: any Reader
    ) throws -> ([(InboxRow, [String])], Bool) {
        var kept: [(InboxRow, [String])] = []
        var after = after
        var scanned = 0
        while scanned < scannedMax {
            let page = try InboxStore.list(
                scope,
                filter: filter,
                after: after,
                limit: rowsMax + 1,
                in: reader
            )
            for row in page {
                let failed = try failedRules(of: row.caseID, in: reader)
                guard wish.keeps(failed) else { continue }
                if kept.count == rowsMax { return (kept, true) }
                kept.append((row, failed))
            }
            scanned += page.count
            guard let last = page.last, page.count > rowsMax else { return (kept, false) }
            after = (last.openedAt, last.caseID.rawValue)
        }
        return (kept, true)
    }

    private static func next(_ wish: InboxWish, after row: InboxRow) -> String {
        href(wish.pairs + [("after", "\(row.openedAt.milliseconds)-\(row.caseID)")])
    }

    private static func href(_ fields: [(name: String, value: String)]) -> String {
        fields.isEmpty ? "/desk" : "/desk?" + fields.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// The rules by which the newest waiting case was judged.
    private static func ruleNames(_ scope: InboxScope, _ desk: WorkbenchDesk) async throws -> [String] {
        let first = try await desk.database.read { reader in
            try InboxStore.list(scope, limit: 1, in: reader).first.map {
                try CaseStore.find($0.caseID, in: reader)
            }
        }
        guard let first else { return [] }
        return Set(try await desk.desk.definition(of: first).rules.rules.map(\.id)).sorted()
    }

    /// `1763690000000-01J…`: the last row of the page before.
    static func mark(_ text: String?) -> (Instant, String)? {
        guard let text, let cut = text.firstIndex(of: "-"), let at = Int64(text[..<cut]) else { return nil }
        return (Instant(milliseconds: at), String(text[text.index(after: cut)...]))
    }

    /// How often a case was handed in that was returned before; nothing for the first time.
    private static func again(_ row: InboxRow, _ visit: Visit, in reader: any Reader) throws -> BadgeView? {
        let count = try HappeningStore.count("submitted", of: row.caseID, in: reader)
        guard count > 1 else { return nil }
        return BadgeView(visit.text("workbench.returned.times", ["count": String(count)]), .info)
    }

    /// Why the case is here: the rules that did not pass when it was handed in.
    static func failedRules(of id: ID<Case>, in reader: any Reader) throws -> [String] {
        Set(try DecisionStore.lastFindings(of: id, in: reader).obstacles.map(\.rule)).sorted()
    }

    static func assignee(_ id: String?, visit: Visit, in reader: any Reader) throws -> String {
        guard let id else { return visit.text("workbench.unassigned") }
        return try StaffRegister.find(ID(id), in: reader)?.name ?? visit.text("workbench.unassigned")
    }
}

struct InboxView: PageView {
    /// A field of the filter that goes into the export's form.
    struct Kept: PageView {
        let name: String
        let value: String
    }

    let done: NoticeView?
    let stats: [StatView]
    let choices: [InboxChoice]
    let kept: [Kept]
    let isFiltered: Bool
    let table: TableView
    let isEmpty: Bool
    let exports: Bool
    let empty: EmptyView
    /// How many the filter leaves, on all its pages; nil where that is no column.
    let total: String?
    /// Back to the first page.
    let startHref: String?
    let firstHref: String?
    let nextHref: String?
}
