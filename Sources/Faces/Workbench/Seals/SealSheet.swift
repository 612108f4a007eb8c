import Credentials
import Exchange
import Identity
import Kernel
import SealFiling
import Storage
import Web

/// One seal as the desk shows it, with a form for each act.
enum SealSheet {
    /// - Parameter problem: of the act that was refused: the page is shown again, and nothing that was typed is lost.
    static func page(
        _ seal: Seal,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        problem: (any Refusal)?
    ) async throws -> Reply {
        let (steps, isStopped, names, ledger, line) = try await desk.database.read { reader in
            let steps = try Seals.history(of: seal.id, in: reader)
            let ledger = try SealImpressionsView.Page(of: seal, visit, in: reader)
            var names: [String: String] = [:]
            let staff = steps.map(\.actor).filter { $0.kind == .staff }.map(\.id) + (ledger?.staff ?? [])
            for id in Set(staff) { names[id] = try StaffRegister.find(ID(id), in: reader)?.name }
            return (
                steps, try Seals.isStoppedByOwner(seal, in: reader), names, ledger,
                try SealFiling.line(of: seal.id, in: reader)
            )
        }
        let offered =
            try mayDecide(seal, visit, desk) ? events(seal.state(at: visit.now), isStopped: isStopped) : []
        let sending = offered.contains(.record) && isSendable(line) ? [sendAct(seal, line, visit)] : []
        let acts =
            (sending + offered.filter { !SealDeskActs.grave.contains($0) }.map { act($0, seal, visit) })
            .refilled(after: problem, visit)
        let view = SealDeskView(
            refused: problem.map { RefusedAct(visit.explain($0), acts: acts, visit: visit) },
            done: problem == nil ? done(visit) : nil,
            facts: SummaryView(
                rows: try rows(seal, isStopped, visit, desk)
                    + (line.map { try filing($0, visit, desk) } ?? [])
            ),
            history: history(steps, names, visit),
            ledger: ledger.map { SealImpressionsView($0, of: seal, names, visit) },
            acts: acts,
            grave: offered.filter(SealDeskActs.grave.contains).map {
                SealDeskView.Grave(
                    href: SealDeskActs.path(seal, $0),
                    label: visit.text("seal-desk.\($0.rawValue)"),
                    key: keys[$0] ?? "",
                    isHarmful: $0 != .deliver
                )
            }
        )
        return .page(
            "workbench/seal",
            view,
            heading: heading(seal, visit, hasErrors: problem != nil),
            status: problem?.status.rawValue ?? 200
        )
    }

    static func heading(_ seal: Seal, _ visit: Visit, hasErrors: Bool) -> Heading {
        Heading(
            seal.owner.name,
            crumbs: [.init(visit.text("seal-desk.title"), href: SealDeskPages.all)],
            section: "seals",
            hasErrors: hasErrors
        )
    }

    static func mayDecide(_ seal: Seal, _ visit: Visit, _ desk: WorkbenchDesk) throws -> Bool {
        let seat = try desk.seat(visit)
        do throws(PermissionError) {
            try Permission.check(
                SealDeskPages.decides,
                on: SealDeskPages.subject(seal, desk),
                by: seat.principal,
                table: desk.permissions
            )
            return true
        } catch { return false }
    }

    static func rows(_ seal: Seal, _ isStopped: Bool, _ visit: Visit, _ desk: WorkbenchDesk) throws
        -> [SummaryView.Row]
    {
        let state = SealDeskPages.words(seal.state(at: visit.now), isStopped, visit)
        var rows: [SummaryView.Row] = [
            .init(visit.text("seal-desk.owner"), "\(seal.owner.name) \(seal.owner.code)"),
            .init(visit.text("seal-desk.kind"), try SealDeskPages.kind(seal, visit, desk)),
            .init(visit.text("seal-desk.state"), state),
        ]
        if let name = seal.mongolian { rows.append(.init(visit.text("seal.mongolian"), name)) }
        if let code = seal.code { rows.append(.init(visit.text("seal.code"), code)) }
        if let filing = seal.filing { rows.append(.init(visit.text("seal.filing"), filing)) }
        if let made = seal.made {
            rows.append(.init(visit.text("seal.valid-until"), made.validUntil.minuteText))
            rows.append(.init(visit.text("seal.certificate"), made.certificate))
        }
        return rows
    }

