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
                try await TrustSheets.certificate($0, desk)
            },
            get("\(all)/authorities/{authority}", zh: "一个互认机构", en: "One recognised authority") {
                try await TrustSheets.authority($0, desk)
            },
        ] + TrustDeskActs.routes(desk)
    }

    /// Trust is the registering authority's own: officials of others are not led here.
    static func navigation(_ desk: WorkbenchDesk) -> NavigationEntry {
        NavigationEntry(
            section: "trust",
            path: all,
            label: "trust-desk.nav",
            icon: "patch-check-fill",
            places: [.desk],
            who: .officers,
            operation: reads,
            agency: desk.authority
        )
    }

    static func path(_ certificate: HolderCertificate) -> String { "\(all)/certificates/\(certificate.id)" }
    static func path(_ authority: RecognisedAuthority) -> String { "\(all)/authorities/\(authority.id)" }

    static func requireReading(_ visit: Visit, _ desk: WorkbenchDesk) throws {
        let seat = try desk.seat(visit)
        try Permission.check(
            reads,
            on: subject(seat, desk),
            by: seat.principal,
            table: desk.permissions
        )
    }

    static func may(_ operation: String, _ visit: Visit, _ desk: WorkbenchDesk) throws -> Bool {
        let seat = try desk.seat(visit)
        do throws(PermissionError) {
            try Permission.check(
                operation,
                on: subject(seat, desk),
                by: seat.principal,
                table: desk.permissions
            )
            return true
        } catch { return false }
    }

    /// Trust is the authority's own, wherever its officials sit.
    static func subject(_ seat: Seat, _ desk: WorkbenchDesk) -> PermissionSubject {
        PermissionSubject(agency: desk.authority, region: seat.post.region)
    }

    /// - Parameter refused: what was wrong with a form of the page, which is shown again.
    static func list(_ visit: Visit, _ desk: WorkbenchDesk, refused: TrustRefused? = nil) async throws
        -> Reply
    {
        try requireReading(visit, desk)
        let serial = visit.query.trimmed("serial").map { $0.filter { !" :".contains($0) } }
        let (found, seal, facts, authorities) = try await desk.database.read { reader in
            (
                try serial.flatMap { try Certificates.find(serial: $0, in: reader) },
                try serial.flatMap { try Seals.find(certificate: $0, in: reader) },
                try TrustFacts(in: reader), try TrustDesk.authorities(in: reader)
            )
        }
        if let found { return .redirect(to: path(found)) }
        if let seal { return .redirect(to: SealDeskPages.path(seal)) }
        let rights = TrustRights(
            person: try desk.seat(visit).principal.actor.id,
            mayPropose: try may(TrustDeskActs.proposes, visit, desk),
            mayConfirm: try may(TrustDeskActs.confirms, visit, desk)
        )
        let page = TrustDeskView(
            errors: refused?.summary(visit),
            done: refused == nil ? TrustDeskActs.done(visit) : nil,
            serial: serial ?? "",
            problem: serial == nil ? nil : NoticeView(.warn, visit.text("trust-desk.find.none")),
            proposals: facts.waiting.map {
                TrustProposalView($0, facts, rights, refused: refused, visit, desk)
            },
            closed: facts.closed(visit),
            authorities: TableView(
                caption: visit.text("trust-desk.authorities"),
                columns: ["trust-desk.name", "trust-desk.holders", "trust-desk.areas", "trust-desk.state"].map
                {
                    visit.text($0)
                },
                rows: authorities.map { one in
                    [
                        .init(one.name, href: path(one)), .init(TrustWords.holders(one.holders, visit)),
                        .init(TrustWords.areas(one.areas, visit, desk)),
                        .init(TrustWords.state(one, visit)),
                    ]
                },
                emptyText: visit.text("trust-desk.authorities.empty")
            ),
            form: rights.mayPropose ? TrustForms.recognise(refused, visit) : nil,
            isFormOpen: refused?.form == .recognise
        )
        return .page(
            "workbench/trust",
            page,
            heading: Heading(
                visit.text("trust-desk.title"),
                section: "trust",
                hasErrors: refused != nil
            ),
            status: refused?.status ?? 200
        )
    }
}

/// What the reader may do about proposals.
struct TrustRights {
    let person: String
    let mayPropose: Bool
    let mayConfirm: Bool
}

/// Template: `workbench/trust`.
struct TrustDeskView: PageView {
    let errors: ErrorSummary?
    let done: NoticeView?
    let serial: String
    let problem: NoticeView?
    let proposals: [TrustProposalView]
    let closed: TableView
    let authorities: TableView
    let form: FormView?
    let isFormOpen: Bool
}
