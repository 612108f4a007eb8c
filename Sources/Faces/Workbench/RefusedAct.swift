import Kernel
import Web

/// What a page says when an act was refused: why, where to mend it, and what was typed, so that nothing is lost.
/// Template: `workbench/refused`.
struct RefusedAct: PageView {
    /// A typed text for which the page has no box any more.
    struct Kept: PageView {
        let label: String
        let value: String
    }

    /// A box that wants something.
    struct Missing: PageView {
        let label: String
        let href: String
    }

    let title: String
    let text: String
    /// The box to mend; nil when the act is no longer offered.
    let href: String?
    /// The boxes that are empty, where they are several.
    let missing: [Missing]
    let hasMissing: Bool
    let kept: [Kept]
    let hasKept: Bool

    /// - Parameters:
    ///   - words: what is wrong and what to do next.
    ///   - acts: those that the page offers now.
    init(_ words: (wrong: String, next: String), acts: [ActView], visit: Visit) {
        title = words.wrong
        text = words.next
        let act = acts.first { $0.was(sentBy: visit) && !$0.isPlain }
        let boxes = act?.refilled(from: visit).boxes ?? []
        func isEmpty(_ box: ActView.Box) -> Bool { box.value.allSatisfy(\.isWhitespace) }
        // Of a list only rows that were begun want anything; with none begun, the first.
        let begun = Set(boxes.filter { !isEmpty($0) }.compactMap { Self.rowName($0.name)?.number })
        let wanting = boxes.filter { box in
            if let row = Self.rowName(box.name), !begun.contains(row.number) { return false }
            return box.isTick ? !box.isTicked : isEmpty(box)
        }
        href = (wanting.first ?? boxes.first).map { "#\($0.id)" }
        missing = wanting.count > 1 ? wanting.map { Missing(label: $0.label, href: "#\($0.id)") } : []
        hasMissing = !missing.isEmpty
        kept =
            act != nil
            ? []
            : visit.form.pairs.compactMap { name, value in
                guard let label = Self.label(name, visit), value.contains(where: { !$0.isWhitespace }) else {
                    return nil
                }
                return Kept(label: label, value: value)
            }
        hasKept = !kept.isEmpty
    }

    /// Texts that somebody writes at length.
    private static let names: Set<String> = [
        "decision", "reason", "facts", "law", "evidence", "responsible", "value", "applicant",
    ]

    private static func label(_ name: String, _ visit: Visit) -> String? {
        if name == CorrectionCare.reasonField { return visit.text("workbench.box.reason") }
        if let (row, number) = rowName(name) {
            return visit.text("workbench.box.\(row)", ["number": number])
        }
        if name.hasPrefix(CorrectionActs.slipPrefix) {
            return visit.worded("register-item.\(name.dropFirst(CorrectionActs.slipPrefix.count))")
        }
        return names.contains(name) ? visit.text("workbench.box.\(name)") : nil
    }

    /// `what-2`: the second row of a list that may end anywhere.
    private static func rowName(_ name: String) -> (row: String, number: String)? {
        let parts = name.split(separator: "-")
        guard parts.count == 2, ["what", "why", "how"].contains(parts[0]) else { return nil }
        return (String(parts[0]), String(parts[1]))
    }
}

extension [ActView] {
    /// The acts of a page that is shown again after one of them was refused: that one is open and filled in.
    func refilled(after problem: (any Refusal)?, _ visit: Visit) -> [ActView] {
        guard problem != nil else { return self }
        return map { $0.was(sentBy: visit) ? $0.refilled(from: visit) : $0 }
    }
}
