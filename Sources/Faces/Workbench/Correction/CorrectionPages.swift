import Cases
import CompanyOpening
import Correspondence
import Identity
import Kernel
import Registers
import Standards
import Storage
import Web

/// Objections of named persons, and the matters of wrong registrations.
enum CorrectionPages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk/corrections", who: .officers, scope: .region, zh: "登记更正与撤销", en: "Corrections")
            {
                visit in
                let seat = try desk.seat(visit)
                _ = try desk.permissions.scope("register.read", of: seat.principal)
                if let code = visit.query["code"]?.filter({ !$0.isWhitespace }), !code.isEmpty {
                    let known = try await desk.database.read {
                        try RegisterStore.find(code.uppercased(), in: $0) != nil
                    }
                    return .redirect(
                        to: known ? "/desk/corrections/\(code.uppercased())" : "/desk/find?q=\(code)"
                    )
                }
                return .page(
                    "workbench/corrections",
                    try await list(visit, seat, desk),
                    heading: Heading(visit.text("workbench.corrections.title"), section: "corrections")
                )
            },
            .page(
                .get,
                "/desk/corrections/{code}",
                who: .officers,
                scope: .region,
                zh: "登记簿与更正事项",
                en: "A register entry and its corrections"
            ) { visit in
                let (subject, seat) = try await open(visit, "register.read", desk)
                return try await page(subject, seat, visit, desk, problem: nil)
            },
        ] + CorrectionActs.routes(desk)
    }

    /// The register entry, if the post may do `operation` with it.
    static func open(_ visit: Visit, _ operation: String, _ desk: WorkbenchDesk) async throws -> (
        RegisterSubject, Seat
    ) {
        let seat = try desk.seat(visit)
        let code = try visit.segment("code")
        guard let subject = try await desk.database.read({ try RegisterStore.find(code, in: $0) }) else {
            throw WebRefusal.notFound
        }
        let thing = PermissionSubject(agency: desk.authority, region: subject.region)
        guard try desk.permissions.scope("register.read", of: seat.principal).covers(thing) else {
            throw WebRefusal.notFound
        }
        try await Permission.require(
            operation,
            on: thing,
            object: subject.object,
            by: seat.principal,
            table: desk.permissions,
            occasion: visit.occasion,
            database: desk.database
        )
        return (subject, seat)
    }

    private static func list(_ visit: Visit, _ seat: Seat, _ desk: WorkbenchDesk) async throws
        -> CorrectionListView
    {
        let regions = desk.regions(of: try desk.permissions.scope("register.read", of: seat.principal))
        let (objectionMark, matterMark) = (mark("objections", visit), mark("matters", visit))
        return try await desk.database.read { reader in
            let objections = try ObjectionStore.open(
                in: regions,
                after: objectionMark,
                limit: rowsMax + 1,
                reader
            )
            let matters = try CorrectionStore.open(in: regions, after: matterMark, limit: rowsMax + 1, reader)
            return CorrectionListView(
                objections: TableView(
                    caption: visit.text("workbench.objections"),
                    columns: ["at", "objection", "who", "company", "number", "words"].map {
                        visit.text("workbench.column.\($0)")
                    },
                    rows: objections.prefix(rowsMax).map { row in
                        [
                            TableView.Cell(row.objection.at.minuteText),
                            TableView.Cell(row.objection.number),
                            TableView.Cell(ObjectionDesk.who(row.objection, visit)),
                            TableView.Cell(row.title, href: settling(row)),
                            TableView.Cell(row.caseNumber, href: "/desk/cases/\(row.objection.caseID)"),
                            TableView.Cell(String(row.objection.text.prefix(80))),
                        ]
                    },
                    emptyText: visit.text("workbench.objections.none")
                ),
                objectionsNext: objections.count > rowsMax
                    ? next("objections", objections[rowsMax - 1].objection, \.at, \.id.rawValue) : nil,
                matters: TableView(
                    caption: visit.text("workbench.matters"),
                    columns: ["at", "company", "state", "matter-due"].map {
                        visit.text("workbench.column.\($0)")
                    },
                    rows: try matters.prefix(rowsMax).map { row in
                        let clock = try ClockWords(
                            row.matter.clock,
                            visit: visit,
                            calendar: desk.standards.calendar,
                            in: reader
                        )
                        return [
                            TableView.Cell(row.matter.openedAt.minuteText),
                            TableView.Cell(row.name, href: "/desk/corrections/\(row.matter.code)"),
                            TableView.Cell(visit.text("correction-state.\(row.matter.state.rawValue)")),
                            TableView.Cell(clock.due, badge: clock.badge),
                        ]
                    },
                    emptyText: visit.text("workbench.matters.none")
                ),
                mattersNext: matters.count > rowsMax
                    ? next("matters", matters[rowsMax - 1].matter, \.openedAt, \.id.rawValue) : nil
            )
        }
    }

    /// Where an objection is settled: with a matter about the registration, or by who examines the case.
    private static func settling(_ row: ObjectionStore.Listed) -> String {
        row.code.map { "/desk/corrections/\($0)" } ?? "/desk/cases/\(row.objection.caseID)#objections"
    }

    /// Rows of one page of a list.
    static let rowsMax = 50

    private static func next<Row>(
        _ list: String,
        _ last: Row,
        _ at: KeyPath<Row, Instant>,
        _ id: KeyPath<Row, String>
    ) -> String {
        "/desk/corrections?\(list)=\(last[keyPath: at].milliseconds)-\(last[keyPath: id])#\(list)"
    }

    /// Behind which row a list goes on; nil for its beginning.
    private static func mark(_ list: String, _ visit: Visit) -> (Instant, String)? {
        let parts = (visit.query[list] ?? "").split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let at = Int64(parts[0]) else { return nil }
        return (Instant(milliseconds: at), String(parts[1]))
    }

    /// - Parameter problem: why an act was refused.
    static func page(
        _ subject: RegisterSubject,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        problem: (any Refusal)?
    ) async throws -> Reply {
        let view = try await desk.database.read { reader in
            try EntrySheet(subject: subject, seat: seat, visit: visit, desk: desk, in: reader).view(
                problem: problem,
                in: reader
            )
        }
        return .page(
            "workbench/subject",
            view,
            heading: Heading(
                subject.name,
                crumbs: [.init(visit.text("workbench.corrections.title"), href: "/desk/corrections")],
                section: "corrections",
                hasErrors: problem != nil
            ),
            status: problem.map { $0.status.rawValue } ?? 200
        )
    }
}

struct CorrectionListView: PageView {
    let objections: TableView
    /// Where each list goes on; nil on its last page.
    let objectionsNext: String?
    let matters: TableView
    let mattersNext: String?
}
