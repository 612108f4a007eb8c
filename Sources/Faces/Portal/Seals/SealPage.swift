import Credentials
import Identity
import Kernel
import Storage
import Web

/// What the page of a seal shows.
struct SealFacts: Sendable {
    let seal: Seal
    let steps: [SealStep]
    let permits: [SealPermit]
    let requests: [SealRequest]
    let uses: [SealUse]
    let papers: [SealPaper]
    /// Who may be permitted: those who act for the firm today.
    let agents: [ID<Person>]
    let names: [String: String]
    let person: ID<Person>
    let isRepresentative: Bool

    init(_ seal: Seal, person: ID<Person>, at now: Instant, in reader: any Reader) throws {
        self.seal = seal
        self.person = person
        steps = try Seals.history(of: seal.id, in: reader)
        permits = try SealPermits.all(of: seal.id, in: reader)
        requests = try SealRequests.all(of: seal.id, limit: 50, in: reader)
        uses = try SealLedger.uses(of: seal.id, limit: 50, in: reader)
        papers = try SealPaper.allCases.filter { try Seals.paper($0, of: seal.id, in: reader) != nil }
        isRepresentative =
            try Enterprises.acting(person, for: seal.owner.code, at: now, in: reader)?.isLegalRepresentative
            == true
        agents = Array(
            Set(
                try Enterprises.authorisations(of: seal.owner.code, in: reader).filter {
                    $0.isInForce(at: now)
                }
                .map(\.agent)
            )
        ).sorted()
        var names: [String: String] = [:]
        let known = permits.map(\.agent) + requests.map(\.requester) + requests.compactMap(\.decidedBy)
        for id in Set(known + agents.map(\.rawValue)) {
            names[id] = try People.find(ID(id), in: reader)?.name
        }
        self.names = names
    }

    func name(_ id: String) -> String { names[id] ?? "—" }
}

/// Template: `portal/seal`.
struct SealPage: PageView {
    let name: String
    let lead: String
    let badge: BadgeView
    let facts: SummaryView
    let pictureHref: String?
    let ledgerHref: String?
    let papers: [Link]
    let acts: [Act]
    let stateHref: String
    let remake: Remake?
    let permits: [Permit]
    let permitForm: FormView?
    let requests: [Request]
    let askForm: FormView?
    let ledger: TableView
    let history: TimelineView

    struct Link: PageView {
        let text: String
        let href: String
    }

    /// A button that asks before it acts.
    struct Act: PageView {
        let value: String
        let label: String
        let question: String
    }

    struct Remake: PageView {
        let action: String
        let kind: String
        let line: String?
        let replaces: String
    }

    struct Permit: PageView {
        let who: String
        let badge: BadgeView
        let rows: SummaryView
        let end: String?
    }

    struct Request: PageView {
        let title: String
        let badge: BadgeView
        let rows: SummaryView
        let digest: String
        let decide: String?
        let sign: FormView?
    }

    init(_ facts: SealFacts, _ visit: Visit, _ desk: PortalDesk) throws {
        let seal = facts.seal
        let state = seal.state(at: visit.now)
        let path = SealPages.path(seal)
        name = try SealPages.name(seal, visit, desk)
        lead = visit.text("seal.one.lead", ["name": seal.owner.name])
        badge = SealPages.badge(seal, visit)
        self.facts = SummaryView(rows: Self.rows(seal, visit))
        pictureHref = seal.made == nil ? nil : "\(path)/picture"
        ledgerHref = facts.uses.isEmpty ? nil : "\(path)/ledger"
        papers = facts.papers.map {
            Link(text: visit.text("seal.paper.\($0.rawValue)"), href: "\(path)/papers/\($0.rawValue)")
        }
        stateHref = "\(path)/state"
        acts = Self.events(state, facts.isRepresentative).map {
            Act(
                value: $0.rawValue,
                label: visit.text("seal.act.\($0.rawValue)"),
                question: visit.text("seal.act.\($0.rawValue).ask")
            )
        }
        remake =
            facts.isRepresentative && seal.replacedBy == nil
                && [.active, .lost, .expired, .voided].contains(state)
            ? Remake(
                action: SealPages.path(seal.owner.code),
                kind: seal.kind,
                line: seal.line,
                replaces: seal.id.rawValue
            ) : nil
        permits = facts.permits.map { Self.permit($0, facts, visit) }
        let isOpen = state == .active || state == .suspended
        permitForm =
            facts.isRepresentative && isOpen && !facts.agents.isEmpty
            ? SealForms.permit(facts, visit) : nil
        requests = facts.requests.map { Self.request($0, facts, visit) }
        askForm = state == .active ? SealForms.ask(seal, visit) : nil
        ledger = Self.ledger(facts, visit)
        history = TimelineView(
            facts.steps.map { step in
                .init(
                    visit.text("seal-state.\(step.state.rawValue)"),
                    .done,
                    placeWord: visit.text("seal.done"),
                    time: step.at.minuteText
                )
            }
        )
    }

