import Identity
import Kernel
import Standards
import Storage
import Web

/// Who may act for a firm: the legal representative lets somebody, for some things and for a time, and takes it back;
/// who acts for another lays his right down himself.
enum RightsPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/wallet/{code}/rights",
                who: .applicants,
                scope: .relation,
                zh: "企业授权",
                en: "Who acts for a firm"
            ) { visit in
                let code = try visit.segment("code")
                return try await page(code, Typed(), visit, desk)
            },
            .page(
                .post,
                "/wallet/{code}/rights",
                who: .applicants,
                scope: .relation,
                zh: "授权他人",
                en: "Let somebody act for a firm"
            ) { visit in try await authorise(visit, desk) },
            .page(
                .post,
                "/wallet/{code}/rights/{right}/end",
                who: .applicants,
                scope: .relation,
                zh: "终止授权",
                en: "End a right"
            ) { visit in try await end(visit, desk) },
        ]
    }

    static func path(_ code: String) -> String { "/wallet/\(code)/rights" }

    /// What the pages of a firm ask for; the rest of the permission table has no page that a firm's people open.
    private static let offered = [
        WalletPages.reads, ActingPages.applies, WalletPages.ticks, SealActs.uses,
    ]

    /// A row of the permission table.
    static let authorises = "enterprise.authorise"

    private struct Typed {
        var person = PersonQuestions()
        var scope: [String] = []
        var until = ""
    }

    // MARK: acts

    private static func authorise(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let code = try visit.segment("code")
        try await desk.database.read { try desk.require(authorises, for: code, visit, in: $0) }
        let typed = Typed(
            person: PersonQuestions(visit.form),
            scope: visit.form.all("scope"),
            until: visit.form.trimmed("until") ?? ""
        )
        var wrong: [PersonQuestions.Wrong] = []
        let person = try typed.person.read(visit, desk, wrong: &wrong)
        if typed.scope.isEmpty { wrong.append(("scope", RightRefusal.nothing)) }
        let until = LocalDate(parsing: typed.until)
        if until == nil { wrong.append(("until", RightRefusal.noDay)) }
        guard wrong.isEmpty, let (name, document) = person, let until else {
            return try await page(code, typed, visit, desk, wrong: wrong)
        }
        do {
            let occasion = visit.occasion
            try await desk.database.write { tx in
                try desk.require(authorises, for: code, visit, in: tx)
                guard
                    let agent = try People.find(document: document, keys: desk.identity.keys, in: tx),
                    PersonName.areSame(agent.name, name.text)
                else { throw IdentityError.unknownPerson }
                try Enterprises.authorise(
                    agent.id,
                    for: code,
                    scope: Set(typed.scope),
                    from: visit.now.date,
                    until: until,
                    by: ID(try visit.someone().actor.id),
                    table: desk.permissions,
                    limits: desk.identity.limits,
                    occasion: occasion,
                    in: tx
                )
            }
            return .redirect(to: "\(path(code))#given")
        } catch let refusal as IdentityError {
            let field =
                switch refusal {
                case .authorisationTooLong, .badPeriod: "until"
                case .unknownOperation: "scope"
                default: "number"
                }
            return try await page(code, typed, visit, desk, wrong: [(field, refusal)])
        }
    }

    private static func end(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let code = try visit.segment("code")
        let right = ID<Authorisation>(try visit.segment("right"))
        let person = ID<Person>(try visit.someone().actor.id)
        let occasion = visit.occasion
        let isRepresentative = try await desk.database.write { tx in
            // Who has no right for the firm learns nothing of those of others.
            guard let acting = try Enterprises.acting(person, for: code, at: visit.now, in: tx),
                try Enterprises.authorisations(of: code, in: tx).contains(where: {
                    $0.id == right && (acting.isLegalRepresentative || $0.agent == person)
                })
            else { throw WebRefusal.notFound }
            try Enterprises.revoke(right, by: person, occasion: occasion, in: tx)
            return acting.isLegalRepresentative
        }
        return .redirect(to: isRepresentative ? "\(path(code))#given" : "/wallet")
    }

    // MARK: the page

    private static func page(
        _ code: String,
        _ typed: Typed,
        _ visit: Visit,
        _ desk: PortalDesk,
        wrong: [PersonQuestions.Wrong] = []
    ) async throws -> Reply {
        let person = ID<Person>(try visit.someone().actor.id)
        let (firm, given, mayAuthorise) = try await desk.database.read { reader in
            guard let firm = try Enterprises.find(code, in: reader),
                let acting = try Enterprises.acting(person, for: code, at: visit.now, in: reader)
            else { throw WebRefusal.notFound }
            let shown = try Enterprises.authorisations(of: code, in: reader)
                .filter { acting.isLegalRepresentative || $0.agent == person }
            return (
                firm, try shown.map { ($0, try People.find($0.agent, in: reader)?.name ?? "") },
                try desk.may(authorises, for: code, visit, in: reader)
            )
        }
        let cards = given.map { RightsPage.Card($0, who: $1, isOwn: $0.agent == person, visit: visit) }
        let view = RightsPage(
            lead: visit.text(mayAuthorise ? "rights.lead" : "rights.lead.own", ["name": firm.name]),
            given: cards,
            empty: cards.isEmpty
                ? EmptyView(visit.text("rights.empty"), text: visit.text("rights.empty.next")) : nil,
            form: mayAuthorise ? try form(code, typed, wrong, visit, desk) : nil
        )
        return .page(
            "portal/rights",
            view,
            heading: Heading(
                visit.text("rights.title"),
                crumbs: [
                    .init(visit.text("wallet.title"), href: "/wallet"),
                    .init(firm.name, href: "/wallet/\(code)"),
                ],
                section: "wallet",
                hasErrors: !wrong.isEmpty
            ),
            status: wrong.first?.refusal.status.rawValue ?? 200
        )
    }

    private static func form(
        _ code: String,
        _ typed: Typed,
        _ wrong: [PersonQuestions.Wrong],
        _ visit: Visit,
        _ desk: PortalDesk
    ) throws -> FormView {
        let years = try desk.identity.limits.value(.authorisationYearsMax, at: visit.now)
        let fields =
            typed.person.fields(
                words: { visit.text("rights.\($0)") },
                autocomplete: "off",
                wrong: wrong,
                visit,
                desk
            ) + [
                FieldView(
                    name: "scope",
                    label: visit.text("rights.scope"),
                    kind: .boxes,
                    options: offered.map {
                        FieldView.Option(
                            value: $0,
                            label: visit.text("right.\($0)"),
                            hint: $0 == SealActs.uses ? visit.text("right.seal.use.hint") : nil,
                            isChosen: typed.scope.contains($0)
                        )
                    },
                    errors: PersonQuestions.errors("scope", wrong, visit)
                ),
                FieldView(
                    name: "until",
                    label: visit.text("rights.until"),
                    kind: .date,
                    value: typed.until,
                    hint: visit.text("rights.until.hint", ["years": String(years)]),
                    errors: PersonQuestions.errors("until", wrong, visit)
                ),
            ]
        return FormView(
            action: path(code),
            elements: fields.map(FormView.Element.field),
            errors: PersonQuestions.summary(wrong, visit),
            submit: visit.text("rights.submit")
        )
    }
}

