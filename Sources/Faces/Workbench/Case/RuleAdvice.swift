import Cases
import Web

/// What the clerk is to do about a finding. The applicant reads of the same rule that he need do nothing.
enum RuleAdvice {
    /// Reasons that have words of their own for the clerk.
    static let reasons: Set<String> = [
        "identity.police-unknown", "officer.bar-unknown", "name.near", "address.crowded-hosted",
        "address.dwelling", "address.proof", "structure.supervisory-board", "structure.own-articles",
        "shareholder.unknown", "shareholder.other-province", "owners.complex", "agent.unknown", "unknown",
    ]

    static func words(_ finding: Finding, _ visit: Visit) -> String {
        let key = "rule.\(finding.reason)"
        return reasons.contains(finding.reason)
            ? visit.text("\(key).clerk", finding.arguments) : visit.text("\(key).next", finding.arguments)
    }

    /// A source did not answer: nothing was read, from the application or elsewhere.
    static func isSilence(_ finding: Finding) -> Bool {
        finding.reason == "unknown" || finding.reason.hasSuffix("-unknown")
            || ["shareholder.unknown", "agent.unknown"].contains(finding.reason)
    }
}
