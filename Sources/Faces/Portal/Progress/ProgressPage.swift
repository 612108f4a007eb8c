import Cases
import Catalogue
import Charges
import CompanyOpening
import Deadlines
import Exchange
import Forms
import Kernel
import Standards
import Web

/// Where one case stands. Template: `portal/progress`, and as a part of `portal/result`.
struct ProgressPage: PageView {
    let title: String
    let number: String
    let badge: BadgeView
    let summary: SummaryView
    let next: NoticeView
    let clock: MeterView?
    let reasons: [Reason]
    let hasReasons: Bool
    let lines: [LineView]
    let hasLines: Bool
    let timeline: TimelineView

    /// Why it did not go through, and what to do.
    struct Reason: PageView {
        let wrong: String
        let next: String
        /// The rule or law behind it; nil where none was named.
        let basis: String?
        /// The page on which it is put right, for the applicant of a case that was returned.
        let href: String?
    }

    init(_ progress: CaseProgress, isOwner: Bool, desk: PortalDesk, visit: Visit) {
        let subject = progress.subject
        title = subject.title
        number = subject.number
        badge = subject.state.badge(progress.definition.item.decision, visit)
        summary = Self.summary(progress, isOwner: isOwner, desk: desk, visit: visit)
        next = NextStep.notice(progress, isOwner: isOwner, desk: desk, visit: visit)
        clock = ClockWords.meter(progress, desk: desk, visit: visit)
        reasons = Self.reasons(progress, isOwner: isOwner, visit: visit)
        hasReasons = !reasons.isEmpty
        lines = LineView.all(progress, isOwner: isOwner, desk: desk, visit: visit)
        hasLines = !lines.isEmpty
        timeline = Self.timeline(progress, isOwner: isOwner, visit: visit)
    }

    /// A person's words where he decided, for the applicant alone: they may name people. The rules' words else.
    private static func reasons(_ progress: CaseProgress, isOwner: Bool, visit: Visit) -> [Reason] {
        let subject = progress.subject
        // What stood in the way of something that was granted or given up is nobody's task any more.
        guard ![.granted, .withdrawn, .lapsed].contains(subject.state) else { return [] }
        let mends = isOwner && subject.state == .returned
        guard let told = progress.told else {
            let pages = Set(progress.definition.form.pages.map(\.id))
            return progress.obstacles.map { finding in
                Reason(
                    wrong: visit.text("rule.\(finding.reason)", finding.arguments),
                    next: visit.text("rule.\(finding.reason).next", finding.arguments),
                    basis: progress.definition.module == nil
                        ? nil
                        : visit.text(
                            "progress.rule",
                            ["rule": "\(finding.rule) \(visit.text("rule-name.\(finding.rule)"))"]
                        ),
                    href: mends && finding.outcome == .return
                        ? Mending.href(of: finding, subject: subject, in: pages) : nil
                )
            }
        }
        guard isOwner else { return [] }
        func basis(_ law: String) -> String? {
            law.isEmpty ? nil : visit.text("progress.basis", ["law": law])
        }
        guard told.points.isEmpty else {
            return told.points.map {
                Reason(
                    wrong: $0.what,
                    next: $0.how,
                    basis: basis($0.why),
                    href: mends ? "/drafts/\(subject.id)" : nil
                )
            }
        }
        let next = told.body.isEmpty ? told.facts : visit.text("progress.turn-to", ["body": told.body])
        return [Reason(wrong: progress.reason, next: next, basis: basis(told.law), href: nil)]
    }

