import Credentials
import Cryptography
import Documents
import Identity
import Kernel
import Storage
import Web

/// The certificates with which the visitor signs: his own, and those of firms for which he acts.
enum CertificatePages {
    static let all = "/certificates"
    static let one = "/certificates/{certificate}"
    /// A row of the permission table.
    static let uses = "certificate.use"

    static func routes(_ desk: PortalDesk) -> [Route] {
        func get(
            _ path: String,
            zh: String,
            en: String,
            _ work: @escaping @Sendable (Visit) async throws -> Reply
        ) -> Route {
            .page(.get, path, who: .applicants, scope: .own, zh: zh, en: en, handle: work)
        }
        return [
            get(all, zh: "我的数字证书", en: "My certificates") { try await list($0, desk) },
            get(one, zh: "一张数字证书", en: "One certificate") { try await show($0, desk) },
            get("\(one)/file", zh: "下载证书", en: "The certificate as a file") { try await file($0, desk) },
        ] + CertificateActs.routes(desk)
    }

    static func path(_ certificate: HolderCertificate) -> String { "\(all)/\(certificate.id)" }

    /// In whose names the visitor may hold certificates today: in his own, and in those of firms for which he acts.
    static func holders(_ visit: Visit, _ desk: PortalDesk, in reader: any Reader) throws -> [Holder] {
        guard case .person(let id, _, _, _)? = try visit.someone().principal as? Principal,
            let person = try People.find(id, in: reader)
        else { return [] }
        let own = try mayInOwnName(visit, desk) ? [Holder(.person, code: id.rawValue, name: person.name)] : []
        let firms = try Enterprises.actable(by: id, on: visit.now.date, in: reader).filter {
            try desk.may(uses, for: $0.code, visit, in: reader)
        }
        return own + firms.map { Holder(.enterprise, code: $0.code, name: $0.name) }
    }

    private static func mayInOwnName(_ visit: Visit, _ desk: PortalDesk) throws -> Bool {
        guard let principal = try visit.someone().principal as? Principal else { return false }
        do throws(PermissionError) {
            try Permission.check(
                uses,
                on: PermissionSubject(people: [principal.actor.id]),
                by: principal,
                table: desk.permissions
            )
            return true
        } catch { return false }
    }

    /// The certificate of the path, for whoever may hold one in that name and applied for it; for the legal representative
    /// also those in the hands of the firm's agents.
    static func own(_ visit: Visit, _ desk: PortalDesk, in reader: any Reader) throws -> HolderCertificate {
        let person = try visit.someone().actor.id
        guard let found = try Certificates.find(ID(try visit.segment("certificate")), in: reader),
            try holders(visit, desk, in: reader).contains(where: { $0.code == found.holder.code }),
            try found.agent == person || represents(found.holder, visit, in: reader)
        else { throw WebRefusal.notFound }
        return found
    }

    private static func represents(_ holder: Holder, _ visit: Visit, in reader: any Reader) throws -> Bool {
        let person = ID<Person>(try visit.someone().actor.id)
        let acting = try Enterprises.acting(person, for: holder.code, at: visit.now, in: reader)
        return acting?.isLegalRepresentative == true
    }

    private static func seen(of holder: Holder, _ visit: Visit, in reader: any Reader) throws
        -> [HolderCertificate]
    {
        let all = try Certificates.held(by: holder.code, in: reader)
        if try represents(holder, visit, in: reader) { return all }
        let person = try visit.someone().actor.id
        return all.filter { $0.agent == person }
    }

    // MARK: Pages

    static func list(_ visit: Visit, _ desk: PortalDesk, refused: CertificateRefused? = nil) async throws
        -> Reply
    {
        let (holders, certificates) = try await desk.database.read { reader in
            let mine = try Self.holders(visit, desk, in: reader)
            return (mine, try mine.flatMap { try seen(of: $0, visit, in: reader) })
        }
        let tasks = certificates.map { one in
            TaskListView.Task(
                one.holder.name,
                hint: visit.text(
                    "certificate.line",
                    ["serial": one.serial, "until": one.validUntil.minuteText]
                ),
                href: path(one),
                badge: badge(one, visit)
            )
        }
        let page = CertificatesPage(
            errors: refused?.summary(visit),
            certificates: tasks.isEmpty ? nil : TaskListView(tasks),
            empty: tasks.isEmpty
                ? EmptyView(visit.text("certificate.empty"), text: visit.text("certificate.empty.next"))
                : nil,
            form: holders.isEmpty ? nil : applyForm(holders, refused, visit),
            weak: holders.isEmpty
                ? NoticeView(.warn, visit.text("certificate.weak"), link: nil) : nil
        )
        return .page(
            "portal/certificates",
            page,
            heading: heading(visit.text("certificate.title"), visit, refused: refused),
            status: refused?.status ?? 200
        )
    }

    static func show(_ visit: Visit, _ desk: PortalDesk, refused: CertificateRefused? = nil) async throws
        -> Reply
    {
        let person = try visit.someone().actor.id
        let (certificate, uses) = try await desk.database.read { reader in
            let certificate = try own(visit, desk, in: reader)
            return (certificate, try Certificates.uses(of: certificate.id, in: reader))
        }
        let page = try CertificatePage(
            certificate,
            uses: uses,
            isHis: certificate.agent == person,
            refused: refused,
            desk,
            visit
        )
        return .page(
            "portal/certificate",
            page,
            heading: heading(
                certificate.holder.name,
                visit,
                crumbs: [.init(visit.text("certificate.title"), href: all)],
                refused: refused
            ),
            status: refused?.status ?? 200
        )
    }

