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
        let reach = try desk.permissions.scope("register.read", of: seat.principal)
        return try await desk.database.read { reader in
            var objections: [[TableView.Cell]] = []
            for objection in try ObjectionStore.open(limit: 100, in: reader) {
                let found = try CaseStore.find(objection.caseID, in: reader)
                guard reach.covers(desk.subject(found)) else { continue }
                objections.append([
                    TableView.Cell(objection.at.minuteText),
                    TableView.Cell(found.title, href: found.result.map { "/desk/corrections/\($0)" }),
                    TableView.Cell(found.number, href: "/desk/cases/\(found.id)"),
                    TableView.Cell(String(objection.text.prefix(80))),
                ])
            }
            var matters: [[TableView.Cell]] = []
            for matter in try CorrectionStore.open(limit: 100, in: reader) {
                guard let subject = try RegisterStore.find(matter.code, in: reader),
                    reach.covers(PermissionSubject(agency: desk.authority, region: subject.region))
                else { continue }
                let clock = try ClockWords(
                    matter.clock,
                    visit: visit,
                    calendar: desk.standards.calendar,
                    in: reader
                )
                matters.append([
                    TableView.Cell(matter.openedAt.minuteText),
                    TableView.Cell(subject.name, href: "/desk/corrections/\(subject.code)"),
                    TableView.Cell(visit.text("correction-state.\(matter.state.rawValue)")),
                    TableView.Cell(clock.due, badge: clock.badge),
                ])
            }
            return CorrectionListView(
                objections: TableView(
                    caption: visit.text("workbench.objections"),
                    columns: ["at", "company", "number", "words"].map {
                        visit.text("workbench.column.\($0)")
                    },
                    rows: objections,
                    emptyText: visit.text("workbench.objections.none")
                ),
                matters: TableView(
                    caption: visit.text("workbench.matters"),
                    columns: ["at", "company", "state", "due"].map { visit.text("workbench.column.\($0)") },
                    rows: matters,
                    emptyText: visit.text("workbench.matters.none")
                )
            )
        }
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
    let matters: TableView
}
