import Credentials
import Forms
import Kernel
import Storage
import Web

/// 亮证: the holder shows chosen lines of a licence by a code that counts once and for a minute; whoever is shown it
/// takes the code in and says who he is.
enum PresentPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/wallet/{code}/files/{credential}/present",
                who: .applicants,
                scope: .relation,
                zh: "亮证",
                en: "Show a licence"
            ) { visit in try await ask(visit, desk, refusal: nil) },
            .page(
                .post,
                "/wallet/{code}/files/{credential}/present",
                who: .applicants,
                scope: .relation,
                zh: "生成亮证码",
                en: "Make a code for showing"
            ) { visit in try await make(visit, desk) },
            .page(.get, "/present", who: .everyone, scope: .open, zh: "核验亮证码", en: "Take a code in") {
                visit in verify(visit, code: visit.query.trimmed("code") ?? "", refusal: nil)
            },
            .page(.post, "/present", who: .everyone, scope: .secret, zh: "查看亮证内容", en: "See what is shown") {
                visit in try await redeem(visit, desk)
            },
        ]
    }

    /// A row of the permission table: to act with the firm's licence.
    static let presents = "licence.use"

    static func path(_ code: String, _ credential: ID<Credential>) -> String {
        "/wallet/\(code)/files/\(credential)/present"
    }

    // MARK: the holder

    /// Characters of a field's words beside its name.
    private static let wordsMax = 40

    /// The field of a licence that is its holder's name; nil where it stands above the fields only.
    private static func nameField(of record: CredentialRecord, _ type: LicenceType) -> String? {
        type.fields.first { record.fields[$0.key].text == record.holder.name }?.key
    }

    private static func licence(_ visit: Visit, _ desk: PortalDesk) async throws -> (Credential, LicenceType)
    {
        let id = ID<Credential>(try visit.segment("credential"))
        let found = try await desk.database.read { reader in
            let code = try visit.segment("code")
            try desk.require(presents, for: code, visit, in: reader)
            return try Credentials.find(id, in: reader).flatMap { $0.record.holder.code == code ? $0 : nil }
        }
        guard let found, let type = desk.credentials.types.licences[found.record.type] else {
            throw WebRefusal.notFound
        }
        return (found, type)
    }

    private static func ask(_ visit: Visit, _ desk: PortalDesk, refusal: PresentationError?) async throws
        -> Reply
    {
        let (credential, type) = try await licence(visit, desk)
        let record = credential.record
        let language = visit.language.rawValue
        let chosen = Set(visit.form.all("field"))
        let there = type.fields.filter { !record.fields[$0.key].isNull }
        let named = nameField(of: record, type)
        let fields = FieldView(
            name: "field",
            label: visit.text("present.fields"),
            kind: .boxes,
            hint: visit.text("present.fields.hint"),
            options: there.map { field in
                // What it says tells two of a kind apart, such as an amount and the same in words.
                let words = field.words(of: record.fields[field.key]).map { value in
                    value.count > wordsMax ? "\(value.prefix(wordsMax))…" : value
                }
                let masked = field.key == named ? visit.text("present.name.tick") : nil
                return FieldView.Option(
                    value: field.key,
                    label: field.name(language),
                    hint: [words, masked].compactMap { $0 }.joined(separator: " · "),
                    isChosen: chosen.contains(field.key)
                )
            }
        )
        let name = FieldView(
            name: "name",
            label: visit.text("present.name"),
            kind: .tick,
            options: [
                FieldView.Option(
                    value: "whole",
                    label: visit.text("present.name.whole"),
                    isChosen: visit.form.has("name")
                )
            ],
            isOptional: true
        )
        let purpose = FieldView(
            name: "purpose",
            label: visit.text("present.purpose"),
            value: visit.form.trimmed("purpose") ?? "",
            hint: visit.text("present.purpose.hint"),
            lengthMax: 200
        )
        let view = PresentPage(
            lead: visit.text("present.lead"),
            form: form(
                visit,
                path(record.holder.code, record.id),
                named == nil ? [fields, name, purpose] : [fields, purpose],
                refusal,
                field: refusal == .purpose ? "purpose" : "field"
            )
        )
        return .page(
            "portal/present",
            view,
            heading: Heading(
                visit.text("present.title", ["name": type.name(language)]),
                crumbs: [
                    .init(visit.text("wallet.title"), href: "/wallet"),
                    .init(record.holder.name, href: "/wallet/\(record.holder.code)"),
                ],
                section: "wallet",
                hasErrors: refusal != nil
            ),
            status: refusal?.status.rawValue ?? 200
        )
    }

    private static func make(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let (credential, type) = try await licence(visit, desk)
        let record = credential.record
        let wanted = Set(visit.form.all("field"))
        // Who shows the name among the fields does not mean to mask it above them.
        let isNamed =
            visit.form.has("name") || nameField(of: record, type).map(wanted.contains) == true
        let code: PresentationCode
        do {
            code = try await desk.presentations.make(
                PresentationWish(
                    credential: record.id,
                    holder: record.holder.code,
                    fields: visit.form.all("field"),
                    showsName: isNamed,
                    purpose: visit.form.trimmed("purpose") ?? ""
                ),
                occasion: visit.occasion
            )
        } catch let refusal as PresentationError {
            return try await ask(visit, desk, refusal: refusal)
        }
        let name = type.name(visit.language.rawValue)
        let chosen = type.fields.filter { wanted.contains($0.key) }
        let view = CodePage(
            short: code.spoken,
            qrMarkup: try QRCode.markup(
                desk.address(code.path, visit),
                title: visit.text("present.qr", ["name": name])
            ),
            lead: visit.text(
                "present.made",
                [
                    "seconds": String((code.until - visit.now) / 1_000),
                    "purpose": visit.form.trimmed("purpose") ?? "",
                ]
            ),
            shown: ([visit.text("licence.holder")] + chosen.map { $0.name(visit.language.rawValue) })
                .joined(separator: visit.text("web.list-joint")),
            seconds: String((code.until - visit.now) / 1_000),
            place: desk.address("/present", visit),
            again: path(record.holder.code, record.id),
            fields: chosen.map(\.key),
            showsName: isNamed,
            purpose: visit.form.trimmed("purpose") ?? "",
            usesHref: UsePages.path(record.holder.code)
        )
        return .page(
            "portal/present-code",
            view,
            heading: Heading(
                visit.text("present.title", ["name": name]),
                crumbs: [
                    .init(visit.text("wallet.title"), href: "/wallet"),
                    .init(record.holder.name, href: "/wallet/\(record.holder.code)"),
                ],
                section: "wallet"
            )
        )
    }

    // MARK: the verifier

    /// Looking at the page takes nothing in: a preview of the link must not use the code up.
    private static func verify(_ visit: Visit, code: String, refusal: PresentationError?) -> Reply {
        let fields = [
            FieldView(
                name: "code",
                label: visit.text("present.code"),
                kind: .code,
                value: code,
                hint: visit.text("present.code.hint"),
                lengthMax: 40
            ),
            FieldView(
                name: "organisation",
                label: visit.text("present.organisation"),
                value: visit.form.trimmed("organisation") ?? "",
                hint: visit.text("present.organisation.hint"),
                lengthMax: 200
            ),
            FieldView(
                name: "operator",
                label: visit.text("present.operator"),
                value: visit.form.trimmed("operator") ?? "",
                isOptional: true,
                lengthMax: 200
            ),
        ]
        let view = PresentPage(
            lead: visit.text("present.verify.lead"),
            form: form(
                visit,
                "/present",
                fields,
                refusal,
                field: refusal == .verifier ? "organisation" : "code"
            )
        )
        return .page(
            "portal/present",
            view,
            heading: Heading(
                visit.text("present.verify"),
                section: "verify",
                hasErrors: refusal != nil
            ),
            status: refusal?.status.rawValue ?? 200
        )
    }

    private static func redeem(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let shown: PresentedLicence
        do {
            shown = try await desk.presentations.redeem(
                visit.form.trimmed("code") ?? "",
                by: PresentationVerifier(
                    organisation: visit.form.trimmed("organisation") ?? "",
                    operatorName: visit.form.trimmed("operator") ?? "",
                    address: visit.address
                ),
                occasion: visit.occasion
            )
        } catch let refusal as PresentationError {
            return verify(visit, code: visit.form.trimmed("code") ?? "", refusal: refusal)
        }
        return .page(
            "portal/presented",
            PresentedPage(shown, visit: visit),
            heading: Heading(visit.text("present.shown"), section: "verify")
        )
    }

    private static func form(
        _ visit: Visit,
        _ action: String,
        _ fields: [FieldView],
        _ refusal: PresentationError?,
        field wrong: String
    ) -> FormView {
        let words = refusal.map { visit.sentence($0) }
        let marked = fields.map { field in
            var field = field
            if let words, field.name == wrong { field.errors = [words] }
            return field
        }
        return FormView(
            action: action,
            elements: marked.map { .field($0) },
            errors: words.flatMap { ErrorSummary([ErrorSummary.Line($0, field: wrong)], visit: visit) },
            submit: visit.text(action == "/present" ? "present.take" : "present.make")
        )
    }
}

