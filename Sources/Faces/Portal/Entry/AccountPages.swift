import Identity
import Kernel
import Storage
import Web

/// 账号与安全: password, second factor, and where one is signed in. For people and for staff.
enum AccountPages {
    static let holders = Set<Role>.applicants.union(Set<Role>.staff)

    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/account", who: holders, scope: .own, zh: "账号与安全", en: "Account and safety") {
                visit in
                try await page(visit, desk)
            },
            .page(
                .post,
                "/account/password",
                who: holders,
                scope: .own,
                zh: "修改密码",
                en: "Change the password"
            ) { visit in
                let account = try await Self.account(visit, desk)
                let new = visit.form["new"] ?? ""
                do {
                    guard new == visit.form["again"] ?? "" else { throw IdentityError.passwordsDiffer }
                    try await Accounts.changePassword(
                        of: account,
                        from: visit.form["old"] ?? "",
                        to: new,
                        settings: desk.identity,
                        occasion: visit.occasion,
                        database: desk.database
                    )
                } catch let refusal as IdentityError {
                    return try await page(visit, desk, refusal: refusal)
                }
                // Every session has ended, this one too.
                return .redirect(to: "/sign-in").setting(.signedOut)
            },
            .page(
                .post,
                "/account/sessions/end",
                who: holders,
                scope: .own,
                zh: "让其他设备全部下线",
                en: "Sign all other devices out"
            ) { visit in
                let account = try await Self.account(visit, desk)
                let (own, occasion) = (try visit.someone().session, visit.occasion)
                try await desk.database.write { tx in
                    try Sessions.kickOthers(own, of: account.id, occasion: occasion, in: tx)
                }
                return .redirect(to: "/account")
            },
            .page(
                .post,
                "/account/sessions/{session}/end",
                who: holders,
                scope: .own,
                zh: "让设备下线",
                en: "Sign a device out"
            ) { visit in
                let account = try await Self.account(visit, desk)
                let (session, occasion) = (try visit.segment("session"), visit.occasion)
                do {
                    try await desk.database.write { tx in
                        try Sessions.kick(session, of: account.id, occasion: occasion, in: tx)
                    }
                } catch IdentityError.sessionEnded {
                    throw WebRefusal.notFound
                }
                return .redirect(to: "/account")
            },
        ] + FactorPages.routes(desk)
    }

    /// The account behind the visitor's session.
    static func account(_ visit: Visit, _ desk: PortalDesk) async throws -> Account {
        let session = try visit.someone().session
        return try await desk.database.read { try Sessions.account(of: session, in: $0) }
    }

    static func page(_ visit: Visit, _ desk: PortalDesk, refusal: IdentityError? = nil) async throws -> Reply
    {
        let account = try await Self.account(visit, desk)
        let (now, own) = (visit.now, visit.visitor?.session)
        let (standing, isNeeded, lines, notices) = try await desk.database.read { reader in
            (
                try SecondFactor.standing(of: account.id, in: reader),
                try SecondFactor.isNeeded(by: account, settings: desk.identity, on: now.date, in: reader),
                try Sessions.list(of: account.id, now: now, in: reader),
                try AccountNotices.list(of: account.id, limits: desk.identity.limits, now: now, in: reader)
            )
        }
        let person = account.kind == .person ? try await RealNamePages.person(visit, desk) : nil
        var notice: NoticeView?
        if let refusal {
            let words = visit.explain(refusal)
            notice = NoticeView(.bad, title: words.wrong, words.next)
        }
        let view = AccountPage(
            notice: notice,
            told: notices.map { told($0, visit) },
            realName: person.map { realName($0, visit) },
            acting: try account.kind == .person ? acting(visit) : nil,
            password: account.hasPassword ? password(visit) : nil,
            factor: FactorLine(standing, isNeeded: isNeeded, hasPassword: account.hasPassword, visit: visit),
            sessions: lines.map { row($0, own: own, visit) },
            hasOthers: lines.contains { $0.id != own }
        )
        return .page(
            "portal/account",
            view,
            heading: Heading(
                visit.text("portal.account.title"),
                crumbs: [.init(visit.text("portal.nav.home"), href: "/")],
                hasErrors: refusal != nil
            ),
            status: refusal.map { $0.status == .signInNeeded ? 422 : $0.status.rawValue } ?? 200
        )
    }

    private static func row(_ line: SessionLine, own: String?, _ visit: Visit) -> SessionRow {
        SessionRow(
            device: DeviceWords.text(line.device, visit),
            times: visit.text(
                line.isPending ? "portal.account.session-half" : "portal.account.session-times",
                ["created": line.created.minuteText, "seen": line.seen.minuteText]
            ),
            isThis: line.id == own,
            action: "/account/sessions/\(line.id)/end"
        )
    }

    /// How surely the platform knows whose account it is.
    private static func realName(_ person: Person, _ visit: Visit) -> NoticeView {
        let text = visit.text(
            "portal.real-name.level-\(person.level.rawValue)",
            ["name": person.name, "number": person.documentMasked]
        )
        guard person.level < .face else { return NoticeView(.good, text) }
        return NoticeView(.warn, text, link: (visit.text("portal.real-name.title"), RealNamePages.path))
    }

    /// For whom he goes on, and where to change it.
    private static func acting(_ visit: Visit) throws -> NoticeView {
        let words = try ActingPages.firm(visit).map { visit.text("acting.now", ["name": $0.name]) }
        return NoticeView(
            .info,
            words ?? visit.text("acting.now.self"),
            link: (visit.text("acting.change"), ActingPages.path)
        )
    }

    /// What happened to the account, in case it was not its owner.
    private static func told(_ notice: AccountNotice, _ visit: Visit) -> NoticeView {
        let at = ["at": notice.at.minuteText]
        switch notice.kind {
        case .guessed: return NoticeView(.warn, visit.text("portal.account.told-guessed", at))
        case .passwordGuessed:
            return NoticeView(.warn, visit.text("portal.account.told-password", at))
        case .codeHanded: return NoticeView(.info, visit.text("portal.account.told-code", at))
        case .factorMoved: return NoticeView(.warn, visit.text("portal.account.told-moved", at))
        case .factorRemoved: return NoticeView(.warn, visit.text("portal.account.told-removed", at))
        case .recoveryRenewed: return NoticeView(.info, visit.text("portal.account.told-recovery", at))
        case .factorTaken:
            let reason = notice.reason.map { visit.text("factor.reason.\($0.rawValue)") } ?? "—"
            return NoticeView(
                .warn,
                visit.text("portal.account.told-taken", at.merging(["reason": reason]) { $1 })
            )
        }
    }

    private static func password(_ visit: Visit) -> FormView {
        func field(_ name: String, _ token: String) -> FormView.Element {
            .field(
                FieldView(
                    name: name,
                    label: visit.text("portal.account.password-\(name)"),
                    kind: .password,
                    autocomplete: token,
                    lengthMax: 128
                )
            )
        }
        return FormView(
            action: "/account/password",
            elements: [
                field("old", "current-password"), field("new", "new-password"),
                field("again", "new-password"),
            ],
            submit: visit.text("portal.account.password-submit")
        )
    }
}

struct AccountPage: PageView {
    let notice: NoticeView?
    let told: [NoticeView]
    let realName: NoticeView?
    let acting: NoticeView?
    let password: FormView?
    let factor: FactorLine
    let sessions: [SessionRow]
    let hasOthers: Bool
}

/// How the second factor stands, and what may be done about it.
struct FactorLine: PageView {
    let words: String
    let mayStart: Bool
    /// With a code: another authenticator, other recovery codes.
    let mayChange: Bool
    let mayEnd: Bool

    init(_ standing: SecondFactor.Standing, isNeeded: Bool, hasPassword: Bool, visit: Visit) {
        switch standing {
        case .none:
            words = visit.text(isNeeded ? "portal.account.factor-by-code" : "portal.account.factor-none")
            (mayStart, mayChange, mayEnd) = (hasPassword && !isNeeded, false, false)
        case .on(let since, let left):
            words = visit.text(
                isNeeded ? "portal.account.factor-needed" : "portal.account.factor-on",
                ["since": since.minuteText, "left": String(left)]
            )
            (mayStart, mayChange, mayEnd) = (false, true, !isNeeded)
        }
    }
}

struct SessionRow: PageView {
    let device: String
    let times: String
    let isThis: Bool
    let action: String
}
