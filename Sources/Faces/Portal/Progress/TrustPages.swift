import Credentials
import Cryptography
import Kernel
import Web

/// The certificate on which every licence, seal, receipt and extract rests, published with its fingerprint: what
/// `suban verify` prints is compared with what stands here.
enum TrustPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/trust", who: .everyone, scope: .open, zh: "平台根证书", en: "Root certificate") {
                visit in
                .page(
                    "portal/trust",
                    TrustPage(
                        anchors: desk.credentials.anchors.map { TrustPage.Anchor($0, visit) },
                        command: "suban verify --trust root.pem licence.json"
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

    let anchors: [Anchor]
    let command: String
}
