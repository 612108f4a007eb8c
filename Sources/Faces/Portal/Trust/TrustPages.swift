import Audit
import CompanyOpening
import Credentials
import Cryptography
import Draws
import Kernel
import Storage
import Web

/// The certificate on which every licence, seal, receipt and extract rests, published with its fingerprint, and the
/// log's name with its latest heads: what `suban verify` prints is compared with what stands here. And the draws for
/// later control, which anybody computes again.
enum TrustPages {
    /// Days of draws on the page: those whose seeds are secret still, and the last that are public.
    private static let daysShown = 12

    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/trust",
                who: .everyone,
                scope: .open,
                zh: "平台根证书、日志与事后抽查",
                en: "Root certificate, log and draws"
            ) {
                visit in
                let (heads, draws) = try await desk.database.read { reader in
                    (
                        try AuditLog.heads(limit: 10, in: reader),
                        try Draws.latest(of: ControlSample.families, countMax: daysShown, in: reader)
                    )
                }
                return .page(
                    "portal/trust",
                    TrustPage(
                        anchors: desk.credentials.trust.national.map { TrustPage.Anchor($0, visit) }
                            + desk.credentials.trust.international.map { TrustPage.Anchor($0, visit) },
                        command: "suban verify --trust anchors.pem licence.ofd",
                        log: TrustPage.Log(desk.keeper, heads, visit),
                        draws: draws.map { TrustPage.Day($0, desk.opening.control, visit) },
                        hasNoDraws: draws.isEmpty
                    ),
                    heading: Heading(
                        visit.text("trust.title"),
                        crumbs: [.init(visit.text("verify.title"), href: "/verify")],
                        section: "verify"
                    )
                )
            },
            .page(
                .get,
                "/trust/root.pem",
                who: .everyone,
                scope: .open,
                zh: "下载平台根证书",
                en: "The root certificate as a file"
            ) { _ in
                let pem = desk.credentials.anchors.map(\.pem).joined()
                return .file(Array(pem.utf8), type: "application/x-pem-file", name: "root.pem")
            },
            .page(
                .get,
                "/trust/anchors.pem",
                who: .everyone,
                scope: .open,
                zh: "下载全部根证书（含 PDF 与时间戳）",
                en: "All roots as a file, that of PDF and time stamps too"
            ) { _ in
                .file(
                    Array(desk.credentials.trust.pem.utf8),
                    type: "application/x-pem-file",
                    name: "anchors.pem"
                )
            },
        ]
    }
}

/// Template: `portal/trust`.
struct TrustPage: PageView {
    struct Anchor: PageView {
        let facts: SummaryView
        /// In groups of four, to be compared by eye.
        let fingerprint: String
        /// As `suban verify` prints it.
        let plain: String

        init<Scheme>(_ certificate: X509Certificate<Scheme>, _ visit: Visit) {
            let digits = Hex.encode(SM3.digest(certificate.der))
            plain = digits
            fingerprint = stride(from: 0, to: digits.count, by: 4).map {
                String(digits.dropFirst($0).prefix(4))
            }.joined(separator: " ")
            facts = SummaryView(rows: [
                .init(visit.text("trust.subject"), certificate.subject.commonName),
                .init(visit.text("trust.from"), certificate.validFrom.date.description),
                .init(visit.text("trust.until"), certificate.validUntil.date.description),
            ])
        }
    }

    /// What the log has signed.
    struct Log: PageView {
        struct Head: PageView {
            let size: String
            let at: String
            let root: String
        }

        let facts: SummaryView
        let name: String
        let heads: [Head]
        let isEmpty: Bool

        init(_ keeper: LogKeeper, _ heads: [SignedHead], _ visit: Visit) {
            let certificate = keeper.identity.certificate
            name = keeper.log
            facts = SummaryView(rows: [
                .init(visit.text("trust.subject"), certificate.subject.commonName),
                .init(visit.text("trust.from"), certificate.validFrom.date.description),
                .init(visit.text("trust.until"), certificate.validUntil.date.description),
            ])
            self.heads = heads.map { Head(size: String($0.size), at: $0.at.minuteText, root: $0.root) }
            isEmpty = heads.isEmpty
        }
    }

    /// One day's draw.
    struct Day: PageView {
        let date: String
        /// Whether its seed is public, in words, and when.
        let state: BadgeView
        let when: String
        let committed: String
        let commitment: String
        let seed: String?
        /// The call that answers what was drawn.
        let href: String

        init(_ draw: Draw, _ control: ControlSample, _ visit: Visit) {
            let day = ControlSample.day(of: draw.purpose)
            date = day?.description ?? draw.purpose
            committed = draw.committedAt.minuteText
            commitment = draw.commitment
            seed = draw.seed
            href = "/api/v1/draws/\(draw.id)"
            if let at = draw.publishedAt {
                let count = String(draw.sampleCount ?? 0)
                state = BadgeView(visit.text("trust.draws.public"), .good)
                when = visit.text("trust.draws.published", ["at": at.minuteText, "count": count])
            } else {
                state = BadgeView(visit.text("trust.draws.secret"), .neutral)
                let at = day.map { control.publication(of: $0).minuteText } ?? ""
                when = visit.text("trust.draws.planned", ["at": at])
            }
        }
    }

    let anchors: [Anchor]
    let command: String
    let log: Log
    let draws: [Day]
    let hasNoDraws: Bool
}
