import Credentials
import Cryptography
import Kernel
import Storage
import Web

/// A certificate, and an authority of others, as the desk of trust shows them.
enum TrustSheets {
    static func certificate(_ visit: Visit, _ desk: WorkbenchDesk, refused: TrustRefused? = nil) async throws
        -> Reply
    {
        try TrustDeskPages.requireReading(visit, desk)
        let id = ID<HolderCertificate>(try visit.segment("certificate"))
        let (found, waiting) = try await desk.database.read { reader in
            (
                try Certificates.find(id, in: reader),
                try TrustDesk.waiting(on: id.rawValue, in: reader).first
            )
        }
        guard let found else { throw WebRefusal.notFound }
        let state = found.state(at: visit.now)
        var rows: [SummaryView.Row] = [
            .init(visit.text("certificate.holder"), found.holder.maskedName),
            .init(visit.text("certificate.serial"), found.serial),
            .init(visit.text("certificate.issuer"), found.issuer),
            .init(visit.text("certificate.until"), found.validUntil.minuteText),
            .init(visit.text("trust-desk.state"), visit.text("certificate-state.\(state.rawValue)")),
        ]
        if let at = found.revokedAt, let reason = found.reason {
            let words = visit.text("revocation-reason.\(reason.rawValue)")
            rows.append(.init(visit.text("certificate.revoked"), "\(at.minuteText) \(words)"))
        }
        let mayRevoke =
            try state == .valid && waiting == nil && TrustDeskPages.may(TrustDeskActs.proposes, visit, desk)
        let view = TrustCertificateView(
            errors: refused?.summary(visit),
            waiting: waits(waiting, visit),
            facts: SummaryView(rows: rows),
            form: mayRevoke ? TrustForms.revoke(found, refused, visit) : nil
        )
        return .page(
            "workbench/trust-certificate",
            view,
            heading: heading(found.serial, visit, refused),
            status: refused?.status ?? 200
        )
    }

    private static func waits(_ proposal: TrustProposal?, _ visit: Visit) -> NoticeView? {
        proposal.map {
            NoticeView(
                .info,
                title: TrustFacts.title($0, visit),
                visit.text("trust-desk.waits"),
                link: (visit.text("trust-desk.waits.open"), "\(TrustDeskPages.all)#proposal-\($0.id)")
            )
        }
    }

    static func authority(_ visit: Visit, _ desk: WorkbenchDesk, refused: TrustRefused? = nil) async throws
        -> Reply
    {
        try TrustDeskPages.requireReading(visit, desk)
        let id = ID<RecognisedAuthority>(try visit.segment("authority"))
        let (found, waiting, names) = try await desk.database.read { reader in
            let found = try TrustDesk.authority(id, in: reader)
            let steps = found?.steps ?? []
            return (
                found, try TrustDesk.waiting(on: id.rawValue, in: reader).first,
                try TrustWords.names(steps.flatMap { [$0.proposedBy, $0.confirmedBy] }, in: reader)
            )
        }
        guard let found else { throw WebRefusal.notFound }
        let mayPropose = try TrustDeskPages.may(TrustDeskActs.proposes, visit, desk)
        let acts: [TrustAct] =
            switch found.state {
            case .recognised: [.suspend, .withdraw]
            case .suspended: [.resume, .withdraw]
            case .withdrawn: []
            }
        let facts: [SummaryView.Row] = [
            .init(visit.text("trust-desk.state"), TrustWords.state(found, visit)),
            .init(visit.text("trust-desk.holders"), TrustWords.holders(found.holders, visit)),
            .init(visit.text("trust-desk.areas"), TrustWords.areas(found.areas, visit, desk)),
            .init(visit.text("trust-desk.makers"), TrustWords.makers(found.makers, visit)),
            .init(visit.text("trust-desk.from"), found.from.description),
            .init(visit.text("trust-desk.until"), found.until?.description ?? "—"),
        ]
        let view = TrustAuthorityView(
            errors: refused?.summary(visit),
            done: refused == nil ? TrustDeskActs.done(visit) : nil,
            waiting: waits(waiting, visit),
            facts: SummaryView(
                rows: facts
                    + found.fingerprints.map { .init(visit.text("trust-desk.fingerprint"), $0) }
            ),
            steps: steps(found, names, visit),
            acts: mayPropose
                ? acts.map { act in
                    TrustAuthorityView.Act(
                        label: visit.text("trust-act.\(act.rawValue)"),
                        isOpen: refused?.form == .act(act),
                        form: TrustForms.act(act, of: found, refused, visit)
                    )
                } : [],
            listForm: mayPropose ? TrustForms.list(found, refused, visit) : nil
        )
        return .page(
            "workbench/trust-authority",
            view,
            heading: heading(found.name, visit, refused),
            status: refused?.status ?? 200
        )
    }

    private static func steps(_ found: RecognisedAuthority, _ names: [String: String], _ visit: Visit)
        -> TableView
    {
        TableView(
            caption: visit.text("trust-desk.steps"),
            columns: [
                "trust-desk.at", "trust-desk.state", "trust-desk.reason", "trust-desk.by",
                "trust-desk.decided-by",
            ].map { visit.text($0) },
            rows: found.steps.map {
                [
                    .init($0.at.minuteText), .init(visit.text("authority-state.\($0.state.rawValue)")),
                    .init($0.reason), .init(names[$0.proposedBy] ?? "—"),
                    .init(names[$0.confirmedBy] ?? "—"),
                ]
            },
            emptyText: visit.text("trust-desk.authorities.empty")
        )
    }

    private static func heading(_ title: String, _ visit: Visit, _ refused: TrustRefused?) -> Heading {
        Heading(
            title,
            crumbs: [.init(visit.text("trust-desk.title"), href: TrustDeskPages.all)],
            section: "trust",
            hasErrors: refused != nil
        )
    }
}

/// Template: `workbench/trust-certificate`.
struct TrustCertificateView: PageView {
    let errors: ErrorSummary?
    /// A proposal about it.
    let waiting: NoticeView?
    let facts: SummaryView
    let form: FormView?
}

/// Template: `workbench/trust-authority`.
struct TrustAuthorityView: PageView {
    let errors: ErrorSummary?
    let done: NoticeView?
    let waiting: NoticeView?
    let facts: SummaryView
    let steps: TableView
    let acts: [Act]
    let listForm: FormView?

    struct Act: PageView {
        let label: String
        let isOpen: Bool
        let form: FormView
    }
}
