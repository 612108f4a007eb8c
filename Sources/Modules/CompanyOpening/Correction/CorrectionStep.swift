public import Kernel

/// One event of a matter as its file keeps it: an extension, a publication, a court's stay have no paper that says why.
public struct CorrectionStep: Sendable {
    public let event: String
    public let at: Instant
    /// The member of staff.
    public let by: String
    /// Who proposed what another confirmed; nil for what one person does.
    public let proposedBy: String?
    /// What was proposed; nil for what happened.
    public let proposed: String?
    /// Why it was done; empty for events whose decision says it.
    public let why: String
    /// Identifiers of the papers that it filed.
    public let papers: [String]
}

extension Correction {
    /// The events since the matter was opened, oldest first.
    public var steps: [CorrectionStep] {
        decision["steps"].elements.compactMap { step in
            guard let event = step["event"].text, let at = step["at"].text.flatMap({ Instant(parsing: $0) })
            else { return nil }
            return CorrectionStep(
                event: event,
                at: at,
                by: step["by"].text ?? "",
                proposedBy: step["proposedBy"].text,
                proposed: step["proposed"].text,
                why: step["why"].text ?? "",
                papers: step["papers"].elements.compactMap(\.text)
            )
        }
    }

    /// Identifiers of the papers that were filed when the matter was opened.
    public var openingPapers: [String] { decision["papers"].elements.compactMap(\.text) }
}

extension MatterWork {
    /// Keeps what was filed when the matter was opened.
    mutating func keepOpening() {
        if !filed.isEmpty { matter.decision["papers"] = .array(filed) }
    }

    /// Notes an event with what the occasion says of its purpose.
    mutating func keep(_ event: CorrectionEvent, confirming proposal: CorrectionProposal? = nil) {
        var step: JSON = [
            "event": .string(event.rawValue), "at": .string(occasion.now.description),
            "by": .string(occasion.actor.id), "why": .string(occasion.purpose ?? ""),
            "papers": .array(filed),
        ]
        if let proposal { step["proposedBy"] = .string(proposal.by) }
        if event == .propose { step["proposed"] = matter.decision["proposal"]["event"] }
        matter.decision["steps"] = .array(matter.decision["steps"].elements + [step])
    }
}
