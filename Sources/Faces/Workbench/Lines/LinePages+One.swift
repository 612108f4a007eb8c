import Cases
import CompanyNames
import Exchange
import Identity
import Kernel
import Standards
import Storage
import Web

/// One line: what was sent and answered, and what staff may do with it.
extension LinePages {
    /// - Parameter problem: why an act was refused.
    static func page(
        _ line: PartyLine,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        problem: (any Refusal)?
    ) async throws -> Reply {
        let (changes, closed, clerks, kinds) = try await desk.database.read { reader in
            let changes = try ExchangeStore.changes(of: line.id, in: reader)
            let closed = try LineBoardStore.closed(of: line.id, limit: rowsMax, in: reader)
            var clerks: [String: String] = [:]
            for id in Set(changes.compactMap(\.staff) + closed.map(\.by)) {
                clerks[id] = try StaffRegister.find(ID(id), in: reader)?.name
            }
            return (
                changes, closed, clerks,
                try ReferenceImport.table("seal-kinds", on: visit.now.date, in: reader)?.rows ?? []
            )
        }
        let operation = try desk.exchange.parties.operation(line.order.operation, of: line.order.party)
        let reason = line.reasonCode.flatMap(operation.reason)
        let isEnglish = visit.language == .en
        let seals = Dictionary(kinds.map { ($0["code"], $0[isEnglish ? "name_en" : "name_zh"]) }) { $1 }
        let fields = LineFields(visit: visit, regions: desk.standards.regions, seals: seals)
        let acts =
            (LineAnswers.offered(line, operation, seals: seals, seat: seat, visit: visit, desk: desk)
            + LineActs.offered(line, seat: seat, visit: visit, desk: desk)).refilled(after: problem, visit)
        let (links, title) = try await desk.database.read { reader in
            (
                try self.links(of: line, seat, visit, desk, in: reader),
                try LineBoardStore.titles(of: [line], in: reader)[line.order.caseNumber]
            )
        }
        let view = LinePageView(
            refused: problem.map { RefusedAct(visit.explain($0), acts: acts, visit: visit) },
            done: problem == nil ? done(visit) : nil,
            links: links,
            hasLinks: !links.isEmpty,
            party: partyName(line.order.party, visit, desk),
            state: badge(line.state, visit),
            clock: due(line, visit),
            due: visit.dash(line.dueAt?.minuteText),
            reason: line.reasonCode.map { code in
                NoticeView(
                    .warn,
                    title: reason.map { isEnglish ? $0.text.en : $0.text.zh } ?? code,
                    [reason.map { isEnglish ? $0.next.en : $0.next.zh }, line.reasonText].compactMap { $0 }
                        .joined(separator: " ")
                )
            },
            facts: facts(line, title, operationName(line, visit, desk), visit),
            sent: SummaryView(
                title: visit.text("workbench.line.sent"),
                rows: fields.rows(line.order.fields)
            ),
            answer: line.answer.members.isEmpty
                ? nil
                : SummaryView(title: visit.text("workbench.line.answer"), rows: fields.rows(line.answer)),
            history: history(changes, clerks, operation, visit),
            closed: closed.isEmpty ? nil : items(closed, clerks, visit),
            acts: acts
        )
        return .page(
            "workbench/line",
            view,
            heading: Heading(
                operationName(line, visit, desk),
                crumbs: [.init(visit.text("workbench.lines.title"), href: "/desk/lines")],
                section: "lines",
                hasErrors: problem != nil
            ),
            status: problem.map { $0.status.rawValue } ?? 200
        )
    }

