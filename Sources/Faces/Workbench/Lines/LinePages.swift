import Cases
import CompanyNames
import Exchange
import Identity
import Kernel
import Standards
import Storage
import Web

/// What outside parties still owe: work items, lines that wait, came back or were set aside.
enum LinePages {
    static let rowsMax = 100

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk/lines", who: .officers, scope: .region, zh: "联办事项", en: "Lines of the parties")
            { visit in
                .page(
                    "workbench/lines",
                    try await list(visit, desk),
                    heading: Heading(visit.text("workbench.lines.title"), section: "lines")
                )
            },
            .page(
                .get,
                "/desk/lines/{line}",
                who: .officers,
                scope: .region,
                zh: "一个联办事项",
                en: "One line of a party"
            ) { visit in
                let (line, seat) = try await open(visit, desk)
                return try await page(line, seat, visit, desk, problem: nil)
            },
        ]
    }

    /// Which lines the post reads.
    /// - Throws: `PermissionError` for a post that reads none.
    static func reach(_ seat: Seat, _ desk: WorkbenchDesk) throws(PermissionError) -> LineReach {
        _ = try desk.permissions.scope("line.read", of: seat.principal)
        let agency = seat.post.agency
        return LineReach(
            parties: agency == desk.authority ? nil : desk.parties.parties(of: agency),
            regionPrefix: desk.stem(of: seat.post.region)
        )
    }

    /// The line of the path, if it is in the post's reach; another's is not found.
    static func open(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> (PartyLine, Seat) {
        let seat = try desk.seat(visit)
        let reach = try reach(seat, desk)
        let id = ID<PartyLine>(try visit.segment("line"))
        guard let line = try await desk.database.read({ try LineBoardStore.find(id, reach, in: $0) }) else {
            throw WebRefusal.notFound
        }
        return (line, seat)
    }

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> LineListView {
        let seat = try desk.seat(visit)
        let reach = try reach(seat, desk)
        let state = try visit.query.trimmed("state").map { text throws(WebRefusal) in
            guard let state = LineState(rawValue: text) else { throw .badField(name: "state") }
            return state
        }
        let (items, lines, titles) = try await desk.database.read { reader in
            let lines = try LineBoardStore.lines(reach, state: state, limit: rowsMax, in: reader)
            return (
                try LineBoardStore.items(reach, limit: rowsMax, in: reader), lines,
                try LineBoardStore.titles(of: lines, in: reader)
            )
        }
        let late = lines.count { $0.state == .overdue || ($0.dueAt.map { $0 < visit.now } ?? false) }
        return LineListView(
            stats: [
                StatView(visit.text("workbench.items"), String(items.count), href: "#items"),
                StatView(visit.text("workbench.lines.waiting"), String(lines.count), href: "#lines"),
                StatView(visit.text("workbench.inbox.late"), String(late), href: "/desk/lines?state=overdue"),
            ],
            items: items.map { item in
                ItemView(
                    at: item.openedAt.minuteText,
                    party: partyName(item.party, visit, desk),
                    number: item.caseNumber,
                    why: visit.text("workbench.item-why.\(item.why.rawValue)"),
                    href: item.line.map { "/desk/lines/\($0)" },
                    close: closeAct(item, visit)
                )
            },
            hasItems: !items.isEmpty,
            states: LineState.allCases.map {
                LineListView.Option(
                    value: $0.rawValue,
                    label: visit.text("line-state.\($0.rawValue)"),
                    isChosen: $0 == state
                )
            },
            table: table(lines, titles: titles, visit, desk)
        )
    }

    /// - Parameter titles: what the firms are called, by the numbers of their cases.
    static func table(
        _ lines: [PartyLine],
        titles: [String: String],
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) -> TableView {
        TableView(
            caption: visit.text("workbench.lines.title"),
            columns: ["party", "operation", "company", "number", "state", "changed", "line-due", "attempts"]
                .map {
                    visit.text("workbench.column.\($0)")
                },
            rows: lines.map { line in
                [
                    TableView.Cell(partyName(line.order.party, visit, desk)),
                    TableView.Cell(operationName(line, visit, desk), href: "/desk/lines/\(line.id)"),
                    TableView.Cell(visit.dash(titles[line.order.caseNumber])),
                    TableView.Cell(line.order.caseNumber),
                    TableView.Cell("", badge: badge(line.state, visit)),
                    TableView.Cell(line.changedAt.minuteText),
                    TableView.Cell(visit.dash(line.dueAt?.minuteText), badge: due(line, visit)),
                    TableView.Cell(String(line.attempts), isNumber: true),
                ]
            },
            emptyText: visit.text("workbench.lines.none")
        )
    }

    static func badge(_ state: LineState, _ visit: Visit) -> BadgeView {
        let tone: Tone =
            switch state {
            case .done: .good
            case .overdue, .returned: .bad
            case .personNeeded: .warn
            case .pending, .sent, .received, .working: .info
            case .notNeeded, .later: .neutral
            }
        return BadgeView(visit.text("line-state.\(state.rawValue)"), tone)
    }

    /// The light of a line: over, soon over, in time; always with its word.
    static func due(_ line: PartyLine, _ visit: Visit) -> BadgeView? {
        guard line.state.isWaiting, let dueAt = line.dueAt else { return nil }
        if dueAt < visit.now { return BadgeView(visit.text("workbench.clock.over"), .bad) }
        let left = dueAt - visit.now
        return BadgeView(
            visit.text("workbench.clock.left-time", ["time": Waiting.words(left, visit: visit)]),
            left < (dueAt - line.openedAt) / 4 ? .warn : .good
        )
    }

    static func partyName(_ id: String, _ visit: Visit, _ desk: WorkbenchDesk) -> String {
        guard let party = try? desk.exchange.parties.party(id) else { return id }
        return visit.language == .en ? party.name.en : party.name.zh
    }

    static func operationName(_ line: PartyLine, _ visit: Visit, _ desk: WorkbenchDesk) -> String {
        guard
            let operation = try? desk.exchange.parties.operation(line.order.operation, of: line.order.party)
        else { return line.order.operation }
        return visit.language == .en ? operation.name.en : operation.name.zh
    }

    private static func closeAct(_ item: WaitingItem, _ visit: Visit) -> ActView {
        ActView(
            visit.text("workbench.item.close"),
            action: "/desk/items/\(item.id)/close",
            key: "",
            version: item.id.rawValue,
            boxes: [
                .init("reason", visit.text("workbench.item.note"), of: item.id.rawValue, isLines: false)
            ]
        )
    }
}

struct LineListView: PageView {
    struct Option: PageView {
        let value: String
        let label: String
        let isChosen: Bool
    }

    let stats: [StatView]
    let items: [ItemView]
    let hasItems: Bool
    let states: [Option]
    let table: TableView
}

/// Something that a clerk has to look at.
struct ItemView: PageView {
    let at: String
    let party: String
    let number: String
    let why: String
    let href: String?
    let close: ActView
}
