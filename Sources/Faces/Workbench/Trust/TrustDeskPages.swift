import Credentials
import Cryptography
import Identity
import Kernel
import Storage
import Web

/// The desk of trust: certificates that are to be revoked, authorities of others that count here; everything proposed by
/// one official and confirmed by another.
enum TrustDeskPages {
    static let all = "/desk/trust"
    static let reads = "trust.read"

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        func get(
            _ path: String,
            zh: String,
            en: String,
            _ work: @escaping @Sendable (Visit) async throws -> Reply
        )
            -> Route
        {
            .page(.get, path, who: .officers, scope: .platform, zh: zh, en: en, handle: work)
        }
        return [
            get(all, zh: "证书与互认机构", en: "Certificates and other authorities") { try await list($0, desk) },
            get("\(all)/certificates/{certificate}", zh: "一张证书", en: "One certificate") {
                try await certificate($0, desk)
            },
            get("\(all)/authorities/{authority}", zh: "一个互认机构", en: "One recognised authority") {
                try await authority($0, desk)
            },
        ] + TrustDeskActs.routes(desk)
    }

    static let navigation = NavigationEntry(
        section: "trust",
        path: all,
        label: "trust-desk.nav",
        icon: "patch-check-fill",
        places: [.desk],
        who: .officers,
        operation: reads
    )

    static func path(_ certificate: HolderCertificate) -> String { "\(all)/certificates/\(certificate.id)" }
    static func path(_ authority: RecognisedAuthority) -> String { "\(all)/authorities/\(authority.id)" }

    private static func requireReading(_ visit: Visit, _ desk: WorkbenchDesk) throws {
        let seat = try desk.seat(visit)
        try Permission.check(
            reads,
            on: subject(seat, desk),
            by: seat.principal,
            table: desk.permissions
        )
    }

    /// Trust is the authority's own, wherever its officials sit.
    static func subject(_ seat: Seat, _ desk: WorkbenchDesk) -> PermissionSubject {
        PermissionSubject(agency: desk.authority, region: seat.post.region)
    }

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try requireReading(visit, desk)
        let serial = visit.query.trimmed("serial")
        let (found, proposals, authorities) = try await desk.database.read { reader in
            (
                try serial.flatMap { try Certificates.find(serial: $0, in: reader) },
                try TrustDesk.waiting(in: reader), try TrustDesk.authorities(in: reader)
            )
        }
        if let found { return .redirect(to: path(found)) }
        let seat = try desk.seat(visit)
        let page = TrustDeskView(
            serial: serial ?? "",
            problem: serial == nil ? nil : NoticeView(.warn, visit.text("trust-desk.find.none")),
            proposals: proposals.map {
                TrustDeskView.Proposal($0, mine: $0.proposedBy == seat.principal.actor.id, visit)
            },
            authorities: TableView(
                caption: visit.text("trust-desk.authorities"),
                columns: ["trust-desk.name", "trust-desk.holders", "trust-desk.areas", "trust-desk.state"].map
                {
                    visit.text($0)
                },
                rows: authorities.map { one in
                    [
                        .init(one.name, href: path(one)), .init(holders(one, visit)),
                        .init(areas(one, visit)),
                        .init(state(one, visit)),
                    ]
                },
                emptyText: visit.text("trust-desk.authorities.empty")
            ),
            form: form(visit)
        )
        return .page(
            "workbench/trust",
            page,
            heading: Heading(visit.text("trust-desk.title"), section: "trust")
        )
    }

    private static func holders(_ one: RecognisedAuthority, _ visit: Visit) -> String {
        one.holders.map(\.rawValue).sorted().map { visit.text("trust-desk.holder.\($0)") }
            .joined(separator: " ")
    }

    private static func areas(_ one: RecognisedAuthority, _ visit: Visit) -> String {
        one.areas.isEmpty ? visit.text("trust-desk.everywhere") : one.areas.joined(separator: " ")
    }

    private static func state(_ one: RecognisedAuthority, _ visit: Visit) -> String {
        one.state(at: visit.now).map { visit.text("authority-state.\($0.rawValue)") }
            ?? visit.text("authority-state.outside")
    }

    private static func certificate(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try requireReading(visit, desk)
        let id = ID<HolderCertificate>(try visit.segment("certificate"))
        guard let found = try await desk.database.read({ try Certificates.find(id, in: $0) }) else {
            throw WebRefusal.notFound
        }
        var rows: [SummaryView.Row] = [
            .init(visit.text("certificate.holder"), found.holder.maskedName),
            .init(visit.text("certificate.serial"), found.serial),
            .init(visit.text("certificate.issuer"), found.issuer),
            .init(visit.text("certificate.until"), found.validUntil.minuteText),
            .init(
                visit.text("trust-desk.state"),
                visit.text("certificate-state.\(found.state(at: visit.now).rawValue)")
            ),
        ]
        if let at = found.revokedAt, let reason = found.reason {
            let words = visit.text("revocation-reason.\(reason.rawValue)")
            rows.append(.init(visit.text("certificate.revoked"), "\(at.minuteText) \(words)"))
        }
        let isValid = found.state(at: visit.now) == .valid
        let view = TrustCertificateView(
            facts: SummaryView(rows: rows),
            action: path(found),
            mayRevoke: isValid,
            reasons: TrustDeskActs.reasons.map {
                .init(value: String($0.rawValue), label: visit.text("revocation-reason.\($0.rawValue)"))
            }
        )
        return .page("workbench/trust-certificate", view, heading: heading(found.serial, visit))
    }

    private static func authority(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try requireReading(visit, desk)
        let id = ID<RecognisedAuthority>(try visit.segment("authority"))
        guard let found = try await desk.database.read({ try TrustDesk.authority(id, in: $0) }) else {
            throw WebRefusal.notFound
        }
        let acts: [TrustAct] =
            switch found.state {
            case .recognised: [.suspend, .withdraw]
            case .suspended: [.resume, .withdraw]
            case .withdrawn: []
            }
        let view = TrustAuthorityView(
            facts: SummaryView(rows: [
                .init(visit.text("trust-desk.state"), state(found, visit)),
                .init(visit.text("trust-desk.holders"), holders(found, visit)),
                .init(visit.text("trust-desk.areas"), areas(found, visit)),
                .init(visit.text("trust-desk.from"), found.from.description),
                .init(visit.text("trust-desk.until"), found.until?.description ?? "—"),
            ]),
            steps: TableView(
                caption: visit.text("trust-desk.steps"),
                columns: ["trust-desk.at", "trust-desk.state", "trust-desk.reason"].map { visit.text($0) },
                rows: found.steps.map {
                    [
                        .init($0.at.minuteText), .init(visit.text("authority-state.\($0.state.rawValue)")),
                        .init($0.reason),
                    ]
                },
                emptyText: visit.text("trust-desk.authorities.empty")
            ),
            action: path(found),
            hasActs: !acts.isEmpty,
            acts: acts.map { .init(value: $0.rawValue, label: visit.text("trust-act.\($0.rawValue)")) },
            listForm: FormView(
                action: "\(path(found))/list",
                elements: [
                    .field(
                        FieldView(
                            name: "list",
                            label: visit.text("trust-desk.list"),
                            kind: .file(accept: ".crl"),
                            hint: visit.text("trust-desk.list.hint")
                        )
                    )
                ],
                submit: visit.text("trust-desk.list.submit")
            )
        )
        return .page("workbench/trust-authority", view, heading: heading(found.name, visit))
    }

    private static func heading(_ title: String, _ visit: Visit) -> Heading {
        Heading(title, crumbs: [.init(visit.text("trust-desk.title"), href: all)], section: "trust")
    }

    private static func form(_ visit: Visit) -> FormView {
        func field(_ name: String, _ kind: FieldView.Kind = .text, isOptional: Bool = false, max: Int? = nil)
            -> FormView.Element
        {
            .field(
                FieldView(
                    name: name,
                    label: visit.text("trust-desk.\(name)"),
                    kind: kind,
                    hint: visit.text("trust-desk.\(name).hint"),
                    isOptional: isOptional,
                    lengthMax: max
                )
            )
        }
        return FormView(
            action: all,
            elements: [
                field("name", max: 100), field("certificates", .lines(8), max: 65_536),
                .field(
                    FieldView(
                        name: "holders",
                        label: visit.text("trust-desk.holders"),
                        kind: .boxes,
                        options: Holder.Kind.allCases.map {
                            .init(
                                value: $0.rawValue,
                                label: visit.text("trust-desk.holder.\($0.rawValue)"),
                                isChosen: false
                            )
                        }
                    )
                ),
                field("areas", isOptional: true, max: 200), field("from", .date),
                field("until", .date, isOptional: true),
                field("reason", max: 200),
            ],
            submit: visit.text("trust-desk.propose")
        )
    }
}

