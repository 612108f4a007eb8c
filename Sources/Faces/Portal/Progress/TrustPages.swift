import Audit
import Credentials
import Cryptography
import Kernel
import Storage
import Web

/// The certificate on which every licence, seal, receipt and extract rests, published with its fingerprint, and the
/// log's name with its latest heads: what `suban verify` prints is compared with what stands here.
enum TrustPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/trust",
                who: .everyone,
                scope: .open,
                zh: "平台根证书与日志",
                en: "Root certificate and log"
            ) {
                visit in
                let heads = try await desk.database.read { try AuditLog.heads(limit: 10, in: $0) }
                return .page(
                    "portal/trust",
                    TrustPage(
                        anchors: desk.credentials.anchors.map { TrustPage.Anchor($0, visit) },
                        command: "suban verify --trust root.pem licence.json",
                        log: TrustPage.Log(desk.keeper, heads, visit)
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

        init(_ certificate: Certificate, _ visit: Visit) {
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

    let anchors: [Anchor]
    let command: String
    let log: Log
}
