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

    private static func kinds(_ visit: Visit) -> [FieldView.Option] {
        documentKinds.map { FieldView.Option(value: $0, label: documentKind($0, visit), isChosen: false) }
    }

    static func permit(_ facts: SealFacts, _ visit: Visit) -> FormView {
        let fields = [
            FieldView(
                name: "permit-agent",
                label: visit.text("seal.permit.agent"),
                kind: .select,
                options: facts.agents.map {
                    FieldView.Option(value: $0.rawValue, label: facts.name($0.rawValue), isChosen: false)
                }
            ),
            FieldView(
                name: "permit-role",
                label: visit.text("seal.permit.role"),
                kind: .radios,
                options: SealPermit.Role.allCases.map {
                    FieldView.Option(
                        value: $0.rawValue,
                        label: visit.text("seal.permit.role.\($0.rawValue)"),
                        isChosen: $0 == .use
                    )
                }
            ),
            FieldView(
                name: "permit-kinds",
                label: visit.text("seal.permit.kinds"),
                kind: .boxes,
                hint: visit.text("seal.permit.kinds.hint"),
                options: kinds(visit),
                isOptional: true
            ),
            FieldView(name: "permit-until", label: visit.text("seal.permit.until"), kind: .date),
            FieldView(name: "permit-uses", label: visit.text("seal.permit.uses"), kind: .number, value: "10"),
        ]
        return FormView(
            action: "\(SealPages.path(facts.seal))/permits",
            elements: fields.map(FormView.Element.field),
            submit: visit.text("seal.permit.submit")
        )
    }

    static func ask(_ seal: Seal, _ visit: Visit) -> FormView {
        let fields = [
            FieldView(
                name: "ask-file",
                label: visit.text("seal.ask.file"),
                kind: .file(accept: ".ofd"),
                hint: visit.text("seal.ask.file.hint")
            ),
            FieldView(name: "ask-name", label: visit.text("seal.ask.name"), lengthMax: 200),
            FieldView(
                name: "ask-kind",
                label: visit.text("seal.ask.kind"),
                kind: .select,
                options: kinds(visit)
            ),
            FieldView(name: "ask-purpose", label: visit.text("seal.ask.purpose"), lengthMax: 200),
            FieldView(name: "ask-case", label: visit.text("seal.ask.case"), isOptional: true, lengthMax: 60),
        ]
        return FormView(
            action: "\(SealPages.path(seal))/requests",
            elements: fields.map(FormView.Element.field),
            submit: visit.text("seal.ask.submit")
        )
    }

    static func sign(_ request: SealRequest, _ action: String, _ visit: Visit) -> FormView {
        let fields = [
            FieldView(
                name: "file-\(request.id)",
                label: visit.text("seal.sign.file"),
                kind: .file(accept: ".ofd"),
                hint: visit.text("seal.sign.file.hint")
            ),
            FieldView(
                name: "lock-\(request.id)",
                label: visit.text("seal.sign.lock"),
                kind: .tick,
                hint: visit.text("seal.sign.lock.hint"),
                isOptional: true
            ),
        ]
        return FormView(
            action: action,
            elements: fields.map(FormView.Element.field),
            submit: visit.text("seal.sign.submit"),
            isDownload: true
        )
    }
}
