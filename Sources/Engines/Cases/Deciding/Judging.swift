import Kernel
import Storage

extension CaseDesk {
    /// What the findings lead to. A person may grant what the rules left to a person, never what they return.
    static func outcome(of findings: [Finding], by decider: Decider) throws(CaseError) -> CaseEvent {
        switch (findings.verdict, decider) {
        case (.pass, _), (.person, .person): return .grant
        case (.person, .rules), (_, .rulesAgain): return .toPerson
        case (.return, .rules): return .return
        case (.transfer, .rules): return .transfer
        case (.refuse, .rules): return .refuse
        case (.return, .person), (.transfer, .person), (.refuse, .person):
            let first = findings.obstacles.first
            throw .moduleRefused(
                code: "case.rule-forbids",
                arguments: ["rule": first?.rule ?? "", "reason": first?.reason ?? ""],
                status: .notAllowedNow
            )
        }
    }

    /// Codes and arguments only: the timeline holds no personal data, labels are masked by the facts.
    static func reasons(of findings: [Finding]) -> JSON {
        [
            "reasons": .array(
                findings.obstacles.map { finding in
                    [
                        "rule": .string(finding.rule), "outcome": .string(finding.outcome.rawValue),
                        "reason": .string(finding.reason),
                        "arguments": .object(finding.arguments.mapValues(JSON.string)),
                    ]
                }
            )
        ]
    }

    /// A refusal that no rule supports does not rest on the silence of a source: it is asked again first. Silent again,
    /// the person decides.
    static func requireAnswers(_ event: CaseEvent, last: Decision?) throws(CaseError) {
        guard event == .refuse, let last, last.by != .platform(recheckActor) else { return }
        let obstacles = last.findings.obstacles
        let silent = obstacles.filter(\.isUnanswered)
        guard !silent.isEmpty, obstacles.allSatisfy({ $0.outcome == .person }) else { return }
        throw .sourcesUnanswered(silent.map(\.rule))
    }

    /// In whose name the rules write when they are asked again.
    static let recheckActor = "recheck"
}
