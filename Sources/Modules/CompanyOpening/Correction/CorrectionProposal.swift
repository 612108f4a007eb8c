import Kernel

/// What one officer proposes to decide and a second one confirms: kept with the matter, without effect until then.
public struct CorrectionProposal: Sendable {
    /// What is to happen; for a slip `.confirm` itself.
    public let event: CorrectionEvent
    public let finding: CorrectionFinding
    public let by: String
    /// The state that the decision starts from, and to which the matter returns when nobody agrees.
    let from: CorrectionState
    /// The version of the register's entry that the proposer saw; nil where the decision compares by itself.
    let entry: Int?

    var json: JSON {
        [
            "event": .string(event.rawValue), "by": .string(by), "from": .string(from.rawValue),
            "entry": entry.map { JSON(Int64($0)) } ?? .null, "facts": .string(finding.facts),
            "evidence": .string(finding.evidence), "reason": .string(finding.reason),
            "responsible": .array(finding.responsible.map(JSON.string)), "value": finding.value,
        ]
    }

    init(event: CorrectionEvent, finding: CorrectionFinding, by: String, from: CorrectionState, entry: Int?) {
        self.event = event
        self.finding = finding
        self.by = by
        self.from = from
        self.entry = entry
    }

    init?(_ json: JSON) {
        guard let event = json["event"].text.flatMap(CorrectionEvent.init(rawValue:)),
            let from = json["from"].text.flatMap(CorrectionState.init(rawValue:)),
            let by = json["by"].text
        else { return nil }
        self.init(
            event: event,
            finding: CorrectionFinding(
                facts: json["facts"].text ?? "",
                evidence: json["evidence"].text ?? "",
                reason: json["reason"].text ?? "",
                responsible: json["responsible"].elements.compactMap(\.text),
                value: json["value"]
            ),
            by: by,
            from: from,
            entry: json["entry"].int.map { Int($0) }
        )
    }
}

extension Correction {
    /// What waits for its second person; nil when nothing does.
    public var proposal: CorrectionProposal? {
        guard state == .proposed else { return nil }
        // A slip begins with its proposal; what it would change stands in the matter itself.
        guard kind != .slip else {
            let finding = CorrectionFinding(facts: "", evidence: "", reason: words)
            return CorrectionProposal(
                event: .confirm,
                finding: finding,
                by: openedBy,
                from: .proposed,
                entry: nil
            )
        }
        return CorrectionProposal(decision["proposal"])
    }
}
