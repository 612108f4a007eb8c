public import Cases
import Foundation

/// The Chinese words of the rules' reasons, for papers: `rule.<reason>` and `rule.<reason>.next`.
public struct ReasonText: Sendable {
    private let texts: [String: String]

    public init(_ texts: [String: String]) { self.texts = texts }

    public func wrong(_ finding: Finding) -> String {
        fill("rule.\(finding.reason)", finding) ?? finding.reason
    }

    public func next(_ finding: Finding) -> String { fill("rule.\(finding.reason).next", finding) ?? "" }

    /// The law of a rule, `law.<rule>`, such as `law.R06`; empty where none is cited.
    public func law(_ rule: String) -> String { texts["law.\(rule)"] ?? "" }

    private func fill(_ key: String, _ finding: Finding) -> String? {
        guard var text = texts[key] else { return nil }
        for (name, value) in finding.arguments {
            text = text.replacingOccurrences(of: "{\(name)}", with: value)
        }
        return text
    }
}
