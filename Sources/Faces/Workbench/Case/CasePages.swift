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
        let signing = try await desk.database.read { try SignerStore.state(of: found.id, in: $0) }
        let language = visit.language.rawValue
        let pages = FormSummary(isMasked: isMasked, language: language).pages(
            definition.form,
            data: found.data
        )
        let view = try await desk.database.read { reader in
            let step = try StepStore.of(found.id, in: reader).first { $0.kind == .staff }
            let decision = try DecisionStore.of(found.id, in: reader).last
            let findings = decision?.findings ?? []
            let clock = try ClockWords(
                step?.clock,
                visit: visit,
                calendar: desk.standards.calendar,
                in: reader
            )
            let timeline = try HappeningStore.timeline(of: found.id, publicOnly: false, in: reader)
            let objections = try ObjectionStore.of(found.id, in: reader)
            let filed = try CorrespondenceStore.papers(of: found.id.rawValue, in: reader)
            let acts = CaseActs.offered(found, step: step, seat: seat, visit: visit, desk: desk)
            return CaseView(
                number: found.number,
                state: state(found.state, visit),
                clock: step?.state == .open ? clock.badge : nil,
                due: clock.due,
                assignee: try InboxPages.assignee(step?.assignee, visit: visit, in: reader),
                notice: problem.map { refusal in
                    let words = visit.explain(refusal)
                    return NoticeView(.bad, title: words.wrong, words.next)
                },
                facts: facts(found, desk, visit),
                failed: findings.obstacles.map { FindingView($0, visit: visit) },
                isClean: decision != nil && findings.obstacles.isEmpty,
                hasDecision: decision != nil,
                decidedOn: visit.dash(decision?.at.minuteText),
                all: findings.map { FindingView($0, visit: visit) },
                form: pages,
                isMasked: isMasked,
                reveal: isMasked && desk.may("person.unmask", found, seat) ? revealAct(found, visit) : nil,
                signers: signers(signing, visit, isMasked: isMasked),
                papers: signing.papers.map { paper in
                    PaperView(
                        title: paper.title,
                        note: visit.text("workbench.paper.text", ["number": String(paper.text)]),
                        text: isMasked ? nil : paper.content
                    )
                },
                notices: filed.map { paper in
                    PaperView(
                        title: visit.language == .en ? paper.titleEn : paper.titleZh,
                        note: [paper.number, paper.filedAt.minuteText].compactMap { $0 }.joined(
                            separator: " · "
                        ),
                        text: isMasked ? nil : paper.text
                    )
                },
                objections: objections.map {
                    ObjectionView(
                        at: $0.at.minuteText,
                        roles: $0.roles.joined(separator: "、"),
                        text: $0.text,
                        state: visit.text("workbench.objection.\($0.state.rawValue)")
                    )
                },
                hasObjections: !objections.isEmpty,
                timeline: try self.timeline(timeline, visit, in: reader),
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
                let who =
                    happening.actor.kind == .staff
                    ? try InboxPages.assignee(happening.actor.id, visit: visit, in: reader)
                    : visit.text("workbench.actor.\(happening.actor.kind.rawValue)")
                return TimelineView.Step(
                    visit.text("timeline.\(happening.act)"),
                    .done,
                    placeWord: happening.isPublic ? "" : visit.text("workbench.timeline.inner"),
                    time: happening.at.minuteText,
                    unit: who,
                    text: happening.details["words"].text
                )
            }
        )
    }
}
