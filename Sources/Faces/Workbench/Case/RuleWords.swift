import Cases
import Kernel
import Web

/// Rules, their rows, inputs and sources as people call them. What no catalogue words is shown as it is: a bureau may
/// bring rules of its own.
enum RuleWords {
    /// `R09 经营范围`.
    static func name(_ rule: String, _ visit: Visit) -> String {
        visit.worded("rule-name.\(rule)").map { "\(rule) \($0)" } ?? rule
    }

    /// What a row that lets the case pass says.
    static func row(_ row: String, of rule: String, _ visit: Visit) -> String {
        visit.worded("rule-row.\(rule).\(row)") ?? visit.worded("rule-row.\(row)") ?? row
    }

    /// The tables name their inputs in Chinese.
    static func input(_ name: String, _ visit: Visit) -> String {
        visit.worded("rule-input.\(name)") ?? name
    }

    static func source(_ name: String, _ visit: Visit) -> String {
        visit.worded("rule-source.\(name)") ?? name
    }

    /// Inputs that are sums in fen.
    private static let sums: Set<String> = ["注册资本", "认缴合计"]

    /// A value as a person reads it; long ones are cut, the whole stands in the kept decision.
    static func value(_ value: JSON, of input: String, _ visit: Visit) -> String {
        if sums.contains(input), let fen = value.int {
            return visit.text("workbench.yuan", ["amount": Money(fen: fen).yuanText])
        }
        if value.isNull { return visit.text("workbench.value.unknown") }
        if let flag = value.bool { return visit.text(flag ? "workbench.value.yes" : "workbench.value.no") }
        let plain = value.text ?? value.canonical
        let text = visit.worded("rule-value.\(plain)") ?? plain
        return text.count > 200 ? "\(text.prefix(200))…" : text
    }

    /// The applicant's own words that a rule stumbled over; nil where the reason says it all.
    static func offending(_ finding: Finding, in data: JSON, words: FormWords) -> String? {
        switch finding.reason {
        case "scope.free-text":
            let chosen = data["scope"].elements.compactMap(\.text).map(words.phrase)
            return ([data["scopeFree"].text ?? ""] + chosen).filter { !$0.isEmpty }.joined(separator: "\n")
        case "scope.approval-missing", "scope.approval-expired", "scope.approval-unreadable":
            return data["approvals"].elements.map { row in
                [
                    words.phrase(row["phrase"].text ?? ""), row["number"].text, row["agency"].text,
                    row["from"].text, row["until"].text,
                ].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
            }.joined(separator: "\n").nonEmpty
        case let reason where reason.hasPrefix("name."):
            return data["name"]["full"].text
        case let reason where reason.hasPrefix("address."):
            let address = data["address"]
            let parts = ["township", "village", "detail", "landmark"].compactMap { address[$0].text }
            return (address["banner"].text.map { [words.region($0)] + parts } ?? parts)
                .joined(separator: " ").nonEmpty
        default: return nil
        }
    }
}

extension Visit {
    /// The words of a key that comes from outside the program; nil where the catalogue has none.
    func worded(_ key: String) -> String? {
        let words = text(key)
        return words == "[\(key)]" ? nil : words
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
