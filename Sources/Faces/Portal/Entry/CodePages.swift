import Identity
import Kernel
import Storage
import Web

/// The second step of signing in: a code of the authenticator, or the enrolment that a post asks for, which begins with
/// a code from the security administrator. Until it is done the sign-in opens nothing else.
enum CodePages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/sign-in/code", who: .everyone, scope: .own, zh: "验证码登录", en: "Second step") {
                visit in
                guard let pending = try await Self.pending(visit, desk) else { return ended }
                return try await page(pending, visit, desk, next: visit.query.trimmed("next"))
            },
            .page(.post, "/sign-in/code", who: .everyone, scope: .own, zh: "验证码登录", en: "Second step") {
                visit in
                guard let pending = try await Self.pending(visit, desk) else { return ended }
                return try await send(pending, visit, desk)
            },
        ]
    }

    private static let cookieName = "suban-step"

    /// The token of a half sign-in; it is worth nothing but this page, and not for long.
    static func pending(_ token: String) -> FreshCookie { FreshCookie(name: cookieName, value: token) }

    static let path = "/sign-in/code"

    private static var ended: Reply { .redirect(to: "/sign-in") }

    private static func pending(_ visit: Visit, _ desk: PortalDesk) async throws -> SecondFactor.Pending? {
        guard let token = visit.cookie(cookieName) else { return nil }
        let now = visit.now
        return try await desk.database.read { try SecondFactor.pending(token, now: now, in: $0) }
    }

    private static func send(_ pending: SecondFactor.Pending, _ visit: Visit, _ desk: PortalDesk) async throws
        -> Reply
    {
        let next = SignInPages.own(visit.form.trimmed("next"))
        do {
            if pending.missing == .handedCode {
                try await SecondFactor.admit(
                    pending,
                    code: visit.form.trimmed("code") ?? "",
                    settings: desk.identity,
                    occasion: visit.occasion,
                    database: desk.database
                )
                return .redirect(to: path, next: next)
            }
            let done = try await SecondFactor.complete(
                pending,
                code: visit.form.trimmed("code") ?? "",
                settings: desk.identity,
                occasion: visit.occasion,
                database: desk.database
            )
            let target = next ?? (pending.account.kind == .staff ? "/desk" : "/my")
            let reply =
                done.recovery.isEmpty
                ? Reply.redirect(to: target)
                : FactorPages.recovery(done.recovery, onward: target, visit)
            return reply.setting(.session(done.token))
                .setting(FreshCookie(name: cookieName, value: "", ageSecondsMax: 0))
        } catch let refusal as IdentityError {
            // Somebody else may have begun or finished meanwhile.
            guard let still = try await Self.pending(visit, desk) else { return ended }
            return try await page(still, visit, desk, next: next, refusal: refusal)
        }
    }

    private static func page(
        _ pending: SecondFactor.Pending,
        _ visit: Visit,
        _ desk: PortalDesk,
        next: String?,
        refusal: IdentityError? = nil
    ) async throws -> Reply {
        var secret: [UInt8]?
        if pending.missing == .enrol {
            secret = try await desk.database.read {
                try SecondFactor.secret(
                    of: pending.account.id,
                    session: pending.session,
                    settings: desk.identity,
                    in: $0
                )
            }
        }
        let form = FactorPages.form(
            action: path,
            next: SignInPages.own(next) ?? "",
            step: pending.missing,
            refusal: refusal,
            visit
        )
        return .page(
            "portal/factor",
            try FactorPage(
                pending.missing,
                secret: secret,
                account: pending.account,
                form: form,
                visit: visit
            ),
            heading: Heading(
                visit.text(pending.missing == .code ? "portal.factor.title" : "portal.factor.enrol"),
                crumbs: [.init(visit.text("portal.nav.home"), href: "/")],
                hasErrors: refusal != nil
            ),
            status: refusal.map { $0.status.rawValue } ?? 200
        )
    }
}
