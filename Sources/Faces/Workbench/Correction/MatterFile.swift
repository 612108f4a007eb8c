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
        add("workbench.box.item", matter.item.map { visit.worded("register-item.\($0)") ?? $0 })
        add("workbench.box.applicant", decision["applicant"].text)
        add("workbench.file.opened-by", try staff(matter.openedBy, visit, in: reader))
        add("workbench.file.investigation-ends", matter.investigationEnds?.description)
        add("workbench.column.decided", matter.decidedAt?.minuteText)
        add("workbench.box.facts", decision["facts"].text)
        add("workbench.box.evidence", decision["evidence"].text)
        add("workbench.box.reason", decision["reason"].text)
        let people = decision["responsible"].elements.map { $0.text ?? $0["name"].text ?? "" }
        add("workbench.box.responsible", people.filter { !$0.isEmpty }.joined(separator: "、"))
        add("workbench.file.ban-until", decision["banUntil"].text)
        for step in matter.steps {
            let paper = papers.first { $0.filedAt == step.at }
            let words = [
                step.at.minuteText, try staff(step.by, visit, in: reader),
                step.why.isEmpty ? nil : step.why, paper.map(name),
            ]
            rows.append(
                .init(
                    visit.worded("workbench.correction.\(step.event)") ?? step.event,
                    words.compactMap { $0 }.joined(separator: " · ")
                )
            )
        }
        add(
            "workbench.papers",
            papers.filter { $0.filedAt == matter.openedAt }.map(name).joined(separator: "、")
        )
        return SummaryView(rows: rows)
    }

    private static func name(_ paper: Paper) -> String {
        [paper.titleZh, paper.number].compactMap { $0 }.joined(separator: " ")
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
            let paper = papers.first { $0.filedAt == entry.at }
            rows.append([
                TableView.Cell(entry.at.minuteText),
                TableView.Cell(visit.text("register-act.\(entry.act.rawValue)")),
                TableView.Cell(visit.dash(lines.joined(separator: "；"))),
                TableView.Cell(visit.dash(why(entry, matters))),
                TableView.Cell(try by(entry.by, visit, in: reader)),
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

    private static func text(_ value: JSON, of item: String, _ acts: CorrectionActs, _ visit: Visit) -> String
    {
        value.isNull ? visit.text("workbench.history.nothing") : acts.words(value, of: item)
    }

    /// The matter that brought the entry about says why: its decision, or for a slip the words with which it began.
    private static func why(_ entry: RegisterEntry, _ matters: [Correction]) -> String? {
        let matter = matters.first {
            $0.decidedAt == entry.at || $0.openedAt == entry.at || $0.steps.contains { $0.at == entry.at }
        }
        guard let matter else { return nil }
        let step = matter.steps.first { $0.at == entry.at && !$0.why.isEmpty }
        return step?.why ?? matter.decision["reason"].text ?? matter.words
    }

    private static func by(_ actor: Actor, _ visit: Visit, in reader: any Reader) throws -> String {
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