    /// - Parameter clerks: names of staff by identifier.
    private static func history(
        _ changes: [LineChange],
        _ clerks: [String: String],
        _ operation: PartyOperation,
        _ visit: Visit
    ) -> TableView {
        TableView(
            caption: visit.text("workbench.line.history"),
            columns: ["at", "event", "by", "state", "words"].map { visit.text("workbench.column.\($0)") },
            rows: changes.map { change in
                [
                    TableView.Cell(change.at.minuteText),
                    TableView.Cell(visit.text("line-event.\(change.event.rawValue)")),
                    TableView.Cell(visit.dash(change.staff.flatMap { clerks[$0] })),
                    TableView.Cell(visit.text("line-state.\(change.to.rawValue)")),
                    TableView.Cell(
                        visit.dash(
                            change.stayed.map { visit.text("workbench.line.stayed.\($0.rawValue)") }
                                ?? change.note.map { noteWords($0, operation, visit) }
                        )
                    ),
                ]
            },
            emptyText: visit.text("workbench.line.history.none")
        )
    }

    /// What was to be looked at, and what whoever did wrote of it.
    private static func items(_ closed: [ClosedItem], _ clerks: [String: String], _ visit: Visit) -> TableView
    {
        TableView(
            caption: visit.text("workbench.line.closed"),
            columns: ["at", "event", "by", "words"].map { visit.text("workbench.column.\($0)") },
            rows: closed.map { item in
                [
                    TableView.Cell(item.at.minuteText),
                    TableView.Cell(visit.text("workbench.item-why.\(item.why.rawValue)")),
                    TableView.Cell(visit.dash(clerks[item.by])),
                    TableView.Cell(visit.worded("line-event.\(item.note)") ?? item.note),
                ]
            },
            emptyText: ""
        )
    }

    /// A note is a reason of the party's list, a word of the exchange, or somebody's own text.
    private static func noteWords(_ note: String, _ operation: PartyOperation, _ visit: Visit) -> String {
        operation.reason(note).map { visit.language == .en ? $0.text.en : $0.text.zh }
            ?? visit.worded("line-note.\(note)") ?? note
    }

    /// The case and the register entry behind a line, for those who may read them.
    private static func links(
        of line: PartyLine,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws -> [DeskLink] {
        guard let found = try CaseStore.find(number: line.order.caseNumber, in: reader),
            desk.may("case.read", found, seat)
        else { return [] }
        let own = DeskLink(
            text: visit.text("workbench.link.case"),
            href: "/desk/cases/\(found.id)",
            note: found.number
        )
        return [own]
            + (try CaseLinks.of(found, seat, visit, desk, in: reader).filter {
                $0.href.hasPrefix("/desk/corrections/")
            })
    }

    private static func done(_ visit: Visit) -> NoticeView? {
        guard let name = visit.query.trimmed("done") else { return nil }
        return visit.worded("workbench.line-act.\(name)").map {
            NoticeView(.good, title: visit.text("workbench.done"), $0)
        }
    }

    private static func facts(_ line: PartyLine, _ title: String?, _ operation: String, _ visit: Visit)
        -> SummaryView
    {
        SummaryView(rows: [
            .init(visit.text("workbench.column.company"), visit.dash(title)),
            .init(visit.text("workbench.column.number"), visit.dash(line.order.caseNumber)),
            .init(visit.text("workbench.column.result"), visit.dash(line.order.creditCode)),
            .init(visit.text("workbench.column.at"), line.openedAt.minuteText),
            .init(visit.text("workbench.column.attempts"), String(line.attempts)),
            .init(visit.text("workbench.line.round"), String(line.round)),
            .init(
                visit.text("workbench.line.purpose"),
                line.order.purpose.hasPrefix("company-opening")
                    ? visit.text("workbench.line.purpose.opening", ["operation": operation])
                    : line.order.purpose
            ),
        ])
    }
}

struct LinePageView: PageView {
    let refused: RefusedAct?
    let done: NoticeView?
    let links: [DeskLink]
    let hasLinks: Bool
    let party: String
    let state: BadgeView
    let clock: BadgeView?
    let due: String
    let reason: NoticeView?
    let facts: SummaryView
    let sent: SummaryView
    let answer: SummaryView?
    let history: TableView
    /// Work items that were dealt with; nil when there were none.
    let closed: TableView?
    let acts: [ActView]
}
