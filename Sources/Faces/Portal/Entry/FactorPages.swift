import Identity
import Kernel
import Storage
import Web

/// The second factor of one's own account: enrolling, recovery codes, taking it away.
enum FactorPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .post,
                "/account/factor/start",
                who: AccountPages.holders,
                scope: .own,
                zh: "启用双因素登录",
                en: "Begin the second factor"
            ) { visit in
                let account = try await AccountPages.account(visit, desk)
                let occasion = visit.occasion
                try await desk.database.write { tx in
                    try SecondFactor.begin(account.id, settings: desk.identity, occasion: occasion, in: tx)
                }
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
                let standing = try await desk.database.read {
                    try SecondFactor.standing(of: account.id, in: $0)
                }
                guard standing == .begun else { return .redirect(to: "/account") }
                return try await page(account, visit, desk)
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
            .page(
                .post,
                "/account/factor/end",
                who: AccountPages.holders,
                scope: .own,
                zh: "停用双因素登录",
                en: "Take the second factor away"
            ) { visit in
                let account = try await AccountPages.account(visit, desk)
                do {
                    try await SecondFactor.remove(
                        account,
                        code: visit.form.trimmed("code") ?? "",
                        settings: desk.identity,
                        occasion: visit.occasion,
                        database: desk.database
                    )
                } catch let refusal as IdentityError {
                    return try await AccountPages.page(visit, desk, refusal: refusal)
                }
                return .redirect(to: "/account")
            },
        ]
    }

    static func form(
        action: String,
        next: String,
        takesRecovery: Bool,
        refusal: IdentityError?,
        _ visit: Visit
    ) -> FormView {
        var errors: [String] = []
        if let refusal {
            let words = visit.explain(refusal)
            errors = ["\(words.wrong) \(words.next)"]
        }
        return FormView(
            action: action,
            elements: [
                .field(FieldView(name: "next", label: "", kind: .hidden, value: next)),
                .field(
                    FieldView(
                        name: "code",
                        label: visit.text("portal.factor.code"),
                        kind: takesRecovery ? .text : .oneTimeCode,
                        hint: visit.text(
                            takesRecovery ? "portal.factor.code-hint" : "portal.factor.first-hint"
                        ),
                        errors: errors,
                        autocomplete: "one-time-code",
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
        let secret = try await desk.database.read {
            try SecondFactor.secret(of: account.id, settings: desk.identity, in: $0)
        }
        let form = Self.form(
            action: "/account/factor",
            next: "",
            takesRecovery: false,
            refusal: refusal,
            visit
        )
        return .page(
            "portal/factor",
            try FactorPage(secret: secret, account: account, form: form, visit: visit),
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
    /// In groups of four, to be typed where no camera is.
    let secretText: String?
    let qrMarkup: Markup?
    let form: FormView

    init(secret: [UInt8]?, account: Account, form: FormView, visit: Visit) throws {
        isEnrolling = secret != nil
        self.form = form
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
