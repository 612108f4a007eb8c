import Credentials
import Forms
import Identity
import Kernel
import Standards
import Storage
import Web

/// The only form of the page that is refused with its questions: what is said to a proposal.
struct LicenceAnswer: Hashable, Sendable {
    let proposal: ID<LicenceProposal>
}

typealias LicenceRefused = RefusedForm<LicenceAnswer>

/// Proposals about licences with the things and people that they name.
struct LicenceProposals: Sendable {
    let waiting: [LicenceProposal]
    private let decided: [LicenceProposal]
    private let licences: [ID<Credential>: Credential]
    /// Holders who are people, by their accounts.
    private let people: [String: Person]
    private let names: [String: String]

    private static let shownMax = 50

    init(of agency: String, reach: LibraryReach, in reader: any Reader) throws {
        let max = Self.shownMax
        waiting = try LicenceDesk.waiting(of: agency, reach: reach, limit: max, in: reader)
        decided = try LicenceDesk.decided(of: agency, reach: reach, limit: max, in: reader)
        var licences: [ID<Credential>: Credential] = [:]
        var people: [String: Person] = [:]
        for one in waiting + decided {
            if let id = one.credential { licences[id] = try Credentials.find(id, in: reader) }
            let holder = one.draft?.holder ?? one.credential.flatMap { licences[$0]?.record.holder }
            if let holder, holder.kind == .person {
                people[holder.code] = try People.find(ID(holder.code), in: reader)
            }
        }
        (self.licences, self.people) = (licences, people)
        names = try TrustWords.names(
            (waiting + decided).flatMap { [$0.proposedBy, $0.decidedBy] },
            in: reader
        )
    }

    func name(_ id: String?) -> String { id.flatMap { names[$0] } ?? "—" }

    func licence(of proposal: LicenceProposal) -> Credential? {
        proposal.credential.flatMap { licences[$0] }
    }

    func holder(of proposal: LicenceProposal) -> Holder? {
        proposal.draft?.holder ?? licence(of: proposal)?.record.holder
    }

    /// The name with the code that tells one holder from another of the same name.
    func words(_ holder: Holder) -> String {
        let code = holder.kind == .enterprise ? holder.code : people[holder.code]?.documentMasked
        return [holder.name, code].compactMap { $0 }.joined(separator: " ")
    }

    static func title(_ proposal: LicenceProposal, _ visit: Visit, _ desk: WorkbenchDesk) -> String {
        [
            visit.text("licence-act.\(proposal.act.rawValue)"),
            desk.types[proposal.type]?.name(visit.language.rawValue) ?? proposal.type,
        ].joined(separator: " · ")
    }

    /// What was decided; one that its proposer took back is told apart from one that another refused.
    func closed(_ visit: Visit, _ desk: WorkbenchDesk) -> TableView {
        TableView(
            caption: visit.text("licence-desk.closed"),
            columns: [
                "trust-desk.what", "trust-desk.result", "trust-desk.by", "trust-desk.decided-by",
                "trust-desk.at", "trust-desk.answer",
            ].map { visit.text($0) },
            rows: decided.map { one in
                let isTaken = one.state == .refused && one.decidedBy == one.proposedBy
                let state = isTaken ? "taken-back" : one.state.rawValue
                return [
                    .init(
                        "\(Self.title(one, visit, desk)) \(one.decision.number)",
                        href: one.credential.map { LicenceSheet.path($0) }
                    ),
                    .init(visit.text("proposal-state.\(state)")), .init(name(one.proposedBy)),
                    .init(name(one.decidedBy)), .init(visit.dash(one.decidedAt?.minuteText)),
                    .init(visit.dash(one.answer)),
                ]
            },
            emptyText: visit.text("licence-desk.closed.empty")
        )
    }

    /// Told on the page of a licence about which something waits.
    static func notice(_ proposal: LicenceProposal, _ visit: Visit, _ desk: WorkbenchDesk) -> NoticeView {
        NoticeView(
            .info,
            title: title(proposal, visit, desk),
            visit.text("trust-desk.waits"),
            link: (visit.text("trust-desk.waits.open"), "\(LicencePages.path)#\(anchor(proposal))")
        )
    }

    static func anchor(_ proposal: LicenceProposal) -> String { "proposal-\(proposal.id)" }
}

/// What an official proposed and another has to confirm. Template: `workbench/licence-proposal`.
struct LicenceProposalView: PageView {
    let anchor: String
    let title: String
    /// What whoever confirms must not overlook.
    let notice: NoticeView?
    let rows: SummaryView
    let action: String
    let mayConfirm: Bool
    /// Who confirms it; nil where the reader may.
    let confirmers: String?
    /// His own: he takes it back.
    let mayTakeBack: Bool
    let refuseForm: FormView?
    let isRefuseOpen: Bool
    let problem: String?

