import Credentials
import Cryptography
import Kernel
import Web

/// Why a form of the trust desk was refused: said above the page and beside the fields.
struct TrustRefused: Error {
    enum Form: Hashable, Sendable {
        case recognise, revoke, list
        case act(TrustAct)
        case proposal(ID<TrustProposal>)
    }

    struct Fault: Sendable {
        let field: String
        let words: String
    }

    let form: Form
    let faults: [Fault]
    let status: Int

    /// - Parameter refusals: at least one, in the order of the form.
    init(_ form: Form, _ refusals: [any Refusal], _ visit: Visit) {
        self.form = form
        faults = refusals.map { refusal in
            let field = Self.field(of: refusal, in: form)
            return Fault(field: field, words: Self.words(refusal, visit))
        }
        status = refusals.first?.status.rawValue ?? 422
    }

    init(_ form: Form, field: String, words: String) {
        self.form = form
        faults = [Fault(field: field, words: words)]
        status = 422
    }

    func summary(_ visit: Visit) -> ErrorSummary? {
        ErrorSummary(faults.map { ErrorSummary.Line($0.words, field: $0.field) }, visit: visit)
    }

    func words(of field: String) -> [String] { faults.filter { $0.field == field }.map(\.words) }

    /// A sentence of its own for each question, and not the name of its field.
    private static func words(_ refusal: any Refusal, _ visit: Visit) -> String {
        if case .badField(let name)? = refusal as? TrustError {
            return visit.text("trust-desk.fault.\(name)")
        }
        return visit.sentence(refusal)
    }

    private static func field(of refusal: any Refusal, in form: Form) -> String {
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
    private static func field(
        _ name: String,
        _ label: String,
        _ kind: FieldView.Kind = .text,
        of form: TrustRefused.Form,
        _ refused: TrustRefused?,
        _ visit: Visit,
        hint: String? = nil,
        options: [FieldView.Option] = [],
        isOptional: Bool = false,
        max: Int? = nil
    ) -> FormView.Element {
        let isAgain = refused?.form == form
        return .field(
            FieldView(
                name: name,
                label: visit.text(label),
                kind: kind,
                value: isAgain ? visit.form[name] ?? "" : "",
                hint: hint.map { visit.text($0) },
                options: options,
                errors: isAgain ? refused?.words(of: name) ?? [] : [],
                isOptional: isOptional,
                lengthMax: max
            )
        )
    }

    static func recognise(_ refused: TrustRefused?, _ visit: Visit) -> FormView {
        let chosen = refused?.form == .recognise ? visit.form.all("holders") : []
        func one(_ name: String, _ kind: FieldView.Kind = .text, isOptional: Bool = false, max: Int? = nil)
            -> FormView.Element
        {
            field(
                name,
                "trust-desk.\(name)",
                kind,
                of: .recognise,
                refused,
                visit,
                hint: "trust-desk.\(name).hint",
                isOptional: isOptional,
                max: max
            )
        }
        return FormView(
            action: TrustDeskPages.all,
            elements: [
                one("name", max: 100), one("certificates", .lines(8), max: 65_536),
                field(
                    "holders",
                    "trust-desk.holders",
                    .boxes,
                    of: .recognise,
                    refused,
                    visit,
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
        let chosen = visit.form["why"]
        return FormView(
            action: TrustDeskPages.path(certificate),
            elements: [
                field(
                    "why",
                    "certificate.revoke.reason",
                    .select,
                    of: .revoke,
                    refused,
                    visit,
                    options: TrustDeskActs.reasons.map {
                        let value = String($0.rawValue)
                        return .init(
                            value: value,
                            label: visit.text("revocation-reason.\(value)"),
                            isChosen: value == chosen
                        )
                    }
                ),
                field("reason", "trust-desk.reason", of: .revoke, refused, visit, max: 200),
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
                .field(FieldView(name: "act", label: "", kind: .hidden, value: act.rawValue)),
                field(
                    "reason-\(act.rawValue)",
                    "trust-desk.reason",
                    of: .act(act),
                    refused,
                    visit,
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
                field(
                    "list",
                    "trust-desk.list",
                    .file(accept: ".crl"),
                    of: .list,
                    refused,
                    visit,
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
                .field(FieldView(name: "answer", label: "", kind: .hidden, value: "refuse")),
                field(
                    "answer-\(proposal.id)",
                    "trust-desk.answer",
                    of: .proposal(proposal.id),
                    refused,
                    visit,
                    max: 200
                ),
            ],
            submit: visit.text("trust-desk.refuse")
        )
    }
}
