import Attachments
import Cases
import Catalogue
import CompanyOpening
import Correspondence
import Forms
import Identity
import Kernel
import Standards
import Storage
import Web

/// A case as its page shows it: what the store knows of it, in the words of the reader's language.
struct CaseSheet {
    let found: Case
    let definition: CaseDefinition
    let module: any CaseModule
    let points: [OpenPoint]
    let seat: Seat
    let visit: Visit
    let desk: WorkbenchDesk
    let isMasked: Bool
    let words: FormWords
    let signing: SigningState
    let step: CaseStep?
    let decision: Decision?
    /// By a person, who had to say everything then.
    let wasReturned: Bool
    let clock: ClockWords
    let happenings: [CaseHappening]

    init(
        found: Case,
        definition: CaseDefinition,
        module: any CaseModule,
        points: [OpenPoint],
        seat: Seat,
        visit: Visit,
        desk: WorkbenchDesk,
        isMasked: Bool,
        in reader: any Reader
    ) throws {
        self.found = found
        self.definition = definition
        self.module = module
        self.points = points
        self.seat = seat
        self.visit = visit
        self.desk = desk
        self.isMasked = isMasked
        words = try FormWords(visit, desk, in: reader)
        signing = try SignerStore.state(of: found.id, in: reader)
        step = try StepStore.of(found.id, in: reader).first { $0.kind == .staff }
        let decisions = try DecisionStore.of(found.id, in: reader)
        decision = decisions.last
        wasReturned = decisions.contains { $0.outcome == .return && $0.by.kind == .staff }
        clock = try ClockWords(step?.clock, visit: visit, calendar: desk.standards.calendar, in: reader)
        happenings = try HappeningStore.timeline(of: found.id, publicOnly: false, in: reader)
    }

    private var form: FormDefinition { definition.form }
    private var findings: [Finding] { decision?.findings ?? [] }
    private var mayRead: Bool { desk.may("person.unmask", found, seat) }

    /// - Parameter problem: why an act was refused; what was typed for it stands in its box again.
    func view(problem: (any Refusal)?, in reader: any Reader) throws -> CaseView {
        let objections = try ObjectionStore.of(found.id, in: reader)
        let records = try CounterRecordStore.of(found.id, in: reader)
        let links = try CaseLinks.of(found, seat, visit, desk, in: reader)
        let colleagues =
            step?.state == .open && desk.may("case.assign", found, seat)
            ? try HandOverAct.colleagues(of: found, desk, on: visit.now.date, in: reader) : []
        let acts = acts(colleagues, objections).refilled(after: problem, visit)
        let reveal = (isMasked && mayRead ? [revealAct()] : []).refilled(after: problem, visit)
        let notices = try notices(in: reader)
        let files = try AttachmentStore.of(found.object, in: reader)
        let summary = FormSummary(
            isMasked: isMasked,
            language: visit.language.rawValue,
            words: words,
            files: CaseFiles.links(files, of: found, mayRead: mayRead, visit: visit)
        )
        return CaseView(
            number: found.number,
            state: CasePages.state(found.state, definition.item.decision, visit),
            clock: step?.state == .open ? clock.badge : nil,
            due: clock.due,
            assignee: try InboxPages.assignee(step?.assignee, visit: visit, in: reader),
            refused: try problem.map {
                RefusedAct(try refusal($0, in: reader), acts: acts + reveal, visit: visit)
            },
            done: problem == nil ? try DoneNotice.ofQuery(visit, desk, in: reader) : nil,
            facts: try facts(in: reader),
            links: links,
            hasLinks: !links.isEmpty,
            nextHref: try NextCase.href(after: found, step: step, seat, visit, desk, in: reader),
            failed: findings.obstacles.map(finding),
            isClean: decision != nil && findings.obstacles.isEmpty,
            returned: try ReturnedView(
                found,
                form: form,
                happenings: happenings,
                summary: summary,
                visit: visit,
                in: reader
            ),
            hasDecision: decision != nil,
            decidedOn: visit.dash(decision?.at.minuteText),
            all: findings.map(finding),
            digest: definition.module == nil
                ? summary.digest(of: found, definition, visit) : summary.digest(of: found.data, visit),
            form: summary.pages(form, data: found.data),
            isMasked: isMasked,
            reveal: reveal.first,
            files: CaseFiles.table(
                files,
                of: found,
                form: form,
                mayRead: mayRead,
                visit: visit
            ),
            signers: signers(),
            counter: records.isEmpty ? nil : CounterTable.view(records, signing, visit),
            papers: papers(),
            notices: notices,
            paperCount: String(signing.papers.count + notices.count),
            objections: objections.map { ObjectionView($0, visit: visit) },
            hasObjections: !objections.isEmpty,
            latest: happenings.last.map { "\(said($0.act)) \($0.at.minuteText)" },
            timeline: try timeline(in: reader),
            acts: acts,
            hasActs: !acts.isEmpty
        )
    }