    /// What may be done from a state, the representative more than others.
    private static func events(_ state: SealState, _ isRepresentative: Bool) -> [SealEvent] {
        let all: [SealEvent] =
            switch state {
            case .made: [.deliver, .void]
            case .active: [.lose, .suspend, .void]
            case .suspended: [.resume, .lose, .void]
            case .applied, .approved, .recorded, .lost, .expired: [.void]
            case .rejected, .voided: []
            }
        return isRepresentative ? all : all.filter { $0 == .lose }
    }

    private static func rows(_ seal: Seal, _ visit: Visit) -> [SummaryView.Row] {
        var rows: [SummaryView.Row] = []
        if let code = seal.code { rows.append(.init(visit.text("seal.code"), code)) }
        if let filing = seal.filing { rows.append(.init(visit.text("seal.filing"), filing)) }
        if let made = seal.made {
            rows.append(.init(visit.text("seal.made-at"), made.at.minuteText))
            rows.append(.init(visit.text("seal.valid-until"), made.validUntil.minuteText))
            rows.append(.init(visit.text("seal.certificate"), made.certificate))
        }
        func other(_ id: ID<Seal>?, _ label: String) {
            guard let id else { return }
            rows.append(
                .init(
                    visit.text(label),
                    visit.text("seal.open"),
                    valueHref: "\(SealPages.path(seal.owner.code))/\(id)"
                )
            )
        }
        other(seal.replaces, "seal.replaces")
        other(seal.replacedBy, "seal.replaced-by")
        return rows
    }

    private static func permit(_ permit: SealPermit, _ facts: SealFacts, _ visit: Visit) -> Permit {
        let isOver = !permit.isInForce(at: visit.now) || permit.uses >= permit.usesMax
        let kinds = permit.kinds.sorted().map { SealForms.documentKind($0, visit) }
        var rows: [SummaryView.Row] = [
            .init(visit.text("seal.permit.role"), visit.text("seal.permit.role.\(permit.role.rawValue)")),
            .init(visit.text("seal.permit.until"), permit.until.description),
        ]
        if permit.role == .use {
            rows.append(
                .init(visit.text("seal.permit.kinds"), kinds.joined(separator: visit.text("rights.and")))
            )
            rows.append(.init(visit.text("seal.permit.uses"), "\(permit.uses) / \(permit.usesMax)"))
        }
        return Permit(
            who: facts.name(permit.agent),
            badge: BadgeView(
                visit.text(isOver ? "seal.permit.over" : "seal.permit.valid"),
                isOver ? .neutral : .good
            ),
            rows: SummaryView(rows: rows),
            end: facts.isRepresentative && permit.revokedAt == nil && !isOver
                ? "\(SealPages.path(facts.seal))/permits/\(permit.id)/end" : nil
        )
    }

    private static func request(_ request: SealRequest, _ facts: SealFacts, _ visit: Visit) -> Request {
        let isOwn = request.requester == facts.person.rawValue
        let mayDecide =
            !isOwn && request.state == .waiting
            && (facts.isRepresentative
                || facts.permits.contains {
                    $0.role == .approve && $0.agent == facts.person.rawValue && $0.isInForce(at: visit.now)
                })
        let tone: Tone =
            switch request.state {
            case .waiting: .info
            case .approved, .signed: .good
            case .refused: .neutral
            }
        var rows: [SummaryView.Row] = [
            .init(visit.text("seal.ask.kind"), SealForms.documentKind(request.subject.kind, visit)),
            .init(visit.text("seal.ask.purpose"), request.subject.purpose),
            .init(visit.text("seal.requester"), facts.name(request.requester)),
            .init(visit.text("seal.digest"), request.subject.digest),
        ]
        if !request.subject.caseNumber.isEmpty {
            rows.append(.init(visit.text("seal.ask.case"), request.subject.caseNumber))
        }
        if let by = request.decidedBy { rows.append(.init(visit.text("seal.approver"), facts.name(by))) }
        if let reason = request.reason { rows.append(.init(visit.text("seal.reason"), reason)) }
        let path = "\(SealPages.path(facts.seal))/requests/\(request.id)"
        return Request(
            title: request.subject.name,
            badge: BadgeView(visit.text("seal-request.\(request.state.rawValue)"), tone),
            rows: SummaryView(rows: rows),
            digest: request.subject.digest,
            decide: mayDecide ? "\(path)/decide" : nil,
            sign: isOwn && request.state == .approved ? SealForms.sign(request, "\(path)/sign", visit) : nil
        )
    }

    private static func ledger(_ facts: SealFacts, _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("seal.ledger"),
            columns: [
                "seal.time", "seal.ask.name", "seal.requester", "seal.approver", "seal.ask.case",
                "seal.digest",
            ]
            .map { visit.text($0) },
            rows: facts.uses.map { use in
                [
                    .init(use.at.minuteText), .init(use.subject.name), .init(facts.name(use.signer)),
                    .init(facts.name(use.approver)),
                    .init(use.subject.caseNumber.isEmpty ? "—" : use.subject.caseNumber),
                    .init(String(use.subject.digest.prefix(16))),
                ]
            },
            emptyText: visit.text("seal.ledger.empty")
        )
    }
}