    /// Where the filing stands with the police, and what they say.
    private static func filing(_ line: PartyLine, _ visit: Visit, _ desk: WorkbenchDesk) throws
        -> [SummaryView.Row]
    {
        let operation = try desk.exchange.parties.operation(line.order.operation, of: line.order.party)
        let reason = line.reasonCode.flatMap(operation.reason)
        let isEnglish = visit.language == .en
        let words = [
            visit.text("line-state.\(line.state.rawValue)"), line.changedAt.minuteText,
            line.answer["filing"].text, reason.map { isEnglish ? $0.text.en : $0.text.zh },
            reason.map { isEnglish ? $0.next.en : $0.next.zh }, line.reasonText,
        ]
        return [.init(visit.text("seal-desk.police"), words.compactMap { $0 }.joined(separator: " · "))]
    }

    /// Whether the police may be asked, for the first time or again.
    private static func isSendable(_ line: PartyLine?) -> Bool {
        guard let line else { return true }
        if case .to = line.state.step(.resubmitted) { return true }
        return false
    }

    private static func sendAct(_ seal: Seal, _ line: PartyLine?, _ visit: Visit) -> ActView {
        ActView(
            visit.text(line == nil ? "seal-desk.send" : "seal-desk.send.again"),
            action: "\(SealDeskPages.path(seal))/\(SealDeskActs.sending)",
            key: "p",
            version: String(seal.version),
            style: "btn-outline-primary",
            boxes: []
        )
    }

    /// Reasons that the program itself gives; what officials wrote stands as they wrote it.
    private static let reasons: Set<String> = [
        "applied", "approved", "registered", "filed", "made", "owner", "desk", "replaced", "re-made",
        "set-up", "taken-over",
        "unclaimed", "record-suspended", "record-resumed", "record-replaced", "record-cancelled",
        "record-withdrawn", "record-revoked", "record-transferred",
    ]

    private static func history(_ steps: [SealStep], _ names: [String: String], _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("seal-desk.events"),
            columns: ["seal-desk.since", "seal-desk.state", "seal-desk.by", "seal-desk.reason"].map {
                visit.text($0)
            },
            rows: steps.map { step in
                let isStopped = step.actor.kind == .person
                return [
                    .init(step.at.minuteText), .init(SealDeskPages.words(step.state, isStopped, visit)),
                    .init(names[step.actor.id] ?? visit.text("seal-desk.by.\(step.actor.kind.rawValue)")),
                    .init(
                        reasons.contains(step.reason)
                            ? visit.text("seal-reason.\(step.reason)") : step.reason
                    ),
                ]
            },
            emptyText: visit.text("seal-desk.empty")
        )
    }

    // MARK: Acts

    private static let keys: [SealEvent: String] = [
        .approve: "a", .reject: "r", .record: "g", .deliver: "d", .suspend: "s", .resume: "e", .void: "v",
    ]

    /// - Parameter isStopped: whether its owner alone stopped it.
    static func events(_ state: SealState, isStopped: Bool) -> [SealEvent] {
        switch state {
        case .applied: [.approve, .reject]
        case .approved: [.record, .void]
        case .recorded, .lost, .expired: [.void]
        case .made: [.deliver, .void]
        case .active: [.suspend, .void]
        case .suspended: isStopped ? [.suspend, .void] : [.resume, .void]
        case .rejected, .voided: []
        }
    }

    private static func act(_ event: SealEvent, _ seal: Seal, _ visit: Visit) -> ActView {
        let name = event.rawValue
        let reason = ActView.Box("reason", visit.text("seal-desk.reason"), of: name, isLines: false)
        let boxes: [ActView.Box] =
            switch event {
            case .record:
                [
                    ActView.Box("filing", visit.text("seal.filing"), of: name, isLines: false),
                    ActView.Box("reason", visit.text("seal-desk.by-hand"), of: name, isLines: false),
                ]
            case .approve: []
            default: [reason]
            }
        return ActView(
            visit.text("seal-desk.\(name)"),
            action: SealDeskActs.path(seal, event),
            key: keys[event] ?? "",
            version: String(seal.version),
            style: event == .reject ? "btn-outline-primary" : "btn-primary",
            boxes: boxes
        )
    }

    private static func done(_ visit: Visit) -> NoticeView? {
        if visit.query["done"] == SealDeskActs.sending {
            return NoticeView(.good, visit.text("seal-desk.sent"))
        }
        guard let event = visit.query["done"].flatMap(SealEvent.init(rawValue:)) else { return nil }
        return NoticeView(
            .good,
            visit.text("seal-desk.done", ["act": visit.text("seal-desk.\(event.rawValue)")])
        )
    }
}

/// Template: `workbench/seal`.
struct SealDeskView: PageView {
    let refused: RefusedAct?
    let done: NoticeView?
    let facts: SummaryView
    let history: TableView
    /// Of an issuing body's seal.
    let ledger: SealImpressionsView?
    let acts: [ActView]
    /// Those that a page of their own asks for.
    let grave: [Grave]

    struct Grave: PageView {
        let href: String
        let label: String
        let key: String
        let isHarmful: Bool
    }
}
