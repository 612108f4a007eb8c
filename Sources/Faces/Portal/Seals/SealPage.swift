import Credentials
import Kernel
import Web

/// Template: `portal/seal`.
struct SealPage: PageView {
    let name: String
    let lead: String
    let badge: BadgeView
    /// What was just done, in words.
    let said: NoticeView?
    let errors: ErrorSummary?
    let facts: SummaryView
    let pictureHref: String?
    let ledgerHref: String?
    let papers: [Link]
    /// What can be undone, then what cannot.
    let acts: [Act]
    let harmful: [Act]
    let hasHarmful: Bool
    let stateHref: String
    let remake: Remake?
    let permits: [Permit]
    let permitForm: FormView?
    let isPermitOpen: Bool
    /// Nobody acts for the firm, so that nobody can be permitted: where he is appointed.
    let rightsHref: String?
    let requests: [SealRequestView]
    let askForm: FormView?
    let isAskOpen: Bool
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

    init(
        _ facts: SealFacts,
        refused: SealRefused?,
        compared: SealCompared?,
        _ visit: Visit,
        _ desk: PortalDesk
    ) throws {
        let seal = facts.seal
        let state = seal.state(at: visit.now)
        let path = SealPages.path(seal)
        name = try SealPages.name(seal, visit, desk)
        lead = visit.text("seal.one.lead", ["name": seal.owner.name])
        badge = SealPages.badge(seal, isStopped: facts.isStopped, visit)
        said = refused == nil ? compared?.notice(visit) ?? SealSaid.notice(visit) : nil
        errors = refused?.summary(visit)
        self.facts = SummaryView(rows: Self.rows(seal, visit) + Self.refusal(facts, visit))
        pictureHref = seal.made == nil ? nil : "\(path)/picture"
        ledgerHref = facts.uses.isEmpty ? nil : "\(path)/ledger"
        papers = facts.papers.map {
            Link(text: visit.text("seal.paper.\($0.rawValue)"), href: "\(path)/papers/\($0.rawValue)")
        }
        stateHref = "\(path)/state"
        let events = Self.events(state, isStopped: facts.isStopped, facts.isRepresentative)
        acts = events.filter { !Self.isHarmful($0) }.map { Self.act($0, state, visit) }
        harmful = events.filter(Self.isHarmful).map { Self.act($0, state, visit) }
        remake =
            facts.isRepresentative && seal.replacedBy == nil
                && [.active, .lost, .expired, .voided].contains(state)
            ? Remake(
                action: SealPages.path(seal.owner.code),
                kind: seal.kind,
                line: seal.line,
                replaces: seal.id.rawValue
            ) : nil
        hasHarmful = !harmful.isEmpty || remake != nil
        permits = facts.permits.map { Self.permit($0, facts, visit) }
        let isOpen = facts.isRepresentative && (state == .active || state == .suspended)
        permitForm = isOpen && !facts.agents.isEmpty ? SealForms.permit(facts, refused, visit) : nil
        isPermitOpen = refused?.form == .permit
        rightsHref = isOpen && facts.agents.isEmpty ? RightsPages.path(seal.owner.code) : nil
        requests = facts.requests.map {
            SealRequestView($0, facts, refused: refused, compared: compared, visit)
        }
        let mayAsk = state == .active && facts.mayAsk(at: visit.now)
        askForm = mayAsk || refused?.form == .ask ? SealForms.ask(seal, refused, visit) : nil
        isAskOpen = refused?.form == .ask
        ledger = Self.ledger(facts, visit)
        history = TimelineView(
            facts.steps.map { step in
                let isStopped = step.state == .suspended && step.actor.kind == .person
                return .init(
                    SealPages.words(step.state, isStopped: isStopped, visit),
                    .done,
                    time: step.at.minuteText,
                    // What an officer typed is for the owner.
                    text: step.actor.kind == .staff && !step.reason.isEmpty
                        ? visit.text("seal.history.reason", ["reason": step.reason]) : nil
                )
            }
        )
    }

    /// What may be done from a state, the representative more than others.
    private static func events(_ state: SealState, isStopped: Bool, _ isRepresentative: Bool) -> [SealEvent] {
        let all: [SealEvent] =
            switch state {
            case .made: [.deliver, .void]
            case .active: [.suspend, .lose, .void]
            case .suspended: isStopped ? [.resume, .lose, .void] : [.lose, .void]
            case .applied, .approved, .recorded, .lost, .expired: [.void]
            case .rejected, .voided: []
            }
        return isRepresentative ? all : all.filter { $0 == .lose }
    }

    /// Nothing brings back what these end.
    private static func isHarmful(_ event: SealEvent) -> Bool { event == .lose || event == .void }

    private static func act(_ event: SealEvent, _ state: SealState, _ visit: Visit) -> Act {
        // Nothing was made yet: only an application is taken back.
        let name = event == .void && state == .applied ? "take-back" : event.rawValue
        return Act(
            value: event.rawValue,
            label: visit.text("seal.act.\(name)"),
            question: visit.text("seal.act.\(name).ask")
        )
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

    /// Why the seal was not approved, as the officer wrote it.
    private static func refusal(_ facts: SealFacts, _ visit: Visit) -> [SummaryView.Row] {
        guard let step = facts.steps.last(where: { $0.state == .rejected }) else { return [] }
        return [.init(visit.text("seal.refused-because"), step.reason)]
    }

    private static func permit(_ permit: SealPermit, _ facts: SealFacts, _ visit: Visit) -> Permit {
        let isOver = !facts.counts(permit, at: visit.now)
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
                    .init(facts.approver(use.approver, use.confirmation, visit)),
                    .init(use.subject.caseNumber.isEmpty ? "—" : use.subject.caseNumber),
                    .init(String(use.subject.digest.prefix(16))),
                ]
            },
            emptyText: visit.text("seal.ledger.empty")
        )
    }
}
