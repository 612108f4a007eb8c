import Credentials
import Cryptography
import Identity
import Kernel
import Standards
import Storage
import Web

/// Proposals with the things and people that they name.
struct TrustFacts: Sendable {
    let waiting: [TrustProposal]
    let decided: [TrustProposal]
    /// Of revocations, by the certificate.
    private let certificates: [String: HolderCertificate]
    private let answers: [ID<TrustProposal>: String]
    private let names: [String: String]

    init(in reader: any Reader) throws {
        waiting = try TrustDesk.waiting(in: reader)
        decided = try TrustDesk.decided(in: reader)
        var certificates: [String: HolderCertificate] = [:]
        var answers: [ID<TrustProposal>: String] = [:]
        for one in waiting + decided where one.act == .revoke {
            certificates[one.subject] = try Certificates.find(ID(one.subject), in: reader)
        }
        for one in decided { answers[one.id] = try TrustDesk.answer(to: one.id, in: reader) }
        (self.certificates, self.answers) = (certificates, answers)
        names = try TrustWords.names(
            (waiting + decided).flatMap { [$0.proposedBy, $0.decidedBy] },
            in: reader
        )
    }

    func name(_ id: String?) -> String { id.flatMap { names[$0] } ?? "—" }

    func certificate(of proposal: TrustProposal) -> HolderCertificate? { certificates[proposal.subject] }

    static func title(_ proposal: TrustProposal, _ visit: Visit) -> String {
        let what = proposal.content["name"].text ?? proposal.content["serial"].text ?? proposal.subject
        return "\(visit.text("trust-act.\(proposal.act.rawValue)")) \(what)"
    }

    /// What was decided; one that its proposer took back is told apart from one that another refused.
    func closed(_ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("trust-desk.closed"),
            columns: [
                "trust-desk.what", "trust-desk.result", "trust-desk.by", "trust-desk.decided-by",
                "trust-desk.at", "trust-desk.answer",
            ].map { visit.text($0) },
            rows: decided.map { one in
                let isTaken = one.state == .refused && one.decidedBy == one.proposedBy
                return [
                    .init(Self.title(one, visit)),
                    .init(
                        visit.text(
                            isTaken ? "proposal-state.taken-back" : "proposal-state.\(one.state.rawValue)"
                        )
                    ),
                    .init(name(one.proposedBy)), .init(name(one.decidedBy)),
                    .init(one.decidedAt?.minuteText ?? "—"), .init(answers[one.id] ?? "—"),
                ]
            },
            emptyText: visit.text("trust-desk.closed.empty")
        )
    }
}

/// A proposal that waits, with the buttons of whoever looks at it.
struct TrustProposalView: PageView {
    let anchor: String
    let title: String
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
        _ proposal: TrustProposal,
        _ facts: TrustFacts,
        _ rights: TrustRights,
        refused: TrustRefused?,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) {
        let isMine = proposal.proposedBy == rights.person
        let own = refused.flatMap { $0.form == .proposal(proposal.id) ? $0 : nil }
        anchor = "proposal-\(proposal.id)"
        title = TrustFacts.title(proposal, visit)
        action = "\(TrustDeskPages.all)/proposals/\(proposal.id)"
        mayConfirm = !isMine && rights.mayConfirm
        confirmers = mayConfirm ? nil : visit.text("trust-desk.confirmers")
        mayTakeBack = isMine && rights.mayPropose
        refuseForm = !isMine && rights.mayPropose ? TrustForms.refuse(proposal, action, own, visit) : nil
        isRefuseOpen = own != nil
        problem = own?.faults.first?.words
        rows = SummaryView(rows: Self.rows(proposal, facts, visit, desk))
    }

    private static func rows(
        _ proposal: TrustProposal,
        _ facts: TrustFacts,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) -> [SummaryView.Row] {
        var rows: [SummaryView.Row] = []
        if let certificate = facts.certificate(of: proposal) {
            rows.append(.init(visit.text("certificate.holder"), certificate.holder.maskedName))
            rows.append(
                .init(
                    visit.text("certificate.serial"),
                    certificate.serial,
                    valueHref: TrustDeskPages.path(certificate)
                )
            )
        }
        if let reason = proposal.revocation {
            rows.append(
                .init(
                    visit.text("certificate.revoke.reason"),
                    visit.text("revocation-reason.\(reason.rawValue)")
                )
            )
        }
        if [.suspend, .resume, .withdraw].contains(proposal.act), let name = proposal.content["name"].text {
            rows.append(
                .init(
                    visit.text("trust-desk.name"),
                    name,
                    valueHref: "\(TrustDeskPages.all)/authorities/\(proposal.subject)"
                )
            )
        }
        rows += [
            .init(visit.text("trust-desk.reason"), proposal.reason),
            .init(visit.text("trust-desk.by"), facts.name(proposal.proposedBy)),
            .init(visit.text("trust-desk.at"), proposal.at.minuteText),
        ]
        guard let draft = proposal.draft else { return rows }
        // Everything that is confirmed, the fingerprints above all.
        return rows + [
            .init(visit.text("trust-desk.holders"), TrustWords.holders(draft.holders, visit)),
            .init(visit.text("trust-desk.areas"), TrustWords.areas(draft.areas, visit, desk)),
            .init(visit.text("trust-desk.makers"), TrustWords.makers(draft.makers, visit)),
            .init(visit.text("trust-desk.from"), draft.from.description),
            .init(visit.text("trust-desk.until"), draft.until?.description ?? "—"),
        ] + draft.fingerprints.map { .init(visit.text("trust-desk.fingerprint"), $0) }
    }
}

/// Words that several pages of trust share.
enum TrustWords {
    static func holders(_ holders: Set<Holder.Kind>, _ visit: Visit) -> String {
        holders.map(\.rawValue).sorted().map { visit.text("trust-desk.holder.\($0)") }
            .joined(separator: visit.text("rights.and"))
    }

    /// Whose seals count, and how their codes begin.
    static func makers(_ makers: [SealMaker], _ visit: Visit) -> String {
        makers.isEmpty
            ? visit.text("trust-desk.makers.none")
            : makers.map(\.line).joined(separator: visit.text("rights.and"))
    }

    /// Divisions by their names, each with its code.
    static func areas(_ areas: [String], _ visit: Visit, _ desk: WorkbenchDesk) -> String {
        guard !areas.isEmpty else { return visit.text("trust-desk.everywhere") }
        return areas.map { code in
            let region = desk.standards.regions[code]
            let name = visit.language == .en ? region?.englishName : region?.name
            return name.map { "\($0) \(code)" } ?? code
        }.joined(separator: visit.text("rights.and"))
    }

    static func state(_ one: RecognisedAuthority, _ visit: Visit) -> String {
        one.state(at: visit.now).map { visit.text("authority-state.\($0.rawValue)") }
            ?? visit.text("authority-state.outside")
    }

    /// Names of staff by identifier.
    static func names(_ ids: [String?], in reader: any Reader) throws -> [String: String] {
        var names: [String: String] = [:]
        for id in Set(ids.compactMap { $0 }) { names[id] = try StaffRegister.find(ID(id), in: reader)?.name }
        return names
    }
}
