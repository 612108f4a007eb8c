import Cases
import Kernel
import Web

/// What the page of a case shows.
struct CaseView: PageView {
    let number: String
    let state: BadgeView
    let clock: BadgeView?
    let due: String
    let assignee: String
    let notice: NoticeView?
    let facts: SummaryView
    /// Only what stands in the way.
    let failed: [FindingView]
    let isClean: Bool
    let hasDecision: Bool
    let decidedOn: String
    /// Every rule, for those who want to see all.
    let all: [FindingView]
    let form: [SummaryView]
    let isMasked: Bool
    let reveal: ActView?
    let files: TableView
    let signers: TableView
    /// Signatures that a clerk saw given; nil when there are none.
    let counter: TableView?
    let papers: [PaperView]
    let notices: [PaperView]
    let objections: [ObjectionView]
    let hasObjections: Bool
    let timeline: TimelineView
    let acts: [ActView]
    let hasActs: Bool
}

/// One rule's word, with the inputs that it saw and the times of its data.
struct FindingView: PageView {
    let rule: String
    let badge: BadgeView
    let subject: String?
    let reason: String
    let next: String?
    let inputs: [Input]
    let times: String

    struct Input: PageView {
        let name: String
        let value: String
    }

    init(_ finding: Finding, visit: Visit) {
        rule = finding.rule
        badge = BadgeView(
            visit.text("workbench.outcome.\(finding.outcome.rawValue)"),
            Self.tone(finding.outcome)
        )
        subject = finding.subject
        let key = "rule.\(finding.reason)"
        reason =
            finding.reason.isEmpty
            ? finding.rows.joined(separator: "、") : visit.text(key, finding.arguments)
        next = finding.reason.isEmpty ? nil : visit.text("\(key).next", finding.arguments)
        inputs = finding.inputs.members.sorted { $0.key < $1.key }.map {
            Input(name: $0.key, value: Self.plain($0.value))
        }
        let read = finding.dataTimes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.minuteText)" }
        times = read.isEmpty ? visit.text("workbench.rule.no-source") : read.joined(separator: "；")
    }

    private static func tone(_ outcome: RuleOutcome) -> Tone {
        switch outcome {
        case .pass: .good
        case .person: .warn
        case .return, .transfer: .info
        case .refuse: .bad
        }
    }

    /// Inputs are shown short; the whole stands in the kept decision.
    private static func plain(_ value: JSON) -> String {
        let text = value.text ?? (value.isNull ? "?" : value.canonical)
        return text.count > 200 ? "\(text.prefix(200))…" : text
    }
}

/// A generated or filed paper.
struct PaperView: PageView {
    let title: String
    let note: String
    /// Only after a purpose was given: papers name people.
    let text: String?
}

/// "I did not agree", by somebody named in the case.
struct ObjectionView: PageView {
    let at: String
    let roles: String
    let text: String
    let state: String

    init(_ objection: Objection, visit: Visit) {
        at = objection.at.minuteText
        roles = objection.roles.map { visit.text("workbench.role.\($0)") }.joined(separator: "、")
        text = objection.text
        state = visit.text("workbench.objection.\(objection.state.rawValue)")
    }
}
