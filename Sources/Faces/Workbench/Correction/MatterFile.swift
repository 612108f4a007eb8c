import Cases
import CompanyOpening
import Correspondence
import Identity
import Kernel
import Registers
import Storage
import Web

/// What the file of a matter holds: who asked, what was found, on what evidence, who answers for it, which papers.
enum MatterFile {
    static func view(
        _ matter: Correction,
        acts: CorrectionActs,
        papers: [Paper],
        _ visit: Visit,
        in reader: any Reader
    ) throws -> SummaryView {
        let decision = matter.decision
        var rows: [SummaryView.Row] = []
        func add(_ key: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            rows.append(.init(visit.text(key), value))
        }
        add("workbench.box.item", matter.item.map { items($0, visit) })
        add("workbench.box.applicant", decision["applicant"].text)
        add("workbench.file.opened-by", try staff(matter.openedBy, visit, in: reader))
        add("workbench.file.investigation-ends", matter.investigationEnds?.description)
        add("workbench.column.decided", matter.decidedAt?.minuteText)
        add("workbench.box.facts", decision["facts"].text)
        add("workbench.box.evidence", decision["evidence"].text)
        add("workbench.box.reason", decision["reason"].text)
        // With a registration that was given back nobody is barred any more.
        if matter.state != .restored {
            let people = decision["responsible"].elements.map { $0.text ?? $0["name"].text ?? "" }
            add("workbench.box.responsible", people.filter { !$0.isEmpty }.joined(separator: "、"))
            add("workbench.file.ban-until", decision["banUntil"].text)
        }
        if matter.kind != .slip, let proposal = matter.proposal {
            let finding = proposal.finding
            add("workbench.file.proposal", acts.decided(proposal.event))
            add("workbench.file.proposed-by", try staff(proposal.by, visit, in: reader))
            add("workbench.file.falls", acts.falls(proposal, of: matter))
            add("workbench.box.facts", finding.facts)
            add("workbench.box.evidence", finding.evidence)
            add("workbench.box.reason", finding.reason)
            add("workbench.box.responsible", finding.responsible.joined(separator: "、"))
        }
        for step in matter.steps {
            let words =
                [
                    step.at.minuteText, try persons(step, visit, in: reader),
                    step.why.isEmpty ? nil : step.why,
                ] + names(of: step.papers, among: papers)
            rows.append(
                .init(
                    label(of: step, visit),
                    words.compactMap { $0 }.joined(separator: " · ")
                )
            )
        }
        add(
            "workbench.papers",
            names(of: matter.openingPapers, among: papers).joined(separator: "、")
        )
        return SummaryView(rows: rows)
    }

    private static func label(of step: CorrectionStep, _ visit: Visit) -> String {
        let what = step.proposed ?? step.event
        let words = visit.worded("workbench.correction.\(what)") ?? what
        return step.proposed == nil ? words : visit.text("workbench.proposed", ["what": words])
    }

    /// Who did it; of what two persons decided both.
    static func persons(_ step: CorrectionStep, _ visit: Visit, in reader: any Reader) throws -> String? {
        guard let proposer = step.proposedBy else { return try staff(step.by, visit, in: reader) }
        return visit.text(
            "workbench.two-persons",
            [
                "proposer": try staff(proposer, visit, in: reader) ?? "",
                "confirmer": try staff(step.by, visit, in: reader) ?? "",
            ]
        )
    }

    /// A matter names one item or kind of filing, a slip several items.
    private static func items(_ written: String, _ visit: Visit) -> String {
        written.split(separator: ",").map { item in
            visit.worded("register-item.\(item)") ?? visit.worded("filing.\(item)") ?? String(item)
        }.joined(separator: visit.text("workbench.list"))
    }

    /// A paper belongs to the event that filed it, whatever else was filed at the same moment.
    private static func names(of ids: [String], among papers: [Paper]) -> [String] {
        papers.filter { ids.contains($0.id.rawValue) }.map { paper in
            [paper.titleZh, paper.number].compactMap { $0 }.joined(separator: " ")
        }
    }

    private static func staff(_ id: String, _ visit: Visit, in reader: any Reader) throws -> String? {
        try StaffRegister.find(ID(id), in: reader)?.name ?? visit.text("workbench.actor.platform")
    }
}