/// Template: `workbench/trust`.
struct TrustDeskView: PageView {
    let serial: String
    let problem: NoticeView?
    let proposals: [Proposal]
    let authorities: TableView
    let form: FormView

    struct Proposal: PageView {
        let title: String
        let rows: SummaryView
        let action: String
        /// Somebody else's: whoever proposed may only take it back.
        let mayConfirm: Bool

        init(_ proposal: TrustProposal, mine: Bool, _ visit: Visit) {
            let what = proposal.content["name"].text ?? proposal.content["serial"].text ?? proposal.subject
            title = "\(visit.text("trust-act.\(proposal.act.rawValue)")) \(what)"
            rows = SummaryView(
                rows: [
                    .init(visit.text("trust-desk.at"), proposal.at.minuteText),
                    .init(visit.text("trust-desk.by"), proposal.proposedBy),
                    .init(visit.text("trust-desk.reason"), proposal.reason),
                ] + (proposal.draft.map { Self.rows($0, visit) } ?? [])
            )
            action = "\(TrustDeskPages.all)/proposals/\(proposal.id)"
            mayConfirm = !mine
        }

        /// Everything that is confirmed, the fingerprints above all.
        private static func rows(_ draft: AuthorityDraft, _ visit: Visit) -> [SummaryView.Row] {
            let holders = draft.holders.map(\.rawValue).sorted().map { visit.text("trust-desk.holder.\($0)") }
            let areas = draft.areas.isEmpty ? [visit.text("trust-desk.everywhere")] : draft.areas
            return [
                .init(visit.text("trust-desk.holders"), holders.joined(separator: " ")),
                .init(visit.text("trust-desk.areas"), areas.joined(separator: " ")),
                .init(visit.text("trust-desk.from"), draft.from.description),
                .init(visit.text("trust-desk.until"), draft.until?.description ?? "—"),
            ] + draft.fingerprints.map { .init(visit.text("trust-desk.fingerprint"), $0) }
        }
    }
}

/// Template: `workbench/trust-certificate`.
struct TrustCertificateView: PageView {
    let facts: SummaryView
    let action: String
    let mayRevoke: Bool
    let reasons: [Choice]

    struct Choice: PageView {
        let value: String
        let label: String
    }
}

/// Template: `workbench/trust-authority`.
struct TrustAuthorityView: PageView {
    let facts: SummaryView
    let steps: TableView
    let action: String
    let hasActs: Bool
    let acts: [TrustCertificateView.Choice]
    let listForm: FormView
}
