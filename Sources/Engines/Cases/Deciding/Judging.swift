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

    /// What the page showed the person who decides: the findings that were kept last. Nil when no person does.
    func shown(_ subject: Case, to decider: Decider) async throws -> [Finding]? {
        guard case .person = decider else { return nil }
        return try await database.read { try DecisionStore.lastFindings(of: subject.id, in: $0) }
    }

    /// What stands in the way and was not shown: a person decides knowingly, never over what came up behind his back.
    static func fresh(_ findings: [Finding], since seen: [Finding]?) -> [Finding] {
        guard let seen else { return [] }
        return findings.obstacles.filter { finding in
            !seen.contains {
                $0.rule == finding.rule && $0.outcome == finding.outcome && $0.reason == finding.reason
                    && $0.subject == finding.subject && $0.arguments == finding.arguments
            }
        }
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
