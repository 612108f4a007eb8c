import Credentials
import Cryptography
import Kernel
import Web

/// The forms of the trust desk.
enum TrustForm: Hashable, Sendable {
    case recognise, revoke, list
    case act(TrustAct)
    case proposal(ID<TrustProposal>)
}

typealias TrustRefused = RefusedForm<TrustForm>

extension RefusedForm<TrustForm> {
    /// - Parameter refusals: at least one, in the order of the form.
    init(_ form: TrustForm, _ refusals: [any Refusal], _ visit: Visit) {
        self.init(
            form,
            refusals.map { Fault(Self.field(of: $0, in: form), Self.words($0, visit)) },
            status: refusals.first?.status.rawValue ?? 422
        )
    }

    /// A sentence of its own for each question, and not the name of its field.
    private static func words(_ refusal: any Refusal, _ visit: Visit) -> String {
        if case .badField(let name)? = refusal as? TrustError {
            return visit.text("trust-desk.fault.\(name)")
        }
        return visit.sentence(refusal)
    }

    private static func field(of refusal: any Refusal, in form: TrustForm) -> String {
        switch (form, refusal as? TrustError) {
        case (.recognise, .badField(let name)): name
        case (.recognise, _): "certificates"
        case (.revoke, .badField): "reason"
        case (.revoke, _): "why"
        case (.list, _): "list"
        case (.act(let act), _): "reason-\(act.rawValue)"
        case (.proposal(let id), _): "answer-\(id)"
        }
    }
}

enum TrustForms {
    static func recognise(_ refused: TrustRefused?, _ visit: Visit) -> FormView {
        let form = Questions(of: .recognise, refused, visit)
        let chosen = form.typedAll("holders")
        func one(_ name: String, _ kind: FieldView.Kind = .text, isOptional: Bool = false, max: Int? = nil)
            -> FormView.Element
        {
            form.ask(
                name,
                "trust-desk.\(name)",
                kind,
                hint: "trust-desk.\(name).hint",
                isOptional: isOptional,
                max: max
            )
        }
        return FormView(
            action: TrustDeskPages.all,
            elements: [
                one("name", max: 100), one("certificates", .lines(8), max: 65_536),
                form.ask(
                    "holders",
                    "trust-desk.holders",
                    .boxes,
                    options: Holder.Kind.allCases.map {
                        .init(
                            value: $0.rawValue,
                            label: visit.text("trust-desk.holder.\($0.rawValue)"),
                            isChosen: chosen.contains($0.rawValue)
                        )
                    }
                ),
                one("areas", isOptional: true, max: 200),
                one("makers", .lines(3), isOptional: true, max: 4_000), one("from", .date),
                one("until", .date, isOptional: true), one("reason", max: 200),
            ],
            submit: visit.text("trust-desk.propose")
        )
    }

    static func revoke(_ certificate: HolderCertificate, _ refused: TrustRefused?, _ visit: Visit) -> FormView
    {
        let form = Questions(of: .revoke, refused, visit)
        let chosen = form.typed("why")
        return FormView(
            action: TrustDeskPages.path(certificate),
            elements: [
                form.ask(
                    "why",
                    "certificate.revoke.reason",
                    .select,
                    options: TrustDeskActs.reasons.map {
                        let value = String($0.rawValue)
                        return .init(
                            value: value,
                            label: visit.text("revocation-reason.\(value)"),
                            isChosen: value == chosen
                        )
                    }
                ),
                form.ask("reason", "trust-desk.reason", max: 200),
            ],
            submit: visit.text("trust-act.revoke")
        )
    }

    /// Each act has a form of its own, so that Enter does not do another one.
    static func act(
        _ act: TrustAct,
        of authority: RecognisedAuthority,
        _ refused: TrustRefused?,
        _ visit: Visit
    ) -> FormView {
        FormView(
            action: TrustDeskPages.path(authority),
            elements: [
                .hidden("act", act.rawValue),
                Questions(of: .act(act), refused, visit).ask(
                    "reason-\(act.rawValue)",
                    "trust-desk.reason",
                    hint: "trust-desk.reason.hint",
                    max: 200
                ),
            ],
            submit: visit.text("trust-act.\(act.rawValue)")
        )
    }

    static func list(_ authority: RecognisedAuthority, _ refused: TrustRefused?, _ visit: Visit) -> FormView {
        FormView(
            action: "\(TrustDeskPages.path(authority))/list",
            elements: [
                Questions(of: .list, refused, visit).ask(
                    "list",
                    "trust-desk.list",
                    .file(accept: ".crl"),
                    hint: "trust-desk.list.hint"
                )
            ],
            submit: visit.text("trust-desk.list.submit")
        )
    }

    static func refuse(_ proposal: TrustProposal, _ action: String, _ refused: TrustRefused?, _ visit: Visit)
        -> FormView
    {
        FormView(
            action: action,
            elements: [
                .hidden("answer", "refuse"),
                Questions(of: .proposal(proposal.id), refused, visit).ask(
                    "answer-\(proposal.id)",
                    "trust-desk.answer",
                    max: 200
                ),
            ],
            submit: visit.text("trust-desk.refuse")
        )
    }
}
