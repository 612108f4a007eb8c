import Audit
import Identity
import Kernel
import Standards
import Storage
import Web

/// Second factors of staff, for the security administrator: codes to enrol with, and taking away a lost one. What is
/// done stands in the log and on the owner's page; nobody does it for himself.
enum AccountDeskPages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .get,
                "/desk/accounts",
                who: [.securityAdmin],
                scope: .platform,
                zh: "工作人员的双因素登录",
                en: "Second factors of staff"
            ) { visit in
                try guarded(visit, desk)
                let login = visit.query.trimmed("login") ?? ""
                let id = visit.query.trimmed("account").map { ID<Account>($0) }
                let keys = desk.identity.keys
                let found = try await desk.database.read { reader in
                    if let id { return try Accounts.find(id, in: reader) }
                    return login.isEmpty
                        ? nil : try Accounts.find(login: Login(typed: login), keys: keys, in: reader)
                }
                let staff = found.flatMap { $0.kind == .staff ? $0 : nil }
                return try await page(staff, login: login, hasAsked: id != nil || !login.isEmpty, visit, desk)
            },
            .page(
                .post,
                "/desk/accounts/{account}/code",
                who: [.securityAdmin],
                scope: .platform,
                zh: "发放绑定码",
                en: "Hand out a code to enrol with"
            ) { visit in
                let account = try await account(visit, desk)
                guard let how = visit.form.trimmed("identified"), identifications.contains(how) else {
                    throw WebRefusal.badField(name: visit.text("accounts.identified"))
                }
                try ActView.requireConfirmation(visit)
                let identity = desk.identity
                let occasion = visit.occasion.because(visit.text("accounts.identified.\(how)"))
                return try await answer(account, visit, desk) {
                    let handed = try await desk.database.write { tx in
                        try SecondFactor.handOut(
                            to: account,
                            keys: identity.keys,
                            limits: identity.limits,
                            occasion: occasion,
                            in: tx
                        )
                    }
                    return try await page(account, handed: handed, visit, desk)
                }
            },
            .page(
                .post,
                "/desk/accounts/{account}/factor/end",
                who: [.securityAdmin],
                scope: .platform,
                zh: "停用他人的双因素登录",
                en: "Take a second factor away"
            ) { visit in
                let account = try await account(visit, desk)
                guard let reason = visit.form.trimmed("reason").flatMap(FactorReason.init(rawValue:)) else {
                    throw WebRefusal.badField(name: visit.text("accounts.reason"))
                }
                let (identity, occasion) = (desk.identity, visit.occasion)
                return try await answer(account, visit, desk) {
                    try await desk.database.write { tx in
                        try SecondFactor.takeAway(
                            from: account,
                            reason: reason,
                            keys: identity.keys,
                            limits: identity.limits,
                            occasion: occasion,
                            in: tx
                        )
                    }
                    return .redirect(to: "/desk/accounts?account=\(account.id)")
                }
            },
        ]
    }

    /// How somebody shows who he is before he gets a code.
    private static let identifications = ["identity-card", "staff-card", "superior"]

    /// A code is handed out to whoever was identified, after a second thought.
    private static func codeAct(_ account: Account, _ visit: Visit) -> ActView {
        let first = ActView.Option(value: "", label: visit.text("workbench.box.choose"))
        return ActView(
            visit.text("accounts.hand-out"),
            action: "/desk/accounts/\(account.id)/code",
            key: "",
            version: "",
            hint: visit.text("accounts.hand-out.hint"),
            style: "btn-primary",
            boxes: [
                .init(
                    "identified",
                    visit.text("accounts.identified"),
                    of: "code",
                    options: [first]
                        + identifications.map {
                            .init(value: $0, label: visit.text("accounts.identified.\($0)"))
                        }
                ),
                ActView.confirmation(of: "code", visit),
            ]
        )
    }

    private static func guarded(_ visit: Visit, _ desk: WorkbenchDesk) throws {
        _ = try desk.permissions.scope("staff.manage", of: try desk.seat(visit).principal)
    }

    /// The account of a member of staff.
    private static func account(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Account {
        try guarded(visit, desk)
        let id = ID<Account>(try visit.segment("account"))
        guard let found = try await desk.database.read({ try Accounts.find(id, in: $0) }),
            found.kind == .staff
        else { throw WebRefusal.notFound }
        return found
    }

    /// What was done, or on the same page why it was not.
    private static func answer(
        _ account: Account,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        _ work: () async throws -> Reply
    ) async throws -> Reply {
        do { return try await work() } catch let refusal as IdentityError {
            try await desk.database.write { tx in
                _ = try AuditLog.refused(
                    "account.factor",
                    object: "account:\(account.id)",
                    refusal: refusal,
                    occasion: visit.occasion,
                    in: tx
                )
            }
            return try await page(account, refusal: refusal, visit, desk)
        }
    }

    private static func page(
        _ account: Account?,
        login: String = "",
        hasAsked: Bool = true,
        handed: (code: String, until: Instant)? = nil,
        refusal: IdentityError? = nil,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> Reply {
        var notice: NoticeView?
        if let refusal {
            let words = visit.explain(refusal)
            notice = NoticeView(.bad, title: words.wrong, words.next)
        }
        let found: AccountDeskView.Found? =
            if let account { try await Self.found(account, visit, desk) } else { nil }
        return .page(
            "workbench/accounts",
            AccountDeskView(
                notice: notice,
                login: login,
                isNothing: account == nil && hasAsked,
                handed: handed.map {
                    AccountDeskView.Handed(
                        code: $0.code,
                        words: visit.text("accounts.handed", ["until": $0.until.minuteText])
                    )
                },
                found: found
            ),
            heading: Heading(visit.text("accounts.title"), section: "accounts", hasErrors: refusal != nil),
            status: refusal.map { $0.status.rawValue } ?? 200
        )
    }

    private static func found(_ account: Account, _ visit: Visit, _ desk: WorkbenchDesk) async throws
        -> AccountDeskView.Found
    {
        let day = visit.now.date
        let (staff, posts, standing, isNeeded) = try await desk.database.read { reader in
            (
                try StaffRegister.find(ID(account.holder), in: reader),
                try StaffRegister.posts(of: ID(account.holder), in: reader).filter { $0.isInForce(on: day) },
                try SecondFactor.standing(of: account.id, in: reader),
                try SecondFactor.isNeeded(by: account, settings: desk.identity, on: day, in: reader)
            )
        }
        let isOwn = visit.visitor?.actor.id == account.holder
        let isOn = if case .on = standing { true } else { false }
        let words =
            switch standing {
            case .none: visit.text(isNeeded ? "accounts.needed" : "accounts.none")
            case .on(let since, let left):
                visit.text("accounts.on", ["since": since.minuteText, "left": String(left)])
            }
        let places = posts.map { post in
            let agency = desk.standards.agencies[post.agency]?.name ?? post.agency
            return
                "\(desk.standards.regions[post.region]?.name ?? "") \(agency) \(visit.text("portal.demo.\(post.role.rawValue)"))"
        }
        return AccountDeskView.Found(
            facts: SummaryView(rows: [
                .init(visit.text("accounts.name"), visit.dash(staff?.name)),
                .init(visit.text("accounts.posts"), visit.dash(places.joined(separator: "；"))),
                .init(visit.text("accounts.factor"), words),
            ]),
            isOwn: isOwn,
            codeAct: isOwn || isOn ? nil : codeAct(account, visit),
            endAction: isOwn || !isOn ? nil : "/desk/accounts/\(account.id)/factor/end",
            reasons: FactorReason.allCases.map {
                AccountDeskView.Reason(value: $0.rawValue, label: visit.text("factor.reason.\($0.rawValue)"))
            }
        )
    }
}

/// Template: `workbench/accounts`.
struct AccountDeskView: PageView {
    struct Reason: PageView {
        let value: String
        let label: String
    }

    /// Shown this once.
    struct Handed: PageView {
        let code: String
        let words: String
    }

    struct Found: PageView {
        let facts: SummaryView
        let isOwn: Bool
        let codeAct: ActView?
        let endAction: String?
        let reasons: [Reason]
    }

    let notice: NoticeView?
    let login: String
    let isNothing: Bool
    let handed: Handed?
    let found: Found?
}
