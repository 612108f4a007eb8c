import Identity
import Kernel
import Storage
import Web

/// The second factor of one's own account: enrolling, moving it, recovery codes, taking it away.
enum FactorPages {
    static func routes(_ desk: PortalDesk) -> [Route] { enrolling(desk) + changing(desk) }

    private static func enrolling(_ desk: PortalDesk) -> [Route] {
        [
            act("start", zh: "启用双因素登录", en: "Begin the second factor", desk) { visit, account, session in
                try await SecondFactor.start(
                    account,
                    password: visit.form["password"] ?? "",
                    session: session,
                    settings: desk.identity,
                    occasion: visit.occasion,
                    database: desk.database
                )
                return .redirect(to: "/account/factor")
            },
            .page(
                .get,
                "/account/factor",
                who: AccountPages.holders,
                scope: .own,
                zh: "绑定身份验证器",
                en: "Enrol an authenticator"
            ) { visit in
                let account = try await AccountPages.account(visit, desk)
                do { return try await page(account, visit, desk) } catch IdentityError.factorNotBegun {
                    return .redirect(to: "/account")
                }
            },
            .page(
                .post,
                "/account/factor",
                who: AccountPages.holders,
                scope: .own,
                zh: "绑定身份验证器",
                en: "Enrol an authenticator"
            ) { visit in
                let account = try await AccountPages.account(visit, desk)
                do {
                    let codes = try await SecondFactor.enrol(
                        account.id,
                        code: visit.form.trimmed("code") ?? "",
                        session: try visit.someone().session,
                        settings: desk.identity,
                        occasion: visit.occasion,
                        database: desk.database
                    )
                    return recovery(codes, onward: "/account", visit)
                } catch IdentityError.factorNotBegun {
                    return .redirect(to: "/account")
                } catch let refusal as IdentityError {
                    return try await page(account, visit, desk, refusal: refusal)
                }
            },
        ]
    }

    /// What is done with a code of the factor in force.
    private static func changing(_ desk: PortalDesk) -> [Route] {
        [
            act("move", zh: "更换身份验证器", en: "Move to another authenticator", desk) {
                visit,
                account,
                session in
                try await SecondFactor.move(
                    account.id,
                    code: visit.form.trimmed("code") ?? "",
                    session: session,
                    settings: desk.identity,
                    occasion: visit.occasion,
                    database: desk.database
                )
                return .redirect(to: "/account/factor")
            },
            act("recovery", zh: "更换恢复码", en: "Renew the recovery codes", desk) { visit, account, session in
                let codes = try await SecondFactor.renewRecovery(
                    of: account.id,
                    code: visit.form.trimmed("code") ?? "",
                    session: session,
                    settings: desk.identity,
                    occasion: visit.occasion,
                    database: desk.database
                )
                return recovery(codes, onward: "/account", visit)
            },
            act("end", zh: "停用双因素登录", en: "Take the second factor away", desk) { visit, account, session in
                try await SecondFactor.remove(
                    account,
                    code: visit.form.trimmed("code") ?? "",
                    session: session,
                    settings: desk.identity,
                    occasion: visit.occasion,
                    database: desk.database
                )
                return .redirect(to: "/account")
            },
        ]
    }

    /// A form of the account's page; a refusal is said there.
    private static func act(
        _ name: String,
        zh: String,
        en: String,
        _ desk: PortalDesk,
        _ work: @escaping @Sendable (Visit, Account, _ session: String) async throws -> Reply
    ) -> Route {
        .page(.post, "/account/factor/\(name)", who: AccountPages.holders, scope: .own, zh: zh, en: en) {
            visit in
            let account = try await AccountPages.account(visit, desk)
            do { return try await work(visit, account, visit.someone().session) } catch let refusal
                as IdentityError
            {
                return try await AccountPages.page(visit, desk, refusal: refusal)
            }
        }
    }

    static func form(
        action: String,
        next: String,
        step: SecondStep,
        refusal: IdentityError?,
        _ visit: Visit
    ) -> FormView {
        var errors: [String] = []
        if let refusal {
            errors = [visit.sentence(refusal)]
        }
        let (label, hint) =
            switch step {
            case .code: ("portal.factor.code", "portal.factor.code-hint")
            case .enrol: ("portal.factor.code", "portal.factor.first-hint")
            case .handedCode: ("portal.factor.handed", "portal.factor.handed-hint")
            }
        return FormView(
            action: action,
            elements: [
                .field(FieldView(name: "next", label: "", kind: .hidden, value: next)),
                .field(
                    FieldView(
                        name: "code",
                        label: visit.text(label),
                        kind: step == .enrol ? .oneTimeCode : .text,
                        hint: visit.text(hint),
                        errors: errors,
                        autocomplete: step == .handedCode ? "off" : "one-time-code",
                        lengthMax: 20
                    )
                ),
            ],
            errors: ErrorSummary(errors.map { ErrorSummary.Line($0, field: "code") }, visit: visit),
            submit: visit.text("portal.factor.submit")
        )
    }

    private static func page(
        _ account: Account,
        _ visit: Visit,
        _ desk: PortalDesk,
        refusal: IdentityError? = nil
    ) async throws -> Reply {
        let session = try visit.someone().session
        let secret = try await desk.database.read {
            try SecondFactor.secret(of: account.id, session: session, settings: desk.identity, in: $0)
        }
        let form = Self.form(action: "/account/factor", next: "", step: .enrol, refusal: refusal, visit)
        return .page(
            "portal/factor",
            try FactorPage(.enrol, secret: secret, account: account, form: form, visit: visit),
            heading: Heading(
                visit.text("portal.factor.enrol"),
                crumbs: [.init(visit.text("portal.account.title"), href: "/account")],
                hasErrors: refusal != nil
            ),
            status: refusal.map { $0.status.rawValue } ?? 200
        )
    }

    /// The recovery codes, this once.
    static func recovery(_ codes: [String], onward: String, _ visit: Visit) -> Reply {
        .page(
            "portal/recovery",
            RecoveryPage(codes: codes.map(RecoveryPage.Code.init(text:)), onward: onward),
            heading: Heading(visit.text("portal.factor.recovery"))
        )
    }
}

struct RecoveryPage: PageView {
    struct Code: PageView {
        let text: String
    }

    let codes: [Code]
    let onward: String
}

struct FactorPage: PageView {
    let isEnrolling: Bool
    let lead: String
    /// In groups of four, to be typed where no camera is.
    let secretText: String?
    let qrMarkup: Markup?
    let form: FormView

    init(_ step: SecondStep, secret: [UInt8]?, account: Account, form: FormView, visit: Visit) throws {
        isEnrolling = secret != nil
        self.form = form
        lead =
            switch step {
            case .code: visit.text("portal.factor.text")
            case .enrol: visit.text("portal.factor.enrol-text")
            case .handedCode: visit.text("portal.factor.handed-text")
            }
        let key = secret.map(TimeCode.base32)
        secretText = key.map { key in
            stride(from: 0, to: key.count, by: 4).map { start in
                String(key.dropFirst(start).prefix(4))
            }.joined(separator: " ")
        }
        // The label tells the entries of one authenticator apart; an account's identifier is nobody's name.
        let label = "Suban:\(account.id.rawValue.suffix(6))"
        qrMarkup = try key.map {
            try QRCode.markup(
                "otpauth://totp/\(label)?secret=\($0)&issuer=Suban&algorithm=SHA1&digits=6&period=30",
                title: visit.text("portal.factor.qr")
            )
        }
    }
}
