import Identity
import Kernel
import Standards
import Storage
import Web

/// Signing in by a code sent to one's phone (ux.md §5), and the way to an account for a phone that has none.
enum PhonePages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, path, who: .everyone, scope: .open, zh: "手机验证码登录", en: "Sign in by phone") { visit in
                phonePage(visit, next: visit.query.trimmed("next"))
            },
            .page(.post, path, who: .everyone, scope: .own, zh: "获取验证码", en: "Ask for a code") { visit in
                try await send(visit, desk)
            },
            .page(.get, codePath, who: .everyone, scope: .own, zh: "输入验证码", en: "Type the code") { visit in
                guard let sent = SentCode(visit) else { return .redirect(to: path) }
                return try codePage(sent, visit, next: visit.query.trimmed("next"), desk)
            },
            .page(.post, codePath, who: .everyone, scope: .own, zh: "输入验证码", en: "Type the code") { visit in
                try await enter(visit, desk)
            },
        ]
    }

    static let path = "/sign-in/phone"
    private static let codePath = "/sign-in/phone/code"

    private static func send(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let typed = visit.form.trimmed("phone") ?? ""
        let next = visit.form.trimmed("next")
        do {
            let phone = try PhoneNumber.mobile(typed)
            let attempt = try await SmsCodes.request(
                phone,
                for: .signIn,
                origin: SignInPages.origin(visit),
                settings: desk.identity,
                occasion: visit.occasion,
                database: desk.database
            )
            return .redirect(to: codePath, next: SignInPages.own(next))
                .setting(SentCode(attempt: attempt, phone: phone).cookie)
        } catch let refusal as IdentityError {
            return phonePage(visit, typed: typed, next: next, refusal: refusal)
        } catch let refusal as IdentifierError {
            return phonePage(visit, typed: typed, next: next, refusal: refusal)
        }
    }

    private static func enter(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        guard var sent = SentCode(visit) else { return .redirect(to: path) }
        let next = visit.form.trimmed("next")
        let code = visit.form.trimmed("code") ?? ""
        do {
            let signedIn = try await SignIn.withCode(
                code,
                attempt: sent.attempt,
                phone: sent.phone,
                origin: SignInPages.origin(visit),
                settings: desk.identity,
                occasion: visit.occasion,
                database: desk.database
            )
            return try await SignInPages.entered(signedIn, next: next, visit, desk).setting(SentCode.gone)
        } catch IdentityError.unknownAccount {
            sent.code = BorderText.code(code)
            return .redirect(to: SignUpPages.path, next: SignInPages.own(next)).setting(sent.cookie)
        } catch let refusal as IdentityError {
            return try codePage(sent, visit, next: next, desk, refusal: refusal)
        }
    }

    static func phonePage(
        _ visit: Visit,
        typed: String = "",
        next: String?,
        refusal: (any Refusal)? = nil
    ) -> Reply {
        let errors = EntryPage.words(refusal, visit)
        return EntryPage.reply(
            "portal.phone.title",
            lead: visit.text("portal.phone.text"),
            form: FormView(
                action: path,
                elements: [
                    EntryPage.next(next),
                    .field(
                        FieldView(
                            name: "phone",
                            label: visit.text("portal.phone.number"),
                            kind: .telephone,
                            value: typed,
                            hint: visit.text("portal.phone.number-hint"),
                            errors: errors,
                            autocomplete: "tel",
                            lengthMax: 20
                        )
                    ),
                ],
                errors: ErrorSummary(errors.map { ErrorSummary.Line($0, field: "phone") }, visit: visit),
                submit: visit.text("portal.phone.send")
            ),
            links: [
                .init(
                    text: visit.text("portal.phone.by-password"),
                    href: Reply.path("/sign-in", next: SignInPages.own(next))
                )
            ],
            refusal: refusal,
            visit
        )
    }

    private static func codePage(
        _ sent: SentCode,
        _ visit: Visit,
        next: String?,
        _ desk: PortalDesk,
        refusal: IdentityError? = nil
    ) throws -> Reply {
        let minutes = try desk.identity.limits.value(.codeLife, at: visit.now)
        let errors = EntryPage.words(refusal, visit)
        return EntryPage.reply(
            "portal.phone.code-title",
            lead: visit.text("portal.phone.sent", ["phone": sent.phone.masked, "minutes": String(minutes)]),
            notice: desk.isDemonstration ? NoticeView(.info, visit.text("portal.phone.demo")) : nil,
            form: FormView(
                action: codePath,
                elements: [
                    EntryPage.next(next),
                    .field(
                        FieldView(
                            name: "code",
                            label: visit.text("portal.phone.code"),
                            kind: .oneTimeCode,
                            hint: visit.text("portal.phone.code-hint"),
                            errors: errors,
                            lengthMax: 12
                        )
                    ),
                ],
                errors: ErrorSummary(errors.map { ErrorSummary.Line($0, field: "code") }, visit: visit),
                submit: visit.text("portal.phone.enter")
            ),
            links: [
                .init(
                    text: visit.text("portal.phone.again"),
                    href: Reply.path(path, next: SignInPages.own(next))
                )
            ],
            refusal: refusal,
            visit
        )
    }
}

/// A code that was sent to this browser's visitor: kept by the browser between the pages, never in an address.
struct SentCode {
    let attempt: String
    let phone: PhoneNumber
    /// The code, once it was right and found no account.
    var code = ""

    private static let name = "suban-code"

    init(attempt: String, phone: PhoneNumber) {
        self.attempt = attempt
        self.phone = phone
    }

    init?(_ visit: Visit) {
        let parts = (visit.cookie(Self.name) ?? "").split(
            separator: ".",
            omittingEmptySubsequences: false
        )
        guard parts.count == 3, let phone = try? PhoneNumber.mobile(parts[1]) else { return nil }
        attempt = String(parts[0])
        self.phone = phone
        code = String(parts[2])
    }

    var cookie: FreshCookie { FreshCookie(name: Self.name, value: "\(attempt).\(phone.rawValue).\(code)") }
    static let gone = FreshCookie(name: name, value: "", ageSecondsMax: 0)
}

/// A page of entry: one question, and other ways in.
struct EntryPage: PageView {
    struct Link: PageView {
        let text: String
        let href: String
    }

    let lead: String
    let notice: NoticeView?
    let form: FormView?
    let links: [Link]

    static func reply(
        _ title: String,
        lead: String,
        notice: NoticeView? = nil,
        form: FormView?,
        links: [Link] = [],
        refusal: (any Refusal)? = nil,
        _ visit: Visit
    ) -> Reply {
        var reply = Reply.page(
            "portal/entry",
            EntryPage(lead: lead, notice: notice, form: form, links: links),
            heading: Heading(
                visit.text(title),
                crumbs: [.init(visit.text("portal.nav.home"), href: "/")],
                hasErrors: refusal != nil
            ),
            status: refusal.map { $0.status == .signInNeeded ? 422 : $0.status.rawValue } ?? 200
        )
        if let seconds = (refusal as? IdentityError)?.retrySeconds {
            reply.headers["Retry-After"] = String(seconds)
        }
        return reply
    }

    /// Where to go afterwards.
    static func next(_ path: String?) -> FormView.Element {
        .field(FieldView(name: "next", label: "", kind: .hidden, value: SignInPages.own(path) ?? ""))
    }

    static func words(_ refusal: (any Refusal)?, _ visit: Visit) -> [String] {
        guard let refusal else { return [] }
        let words = visit.explain(refusal)
        return ["\(words.wrong) \(words.next)"]
    }
}
