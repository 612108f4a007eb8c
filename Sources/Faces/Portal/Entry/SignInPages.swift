import Identity
import Kernel
import Storage
import Web

/// Signing in by account and password, and out again (ux.md §5).
enum SignInPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/sign-in", who: .everyone, scope: .open, zh: "登录", en: "Sign in") { visit in
                page(visit, desk, next: visit.query.trimmed("next"))
            },
            .page(.post, "/sign-in", who: .everyone, scope: .own, zh: "登录", en: "Sign in") { visit in
                try await signIn(visit, desk)
            },
            .page(.post, "/sign-out", who: .everyone, scope: .own, zh: "退出", en: "Sign out") { visit in
                try await signOut(visit, desk)
            },
        ]
    }

    private static func page(
        _ visit: Visit,
        _ desk: PortalDesk,
        next: String?,
        login: String = "",
        refusal: (any Refusal)? = nil
    ) -> Reply {
        var errors: [String] = []
        if let refusal {
            errors = [visit.sentence(refusal)]
        }
        let form = FormView(
            action: "/sign-in",
            elements: [
                .field(FieldView(name: "next", label: "", kind: .hidden, value: own(next) ?? "")),
                .field(
                    FieldView(
                        name: "login",
                        label: visit.text("portal.sign-in.login"),
                        value: login,
                        hint: visit.text("portal.sign-in.login-hint"),
                        errors: errors,
                        autocomplete: "username",
                        lengthMax: 60
                    )
                ),
                .field(
                    FieldView(
                        name: "password",
                        label: visit.text("portal.sign-in.password"),
                        kind: .password,
                        autocomplete: "current-password",
                        lengthMax: 128
                    )
                ),
            ],
            errors: ErrorSummary(errors.map { ErrorSummary.Line($0, field: "login") }, visit: visit),
            submit: visit.text("portal.sign-in.submit")
        )
        let demo = (desk.demoAccounts ?? []).map { line in
            SignInPage.Demo(
                login: line.login,
                name: line.name,
                role: visit.text(role(of: line)),
                password: line.password,
                next: own(next) ?? ""
            )
        }
        return .page(
            "portal/sign-in",
            SignInPage(
                form: form,
                phone: Reply.path(PhonePages.path, next: own(next)),
                demo: demo,
                hasDemo: !demo.isEmpty
            ),
            heading: Heading(
                visit.text("portal.sign-in.title"),
                crumbs: [.init(visit.text("portal.nav.home"), href: "/")],
                hasErrors: refusal != nil
            ),
            status: refusal.map { $0.status == .tooMany ? 429 : 422 } ?? 200
        ).with(retryAfter: (refusal as? IdentityError)?.retrySeconds)
    }

    private static func role(of line: DemoAccounts.Line) -> String {
        if line.kind == .person {
            return line.agentNumber.isEmpty ? "portal.demo.person" : "portal.demo.agent"
        }
        return "portal.demo.\(line.role)"
    }

    private static func signIn(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let login = visit.form.trimmed("login") ?? ""
        let next = visit.form.trimmed("next")
        let signedIn: SignedIn
        do {
            signedIn = try await SignIn.withPassword(
                Login(typed: login),
                password: visit.form["password"] ?? "",
                origin: origin(visit),
                settings: desk.identity,
                occasion: visit.occasion,
                database: desk.database
            )
        } catch let refusal as IdentityError {
            return page(visit, desk, next: next, login: login, refusal: refusal)
        }
        return try await entered(signedIn, next: next, visit, desk)
    }

    static func origin(_ visit: Visit) -> SignInOrigin {
        SignInOrigin(
            address: visit.address,
            device: visit.headers["user-agent"] ?? "",
            deviceToken: visit.cookie("suban-device")
        )
    }

    /// The new session takes the place of the one that the browser brought.
    static func entered(_ signedIn: SignedIn, next: String?, _ visit: Visit, _ desk: PortalDesk) async throws
        -> Reply
    {
        try await signOutBefore(visit, desk)
        if signedIn.missing != nil {
            return .redirect(to: CodePages.path, next: own(next))
                .setting(CodePages.pending(signedIn.token)).setting(device(signedIn.deviceToken))
        }
        let now = visit.now
        let session = try await desk.database.read {
            try Sessions.find(token: signedIn.token, now: now, in: $0)
        }
        let isStaff = if case .staff = session?.principal { true } else { false }
        return .redirect(to: own(next) ?? (isStaff ? "/desk" : "/my"))
            .setting(.session(signedIn.token))
            .setting(device(signedIn.deviceToken))
    }

    private static func device(_ token: String) -> FreshCookie {
        FreshCookie(name: "suban-device", value: token, ageSecondsMax: 31_536_000)
    }

    private static func signOut(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        try await signOutBefore(visit, desk)
        return .redirect(to: "/").setting(.signedOut)
    }

    /// Ends the session that the browser brought, if it is one.
    private static func signOutBefore(_ visit: Visit, _ desk: PortalDesk) async throws {
        if let token = visit.cookie("suban-session") {
            let occasion = visit.occasion
            try await desk.database.write { tx in
                guard let session = try Sessions.find(token: token, now: occasion.now, in: tx) else { return }
                try Sessions.signOut(session, occasion: occasion, in: tx)
            }
        }
    }

    /// A path of this site, or nil.
    static func own(_ path: String?) -> String? {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.contains("\\"),
            path.utf8.count <= 1_000
        else { return nil }
        return path
    }
}

struct SignInPage: PageView {
    struct Demo: PageView {
        let login: String
        let name: String
        let role: String
        let password: String
        let next: String
    }

    let form: FormView
    /// The other way in, and to an account.
    let phone: String
    let demo: [Demo]
    let hasDemo: Bool
}

extension IdentityError {
    /// When it may be tried again, in seconds.
    var retrySeconds: Int? {
        switch self {
        case .locked(let minutes), .factorLocked(let minutes), .triesUsed(let minutes): minutes * 60
        case .codeTooSoon(let seconds): seconds
        default: nil
        }
    }
}

extension Reply {
    fileprivate func with(retryAfter seconds: Int?) -> Reply {
        guard let seconds else { return self }
        var reply = self
        reply.headers["Retry-After"] = String(seconds)
        return reply
    }
}
