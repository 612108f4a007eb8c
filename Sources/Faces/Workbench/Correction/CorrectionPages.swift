import Cases
import CompanyOpening
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
                    return .redirect(to: "/desk/corrections/\(code.uppercased())")
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
        let thing = PermissionSubject(agency: desk.authority, region: subject.region)
        @Sendable func may(_ operation: String) -> Bool {
            (try? Permission.check(operation, on: thing, by: seat.principal, table: desk.permissions)) != nil
        }
        let (filings, reservations, entries, matters) = try await desk.database.read { reader in
            (
                try RegisterStore.filings(of: subject.code, on: visit.now.date, in: reader),
                try CorrectionActs.reservations(for: subject, at: visit.now, in: reader),
                try RegisterStore.entries(of: subject.code, in: reader),
                try CorrectionStore.of(subject.code, in: reader).map { matter in
                    (
                        matter,
                        try ClockWords(
                            matter.clock,
                            visit: visit,
                            calendar: desk.standards.calendar,
                            in: reader
                        )
                    )
                }
            )
        }
        let acts = CorrectionActs(
            subject: subject,
            filings: filings,
            reservations: reservations,
            visit: visit
        )
        let isOpen = matters.contains { $0.0.state.isOpen }
        let isActive = subject.state == .active
        let view = SubjectView(
            code: subject.code,
            state: BadgeView(
                visit.text("subject-state.\(subject.state.rawValue)"),
                isActive ? .good : .bad
            ),
            notice: problem.map { refusal in
                let words = visit.explain(refusal)
                return NoticeView(.bad, title: words.wrong, words.next)
            },
            items: SummaryView(
                rows: subject.items.members.sorted { $0.key < $1.key }.map {
                    .init(acts.label($0.key), acts.plain($0.value))
                }
            ),
            filings: filed(filings, visit),
            history: history(entries, visit),
            matters: matters.map { matter, clock in
                MatterView(
                    matter,
                    clock: clock,
                    acts: may("register.revoke") && may("register.correct")
                        ? acts.offered(on: matter) : [],
                    lacksName: matter.kind == .name && matter.state.isOpen && reservations.isEmpty,
                    visit: visit
                )
            },
            acts: (may("register.correct") && isActive ? [acts.slip] : [])
                + (may("register.revoke") && isActive && !isOpen ? [acts.open] : [])
                + (may("register.correct") && isActive && !isOpen ? acts.beginnings : [])
        )
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

    /// Public filings by name; of confidential ones only that they are there.
    private static func filed(_ filings: [RegisterFiling], _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("workbench.filings"),
            columns: ["filed", "who", "since"].map { visit.text("workbench.column.\($0)") },
            rows: filings.map { filing in
                [
                    TableView.Cell(visit.text("filing.\(filing.kind)")),
                    TableView.Cell(
                        filing.isConfidential
                            ? visit.text("workbench.filed.confidential")
                            : visit.dash(filing.value["name"].text)
                    ),
                    TableView.Cell(filing.from.description),
                ]
            },
            emptyText: visit.text("workbench.filings.none")
        )
    }

    private static func history(_ entries: [RegisterEntry], _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("workbench.history"),
            columns: ["at", "act", "state", "digest"].map { visit.text("workbench.column.\($0)") },
            rows: entries.map { entry in
                [
                    TableView.Cell(entry.at.minuteText),
                    TableView.Cell(visit.text("register-act.\(entry.act.rawValue)")),
                    TableView.Cell(visit.text("subject-state.\(entry.state.rawValue)")),
                    TableView.Cell(String(entry.digest.prefix(16))),
                ]
            },
            emptyText: visit.text("workbench.history.none")
        )
    }
}

struct CorrectionListView: PageView {
    let objections: TableView
    let matters: TableView
}

struct SubjectView: PageView {
    let code: String
    let state: BadgeView
    let notice: NoticeView?
    let items: SummaryView
    let filings: TableView
    let history: TableView
    let matters: [MatterView]
    let acts: [ActView]
}

struct MatterView: PageView {
    let title: String
    let state: BadgeView
    let words: String
    /// Who asked for it, or that the authority found it itself.
    let source: String?
    let openedAt: String
    let due: String
    let clock: BadgeView?
    let notice: String?
    let acts: [ActView]

    /// - Parameter lacksName: another name is awaited, and nobody of the firm has reserved one.
    init(_ matter: Correction, clock: ClockWords, acts: [ActView], lacksName: Bool, visit: Visit) {
        title = visit.text("correction-kind.\(matter.kind.rawValue)")
        state = BadgeView(
            visit.text("correction-state.\(matter.state.rawValue)"),
            matter.state.isOpen ? .warn : .neutral
        )
        words = matter.words
        openedAt = matter.openedAt.minuteText
        due = clock.due
        self.clock = clock.badge
        notice =
            matter.noticeEnds.map { visit.text("workbench.notice-until", ["date": $0.description]) }
            ?? (matter.isNoticed ? visit.text("workbench.notice-end-unknown") : nil)
            ?? (lacksName ? visit.text("workbench.rename.none") : nil)
        let applicant = matter.decision["applicant"].text ?? ""
        source =
            matter.kind != .falsity ? nil : applicant.isEmpty ? visit.text("workbench.own-motion") : applicant
        self.acts = acts
    }
}
