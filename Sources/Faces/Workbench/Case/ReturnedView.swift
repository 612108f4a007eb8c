import Cases
import Forms
import Kernel
import Storage
import Web

/// A case that was handed back before: how often it was handed in, what the last list said, which answers changed.
struct ReturnedView: PageView {
    struct Point: PageView {
        let what: String
        let why: String?
        let how: String?
    }

    /// 第2次提交
    let times: String
    let on: String
    let points: [Point]
    /// Question, answer before and now.
    let changes: TableView

    init?(
        _ found: Case,
        form: FormDefinition,
        happenings: [CaseHappening],
        summary: FormSummary,
        visit: Visit,
        in reader: any Reader
    ) throws {
        let decisions = try DecisionStore.of(found.id, in: reader)
        guard let last = decisions.last(where: { $0.outcome == .return }) else { return nil }
        let count = happenings.filter { $0.act == "submitted" }.count
        times = visit.text("workbench.returned.times", ["count": String(count)])
        on = last.at.minuteText
        let told = Told(json: last.told)?.points ?? []
        points =
            told.isEmpty
            ? last.findings.obstacles.map { finding in
                let key = "rule.\(finding.reason)"
                return Point(
                    what: visit.text(key, finding.arguments),
                    why: nil,
                    how: visit.text("\(key).next", finding.arguments)
                )
            }
            : told.map {
                Point(
                    what: $0.what,
                    why: $0.why.isEmpty ? nil : $0.why,
                    how: $0.how.isEmpty ? nil : $0.how
                )
            }
        let before = try ReturnedFormStore.of(last.id, in: reader)
        changes = TableView(
            caption: visit.text("workbench.returned.changes"),
            columns: ["filled-in", "before", "now"].map { visit.text("workbench.column.\($0)") },
            rows: before.map { old in
                Self.changes(from: old, to: found.data, form, summary, visit)
            } ?? [],
            emptyText: visit.text(before == nil ? "workbench.returned.unknown" : "workbench.returned.same")
        )
    }

    /// Compared unmasked, shown as the page shows answers.
    private static func changes(
        from old: JSON,
        to new: JSON,
        _ form: FormDefinition,
        _ summary: FormSummary,
        _ visit: Visit
    ) -> [[TableView.Cell]] {
        func answers(_ data: JSON) -> [(label: String, plain: String, shown: String)] {
            func rows(_ summary: FormSummary) -> [SummaryView.Row] {
                summary.pages(form, data: data).flatMap(\.summary.rows)
            }
            var plain = summary
            plain.isMasked = false
            return zip(rows(plain), rows(summary)).map { ($0.name, $0.value, $1.value) }
        }
        let (before, after) = (answers(old), answers(new))
        let known = Dictionary(before.map { ($0.label, $0) }) { first, _ in first }
        let now = Set(after.map(\.label))
        let changed = after.filter { known[$0.label]?.plain != $0.plain }.map {
            (label: $0.label, old: known[$0.label]?.shown, new: Optional($0.shown))
        }
        let gone = before.filter { !now.contains($0.label) }.map {
            (label: $0.label, old: Optional($0.shown), new: String?.none)
        }
        return (changed + gone).map {
            [$0.label, visit.dash($0.old), visit.dash($0.new)].map { TableView.Cell($0) }
        }
    }
}
