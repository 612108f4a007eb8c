import Cases
import Catalogue
import Exchange
import Identity
import Kernel
import Registers
import Standards
import Storage
import Web

/// One box finds cases and register entries by number, part of it, company name or credit code; and the list of what
/// was decided on a day.
enum FindPages {
    static let rowsMax = 50
    private static let decidedMax = 200

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk/find", who: .officers, scope: .region, zh: "查找", en: "Find") { visit in
                let words = BorderText.words(
                    (visit.query["q"] ?? visit.query["number"] ?? "").filter { !$0.isWhitespace }
                )
                let (only, view) = try await find(String(words.prefix(80)), visit, desk)
                if let only { return .redirect(to: only) }
                return .page(
                    "workbench/find",
                    view,
                    heading: Heading(visit.text("workbench.find.title"), section: "inbox")
                )
            },
            .page(.get, "/desk/decided", who: .officers, scope: .region, zh: "已办列表", en: "What was decided") {
                visit in
                .page(
                    "workbench/decided",
                    try await decided(visit, desk),
                    heading: Heading(
                        visit.text("workbench.decided.title"),
                        crumbs: [.init(visit.text("workbench.inbox.title"), href: "/desk")],
                        section: "inbox"
                    )
                )
            },
        ]
    }

    /// - Returns: the way to the one thing that the words name exactly, or all that they may mean.
    private static func find(_ words: String, _ visit: Visit, _ desk: WorkbenchDesk) async throws
        -> (String?, FindView)
    {
        let seat = try desk.seat(visit)
        let stem = desk.stem(of: seat.post.region)
        let reads = (try? desk.permissions.scope("case.read", of: seat.principal)) != nil
        let register = try? desk.permissions.scope("register.read", of: seat.principal)
        let reach = try? LinePages.reach(seat, desk)
        let isLong = words.count >= CaseSearchStore.charactersMin
        let (cases, decisions, entries, lines, titles) = try await desk.database.browse { reader in
            let cases =
                reads
                ? try CaseSearchStore.find(words, regionPrefix: stem, limit: rowsMax, in: reader).filter {
                    desk.may("case.read", try CaseStore.find($0.id, in: reader), seat)
                } : []
            let entries =
                isLong
                ? try RegisterStore.search(words, regionPrefix: stem, limit: rowsMax, in: reader).filter {
                    let thing = PermissionSubject(agency: desk.authority, region: $0.region)
                    return register?.covers(thing) ?? false
                } : []
            let lines =
                try reach.map { try LineBoardStore.lines($0, ofCase: words, limit: rowsMax, in: reader) }
                ?? []
            let decisions = try desk.desk.definitions.decisions(of: cases.map(\.origin), in: reader)
            let titles = try LineBoardStore.titles(of: lines, in: reader)
            return (cases, decisions, entries, reads ? [] : lines, titles)
        }
        if let exact = cases.first(where: { $0.number == words }) {
            return ("/desk/cases/\(exact.id)", .empty)
        }
        if cases.isEmpty, let exact = entries.first(where: { $0.code == words.uppercased() }) {
            return ("/desk/corrections/\(exact.code)", .empty)
        }
        return (
            nil,
            FindView(
                words: words,
                isAsked: !words.isEmpty,
                hint: words.isEmpty || isLong ? nil : visit.text("workbench.find.short"),
                isNothing: isLong && cases.isEmpty && entries.isEmpty && lines.isEmpty,
                cases: cases.isEmpty ? nil : table(cases, decisions, visit),
                entries: entries.isEmpty ? nil : table(entries, visit),
                lines: lines.isEmpty ? nil : LinePages.table(lines, titles: titles, visit, desk),
                more: max(cases.count, entries.count, lines.count) < rowsMax
                    ? nil : visit.text("workbench.find.more", ["count": String(rowsMax)])
            )
        )
    }

    private static func table(
        _ cases: [CaseLine],
        _ decisions: [CaseOrigin: DecisionWords],
        _ visit: Visit
    ) -> TableView {
        TableView(
            caption: visit.text("workbench.find.cases"),
            columns: ["number", "company", "state", "handed-in", "result"].map {
                visit.text("workbench.column.\($0)")
            },
            rows: cases.map { found in
                [
                    TableView.Cell(found.number, href: "/desk/cases/\(found.id)"),
                    TableView.Cell(found.title),
                    TableView.Cell("", badge: CasePages.state(found.state, decisions[found.origin], visit)),
                    TableView.Cell(visit.dash(found.submittedAt?.minuteText)),
                    TableView.Cell(
                        visit.dash(found.result),
                        href: found.result.map { "/desk/corrections/\($0)" }
                    ),
                ]
            },
            emptyText: ""
        )
    }

    private static func table(_ entries: [RegisterSubject], _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("workbench.find.entries"),
            columns: ["result", "company", "state"].map { visit.text("workbench.column.\($0)") },
            rows: entries.map { entry in
                [
                    TableView.Cell(entry.code, href: "/desk/corrections/\(entry.code)"),
                    TableView.Cell(entry.name),
                    TableView.Cell(visit.text("subject-state.\(entry.state.rawValue)")),
                ]
            },
            emptyText: ""
        )
    }

    // MARK: decided

    private static func said(
        _ line: DecidedLine,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws
        -> String
    {
        let decision = try desk.desk.definitions.of(line.found.origin, in: reader).item.decision
        return decision.said(line.outcome.rawValue, visit.language.rawValue)
            ?? visit.text("workbench.decided.\(line.outcome.rawValue)")
    }

    private static func decided(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> DecidedView {
        let seat = try desk.seat(visit)
        _ = try desk.permissions.scope("case.read", of: seat.principal)
        var day = visit.now.date
        if let text = visit.query.trimmed("on") {
            guard let asked = LocalDate(parsing: text) else { throw WebRefusal.badField(name: "on") }
            day = asked
        }
        let isMine = visit.query["mine"] == "1"
        let from = day
        let before = InboxPages.mark(visit.query["before"])
        let (rows, next) = try await desk.database.browse { reader in
            let found = try CaseSearchStore.decided(
                from: Instant(from),
                until: Instant(from.adding(days: 1)),
                before: before,
                by: isMine ? visit.occasion.actor.id : nil,
                regionPrefix: desk.stem(of: seat.post.region),
                limit: decidedMax + 1,
                in: reader
            )
            let next = found.count > decidedMax ? found[decidedMax - 1] : nil
            let own = try found.prefix(decidedMax).filter {
                desk.may("case.read", try CaseStore.find($0.found.id, in: reader), seat)
            }
            let cells = try own.map { line in
                [
                    TableView.Cell(line.at.minuteText),
                    TableView.Cell(line.found.number, href: "/desk/cases/\(line.found.id)"),
                    TableView.Cell(line.found.title),
                    TableView.Cell(try said(line, visit, desk, in: reader)),
                    TableView.Cell(try InboxPages.assignee(line.by, visit: visit, in: reader)),
                    TableView.Cell(
                        visit.dash(line.found.result),
                        href: line.found.result.map { "/desk/corrections/\($0)" }
                    ),
                ]
            }
            return (cells, next)
        }
        return DecidedView(
            on: day.description,
            isMine: isMine,
            table: TableView(
                caption: visit.text("workbench.decided.title"),
                columns: ["at", "number", "company", "decision", "assignee", "result"].map {
                    visit.text("workbench.column.\($0)")
                },
                rows: rows,
                emptyText: visit.text("workbench.decided.none")
            ),
            nextHref: next.map { line in
                "/desk/decided?on=\(day)\(isMine ? "&mine=1" : "")&before=\(line.at.milliseconds)-\(line.id)"
            }
        )
    }
}

struct FindView: PageView {
    let words: String
    let isAsked: Bool
    let hint: String?
    let isNothing: Bool
    let cases: TableView?
    let entries: TableView?
    let lines: TableView?
    /// That there may be more than is shown.
    let more: String?

    static let empty = FindView(
        words: "",
        isAsked: false,
        hint: nil,
        isNothing: false,
        cases: nil,
        entries: nil,
        lines: nil,
        more: nil
    )
}

struct DecidedView: PageView {
    let on: String
    let isMine: Bool
    let table: TableView
    let nextHref: String?
}
