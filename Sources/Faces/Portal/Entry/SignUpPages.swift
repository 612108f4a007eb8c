import Identity
import Kernel
import Standards
import Storage
import Web

/// Opening an account, for a phone that proved itself by a code and belongs to nobody yet.
enum SignUpPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, path, who: .everyone, scope: .own, zh: "注册", en: "Open an account") { visit in
                guard let sent = SentCode(visit), !sent.code.isEmpty else {
                    return .redirect(to: PhonePages.path)
                }
                return try page(
                    sent,
                    Typed(kind: "resident-id"),
                    visit,
                    desk,
                    next: visit.query.trimmed("next")
                )
            },
            .page(.post, path, who: .everyone, scope: .own, zh: "注册", en: "Open an account") { visit in
                try await signUp(visit, desk)
            },
        ]
    }

    static let path = "/sign-up"

    private struct Typed {
        var name = ""
        var kind = ""
        var number = ""
        var agrees = false
    }

    private static func signUp(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        guard let sent = SentCode(visit), !sent.code.isEmpty else { return .redirect(to: PhonePages.path) }
        let next = visit.form.trimmed("next")
        let typed = Typed(
            name: visit.form.trimmed("name") ?? "",
            kind: visit.form.trimmed("kind") ?? "",
            number: visit.form.trimmed("number") ?? "",
            agrees: visit.form.has("agree")
        )
        var wrong: [Wrong] = []
        func read<Value>(_ field: String, _ work: () throws -> Value) rethrows -> Value? {
            do { return try work() } catch let refusal as any Refusal {
                wrong.append((field, refusal))
                return nil
            }
        }
        let name = try read("name") { try PersonName(typed.name) }
        let document = try read("number") {
            try desk.standards.identityDocument(kind: typed.kind, number: typed.number, on: visit.now.date)
        }
        let password = visit.form["password"] ?? ""
        if password != visit.form["again"] ?? "" { wrong.append(("again", IdentityError.passwordsDiffer)) }
        if !typed.agrees { wrong.append(("agree", SignUpRefusal.notAgreed)) }
        guard wrong.isEmpty, let name, let document else {
            return try page(sent, typed, visit, desk, next: next, wrong: wrong)
        }
        do {
            let record = try await Passwords.record(
                for: password,
                settings: desk.identity,
                occasion: visit.occasion
            )
            let signedIn = try await SignUp.withCode(
                sent.code,
                attempt: sent.attempt,
                phone: sent.phone,
                purpose: .signIn,
                entry: SignUpEntry(name: name, document: document, record: record),
                checks: desk.identityChecks,
                origin: SignInPages.origin(visit),
                settings: desk.identity,
                occasion: visit.occasion,
                database: desk.database
            )
            return try await SignInPages.entered(
                signedIn,
                next: Reply.path(RealNamePages.path, next: SignInPages.own(next)),
                visit,
                desk
            ).setting(SentCode.gone)
        } catch IdentityError.codeWrong {
            // Filling in took longer than the code lives.
            return PhonePages.phonePage(visit, next: next, refusal: IdentityError.codeWrong)
        } catch let refusal as IdentityError {
            let field =
                switch refusal {
                case .passwordTooShort, .passwordTooLong: "password"
                case .nameDiffers: "name"
                default: "number"
                }
            return try page(sent, typed, visit, desk, next: next, wrong: [(field, refusal)])
        }
    }

    private typealias Wrong = (field: String, refusal: any Refusal)

    private static func page(
        _ sent: SentCode,
        _ typed: Typed,
        _ visit: Visit,
        _ desk: PortalDesk,
        next: String?,
        wrong: [Wrong] = []
    ) throws -> Reply {
        let summary = wrong.flatMap { line in
            EntryPage.words(line.refusal, visit).map { ErrorSummary.Line($0, field: line.field) }
        }
        return EntryPage.reply(
            "portal.sign-up.title",
            lead: visit.text("portal.sign-up.text", ["phone": sent.phone.masked]),
            form: FormView(
                action: path,
                elements: [EntryPage.next(next)]
                    + (try fields(typed, wrong, visit, desk)).map(FormView.Element.field),
                errors: ErrorSummary(summary, visit: visit),
                submit: visit.text("portal.sign-up.submit")
            ),
            refusal: wrong.first?.refusal,
            visit
        )
    }

    private static func fields(_ typed: Typed, _ wrong: [Wrong], _ visit: Visit, _ desk: PortalDesk) throws
        -> [FieldView]
    {
        let lengthMin = try desk.identity.limits.value(.passwordLengthMin, at: visit.now)
        func errors(_ field: String) -> [String] {
            wrong.filter { $0.field == field }.flatMap { EntryPage.words($0.refusal, visit) }
        }
        func secret(_ name: String, hint: String? = nil) -> FieldView {
            FieldView(
                name: name,
                label: visit.text("portal.sign-up.\(name)"),
                kind: .password,
                hint: hint,
                errors: errors(name),
                autocomplete: "new-password",
                lengthMax: 128
            )
        }
        let kinds = desk.standards.identityDocuments.all.map { kind in
            FieldView.Option(
                value: kind.code,
                label: visit.language == .en ? kind.englishName : kind.name,
                isChosen: kind.code == typed.kind
            )
        }
        return [
            FieldView(
                name: "name",
                label: visit.text("portal.sign-up.name"),
                value: typed.name,
                hint: visit.text("portal.sign-up.name-hint"),
                errors: errors("name"),
                autocomplete: "name",
                lengthMax: 60
            ),
            FieldView(
                name: "kind",
                label: visit.text("portal.sign-up.kind"),
                kind: .select,
                options: kinds,
                errors: errors("kind")
            ),
            FieldView(
                name: "number",
                label: visit.text("portal.sign-up.number"),
                kind: .code,
                value: typed.number,
                errors: errors("number"),
                lengthMax: 40
            ),
            secret("password", hint: visit.text("portal.sign-up.password-hint", ["min": String(lengthMin)])),
            secret("again"),
            FieldView(
                name: "agree",
                label: visit.text("portal.sign-up.agree"),
                kind: .tick,
                value: typed.agrees ? "yes" : "",
                errors: errors("agree")
            ),
        ]
    }
}

enum SignUpRefusal: Refusal {
    case notAgreed

    var code: String { "sign-up.not-agreed" }
    var status: RefusalStatus { .unacceptable }
}
