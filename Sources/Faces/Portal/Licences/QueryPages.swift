import Credentials
import Forms
import Kernel
import Storage
import Web

/// 证书在线核验: an employer asks by a certificate's number and its holder's name whether it stands.
enum QueryPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/verify/certificate",
                who: .everyone,
                scope: .open,
                zh: "证书在线核验",
                en: "Check a certificate"
            ) { visit in show(visit, desk, refusal: nil) },
            .page(
                .post,
                "/verify/certificate",
                who: .everyone,
                scope: .secret,
                zh: "核验证书",
                en: "See how a certificate stands"
            ) { visit in try await answer(visit, desk) },
        ]
    }

    private static func show(_ visit: Visit, _ desk: PortalDesk, refusal: LicenceQueryError?) -> Reply {
        let words = refusal.map { visit.sentence($0) }
        // The first of the questions that are empty; when none is, the number does not fit the name.
        let asked = refusal == .asker ? ["organisation", "purpose"] : ["type", "number", "name"]
        let wrong = asked.first { visit.form.trimmed($0) == nil } ?? asked.dropLast().last ?? "number"
        let language = visit.language.rawValue
        func field(_ name: String, isOptional: Bool = false) -> FieldView {
            FieldView(
                name: name,
                label: visit.text("query.\(name)"),
                value: visit.form.trimmed(name) ?? "",
                hint: isOptional ? nil : visit.text("query.\(name).hint"),
                errors: words.map { name == wrong ? [$0] : [] } ?? [],
                isOptional: isOptional,
                lengthMax: 200
            )
        }
        let chosen = visit.form.trimmed("type") ?? visit.query.trimmed("type")
        let type = FieldView(
            name: "type",
            label: visit.text("query.type"),
            kind: .select,
            options: desk.queries.open.map {
                FieldView.Option(value: $0.key, label: $0.name(language), isChosen: $0.key == chosen)
            },
            errors: words.map { wrong == "type" ? [$0] : [] } ?? []
        )
        let fields = [
            type, field("number"), field("name"), field("organisation"), field("operator", isOptional: true),
            field("purpose"),
        ]
        let form = FormView(
            action: "/verify/certificate",
            elements: fields.map { .field($0) },
            errors: words.flatMap { ErrorSummary([ErrorSummary.Line($0, field: wrong)], visit: visit) },
            submit: visit.text("query.submit")
        )
        return .page(
            "portal/present",
            PresentPage(lead: visit.text("query.lead"), form: form),
            heading: Heading(
                visit.text("query.title"),
                crumbs: [.init(visit.text("verify.title"), href: "/verify")],
                section: "verify",
                hasErrors: refusal != nil
            ),
            status: refusal?.status.rawValue ?? 200
        )
    }

    private static func answer(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let found: QueriedLicence
        do {
            found = try await desk.queries.ask(
                LicenceQuery(
                    type: visit.form.trimmed("type") ?? "",
                    number: visit.form.trimmed("number") ?? "",
                    name: visit.form.trimmed("name") ?? "",
                    organisation: visit.form.trimmed("organisation") ?? "",
                    operatorName: visit.form.trimmed("operator") ?? "",
                    purpose: visit.form.trimmed("purpose") ?? "",
                    address: visit.address
                ),
                occasion: visit.occasion
            )
        } catch let refusal as LicenceQueryError {
            return show(visit, desk, refusal: refusal)
        }
        return .page(
            "portal/presented",
            PresentedPage(found, visit: visit),
            heading: Heading(
                visit.text("query.result"),
                crumbs: [.init(visit.text("query.title"), href: "/verify/certificate")],
                section: "verify"
            )
        )
    }
}

extension PresentedPage {
    /// A certificate of another place is told as such: what became of it there since, this platform does not know.
    init(_ found: QueriedLicence, visit: Visit) {
        let language = visit.language.rawValue
        let at = visit.text("verify.at", ["at": found.at.minuteText])
        let state = visit.text("credential-state.\(found.state.rawValue)")
        let place = found.place.map { visit.text("query.recognised", ["place": $0]) }
        let head: [SummaryView.Row] = [
            .init(visit.text("present.type"), found.type.name(language)),
            .init(visit.text("query.number"), found.number),
            .init(visit.text("licence.holder"), found.name),
            .init(visit.text("licence.issuer"), found.issuer),
        ]
        notice = NoticeView(
            found.state == .valid ? .good : .warn,
            title: state,
            [place, at].compactMap { $0 }.joined(separator: " ")
        )
        rows = SummaryView(
            rows: head
                + found.fields.map { .init($0.field.name(language), $0.field.words(of: $0.value) ?? "") }
        )
    }
}
