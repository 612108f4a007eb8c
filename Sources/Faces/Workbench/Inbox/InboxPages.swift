import Cases
import Identity
import Kernel
import Standards
import Storage
import Web

/// What waits for a decision by a person, longest waiting first.
enum InboxPages {
    static let rowsMax = 100

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk", who: .officers, scope: .region, zh: "工作台待办", en: "Inbox of staff") { visit in
                // A party's clerk reads no cases: his work are the lines of his party.
                let principal = try desk.seat(visit).principal
                let readsCases = (try? desk.permissions.scope("case.read", of: principal)) != nil
                if !readsCases, (try? desk.permissions.scope("line.read", of: principal)) != nil {
                    return .redirect(to: "/desk/lines")
                }
                let view = try await inbox(visit, desk)
                return .page(
                    "workbench/inbox",
                    view,
                    heading: Heading(visit.text("workbench.inbox.title"), section: "inbox")
                )
            },
            .page(
                .get,
                "/desk/find",
                who: .officers,
                scope: .region,
                zh: "按编号查找办件",
                en: "Find a case by number"
            ) {
                visit in
                let number = (visit.query["number"] ?? "").filter { !$0.isWhitespace }
                guard
                    let found = try await desk.database.read({ try CaseStore.find(number: number, in: $0) }),
                    desk.may("case.read", found, try desk.seat(visit))
                else { throw WebRefusal.notFound }
                return .redirect(to: "/desk/cases/\(found.id)")
            },
        ]
    }

    private static func inbox(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> InboxView {
        let seat = try desk.seat(visit)
        let scope = try desk.inbox(of: seat)
        let onlyMine = visit.query["mine"] == "1"
        let after = mark(visit.query["after"])
        let calendar = desk.standards.calendar
        return try await desk.database.read { reader in
            let rows = try InboxStore.list(
                scope,
                assignee: onlyMine ? visit.occasion.actor.id : nil,
                after: after,
                limit: rowsMax,
                in: reader
            )
            let total = try InboxStore.count(scope, in: reader)
            var cells: [[TableView.Cell]] = []
            var late = 0
            for row in rows {
                let clock = try ClockWords(row.clock, visit: visit, calendar: calendar, in: reader)
                if clock.badge?.tone == Tone.bad.rawValue { late += 1 }
                cells.append([
                    TableView.Cell(row.number, href: "/desk/cases/\(row.caseID)"),
                    TableView.Cell(row.title),
                    TableView.Cell(try failedRules(of: row.caseID, in: reader).joined(separator: " ")),
                    TableView.Cell(visit.dash(row.submittedAt?.minuteText)),
                    TableView.Cell(Waiting.words(visit.now - row.openedAt, visit: visit)),
                    TableView.Cell(clock.due, badge: clock.badge),
                    TableView.Cell(try assignee(row.assignee, visit: visit, in: reader)),
                    TableView.Cell(visit.text("workbench.channel.\(row.channel.rawValue)")),
                ])
            }
            let mine = rows.count { $0.assignee == visit.occasion.actor.id }
            return InboxView(
                stats: [
                    StatView(visit.text("workbench.inbox.open"), String(total), href: "/desk"),
                    StatView(visit.text("workbench.inbox.mine"), String(mine), href: "/desk?mine=1"),
                    StatView(visit.text("workbench.inbox.late"), String(late)),
                ],
                table: TableView(
                    caption: visit.text("workbench.inbox.title"),
                    columns: [
                        "number", "company", "rules", "handed-in", "waited", "due", "assignee", "channel",
                    ].map {
                        visit.text("workbench.column.\($0)")
                    },
                    rows: cells,
                    emptyText: visit.text("workbench.inbox.empty")
                ),
                isEmpty: rows.isEmpty,
                exports: !rows.isEmpty,
                empty: EmptyView(
                    visit.text("workbench.inbox.empty"),
                    text: visit.text("workbench.inbox.empty-next"),
                    link: onlyMine ? (visit.text("workbench.inbox.all"), "/desk") : nil
                ),
                nextHref: rows.count < rowsMax
                    ? nil : rows.last.map { "/desk?after=\($0.openedAt.milliseconds)-\($0.caseID)" }
            )
        }
    }

    /// `1763690000000-01J…`: the last row of the page before.
    private static func mark(_ text: String?) -> (Instant, String)? {
        guard let text, let cut = text.firstIndex(of: "-"), let at = Int64(text[..<cut]) else { return nil }
        return (Instant(milliseconds: at), String(text[text.index(after: cut)...]))
    }

    /// Why the case is here: the rules that did not pass when it was handed in.
    static func failedRules(of id: ID<Case>, in reader: any Reader) throws -> [String] {
        let findings = try DecisionStore.of(id, in: reader).last?.findings ?? []
        return Set(findings.obstacles.map(\.rule)).sorted()
    }

    static func assignee(_ id: String?, visit: Visit, in reader: any Reader) throws -> String {
        guard let id else { return visit.text("workbench.unassigned") }
        return try StaffRegister.find(ID(id), in: reader)?.name ?? visit.text("workbench.unassigned")
    }
}

struct InboxView: PageView {
    let stats: [StatView]
    let table: TableView
    let isEmpty: Bool
    let exports: Bool
    let empty: EmptyView
    let nextHref: String?
}