    private static func summary(
        _ progress: CaseProgress,
        isOwner: Bool,
        desk: PortalDesk,
        visit: Visit
    ) -> SummaryView {
        let subject = progress.subject
        var rows: [SummaryView.Row] = [
            .init(visit.text("progress.number"), subject.number),
            .init(visit.text("progress.item"), progress.definition.item.title(visit.language.rawValue)),
        ]
        if let name = subject.data["applicant"]["name"].text {
            rows.append(.init(visit.text("progress.applicant"), PersonMask.name(name)))
        }
        rows.append(.init(visit.text("progress.agency"), progress.body))
        if let at = subject.submittedAt {
            rows.append(.init(visit.text("progress.submitted"), at.minuteText))
        }
        if let at = subject.decidedAt { rows.append(.init(visit.text("progress.decided"), at.minuteText)) }
        // What was replaced before anybody paid says nothing.
        for bill in progress.bills where isOwner && bill.state != .cancelled {
            rows.append(
                .init(
                    visit.text("progress.bill"),
                    visit.text("bill.yuan", ["amount": bill.total.yuanText]),
                    valueHref: BillPages.path(bill.number),
                    badge: BadgeView(visit.text("bill-state.\(bill.state.rawValue)"), bill.state.tone)
                )
            )
        }
        if let code = subject.result { rows.append(.init(visit.text(progress.resultLabel), code)) }
        return SummaryView(rows: rows)
    }

    private static func timeline(_ progress: CaseProgress, isOwner: Bool, visit: Visit) -> TimelineView {
        let subject = progress.subject
        let done = visit.text("progress.done")
        var steps = progress.timeline.map { happening in
            let failed = ["returned", "refused", "transferred", "revoked", "withdrawn", "lapsed"].contains(
                happening.act
            )
            return TimelineView.Step(
                progress.definition.item.decision.said(happening.act, visit.language.rawValue)
                    ?? visit.text("timeline.\(happening.act)"),
                failed ? .failed : .done,
                placeWord: failed ? visit.text("progress.ended") : done,
                time: happening.at.minuteText,
                unit: happening.actor.kind == .platform ? visit.text("progress.by-platform") : nil,
                // What the officer wrote is for the applicant; it may name people.
                text: isOwner ? happening.details["words"].text : nil
            )
        }
        if subject.state == .review {
            steps.append(
                TimelineView.Step(
                    visit.text("case-state.review"),
                    .now,
                    placeWord: visit.text("progress.now"),
                    text: visit.text("progress.review-text")
                )
            )
        }
        if subject.state == .granted, subject.completedAt == nil {
            steps.append(
                TimelineView.Step(visit.text("progress.bundle"), .now, placeWord: visit.text("progress.now"))
            )
        }
        if !subject.state.isFinal, subject.completedAt == nil {
            steps.append(
                TimelineView.Step(
                    visit.text("timeline.completed"),
                    .ahead,
                    placeWord: visit.text("progress.ahead")
                )
            )
        }
        return TimelineView(steps)
    }
}

/// What happens next, and by which day.
enum NextStep {
    static func notice(_ progress: CaseProgress, isOwner: Bool, desk: PortalDesk, visit: Visit) -> NoticeView
    {
        let subject = progress.subject
        let decision = progress.definition.item.decision
        let language = visit.language.rawValue
        let words = (granted: decision.granted(language), refused: decision.refused(language))
        func notice(
            _ tone: Tone,
            _ key: String,
            _ arguments: [String: String] = [:],
            link: (text: String, href: String)? = nil
        ) -> NoticeView {
            NoticeView(
                tone,
                title: visit.text("next.\(key)", ["granted": words.granted, "refused": words.refused]),
                visit.text("next.\(key).text", arguments),
                link: isOwner ? link : nil
            )
        }
        switch subject.state {
        case .draft:
            return notice(.info, "draft", link: (visit.text("next.to-form"), "/drafts/\(subject.id)"))
        case .signing:
            return notice(
                .info,
                "signing",
                link: (visit.text("next.to-signers"), "/cases/\(subject.number)/signers")
            )
        case .received, .accepted, .review:
            if let bill = progress.owed {
                return notice(
                    .warn,
                    "owed",
                    ["amount": bill.total.yuanText],
                    link: (visit.text("bill.pay"), BillPages.path(bill.number))
                )
            }
            let due = progress.clock.map { ClockWords.due($0, desk: desk, visit: visit) }
            return due.map { notice(.info, "review", ["due": $0]) } ?? notice(.info, "received")
        case .returned:
            return notice(.warn, "returned", link: (visit.text("next.to-form"), "/drafts/\(subject.id)"))
        case .transferred: return notice(.warn, "transferred")
        case .refused: return notice(.bad, "refused")
        case .withdrawn: return notice(.neutral, subject.isDiscarded ? "discarded" : "withdrawn")
        case .revoked: return notice(.bad, "revoked")
        case .lapsed: return notice(.neutral, "lapsed")
        case .granted:
            let stuck = progress.lines.contains { $0.order.counts && $0.state == .returned }
            if stuck { return notice(.warn, "stuck") }
            if subject.completedAt != nil {
                // What the bundle does not wait for, or was taken up since.
                let open = progress.lines.count(where: \.state.isOpen)
                guard open == 0 else {
                    return notice(.good, "completed-open", ["count": String(open)])
                }
                let isPutOff = progress.lines.contains { $0.state == .later }
                return notice(.good, isPutOff ? "completed-later" : "completed")
            }
            return progress.bundleDue.map { notice(.good, "granted", ["due": $0.minuteText]) }
                ?? notice(.good, "granted-open")
        }
    }
}