    private static func file(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let certificate = try await desk.database.read { try own(visit, desk, in: $0) }
        let pem = try Certificate(der: certificate.der).pem
        return .file(
            Array(pem.utf8),
            type: "application/x-pem-file",
            name: "certificate-\(certificate.serial).pem",
            keeping: .never
        )
    }

    private static func heading(
        _ title: String,
        _ visit: Visit,
        crumbs: [Heading.Crumb] = [],
        refused: CertificateRefused?
    ) -> Heading {
        Heading(
            title,
            crumbs: [.init(visit.text("portal.nav.home"), href: "/")] + crumbs,
            section: "mine",
            hasErrors: refused != nil
        )
    }

    static func badge(_ certificate: HolderCertificate, _ visit: Visit) -> BadgeView {
        let state = certificate.state(at: visit.now)
        let tone: Tone =
            switch state {
            case .valid: .good
            case .expired: .neutral
            case .revoked: .bad
            }
        return BadgeView(visit.text("certificate-state.\(state.rawValue)"), tone)
    }

    private static func applyForm(_ holders: [Holder], _ refused: CertificateRefused?, _ visit: Visit)
        -> FormView
    {
        FormView(
            action: all,
            elements: [
                Questions(of: .apply, refused, visit).ask(
                    "holder",
                    "certificate.holder",
                    .select,
                    options: holders.map {
                        .init(
                            value: $0.code,
                            label: $0.kind == .person
                                ? visit.text("certificate.own", ["name": $0.name]) : $0.name,
                            isChosen: holders.count == 1 || $0.code == visit.form["holder"]
                        )
                    }
                )
            ],
            submit: visit.text("certificate.apply")
        )
    }
}

/// Template: `portal/certificates`.
struct CertificatesPage: PageView {
    let errors: ErrorSummary?
    let certificates: TaskListView?
    let empty: EmptyView?
    let form: FormView?
    /// He is not known well enough to hold one.
    let weak: NoticeView?
}

/// Template: `portal/certificate`.
struct CertificatePage: PageView {
    let errors: ErrorSummary?
    let badge: BadgeView
    let facts: SummaryView
    let fileHref: String
    let uses: TableView
    let signForm: FormView?
    let renewHref: String?
    let revokeHref: String?
    let reasons: [Reason]

    struct Reason: PageView {
        let value: String
        let label: String
    }

    /// What an owner may say; the others are for authorities.
    static let allowed: [RevocationReason] = [
        .unspecified, .keyCompromise, .affiliationChanged, .superseded, .cessationOfOperation,
    ]

    init(
        _ certificate: HolderCertificate,
        uses: [CertificateUse],
        isHis: Bool,
        refused: CertificateRefused?,
        _ desk: PortalDesk,
        _ visit: Visit
    ) throws {
        errors = refused?.summary(visit)
        let path = CertificatePages.path(certificate)
        let isValid = certificate.state(at: visit.now) == .valid
        badge = CertificatePages.badge(certificate, visit)
        facts = SummaryView(rows: Self.rows(certificate, visit))
        fileHref = "\(path)/file"
        self.uses = TableView(
            caption: visit.text("certificate.uses"),
            columns: ["certificate.use.at", "certificate.use.name", "certificate.use.digest"].map {
                visit.text($0)
            },
            rows: uses.map { [.init($0.at.minuteText), .init($0.name), .init($0.digest)] },
            emptyText: visit.text("certificate.uses.empty")
        )
        signForm = isValid && isHis ? Self.sign(path, refused, desk, visit) : nil
        let isDue = try desk.certificates.isRenewable(certificate, at: visit.now)
        renewHref = isDue && isHis ? "\(path)/renew" : nil
        revokeHref = isValid ? "\(path)/revoke" : nil
        reasons = Self.allowed.map {
            Reason(value: String($0.rawValue), label: visit.text("revocation-reason.\($0.rawValue)"))
        }
    }

    private static func rows(_ certificate: HolderCertificate, _ visit: Visit) -> [SummaryView.Row] {
        var rows: [SummaryView.Row] = [
            .init(visit.text("certificate.holder"), certificate.holder.name),
            .init(visit.text("certificate.serial"), certificate.serial),
            .init(visit.text("certificate.issuer"), certificate.issuer),
            .init(visit.text("certificate.from"), certificate.validFrom.minuteText),
            .init(visit.text("certificate.until"), certificate.validUntil.minuteText),
        ]
        if let at = certificate.revokedAt, let reason = certificate.reason {
            rows.append(
                .init(
                    visit.text("certificate.revoked"),
                    "\(at.minuteText) \(visit.text("revocation-reason.\(reason.rawValue)"))"
                )
            )
        }
        return rows
    }

    private static func sign(
        _ path: String,
        _ refused: CertificateRefused?,
        _ desk: PortalDesk,
        _ visit: Visit
    ) -> FormView {
        let form = Questions(of: .sign, refused, visit)
        let size = desk.verification(visit.now.date).package.sizeBytesMax >> 20
        return FormView(
            action: "\(path)/sign",
            elements: [
                .field(
                    FieldView(
                        name: "file",
                        label: visit.text("certificate.sign.file"),
                        kind: .file(accept: ""),
                        hint: visit.text("certificate.sign.hint", ["size": String(size)]),
                        errors: form.errors(of: "file")
                    )
                ),
                form.ask("name", "certificate.use.name", isOptional: true, max: 200),
            ],
            submit: visit.text("certificate.sign"),
            isDownload: true,
            isRenewed: true
        )
    }
}