/// Template: `portal/present`.
struct PresentPage: PageView {
    let lead: String
    let form: FormView
}

/// Template: `portal/present-code`.
struct CodePage: PageView {
    let short: String
    let qrMarkup: Markup
    let lead: String
    /// What the other side sees, as one line.
    let shown: String
    /// How long it counts.
    let seconds: String
    /// Where it is typed.
    let place: String
    /// Where the same is shown anew, with what was chosen.
    let again: String
    let fields: [String]
    let showsName: Bool
    let purpose: String
    let usesHref: String
}

/// Template: `portal/presented`.
struct PresentedPage: PageView {
    let notice: NoticeView
    let rows: SummaryView

    init(_ shown: PresentedLicence, visit: Visit) {
        let state = visit.text("credential-state.\(shown.state.rawValue)")
        let at = visit.text("verify.at", ["at": shown.at.minuteText])
        notice = NoticeView(shown.state == .valid ? .good : .warn, title: state, at)
        let language = visit.language.rawValue
        let head: [SummaryView.Row] = [
            .init(visit.text("present.type"), shown.type.name(language)),
            .init(visit.text("licence.holder"), shown.holderName),
            .init(visit.text("licence.issuer"), shown.issuer),
            .init(visit.text("present.purpose"), shown.purpose),
        ]
        rows = SummaryView(
            rows: head
                + shown.fields.map { .init($0.field.name(language), $0.field.words(of: $0.value) ?? "") }
        )
    }
}
