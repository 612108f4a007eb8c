import Identity
import Kernel
import Storage
import Web

/// For whom a person goes on: for himself, or for one of the firms that let him act with their licences.
enum ActingPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, path, who: .applicants, scope: .own, zh: "选择办理身份", en: "For whom I act") { visit in
                try await choose(visit, desk)
            },
            .page(.post, path, who: .applicants, scope: .own, zh: "切换办理身份", en: "Act for another") { visit in
                try await act(visit, desk)
            },
        ]
    }

    static let path = "/account/acting"

    /// A row of the permission table: applying for a firm.
    static let applies = "licence.use"

    /// Where a firm is chosen before what only firms apply for goes on.
    static func path(next: String) -> String { Reply.path(path, next: next) }

    /// The firm for which the visitor acts in his session.
    static func firm(_ visit: Visit) throws -> ActingFor? {
        guard case .person(_, _, _, let acting)? = try visit.someone().principal as? Principal else {
            return nil
        }
        return acting
    }

    private static func firms(_ visit: Visit, _ desk: PortalDesk) async throws -> [Enterprise] {
        let person = ID<Person>(try visit.someone().actor.id)
        return try await desk.database.read { reader in
            try Enterprises.actable(by: person, on: visit.now.date, in: reader)
                .filter { try desk.may(applies, for: $0.code, visit, in: reader) }
        }
    }

    private static func choose(
        _ visit: Visit,
        _ desk: PortalDesk,
        refusal: IdentityError? = nil
    ) async throws -> Reply {
        let next = SignInPages.own((visit.method == .post ? visit.form : visit.query).trimmed("next"))
        let acting = try firm(visit)
        let firms = try await firms(visit, desk)
        let options =
            firms.map { firm in
                FieldView.Option(
                    value: firm.code,
                    label: firm.name,
                    isChosen: acting?.enterprise == firm.code
                        || (acting == nil && next != nil && firms.count == 1)
                )
            } + [
                FieldView.Option(
                    value: "",
                    label: visit.text("acting.self"),
                    isChosen: acting == nil && next == nil
                )
            ]
        let field = FieldView(
            name: "enterprise",
            label: visit.text("acting.whom"),
            kind: .radios,
            options: options,
            errors: refusal.map { [visit.sentence($0)] } ?? []
        )
        let view = ActingPage(
            lead: visit.text("acting.lead"),
            form: firms.isEmpty
                ? nil
                : FormView(
                    action: path,
                    elements: [
                        .field(FieldView(name: "next", label: "", kind: .hidden, value: next ?? "")),
                        .field(field),
                    ],
                    errors: ErrorSummary(
                        refusal.map { [.init(visit.sentence($0), field: "enterprise")] } ?? [],
                        visit: visit
                    ),
                    submit: visit.text("acting.submit"),
                    back: next
                ),
            empty: firms.isEmpty
                ? EmptyView(
                    visit.text("acting.empty"),
                    text: visit.text("acting.empty.next"),
                    link: (visit.text("wallet.title"), "/wallet")
                ) : nil
        )
        return .page(
            "portal/acting",
            view,
            heading: Heading(
                visit.text("acting.title"),
                crumbs: [.init(visit.text("portal.account.title"), href: "/account")],
                hasErrors: refusal != nil
            ),
            status: refusal?.status.rawValue ?? 200
        )
    }

    private static func act(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let wish = visit.form.trimmed("enterprise") ?? ""
        let chosen = wish.isEmpty ? nil : wish
        let next = SignInPages.own(visit.form.trimmed("next")) ?? "/account"
        guard try firm(visit)?.enterprise != chosen else { return .redirect(to: next) }
        guard let cookie = visit.cookie("suban-session") else { throw IdentityError.sessionEnded }
        let occasion = visit.occasion
        do {
            let token = try await desk.database.write { tx in
                guard let session = try Sessions.find(token: cookie, now: occasion.now, in: tx) else {
                    throw IdentityError.sessionEnded
                }
                return try Sessions.act(
                    for: chosen,
                    session,
                    occasion: occasion,
                    in: tx
                )
            }
            return .redirect(to: next).setting(
                .session(token)
            )
        } catch IdentityError.notLegalRepresentative {
            return try await choose(visit, desk, refusal: .notLegalRepresentative)
        }
    }
}

struct ActingPage: PageView {
    let lead: String
    let form: FormView?
    let empty: EmptyView?
}