extension LineState {
    /// Neither done nor put off.
    fileprivate var isOpen: Bool {
        switch self {
        case .pending, .sent, .received, .working, .overdue, .returned, .personNeeded: true
        case .done, .notNeeded, .later: false
        }
    }
}

/// The clock of the law in words and as a bar.
enum ClockWords {
    static func due(_ clock: DeadlineClock, desk: PortalDesk, visit: Visit) -> String {
        switch clock.due(desk.standards.calendar) {
        case .day(let date): date.description
        case .moment(let moment): moment.minuteText
        case .waitsForCalendar(_, let day): visit.text("clock.not-before", ["day": day.description])
        case .paused: visit.text("clock.paused")
        }
    }

    static func meter(_ progress: CaseProgress, desk: PortalDesk, visit: Visit) -> MeterView? {
        if let clock = progress.clock, clock.ended == nil {
            return review(clock, promised: progress.times?.promised, desk: desk, visit: visit)
        }
        return bundle(progress, visit: visit)
    }

    /// `已用 1 / 法定 3 个工作日`: the day of the start does not count.
    /// - Parameter promised: what the region promised comes first, where it promised something.
    private static func review(
        _ clock: DeadlineClock,
        promised: Instant?,
        desk: PortalDesk,
        visit: Visit
    ) -> MeterView? {
        guard !clock.isPaused else {
            return MeterView(
                label: visit.text("clock.review"),
                words: visit.text("clock.paused"),
                part: 0,
                whole: 1,
                tone: .neutral
            )
        }
        let whole = clock.extensions.reduce(clock.budget.amount) { $0 + $1.by.amount }
        let used: Int
        switch clock.budget.unit {
        case .workingDay:
            used =
                (try? desk.standards.calendar.workingDays(from: clock.started.date, to: visit.now.date)) ?? 0
        default: used = visit.now.date.dayNumber - clock.started.date.dayNumber
        }
        let isOver = clock.due(desk.standards.calendar).isOver(at: visit.now)
        let days = visit.text(
            "clock.days",
            ["used": String(used), "whole": String(whole), "due": due(clock, desk: desk, visit: visit)]
        )
        return MeterView(
            label: visit.text("clock.review"),
            words: promised.map {
                visit.text("clock.promised", ["until": $0.minuteText, "days": days])
            } ?? days,
            part: used,
            whole: whole,
            tone: isOver ? .bad : .info
        )
    }

    /// The whole opening, from the first hand-in to the last line, against what the region promised.
    private static func bundle(_ progress: CaseProgress, visit: Visit) -> MeterView? {
        let subject = progress.subject
        guard subject.state == .granted, let times = progress.times, let promised = times.promised else {
            return nil
        }
        let until = subject.completedAt ?? visit.now
        let minutes = (until - times.handedIn) / Instant.minute
        let used =
            minutes < 60
            ? visit.text("clock.minutes", ["count": String(minutes)])
            : visit.text("clock.hours", ["count": String(minutes / 60)])
        return MeterView(
            label: visit.text("clock.bundle"),
            words: visit.text("clock.bundle-words", ["used": used, "until": promised.minuteText]),
            part: Int(minutes),
            whole: Int((promised - times.handedIn) / Instant.minute),
            tone: until > promised ? .warn : subject.completedAt == nil ? .info : .good
        )
    }
}
