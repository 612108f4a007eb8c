import Cases
import Catalogue
import CompanyNames
import CompanyOpening
import Correspondence
import Forms
import Kernel
import Storage
import Web

/// 名称自主申报: compose, see every finding, reserve (company-opening §3).
enum NamePages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/drafts/{id}/name", who: .applicants, scope: .own, zh: "名称申报", en: "The name") {
                visit in
                let draft = try await Draft.open(visit, desk)
                return try await show(draft, visit, desk)
            },
            .page(.post, "/drafts/{id}/name", who: .applicants, scope: .own, zh: "名称申报", en: "The name") {
                visit in
                try await compose(visit, desk)
            }.worded { visit in await AnswerWording.of(visit, page: "name", desk) },
            .page(
                .post,
                "/drafts/{id}/name/use",
                who: .applicants,
                scope: .own,
                zh: "选用建议名称",
                en: "Use a proposed name"
            ) { visit in
                let draft = try await Draft.open(visit, desk)
                guard let brand = visit.form.trimmed("brand"), brand.count <= 20 else {
                    throw WebRefusal.badField(name: "brand")
                }
                var data = draft.subject.data
                data["name"]["brand"] = .string(brand)
                data["name"]["reservation"] = .null
                try await draft.save(data, visit, desk)
                return .redirect(to: "\(draft.path)/name")
            },
            .page(
                .post,
                "/drafts/{id}/name/reserve",
                who: .applicants,
                scope: .own,
                zh: "保留名称",
                en: "Reserve the name"
            ) { visit in
                try await reserve(visit, desk)
            },
        ]
    }

    private static func compose(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let draft = try await Draft.open(visit, desk)
        let offers = try await Offers.load(visit, desk, word: nil)
        let turn = try FormTurn(visit, FormPages.sheet(try page(draft), draft, offers, visit))
        var data = turn.data
        // The page does not ask for the reservation's number; another name needs another reservation.
        let isSame = draft.filled(data)["name"]["full"] == draft.subject.data["name"]["full"]
        data["name"]["reservation"] = isSame ? draft.subject.data["name"]["reservation"] : .null
        let kept = try await draft.with(try await draft.save(data, visit, desk), visit, desk)
        if turn.wish == .later { return .redirect(to: "/my") }
        if turn.wish == .back { return .redirect(to: draft.path) }
        let problems = turn.refused + kept.problems(page: "name")
        guard turn.wish != .stay, problems.isEmpty else {
            return try await show(
                kept,
                visit,
                desk,
                problems: turn.wish == .stay ? [] : problems,
                isChecked: false
            )
        }
        if !CompanyForm(kept.subject.data).hasName { return .redirect(to: kept.open) }
        return .redirect(to: "\(kept.path)/name#result")
    }

    /// Exactly one of several who press at once gets the name; the others see when it was taken and what is free.
    private static func reserve(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let draft = try await Draft.open(visit, desk, for: "name.reserve")
        let proposal = proposal(draft, visit, desk)
        let promised = visit.form.has("promise")
        let old = CompanyForm(draft.subject.data).reservation
        let occasion = visit.occasion
        let rules = desk.nameRules
        let outcome: ReserveOutcome
        do {
            outcome = try await desk.database.write { tx in
                let report = try NameCheck.run(proposal, under: rules, now: occasion.now, in: tx)
                if promised, let old, let entry = try NameLibrary.find(ID(old), in: tx),
                    entry.state == .reserved,
                    entry.text != report.proposal.parts.text
                {
                    try ReleaseName.run(entry.id, occasion: occasion, in: tx)
                }
                return try ReserveName.run(
                    report,
                    promised: promised,
                    under: rules,
                    occasion: occasion,
                    in: tx
                )
            }
        } catch let refusal as NameError {
            return try await show(draft, visit, desk, refusal: refusal)
        }
        switch outcome {
        case .taken(let taken): return try await show(draft, visit, desk, taken: taken)
        case .reserved(let entry):
            var data = draft.subject.data
            data["name"]["reservation"] = .string(entry.id.rawValue)
            try await draft.save(data, visit, desk)
            return .redirect(to: "\(draft.path)/name#result")
        }
    }

    private static func proposal(_ draft: Draft, _ visit: Visit, _ desk: PortalDesk) -> NameProposal {
        desk.opening.proposal(
            for: CompanyForm(draft.subject.data),
            applicant: draft.subject.applicant,
            on: visit.now.date
        )
    }

    /// What is wrong with the act under the result stands above the page like everything else.
    private static func unpromised(_ refusal: NameError, _ visit: Visit) -> ErrorSummary? {
        ErrorSummary([.init(visit.explain(refusal).wrong, field: "promise")], visit: visit)
    }

    private static func page(_ draft: Draft) throws(WebRefusal) -> FormPage {
        guard let page = draft.form.page("name") else { throw .notFound }
        return page
    }

    private static func show(
        _ draft: Draft,
        _ visit: Visit,
        _ desk: PortalDesk,
        problems: [FieldProblem] = [],
        isChecked: Bool = true,
        refusal: NameError? = nil,
        taken: TakenName? = nil
    ) async throws -> Reply {
        let page = try page(draft)
        let offers = try await Offers.load(visit, desk, word: nil)
        let sheet = FormPages.sheet(page, draft, offers, visit)
        let plain = sheet.view(
            action: "\(draft.path)/name",
            problems: problems,
            submit: visit.text("portal.name.check"),
            second: visit.text("portal.form.later"),
            back: draft.path
        )
        let form = FormView(
            action: plain.action,
            elements: plain.elements.filter { element in
                if case .field(let field) = element { field.name != "name.reservation" } else { true }
            },
            errors: plain.errors ?? refusal.flatMap { unpromised($0, visit) },
            submit: plain.submit,
            second: plain.second,
            back: plain.back,
            asked: plain.asked
        )
        var result: NameResult?
        let wish = CompanyForm(draft.subject.data)
        if isChecked, wish.hasName, wish.fullName != nil, draft.problems(page: "name").isEmpty {
            let proposal = proposal(draft, visit, desk)
            let now = visit.now
            let (report, entry, notice) = try await desk.database.read { reader in
                (
                    try NameCheck.run(proposal, under: desk.nameRules, now: now, in: reader),
                    try wish.reservation.flatMap { try NameLibrary.find(ID($0), in: reader) },
                    try CorrespondenceStore.paper(
                        kind: CompanyOpening.nameNotice,
                        of: draft.subject.id.rawValue,
                        in: reader
                    )
                )
            }
            let live = entry.flatMap { $0.isLive(at: now) ? $0 : nil }
            result = NameResult(
                report,
                reservation: live,
                notice: notice.map { "/cases/\(draft.subject.number)/papers/\($0.id)" },
                taken: taken,
                refusal: refusal,
                draft: draft,
                visit: visit
            )
        }
        let isBad = !problems.isEmpty || refusal != nil || taken != nil
        return .page(
            "portal/name",
            NamePage(
                place: draft.place(of: page, visit),
                listHref: draft.path,
                pages: draft.links(here: "name", visit),
                form: FormPages.dressed(form, sheet, draft, visit, offers),
                result: result,
                isAsking: result == nil
            ),
            heading: draft.heading(page.title(visit.language.rawValue), visit, hasErrors: isBad),
            status: taken != nil ? 409 : isBad ? 422 : 200
        )
    }
}