    private func said(_ act: String) -> String {
        definition.item.decision.said(act, visit.language.rawValue) ?? visit.text("timeline.\(act)")
    }

    private func finding(_ finding: Finding) -> FindingView {
        FindingView(finding, data: found.data, words: words, visit: visit)
    }

    private func acts(_ colleagues: [(id: String, name: String)], _ objections: [Objection]) -> [ActView] {
        CaseActs.offered(
            found,
            step: step,
            boxes: CaseBoxes(
                found: found,
                obstacles: findings.obstacles,
                points: points,
                objections: objections.filter { $0.state == .open },
                wasReturned: wasReturned,
                visit: visit,
                module: module,
                decision: definition.item.decision
            ),
            isExtended: happenings.contains { $0.act == "extended" },
            colleagues: colleagues,
            seat: seat,
            visit: visit,
            desk: desk
        )
    }

    /// Why an act was refused; when somebody was faster, who did what and when. The page shows the newest state already.
    private func refusal(_ problem: any Refusal, in reader: any Reader) throws -> (
        wrong: String, next: String
    ) {
        let words = visit.explain(problem)
        switch problem as? CaseError {
        case .changedMeanwhile?:
            guard let last = happenings.last else { return words }
            let changed = visit.text(
                "workbench.changed",
                [
                    "who": try who(last.actor, in: reader), "at": last.at.minuteText,
                    "act": said(last.act),
                ]
            )
            return (
                visit.text("workbench.changed.title"), "\(changed) \(visit.text("workbench.changed.next"))"
            )
        case .reasonMissing? where visit.path.hasSuffix("/grant"):
            return (words.wrong, visit.text("workbench.act.grant.reason-next"))
        default: return words
        }
    }

    /// Papers of one title, such as letters of appointment, are told apart by who alone signs each.
    private func papers() -> [PaperView] {
        signing.papers.map { paper in
            let signers = signing.active.filter { $0.papers.contains(paper.kind) }
            let only = signers.count == 1 ? signers.first.map(name) : nil
            let about = visit.text("workbench.paper.text", ["number": String(paper.text)])
            return PaperView(
                title: paper.title,
                note: [only, about].compactMap { $0 }.joined(separator: " · "),
                text: isMasked ? nil : paper.content,
                href: mayRead ? "/desk/cases/\(found.id)/papers/\(paper.kind)" : nil
            )
        }
    }

    private func name(_ signer: Signer) -> String {
        isMasked && signer.kind == .person ? PersonMask.name(signer.name) : signer.name
    }

    /// What the authority wrote.
    private func notices(in reader: any Reader) throws -> [PaperView] {
        try CorrespondenceStore.papers(of: found.id.rawValue, in: reader).map { paper in
            PaperView(
                title: visit.language == .en ? paper.titleEn : paper.titleZh,
                note: [paper.number, paper.filedAt.minuteText].compactMap { $0 }.joined(separator: " · "),
                text: isMasked ? nil : paper.text,
                href: mayRead ? "/desk/cases/\(found.id)/papers/\(paper.id)" : nil
            )
        }
    }

