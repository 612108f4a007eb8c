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

    /// - Parameter written: the firm's name in Mongolian, where it is known.
    static func apply(
        _ code: String,
        _ written: String?,
        _ refused: SealRefused?,
        _ visit: Visit,
        _ desk: PortalDesk
    ) throws -> FormView {
        // A preview comes back with what was typed, though nothing was refused.
        let chosen = visit.form["kind"]
        let form = Questions(of: .apply, refused, visit)
        return FormView(
            action: SealPages.path(code),
            elements: [
                form.ask(
                    "kind",
                    "seal.kind",
                    .select,
                    options: try desk.seals.kinds.all.map { kind in
                        let type = try desk.credentials.types.type(kind.key)
                        return FieldView.Option(
                            value: kind.key,
                            label: visit.language == .zh ? type.nameZH : type.nameEN,
                            isChosen: kind.key == chosen
                        )
                    }
                ),
                form.ask(
                    "line",
                    "seal.second-line",
                    value: visit.form["line"] ?? "",
                    hint: "seal.second-line.hint",
                    isOptional: true,
                    max: 20
                ),
                form.ask(
                    "mongolian",
                    "seal.mongolian",
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
        let form = Questions(of: .permit, refused, visit)
        let agent = form.typed("permit-agent")
        let role = form.typed("permit-role") ?? SealPermit.Role.use.rawValue
        return FormView(
            action: "\(SealPages.path(facts.seal))/permits",
            elements: [
                form.ask(
                    "permit-agent",
                    "seal.permit.agent",
                    .select,
                    options: facts.agents.map {
                        .init(
                            value: $0.rawValue,
                            label: facts.name($0.rawValue),
                            isChosen: $0.rawValue == agent
                        )
                    }
                ),
                form.ask(
                    "permit-role",
                    "seal.permit.role",
                    .radios,
                    options: SealPermit.Role.allCases.map {
                        .init(
                            value: $0.rawValue,
                            label: visit.text("seal.permit.role.\($0.rawValue)"),
                            isChosen: $0.rawValue == role
                        )
                    }
                ),
                form.ask(
                    "permit-kinds",
                    "seal.permit.kinds",
                    .boxes,
                    hint: "seal.permit.kinds.hint",
                    options: kinds(form.typedAll("permit-kinds"), visit)
                ),
                form.ask("permit-until", "seal.permit.until", .date),
                form.ask("permit-uses", "seal.permit.uses", .number, value: "10"),
            ],
            submit: visit.text("seal.permit.submit")
        )
    }

    static func ask(_ seal: Seal, _ refused: SealRefused?, _ visit: Visit) -> FormView {
        let form = Questions(of: .ask, refused, visit)
        return FormView(
            action: "\(SealPages.path(seal))/requests",
            elements: [
                form.ask("ask-file", "seal.ask.file", .file(accept: ".ofd"), hint: "seal.ask.file.hint"),
                form.ask("ask-name", "seal.ask.name", max: 200),
                form.ask(
                    "ask-kind",
                    "seal.ask.kind",
                    .select,
                    options: kinds(form.typedAll("ask-kind"), visit)
                ),
                form.ask("ask-purpose", "seal.ask.purpose", max: 200),
                form.ask("ask-case", "seal.ask.case", isOptional: true, max: 60),
            ],
            submit: visit.text("seal.ask.submit")
        )
    }

    static func refuse(_ request: SealRequest, _ action: String, _ refused: SealRefused?, _ visit: Visit)
        -> FormView
    {
        let form = Questions(of: .request(request.id), refused, visit)
        return FormView(
            action: action,
            elements: [
                .hidden("answer", "refuse"), .hidden("digest", request.subject.digest),
                form.ask("reason-\(request.id)", "seal.reason.refusal", max: 200),
            ],
            submit: visit.text("seal.refuse")
        )
    }

    /// The owner of a firm without a second person types the code that was sent to him.
    static func confirm(_ request: SealRequest, _ action: String, _ refused: SealRefused?, _ visit: Visit)
        -> FormView
    {
        let form = Questions(of: .request(request.id), refused, visit)
        return FormView(
            action: action,
            elements: [
                .hidden("answer", "confirm"), .hidden("digest", request.subject.digest),
                form.ask(
                    "code-\(request.id)",
                    "seal.confirm.code",
                    .oneTimeCode,
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
        let form = Questions(of: .request(request.id), refused, visit)
        return FormView(
            action: action,
            elements: [
                form.ask(
                    "file-\(request.id)",
                    "seal.compare.file",
                    .file(accept: ".ofd"),
                    hint: "seal.compare.hint"
                )
            ],
            submit: visit.text("seal.compare")
        )
    }

    static func sign(_ request: SealRequest, _ action: String, _ refused: SealRefused?, _ visit: Visit)
        -> FormView
    {
        let form = Questions(of: .request(request.id), refused, visit)
        return FormView(
            action: action,
            elements: [
                form.ask(
                    "file-\(request.id)",
                    "seal.sign.file",
                    .file(accept: ".ofd"),
                    hint: "seal.sign.file.hint"
                ),
                form.ask(
                    "lock-\(request.id)",
                    "seal.sign.lock",
                    .tick,
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
