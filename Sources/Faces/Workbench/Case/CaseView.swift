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
    /// An act that was refused.
    let refused: RefusedAct?
    /// What the reader has just done.
    let done: NoticeView?
    let facts: SummaryView
    /// The register entry, the lines of the parties.
    let links: [DeskLink]
    let hasLinks: Bool
    /// The next case that waits; nil when this is the last.
    let nextHref: String?
    /// Only what stands in the way.
    let failed: [FindingView]
    let isClean: Bool
    /// What was handed back before, and what was changed since; nil for a case handed in for the first time.
    let returned: ReturnedView?
    let hasDecision: Bool
    let decidedOn: String
    /// Every rule, for those who want to see all.
    let all: [FindingView]
    /// What is applied for, on one screen.
    let digest: SummaryView
    let form: [FoldView]
    let isMasked: Bool
    let reveal: ActView?
    let files: TableView
    let signers: TableView
    /// Signatures that a clerk saw given; nil when there are none.
    let counter: TableView?
    let papers: [PaperView]
    let notices: [PaperView]
    /// Those of the founders and of the authority together.
    let paperCount: String
    let objections: [ObjectionView]
    let hasObjections: Bool
    /// What happened last, in words; nil before anything did.
    let latest: String?
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
    /// The applicant's own words that the rule stumbled over.
    let offending: String?
    let inputs: [Input]
    let hasInputs: Bool
    let times: String

    struct Input: PageView {
        let name: String
        let value: String
    }

    init(_ finding: Finding, data: JSON, words: FormWords, visit: Visit) {
        rule = RuleWords.name(finding.rule, visit)
        badge = BadgeView(
            visit.text("workbench.outcome.\(finding.outcome.rawValue)"),
            Self.tone(finding.outcome)
        )
        subject = finding.subject
        let key = "rule.\(finding.reason)"
        reason =
            finding.reason.isEmpty
            ? finding.rows.map { RuleWords.row($0, of: finding.rule, visit) }.joined(separator: "、")
            : visit.text(key, finding.arguments)
        next = finding.reason.isEmpty ? nil : RuleAdvice.words(finding, visit)
        offending = RuleWords.offending(finding, in: data, words: words)
        inputs = finding.inputs.members.sorted { $0.key < $1.key }.map {
            Input(name: RuleWords.input($0.key, visit), value: RuleWords.value($0.value, of: $0.key, visit))
        }
        hasInputs = !inputs.isEmpty
        let read = finding.dataTimes.sorted { $0.key < $1.key }.map {
            "\(RuleWords.source($0.key, visit)) \($0.value.minuteText)"
        }
        let silence =
            RuleAdvice.isSilence(finding) ? "workbench.rule.no-answer" : "workbench.rule.no-source"
        times = read.isEmpty ? visit.text(silence) : read.joined(separator: "；")
    }

    private static func tone(_ outcome: RuleOutcome) -> Tone {
        switch outcome {
        case .pass: .good
        case .person: .warn
        case .return, .transfer: .info
        case .refuse: .bad
        }
    }
}

/// One page of the form, behind its title.
struct FoldView: PageView {
    let title: String
    let isOpen: Bool
    let summary: SummaryView
}

/// A generated or filed paper.
struct PaperView: PageView {
    let title: String
    let note: String
    /// Only after a purpose was given: papers name people.
    let text: String?
    /// Where the paper is read and printed; nil for a post that reads no personal data.
    let href: String?
}

/// A way from one thing to another that belongs to it.
struct DeskLink: PageView {
    let text: String
    let href: String
    let note: String
}

/// "I did not agree", by somebody named in the case.
struct ObjectionView: PageView {
    let at: String
    let number: String
    /// Masked name and roles.
    let who: String
    let text: String
    let state: BadgeView

    init(_ objection: Objection, visit: Visit) {
        at = objection.at.minuteText
        number = objection.number
        who = ObjectionDesk.who(objection, visit)
        text = objection.text
        state = BadgeView(
            ObjectionDesk.state(objection, visit),
            objection.state == .open ? .bad : .neutral
        )
    }
}