    init(
        _ proposal: LicenceProposal,
        _ facts: LicenceProposals,
        _ seat: Seat,
        refused: LicenceRefused?,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) {
        func may(_ operation: String) -> Bool {
            desk.may(operation, LicencePages.subject(proposal.type, region: proposal.region, desk), seat)
        }
        let form = LicenceAnswer(proposal: proposal.id)
        let own = refused.flatMap { $0.form == form ? $0 : nil }
        let isMine = proposal.proposedBy == seat.principal.actor.id
        let mayDecide = may(LicencePages.decides)
        anchor = LicenceProposals.anchor(proposal)
        title = LicenceProposals.title(proposal, visit, desk)
        action = "\(LicencePages.path)/proposals/\(proposal.id)"
        mayConfirm = may(LicencePages.confirms) && !isMine
        confirmers = mayConfirm ? nil : visit.text("licence-desk.confirmers")
        mayTakeBack = isMine && mayDecide
        refuseForm = !isMine && mayDecide ? Self.refuse(form, action, own, visit) : nil
        isRefuseOpen = own != nil
        problem = own?.faults.first?.words
        let (term, notice) = Self.term(of: proposal, visit, desk)
        self.notice = notice
        rows = SummaryView(
            rows: Self.thing(proposal, facts, mayDecide: mayDecide, visit, desk)
                + (mayDecide ? term : []) + Self.decision(proposal, facts, visit)
        )
    }

    private static func refuse(
        _ form: LicenceAnswer,
        _ action: String,
        _ refused: LicenceRefused?,
        _ visit: Visit
    ) -> FormView {
        FormView(
            action: action,
            elements: [
                .hidden("answer", "refuse"),
                Questions(of: form, refused, visit).ask(
                    "answer-\(form.proposal)",
                    "trust-desk.answer",
                    max: 200
                ),
            ],
            submit: visit.text("licence-desk.refuse")
        )
    }

    /// From when to when it shall hold, as far as that can be said today.
    private static func term(of proposal: LicenceProposal, _ visit: Visit, _ desk: WorkbenchDesk) -> (
        rows: [SummaryView.Row], notice: NoticeView?
    ) {
        guard let draft = proposal.draft else { return ([], nil) }
        let today = visit.now.date
        do {
            let term = try desk.licences.term(of: draft, on: today)
            return (
                [
                    .init(
                        visit.text("licence-desk.from"),
                        draft.validFrom?.description ?? visit.text("licence-desk.from.issue")
                    ),
                    .init(
                        visit.text("licence.until"),
                        term.until?.description ?? visit.text("licence.no-end")
                    ),
                ],
                term.from > today
                    ? NoticeView(.warn, visit.text("licence-desk.later", ["from": term.from.description]))
                    : nil
            )
        } catch {
            let refusal = error as? any Refusal ?? LicenceDeskError.unknown
            return ([], NoticeView(.warn, visit.deskSentence(refusal)))
        }
    }

    /// What it is about. What shall stand on it is for those who decide.
    private static func thing(
        _ proposal: LicenceProposal,
        _ facts: LicenceProposals,
        mayDecide: Bool,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) -> [SummaryView.Row] {
        var rows: [SummaryView.Row] = []
        if let licence = facts.licence(of: proposal) {
            let type = desk.types[proposal.type]
            let number = type?.numberField.flatMap { licence.record.fields[$0.key].text }
            let state = licence.state(on: visit.now.date)
            rows.append(
                .init(
                    visit.text("licence-desk.licence"),
                    number ?? licence.record.identifier.description,
                    valueHref: LicenceSheet.path(licence.id),
                    badge: BadgeView(
                        visit.text("credential-state.\(state.rawValue)"),
                        state == .valid ? .good : .warn
                    )
                )
            )
        }
        if let holder = facts.holder(of: proposal) {
            let isWhole = mayDecide || holder.kind == .enterprise
            rows.append(
                .init(visit.text("licence.holder"), isWhole ? facts.words(holder) : holder.maskedName)
            )
        }
        guard mayDecide, let draft = proposal.draft, let type = desk.types[proposal.type] else { return rows }
        rows.append(.init(visit.text("licence.issuer"), draft.issuer.name))
        return rows
            + type.fields.compactMap { field in
                LicenceSheet.words(of: field, draft.fields, visit).map {
                    .init(field.name(visit.language.rawValue), $0)
                }
            }
    }

    private static func decision(_ proposal: LicenceProposal, _ facts: LicenceProposals, _ visit: Visit)
        -> [SummaryView.Row]
    {
        [
            .init(visit.text("licence-desk.number"), proposal.decision.number),
            .init(visit.text("licence-desk.reason"), proposal.decision.reason),
            .init(visit.text("trust-desk.by"), facts.name(proposal.proposedBy)),
            .init(visit.text("licence-desk.proposed"), proposal.at.minuteText),
        ]
    }
}