/// The register's history as it must be readable later: which item, from what to what, why and by whom.
enum RegisterHistory {
    static func table(
        _ entries: [RegisterEntry],
        matters: [Correction],
        papers: [Paper],
        acts: CorrectionActs,
        _ visit: Visit,
        in reader: any Reader
    ) throws -> TableView {
        let isInstant = try entries.first.map {
            try DecisionStore.of(ID($0.caseID), in: reader).last { $0.outcome == .grant }?.instant ?? false
        }
        var before = JSON.null
        var rows: [[TableView.Cell]] = []
        for entry in entries {
            let changed = Set(entry.items.members.keys).union(before.members.keys).sorted().filter {
                entry.items[$0] != before[$0]
            }
            let lines =
                before.isNull
                ? []
                : changed.map { item in
                    visit.text(
                        "workbench.history.change",
                        [
                            "item": acts.label(item), "before": text(before[item], of: item, acts, visit),
                            "after": text(entry.items[item], of: item, acts, visit),
                        ]
                    )
                }
            let (matter, step) = brought(entry, matters)
            let ids = step?.papers ?? matter?.openingPapers ?? []
            let paper = papers.first {
                entry.act == .establish ? $0.kind == "registration-notice" : ids.contains($0.id.rawValue)
            }
            rows.append([
                TableView.Cell(entry.at.minuteText),
                TableView.Cell(name(of: entry, matter, step, acts)),
                TableView.Cell(
                    visit.dash((lines + filed(entry, matter, acts)).joined(separator: "；"))
                ),
                TableView.Cell(visit.dash(why(matter, step))),
                TableView.Cell(try by(entry, matter, step, isInstant: isInstant, visit, in: reader)),
                TableView.Cell(
                    visit.dash(paper.map { $0.number ?? $0.titleZh }),
                    href: paper.map { "/desk/cases/\($0.caseID)/papers/\($0.id)" }
                ),
                TableView.Cell(visit.text("subject-state.\(entry.state.rawValue)")),
                TableView.Cell(String(entry.digest.prefix(16))),
            ])
            before = entry.items
        }
        return TableView(
            caption: visit.text("workbench.history"),
            columns: ["at", "act", "change", "reason", "by", "paper", "state", "digest"].map {
                visit.text("workbench.column.\($0)")
            },
            rows: rows,
            emptyText: visit.text("workbench.history.none")
        )
    }

    /// An order about the name changes the entry too, but is no change that anybody applied for.
    private static func name(
        of entry: RegisterEntry,
        _ matter: Correction?,
        _ step: CorrectionStep?,
        _ acts: CorrectionActs
    ) -> String {
        if entry.act == .change, matter?.kind == .name {
            if step?.event == CorrectionEvent.takeBack.rawValue { return acts.decided(.takeBack) }
            // From before the order was kept as a step of its own.
            if step == nil || step?.event == CorrectionEvent.order.rawValue { return acts.decided(.order) }
        }
        return acts.visit.text("register-act.\(entry.act.rawValue)")
    }

    /// What was filed beside the items and fell away or came back; confidential filings keep their names.
    private static func filed(_ entry: RegisterEntry, _ matter: Correction?, _ acts: CorrectionActs)
        -> [String]
    {
        guard entry.act == .withdrawItem || entry.act == .restore, let matter, let item = matter.item,
            case let hidden = matter.decision["confidential"].elements, !hidden.isEmpty
        else { return [] }
        let visit = acts.visit
        let names = matter.decision["before"].elements.enumerated().map { index, value in
            index < hidden.count && hidden[index].bool == false
                ? visit.dash(value["name"].text) : visit.text("workbench.filed.confidential")
        }
        return [
            visit.text(
                entry.act == .restore ? "workbench.item-back" : "workbench.item-gone",
                [
                    "item": visit.text("filing.\(item)"),
                    "what": names.joined(separator: visit.text("workbench.list")),
                ]
            )
        ]
    }

    private static func text(_ value: JSON, of item: String, _ acts: CorrectionActs, _ visit: Visit) -> String
    {
        value.isNull ? visit.text("workbench.history.nothing") : acts.words(value, of: item)
    }

    /// The matter that brought the entry about, and the event of it; no event when the matter began with the entry.
    private static func brought(_ entry: RegisterEntry, _ matters: [Correction]) -> (
        Correction?, CorrectionStep?
    ) {
        let events: [CorrectionEvent] =
            switch entry.act {
            case .correct: [.confirm]
            case .withdraw: [.withdraw]
            case .withdrawItem: [.withdrawItem]
            case .restore: [.restore]
            case .change: [.order, .takeBack, .comply, .restore]
            case .establish, .takeOver, .suspend, .resume, .revoke, .cancel: []
            }
        for event in events {
            for matter in matters {
                let step = matter.steps.first { $0.at == entry.at && $0.event == event.rawValue }
                if let step { return (matter, step) }
            }
        }
        return (entry.act == .change ? matters.first { $0.openedAt == entry.at } : nil, nil)
    }

    /// The decision of the matter says why, or for a slip the words with which it began.
    private static func why(_ matter: Correction?, _ step: CorrectionStep?) -> String? {
        guard let matter else { return nil }
        if let why = step?.why, !why.isEmpty { return why }
        return matter.decision["reason"].text ?? matter.words
    }

    /// Rules that granted without a person, two persons for what one proposed and the other confirmed.
    private static func by(
        _ entry: RegisterEntry,
        _ matter: Correction?,
        _ step: CorrectionStep?,
        isInstant: Bool?,
        _ visit: Visit,
        in reader: any Reader
    ) throws -> String {
        if entry.act == .establish, isInstant == true { return visit.text("workbench.actor.rules") }
        if let step, step.proposedBy != nil, let both = try MatterFile.persons(step, visit, in: reader) {
            return both
        }
        let actor = entry.by
        guard actor.kind == .staff else { return visit.text("workbench.actor.\(actor.kind.rawValue)") }
        return try InboxPages.assignee(actor.id, visit: visit, in: reader)
    }
}

extension [[ActView]] {
    /// On a page with several panels the first act keeps a key, the others go without: a key never means two things.
    func withSingleKeys() -> [[ActView]] {
        var taken: Set<String> = []
        return map { acts in
            acts.map { act in
                guard let key = act.key else { return act }
                return taken.insert(key).inserted ? act : act.withoutKey
            }
        }
    }
}
