import Credentials
import Kernel
import Web

/// The forms on the page of a seal. Names of fields differ, since several forms stand on one page.
enum SealForms {
    /// Kinds of document for which seals are asked.
    private static let documentKinds = ["contract", "application", "report", "invoice", "letter", "other"]

    static func documentKind(_ kind: String, _ visit: Visit) -> String {
        documentKinds.contains(kind) ? visit.text("seal.document.\(kind)") : kind
    }

    private static func kinds(_ chosen: [String], _ visit: Visit) -> [FieldView.Option] {
        documentKinds.map {
            FieldView.Option(value: $0, label: documentKind($0, visit), isChosen: chosen.contains($0))
        }
    }

    /// A question with what was typed and what is wrong with it, when its form was refused.
    private static func field(
        _ name: String,
        _ label: String,
        _ kind: FieldView.Kind = .text,
        of form: SealRefused.Form,
        _ refused: SealRefused?,
        _ visit: Visit,
        value: String = "",
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
                value: isAgain ? visit.form[name] ?? "" : value,
                hint: hint.map { visit.text($0) },
                options: options,
                errors: isAgain ? refused?.words(of: name) ?? [] : [],
                isOptional: isOptional,
                lengthMax: max
            )
        )
    }

    /// - Parameter written: the firm's name in Mongolian, where it is known.
    static func apply(
        _ code: String,
        _ written: String?,
        _ refused: SealRefused?,
        _ visit: Visit,
        _ desk: PortalDesk
    ) throws -> FormView {
        let chosen = visit.form["kind"]
        return FormView(
            action: SealPages.path(code),
            elements: [
                field(
                    "kind",
                    "seal.kind",
                    .select,
                    of: .apply,
                    refused,
                    visit,
                    options: try desk.seals.kinds.all.map { kind in
                        let type = try desk.credentials.types.type(kind.key)
                        return FieldView.Option(
                            value: kind.key,
                            label: visit.language == .zh ? type.nameZH : type.nameEN,
                            isChosen: kind.key == chosen
                        )
                    }
                ),
                field(
                    "line",
                    "seal.second-line",
                    of: .apply,
                    refused,
                    visit,
                    value: visit.form["line"] ?? "",
                    hint: "seal.second-line.hint",
                    isOptional: true,
                    max: 20
                ),
                field(
                    "mongolian",
                    "seal.mongolian",
                    of: .apply,
                    refused,
                    visit,
                    value: visit.form["mongolian"] ?? written ?? "",
                    hint: "seal.mongolian.hint",
                    isOptional: true,
                    max: 60
                ),
            ],
            submit: visit.text("seal.apply"),
            second: visit.text("seal.preview")
        )
    }

    static func permit(_ facts: SealFacts, _ refused: SealRefused?, _ visit: Visit) -> FormView {
        let isAgain = refused?.form == .permit
        let role = isAgain ? visit.form["permit-role"] : SealPermit.Role.use.rawValue
        func one(
            _ name: String,
            _ kind: FieldView.Kind,
            value: String = "",
            hint: String? = nil,
            options: [FieldView.Option] = [],
            isOptional: Bool = false
        ) -> FormView.Element {
            field(
                "permit-\(name)",
                "seal.permit.\(name)",
                kind,
                of: .permit,
                refused,
                visit,
                value: value,
                hint: hint,
                options: options,
                isOptional: isOptional
            )
        }
        let agent = isAgain ? visit.form["permit-agent"] : nil
        return FormView(
            action: "\(SealPages.path(facts.seal))/permits",
            elements: [
                one(
                    "agent",
                    .select,
                    options: facts.agents.map {
                        .init(
                            value: $0.rawValue,
                            label: facts.name($0.rawValue),
                            isChosen: $0.rawValue == agent
                        )
                    }
                ),
                one(
                    "role",
                    .radios,
                    options: SealPermit.Role.allCases.map {
                        .init(
                            value: $0.rawValue,
                            label: visit.text("seal.permit.role.\($0.rawValue)"),
                            isChosen: $0.rawValue == role
                        )
                    }
                ),
                one(
                    "kinds",
                    .boxes,
                    hint: "seal.permit.kinds.hint",
                    options: kinds(isAgain ? visit.form.all("permit-kinds") : [], visit),
                    isOptional: true
                ),
                one("until", .date), one("uses", .number, value: "10"),
            ],
            submit: visit.text("seal.permit.submit")
        )
    }

    static func ask(_ seal: Seal, _ refused: SealRefused?, _ visit: Visit) -> FormView {
        let chosen = refused?.form == .ask ? visit.form.all("ask-kind") : []
        func one(
            _ name: String,
            _ kind: FieldView.Kind = .text,
            hint: String? = nil,
            options: [FieldView.Option] = [],
            isOptional: Bool = false,
            max: Int? = nil
        ) -> FormView.Element {
            field(
                "ask-\(name)",
                "seal.ask.\(name)",
                kind,
                of: .ask,
                refused,
                visit,
                hint: hint,
                options: options,
                isOptional: isOptional,
                max: max
            )
        }
        return FormView(
            action: "\(SealPages.path(seal))/requests",
            elements: [
                one("file", .file(accept: ".ofd"), hint: "seal.ask.file.hint"), one("name", max: 200),
                one("kind", .select, options: kinds(chosen, visit)), one("purpose", max: 200),
                one("case", isOptional: true, max: 60),
            ],
            submit: visit.text("seal.ask.submit")
        )
    }

    private static func hidden(_ name: String, _ value: String) -> FormView.Element {
        .field(FieldView(name: name, label: "", kind: .hidden, value: value))
    }

    static func refuse(_ request: SealRequest, _ action: String, _ refused: SealRefused?, _ visit: Visit)
        -> FormView
    {
        FormView(
            action: action,
            elements: [
                hidden("answer", "refuse"), hidden("digest", request.subject.digest),
                field(
                    "reason-\(request.id)",
                    "seal.reason.refusal",
                    of: .request(request.id),
                    refused,
                    visit,
                    max: 200
                ),
            ],
            submit: visit.text("seal.refuse")
        )
    }

    /// The owner of a firm without a second person types the code that was sent to him.
    static func confirm(_ request: SealRequest, _ action: String, _ refused: SealRefused?, _ visit: Visit)
        -> FormView
    {
        FormView(
            action: action,
            elements: [
                hidden("answer", "confirm"), hidden("digest", request.subject.digest),
                field(
                    "code-\(request.id)",
                    "seal.confirm.code",
                    .oneTimeCode,
                    of: .request(request.id),
                    refused,
                    visit,
                    hint: "seal.confirm.code.hint",
                    max: 12
                ),
            ],
            submit: visit.text("seal.confirm.submit")
        )
    }

    /// The approver holds his own copy of the file against the digest; it is not kept.
    static func compare(_ request: SealRequest, _ action: String, _ refused: SealRefused?, _ visit: Visit)
        -> FormView
    {
        FormView(
            action: action,
            elements: [
                field(
                    "file-\(request.id)",
                    "seal.compare.file",
                    .file(accept: ".ofd"),
                    of: .request(request.id),
                    refused,
                    visit,
                    hint: "seal.compare.hint"
                )
            ],
            submit: visit.text("seal.compare")
        )
    }

    static func sign(_ request: SealRequest, _ action: String, _ refused: SealRefused?, _ visit: Visit)
        -> FormView
    {
        FormView(
            action: action,
            elements: [
                field(
                    "file-\(request.id)",
                    "seal.sign.file",
                    .file(accept: ".ofd"),
                    of: .request(request.id),
                    refused,
                    visit,
                    hint: "seal.sign.file.hint"
                ),
                field(
                    "lock-\(request.id)",
                    "seal.sign.lock",
                    .tick,
                    of: .request(request.id),
                    refused,
                    visit,
                    hint: "seal.sign.lock.hint",
                    isOptional: true
                ),
            ],
            submit: visit.text("seal.sign.submit"),
            isDownload: true,
            isRenewed: true
        )
    }
}
