import CompanyOpening
import Kernel
import Web

struct SubjectView: PageView {
    /// Nil where the heading says it already.
    let code: String?
    let formerName: String?
    let state: BadgeView
    let refused: RefusedAct?
    let done: NoticeView?
    /// What does not fit together in the entry any more.
    let unfit: NoticeView?
    let links: [DeskLink]
    let hasLinks: Bool
    let items: SummaryView
    let filings: TableView
    let history: TableView
    let matters: [MatterView]
    let acts: [ActView]
}

struct MatterView: PageView {
    let title: String
    let state: BadgeView
    let words: String
    /// Who asked for it, or that the authority found it itself.
    let source: String?
    let openedAt: String
    /// Until when what is to be done next is to be done, and what the day is called.
    let due: String
    let dueLabel: String
    let clock: BadgeView?
    let notice: String?
    /// What was asked, found and done.
    let file: SummaryView?
    let acts: [ActView]

    /// - Parameters:
    ///   - change: what a proposal would bring about, in words.
    ///   - lacksName: another name is awaited, and nobody of the firm has reserved one.
    init(
        _ matter: Correction,
        clock: ClockWords,
        file: SummaryView?,
        acts: [ActView],
        change: String?,
        lacksName: Bool,
        visit: Visit
    ) {
        title = visit.text("correction-kind.\(matter.kind.rawValue)")
        state = BadgeView(
            visit.text("correction-state.\(matter.state.rawValue)"),
            matter.state.isOpen ? .warn : .neutral
        )
        words = matter.words
        openedAt = matter.openedAt.minuteText
        due = clock.due
        let term =
            matter.kind == .falsity ? (matter.state == .asked ? "accept" : "investigate") : "put-right"
        dueLabel = visit.text("workbench.matter-due.\(term)")
        self.clock = clock.badge
        let waits =
            matter.proposal?.by == visit.occasion.actor.id ? "workbench.slip-own" : "workbench.slip-waits"
        notice =
            change.map { "\($0) \(visit.text(waits))" }
            ?? matter.noticeEnds.map { visit.text("workbench.notice-until", ["date": $0.description]) }
            ?? (matter.isNoticed ? visit.text("workbench.notice-end-unknown") : nil)
            ?? (lacksName ? visit.text("workbench.rename.none") : nil)
        let applicant = matter.decision["applicant"].text ?? ""
        source =
            matter.kind != .falsity ? nil : applicant.isEmpty ? visit.text("workbench.own-motion") : applicant
        self.file = file
        self.acts = acts
    }
}