    private func facts(in reader: any Reader) throws -> SummaryView {
        let promised = try CaseTimesStore.of(found.id, in: reader)?.promised
        let bill = try CaseBill(found, definition, visit, in: reader)
        return SummaryView(rows: [
            .init(visit.text("workbench.column.number"), found.number),
            .init(visit.text("workbench.column.region"), desk.standards.regions.fullName(of: found.region)),
            .init(visit.text("workbench.column.handed-in"), visit.dash(found.submittedAt?.minuteText)),
            .init(visit.text("workbench.column.promised"), visit.dash(promised?.minuteText)),
            .init(visit.text("workbench.column.bill"), bill.words, badge: bill.badge),
            .init(visit.text("workbench.column.signed"), visit.dash(found.signedAt?.minuteText)),
            .init(visit.text("workbench.column.decided"), visit.dash(found.decidedAt?.minuteText)),
            .init(visit.text("workbench.column.result"), visit.dash(found.result)),
            .init(
                visit.text("workbench.column.channel"),
                visit.text("workbench.channel.\(found.channel.rawValue)")
            ),
        ])
    }

    private func revealAct() -> ActView {
        ActView(
            visit.text("workbench.reveal"),
            action: "/desk/cases/\(found.id)/reveal",
            key: "v",
            version: String(found.version),
            hint: visit.text("workbench.reveal.hint"),
            boxes: [.init("purpose", visit.text("workbench.reveal.purpose"), of: "reveal", isLines: false)]
        )
    }

    private func signers() -> TableView {
        TableView(
            caption: visit.text("workbench.signers"),
            columns: ["signer", "roles", "checked", "signed", "state"].map {
                visit.text("workbench.column.\($0)")
            },
            rows: signing.active.map { signer in
                [
                    TableView.Cell(name(signer)),
                    TableView.Cell(
                        signer.roles.map { visit.text("workbench.role.\($0)") }.joined(separator: "、")
                    ),
                    TableView.Cell(visit.dash(signer.verifiedAt?.minuteText)),
                    TableView.Cell(visit.dash(signer.signedAt?.minuteText)),
                    TableView.Cell(
                        "",
                        badge: signing.isComplete(signer)
                            ? BadgeView(visit.text("signer-state.signed"), .good)
                            : BadgeView(visit.text("signer-state.\(signer.state.rawValue)"), .warn)
                    ),
                ]
            },
            emptyText: visit.text("workbench.signers.none")
        )
    }

    private func timeline(in reader: any Reader) throws -> TimelineView {
        TimelineView(
            try happenings.map { happening in
                TimelineView.Step(
                    said(happening.act),
                    .done,
                    placeWord: happening.isPublic ? "" : visit.text("workbench.timeline.inner"),
                    time: happening.at.minuteText,
                    unit: try who(happening.actor, in: reader),
                    text: try words(of: happening, in: reader)
                )
            }
        )
    }

    /// What was said with an act; of a case that changed hands, from whom to whom.
    private func words(of happening: CaseHappening, in reader: any Reader) throws -> String? {
        let words = happening.details["words"].text
        guard happening.act == "handed-over" || happening.act == "claim-ended" else { return words }
        func name(_ key: String) throws -> String {
            guard let id = happening.details[key].text else {
                return visit.text("workbench.box.colleague.pool")
            }
            return try StaffRegister.find(ID(id), in: reader)?.name ?? visit.text("workbench.unassigned")
        }
        let hands = visit.text("workbench.handed", ["from": try name("from"), "to": try name("to")])
        return [hands, words].compactMap { $0 }.joined(separator: " · ")
    }

    /// Staff by name, everybody else by what they are.
    private func who(_ actor: Actor, in reader: any Reader) throws -> String {
        actor.kind == .staff
            ? try InboxPages.assignee(actor.id, visit: visit, in: reader)
            : visit.text("workbench.actor.\(actor.kind.rawValue)")
    }
}