/// Template: `portal/rights`.
struct RightsPage: PageView {
    let lead: String
    let given: [Card]
    let empty: EmptyView?
    let form: FormView?

    struct Card: PageView {
        let who: String
        let rows: SummaryView
        let badge: BadgeView
        let mayEnd: Bool
        let isOwn: Bool
        let action: String

        init(_ right: Authorisation, who: String, isOwn: Bool, visit: Visit) {
            let isOver = right.revokedAt != nil || right.until < visit.now.date
            self.who = isOwn ? visit.text("rights.you") : who
            self.isOwn = isOwn
            mayEnd = !isOver
            action = "\(RightsPages.path(right.enterprise))/\(right.id)/end"
            badge = BadgeView(
                visit.text(
                    right.revokedAt != nil
                        ? "rights.state.ended" : isOver ? "rights.state.over" : "rights.state.valid"
                ),
                isOver ? .neutral : .good
            )
            rows = SummaryView(rows: [
                .init(
                    visit.text("rights.scope"),
                    right.scope.sorted().map { visit.text("right.\($0)") }.joined(
                        separator: visit.text("rights.and")
                    )
                ),
                .init(
                    visit.text("rights.period"),
                    visit.text(
                        "rights.period.days",
                        ["from": right.from.description, "until": right.until.description]
                    )
                ),
            ])
        }
    }
}

enum RightRefusal: Refusal {
    /// No box was ticked.
    case nothing
    /// The last day is none of the calendar.
    case noDay

    var code: String {
        switch self {
        case .nothing: "authorisation.nothing"
        case .noDay: "authorisation.no-day"
        }
    }
    var status: RefusalStatus { .unacceptable }
}
