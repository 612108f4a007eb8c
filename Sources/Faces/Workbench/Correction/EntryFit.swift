import CompanyOpening
import Kernel
import Registers
import Web

/// What does not fit together in an entry any more, mostly because one item fell away: the clerk is told, nothing is
/// changed by itself.
struct EntryFit {
    let subject: RegisterSubject
    let filings: [RegisterFiling]
    let matters: [Correction]
    let acts: CorrectionActs
    let visit: Visit

    /// Nil when all fits.
    var notice: NoticeView? {
        let lines = (sums.map { [$0] } ?? []) + matters.filter { $0.state == .itemWithdrawn }.flatMap(people)
        guard !lines.isEmpty else { return nil }
        return NoticeView(
            .warn,
            title: visit.text("workbench.unfit"),
            lines.joined(separator: visit.text("workbench.unfit.separator"))
        )
    }

    /// The capital of a company is the sum of what its shareholders subscribed (Company Law, article 47).
    private var sums: String? {
        let rows = subject.items["shareholders"]
        guard let capital = subject.items["capitalFen"].int, !rows.isNull else { return nil }
        let sum = rows.elements.compactMap { $0["amountFen"].int }.reduce(0, +)
        guard sum != capital else { return nil }
        return visit.text(
            "workbench.unfit.capital",
            [
                "sum": acts.words(JSON(sum), of: "capitalFen"),
                "capital": acts.words(JSON(capital), of: "capitalFen"),
            ]
        )
    }

    /// People who fell away with an item and stand elsewhere in the entry.
    private func people(of matter: Correction) -> [String] {
        guard let item = matter.item else { return [] }
        let standing = Set(names(subject.items[item]) + filed(item))
        return names(matter.decision["before"]).filter { !standing.contains($0) }.compactMap { name in
            let items = subject.items.members.keys.sorted().filter {
                names(subject.items[$0]).contains(name)
            }
            let kinds = Set(filings.map(\.kind)).sorted().filter { filed($0).contains(name) }
            guard !items.isEmpty || !kinds.isEmpty else { return nil }
            return visit.text(
                "workbench.unfit.person",
                [
                    "name": name,
                    "places": (items.map(acts.label) + kinds.map { visit.text("filing.\($0)") })
                        .joined(separator: visit.text("workbench.list")),
                ]
            )
        }
    }

    private func filed(_ kind: String) -> [String] {
        filings.filter { $0.kind == kind && !$0.isConfidential }.compactMap { $0.value["name"].text }
    }

    private func names(_ value: JSON) -> [String] {
        value.text.map { [$0] } ?? value.elements.compactMap { $0["name"].text ?? $0.text }
    }
}
