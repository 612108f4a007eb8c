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
                    PersonQuestions(),
                    agrees: false,
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

    private static func signUp(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        guard let sent = SentCode(visit), !sent.code.isEmpty else { return .redirect(to: PhonePages.path) }
        let next = visit.form.trimmed("next")
        let typed = PersonQuestions(visit.form)
        let agrees = visit.form.has("agree")
        var wrong: [PersonQuestions.Wrong] = []
        let person = try typed.read(visit, desk, wrong: &wrong)
        let password = visit.form["password"] ?? ""
        if password != visit.form["again"] ?? "" { wrong.append(("again", IdentityError.passwordsDiffer)) }
        if !agrees { wrong.append(("agree", SignUpRefusal.notAgreed)) }
        guard wrong.isEmpty, let (name, document) = person else {
            return try page(sent, typed, agrees: agrees, visit, desk, next: next, wrong: wrong)
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
            return try page(
                sent,
                typed,
                agrees: agrees,
                visit,
                desk,
                next: next,
                wrong: [(field, refusal)]
            )
        }
    }

    private static func page(
        _ sent: SentCode,
        _ typed: PersonQuestions,
        agrees: Bool,
        _ visit: Visit,
        _ desk: PortalDesk,
        next: String?,
        wrong: [PersonQuestions.Wrong] = []
    ) throws -> Reply {
        EntryPage.reply(
            "portal.sign-up.title",
            lead: visit.text("portal.sign-up.text", ["phone": sent.phone.masked]),
            form: FormView(
                action: path,
                elements: [EntryPage.next(next)]
                    + (try fields(typed, agrees, wrong, visit, desk)).map(FormView.Element.field),
                errors: PersonQuestions.summary(wrong, visit),
                submit: visit.text("portal.sign-up.submit")
            ),
            refusal: wrong.first?.refusal,
            visit
        )
    }

    private static func fields(
        _ typed: PersonQuestions,
        _ agrees: Bool,
        _ wrong: [PersonQuestions.Wrong],
        _ visit: Visit,
        _ desk: PortalDesk
    ) throws -> [FieldView] {
        let lengthMin = try desk.identity.limits.value(.passwordLengthMin, at: visit.now)
        func secret(_ name: String, hint: String? = nil) -> FieldView {
            FieldView(
                name: name,
                label: visit.text("portal.sign-up.\(name)"),
                kind: .password,
                hint: hint,
                errors: PersonQuestions.errors(name, wrong, visit),
                autocomplete: "new-password",
                lengthMax: 128
            )
        }
        let person = typed.fields(
            words: { visit.text("portal.sign-up.\($0)") },
            autocomplete: "name",
            wrong: wrong,
            visit,
            desk
        )
        return person + [
            secret("password", hint: visit.text("portal.sign-up.password-hint", ["min": String(lengthMin)])),
            secret("again"),
            FieldView(
                name: "agree",
                label: visit.text("portal.sign-up.agree"),
                kind: .tick,
                value: agrees ? "yes" : "",
                errors: PersonQuestions.errors("agree", wrong, visit)
            ),
        ]
    }
}

enum SignUpRefusal: Refusal {
    case notAgreed

    var code: String { "sign-up.not-agreed" }
    var status: RefusalStatus { .unacceptable }
}