struct NamePage: PageView {
    let place: String
    let listHref: String
    let pages: [PageLink]
    let form: FormView
    let result: NameResult?
    let isAsking: Bool
}

/// What the checks say of a name.
struct NameResult: PageView {
    struct Finding: PageView {
        let badge: BadgeView
        let wrong: String
        let next: String
    }

    struct Proposal: PageView {
        let text: String
        let brand: String
        let action: String
    }

    let name: String
    let verdict: NoticeView
    let problem: NoticeView?
    let findings: [Finding]
    let hasFindings: Bool
    let near: TableView
    let hasNear: Bool
    let proposals: [Proposal]
    let hasProposals: Bool
    let reserveAction: String?
    let nextHref: String?

    /// - Parameter notice: where the notice of the reservation is read.
    init(
        _ report: NameReport,
        reservation: Reservation?,
        notice: String?,
        taken: TakenName?,
        refusal: NameError?,
        draft: Draft,
        visit: Visit
    ) {
        name = report.proposal.parts.text
        let isKept = reservation?.text == name
        if isKept, let reservation {
            verdict = NoticeView(
                .good,
                title: visit.text("portal.name.kept"),
                visit.text("portal.name.kept-until", ["date": reservation.lastDay?.description ?? "-"]),
                link: notice.map { (visit.text("portal.name.notice"), $0) }
            )
        } else {
            let tones: [NameReport.Verdict: Tone] = [.free: .good, .person: .warn, .refused: .bad]
            let proposes = report.verdict == .refused && !(taken?.proposals ?? report.proposals).isEmpty
            verdict = NoticeView(
                tones[report.verdict] ?? .info,
                title: visit.text("portal.name.\(report.verdict.rawValue)"),
                visit.text(
                    proposes
                        ? "portal.name.says.refused-proposals" : "portal.name.says.\(report.verdict.rawValue)"
                )
            )
        }
        if let taken {
            let words = visit.explain(
                NameError.refused(code: taken.finding.code, arguments: taken.finding.arguments)
            )
            problem = NoticeView(.bad, title: visit.text("portal.name.taken"), words.wrong)
        } else if let refusal {
            let words = visit.explain(refusal)
            problem = NoticeView(.bad, title: words.wrong, words.next)
        } else {
            problem = nil
        }
        // What a reserved name has behind it need not be said again.
        let settled = isKept ? ["name.same-own", "name.promise"] : []
        let told = report.findings.filter { !settled.contains($0.code) }
        findings = Self.byWeight(told).map { finding in
            let words = visit.explain(NameError.refused(code: finding.code, arguments: finding.arguments))
            let tones: [NameFinding.Severity: Tone] = [.refuse: .bad, .person: .warn, .notice: .info]
            return Finding(
                badge: BadgeView(
                    visit.text("portal.severity.\(finding.severity.rawValue)"),
                    tones[finding.severity] ?? .info
                ),
                wrong: words.wrong,
                next: words.next
            )
        }
        hasFindings = !findings.isEmpty
        near = TableView(
            caption: visit.text("portal.name.near"),
            columns: ["near-name", "near-why", "near-state", "near-score"].map {
                visit.text("portal.name.\($0)")
            },
            rows: report.nearest.prefix(Self.nearMax).map { near in
                [
                    .init(near.text), .init(visit.text("portal.near.\(near.reason.rawValue)")),
                    .init(visit.text("portal.near-state.\(near.state.rawValue)")),
                    .init(String(near.score), isNumber: true),
                ]
            },
            emptyText: ""
        )
        hasNear = !report.nearest.isEmpty
        let free = taken?.proposals ?? report.proposals
        proposals = free.prefix(Self.proposalsMax).map {
            Proposal(text: $0.text, brand: $0.brand, action: "\(draft.path)/name/use")
        }
        hasProposals = !proposals.isEmpty
        reserveAction = isKept || report.verdict == .refused ? nil : "\(draft.path)/name/reserve"
        nextHref = isKept ? draft.open : nil
    }

    /// What decides stands first.
    private static func byWeight(_ findings: [NameFinding]) -> [NameFinding] {
        let weights: [NameFinding.Severity: Int] = [.refuse: 0, .person: 1]
        return findings.enumerated().sorted {
            (weights[$0.element.severity] ?? 2, $0.offset) < (weights[$1.element.severity] ?? 2, $1.offset)
        }.map(\.element)
    }

    private static let nearMax = 10
    private static let proposalsMax = 3
}
