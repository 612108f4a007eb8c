import Attachments
import Audit
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

/// One case: what stands in its way first, then form, signers, papers, timeline and the acts.
enum CasePages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .get,
                "/desk/cases/{id}",
                who: .officers,
                scope: .region,
                zh: "办件审查",
                en: "A case under review"
            ) {
                visit in
                let (found, seat) = try await desk.open(visit, for: "case.read")
                return try await page(found, seat, visit, desk, isMasked: true)
            },
            .page(
                .post,
                "/desk/cases/{id}/reveal",
                who: .officers,
                scope: .region,
                zh: "查看未遮盖信息",
                en: "Read personal data unmasked"
            ) { visit in
                let (found, seat) = try await desk.open(visit, for: "person.unmask")
                guard let purpose = visit.form.trimmed("purpose"), purpose.count <= 200 else {
                    throw WebRefusal.badField(name: visit.text("workbench.reveal.purpose"))
                }
                let told = visit.occasion
                let occasion = Occasion(
                    now: told.now,
                    actor: told.actor,
                    request: told.request,
                    purpose: purpose,
                    entropy: told.entropy
                )
                try await desk.database.write { tx in
                    _ = try AuditLog.read(
                        "case.form-read",
                        object: found.object,
                        of: found.applicant,
                        occasion: occasion,
                        in: tx
                    )
                }
                return try await page(found, seat, visit, desk, isMasked: false)
            },
        ]
    }

    /// - Parameter problem: why an act was refused; the page is shown again with what changed.
    static func page(
        _ found: Case,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        isMasked: Bool,
        problem: (any Refusal)? = nil
    ) async throws -> Reply {
        let definition = try await desk.desk.definition(of: found)
        let form = FormSummary(isMasked: isMasked, language: visit.language.rawValue).pages(
            definition.form,
            data: found.data
        )
        let points = found.state == .review ? try await desk.desk.openPoints(of: found) : []
        let view = try await desk.database.read { reader in
            let signing = try SignerStore.state(of: found.id, in: reader)
            let step = try StepStore.of(found.id, in: reader).first { $0.kind == .staff }
            let decision = try DecisionStore.of(found.id, in: reader).last
            let findings = decision?.findings ?? []
            let clock = try ClockWords(
                step?.clock,
                visit: visit,
                calendar: desk.standards.calendar,
                in: reader
            )
            let happenings = try HappeningStore.timeline(of: found.id, publicOnly: false, in: reader)
            let objections = try ObjectionStore.of(found.id, in: reader)
            let records = try CounterRecordStore.of(found.id, in: reader)
            let boxes = CaseBoxes(
                found: found,
                obstacles: findings.obstacles,
                points: points,
                visit: visit,
                opening: desk.opening
            )
            let acts = CaseActs.offered(
                found,
                step: step,
                boxes: boxes,
                seat: seat,
                visit: visit,
                desk: desk
            )
            return CaseView(
                number: found.number,
                state: state(found.state, visit),
                clock: step?.state == .open ? clock.badge : nil,
                due: clock.due,
                assignee: try InboxPages.assignee(step?.assignee, visit: visit, in: reader),
                notice: try problem.map { try notice($0, last: happenings.last, visit, in: reader) },
                facts: facts(found, desk, visit),
                failed: findings.obstacles.map { FindingView($0, visit: visit) },
                isClean: decision != nil && findings.obstacles.isEmpty,
                hasDecision: decision != nil,
                decidedOn: visit.dash(decision?.at.minuteText),
                all: findings.map { FindingView($0, visit: visit) },
                form: form,
                isMasked: isMasked,
                reveal: isMasked && desk.may("person.unmask", found, seat) ? revealAct(found, visit) : nil,
                files: CaseFiles.table(
                    try AttachmentStore.of(found.object, in: reader),
                    of: found,
                    form: definition.form,
                    mayRead: desk.may("person.unmask", found, seat),
                    visit: visit
                ),
                signers: signers(signing, visit, isMasked: isMasked),
                counter: records.isEmpty ? nil : CounterTable.view(records, signing, visit),
                papers: papers(signing, visit, isMasked: isMasked),
                notices: try notices(of: found, visit, isMasked: isMasked, in: reader),
                objections: objections.map { ObjectionView($0, visit: visit) },
                hasObjections: !objections.isEmpty,
                timeline: try self.timeline(happenings, visit, in: reader),
                acts: acts,
                hasActs: !acts.isEmpty
            )
        }
        return .page(
            "workbench/case",
            view,
            heading: Heading(
                found.title,
                crumbs: [.init(visit.text("workbench.inbox.title"), href: "/desk")],
                section: "inbox",
                hasErrors: problem != nil
            ),
            status: problem.map { $0.status.rawValue } ?? 200
        )
    }

    /// Why an act was refused; when somebody was faster, who did what and when.
    private static func notice(
        _ problem: any Refusal,
        last: CaseHappening?,
        _ visit: Visit,
        in reader: any Reader
    ) throws -> NoticeView {
        let words = visit.explain(problem)
        guard case .changedMeanwhile? = problem as? CaseError, let last else {
            return NoticeView(.bad, title: words.wrong, words.next)
        }
        let changed = visit.text(
            "workbench.changed",
            [
                "who": try who(last.actor, visit, in: reader), "at": last.at.minuteText,
                "act": visit.text("timeline.\(last.act)"),
            ]
        )
        return NoticeView(.bad, title: words.wrong, "\(changed) \(words.next)")
    }

    private static func papers(_ signing: SigningState, _ visit: Visit, isMasked: Bool) -> [PaperView] {
        signing.papers.map { paper in
            PaperView(
                title: paper.title,
                note: visit.text("workbench.paper.text", ["number": String(paper.text)]),
                text: isMasked ? nil : paper.content
            )
        }
    }

    /// What the authority wrote.
    private static func notices(
        of found: Case,
        _ visit: Visit,
        isMasked: Bool,
        in reader: any Reader
    ) throws -> [PaperView] {
        try CorrespondenceStore.papers(of: found.id.rawValue, in: reader).map { paper in
            PaperView(
                title: visit.language == .en ? paper.titleEn : paper.titleZh,
                note: [paper.number, paper.filedAt.minuteText].compactMap { $0 }.joined(separator: " · "),
                text: isMasked ? nil : paper.text
            )
        }
    }

    static func state(_ state: CaseState, _ visit: Visit) -> BadgeView {
        let tone: Tone =
            switch state {
            case .granted: .good
            case .refused, .revoked: .bad
            case .received, .accepted, .review: .warn
            case .draft, .signing, .returned, .transferred, .withdrawn, .lapsed: .neutral
            }
        return BadgeView(visit.text("case-state.\(state.rawValue)"), tone)
    }

    private static func facts(_ found: Case, _ desk: WorkbenchDesk, _ visit: Visit) -> SummaryView {
        SummaryView(rows: [
            .init(visit.text("workbench.column.number"), found.number),
            .init(visit.text("workbench.column.region"), desk.standards.regions.fullName(of: found.region)),
            .init(visit.text("workbench.column.handed-in"), visit.dash(found.submittedAt?.minuteText)),
            .init(visit.text("workbench.column.signed"), visit.dash(found.signedAt?.minuteText)),
            .init(visit.text("workbench.column.decided"), visit.dash(found.decidedAt?.minuteText)),
            .init(visit.text("workbench.column.result"), visit.dash(found.result)),
            .init(
                visit.text("workbench.column.channel"),
                visit.text("workbench.channel.\(found.channel.rawValue)")
            ),
        ])
    }

    private static func revealAct(_ found: Case, _ visit: Visit) -> ActView {
        ActView(
            visit.text("workbench.reveal"),
            action: "/desk/cases/\(found.id)/reveal",
            key: "v",
            version: String(found.version),
            hint: visit.text("workbench.reveal.hint"),
            boxes: [.init("purpose", visit.text("workbench.reveal.purpose"), of: "reveal", isLines: false)]
        )
    }

    private static func signers(_ state: SigningState, _ visit: Visit, isMasked: Bool) -> TableView {
        TableView(
            caption: visit.text("workbench.signers"),
            columns: ["signer", "roles", "checked", "signed", "state"].map {
                visit.text("workbench.column.\($0)")
            },
            rows: state.active.map { signer in
                [
                    TableView.Cell(
                        isMasked && signer.kind == .person ? PersonMask.name(signer.name) : signer.name
                    ),
                    TableView.Cell(
                        signer.roles.map { visit.text("workbench.role.\($0)") }.joined(separator: "、")
                    ),
                    TableView.Cell(visit.dash(signer.verifiedAt?.minuteText)),
                    TableView.Cell(visit.dash(signer.signedAt?.minuteText)),
                    TableView.Cell(
                        "",
                        badge: state.isComplete(signer)
                            ? BadgeView(visit.text("signer-state.signed"), .good)
                            : BadgeView(visit.text("signer-state.\(signer.state.rawValue)"), .warn)
                    ),
                ]
            },
            emptyText: visit.text("workbench.signers.none")
        )
    }

    private static func timeline(
        _ happenings: [CaseHappening],
        _ visit: Visit,
        in reader: any Reader
    ) throws -> TimelineView {
        TimelineView(
            try happenings.map { happening in
                TimelineView.Step(
                    visit.text("timeline.\(happening.act)"),
                    .done,
                    placeWord: happening.isPublic ? "" : visit.text("workbench.timeline.inner"),
                    time: happening.at.minuteText,
                    unit: try who(happening.actor, visit, in: reader),
                    text: happening.details["words"].text
                )
            }
        )
    }

    /// Staff by name, everybody else by what they are.
    private static func who(_ actor: Actor, _ visit: Visit, in reader: any Reader) throws -> String {
        actor.kind == .staff
            ? try InboxPages.assignee(actor.id, visit: visit, in: reader)
            : visit.text("workbench.actor.\(actor.kind.rawValue)")
    }
}
