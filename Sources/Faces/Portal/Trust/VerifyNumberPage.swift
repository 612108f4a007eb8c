import Credentials
import Kernel
import Web

/// What is known of a licence or a seal by the number printed on it. Template: `portal/verify-number`.
struct VerifyNumberPage: PageView {
    struct Finding: PageView {
        let title: String
        let badge: BadgeView
        let rows: SummaryView
    }

    let at: String
    let findings: [Finding]

    init(_ findings: [NumberFinding], _ desk: PortalDesk, _ visit: Visit) throws {
        at = visit.text("verify.at", ["at": visit.now.minuteText])
        self.findings = try findings.map { finding in
            let type = try desk.credentials.types.type(finding.type)
            let state =
                switch finding.thing {
                case .licence(let state): visit.text("credential-state.\(state.rawValue)")
                case .seal(let state, let isStopped): SealPages.words(state, isStopped: isStopped, visit)
                }
            return Finding(
                title: visit.language == .zh ? type.nameZH : type.nameEN,
                badge: BadgeView(state, finding.isInForce ? .good : .warn),
                rows: SummaryView(rows: Self.rows(finding, visit))
            )
        }
    }

    private static func rows(_ finding: NumberFinding, _ visit: Visit) -> [SummaryView.Row] {
        let days = [
            ("verify.number.from", finding.from?.description),
            ("verify.number.until", finding.until?.description),
        ]
        let isSeal = if case .seal = finding.thing { true } else { false }
        let words = [
            (isSeal ? "seal.code" : "verify.number", finding.number),
            (isSeal ? "verify.number.owner" : "verify.number.holder", finding.holderName),
            ("verify.number.issuer", finding.issuer),
        ]
        return (words + days).compactMap { key, value in value.map { .init(visit.text(key), $0) } }
    }
}
