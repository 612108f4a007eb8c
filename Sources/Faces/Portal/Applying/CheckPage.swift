import Cases
import Forms
import Foundation
import Kernel
import Web

/// 核对信息: every answer as words, each with its way back. Template: `portal/check`.
struct CheckPage: PageView {
    struct Missing: PageView {
        let title: String
        let href: String
        /// What is wanted, where the page's name alone does not say it.
        let words: [Line]
    }

    struct Line: PageView {
        let text: String
    }

    /// One page of the form.
    struct Section: PageView {
        let title: String
        let parts: [Part]
    }

    /// Answers under one heading, such as one shareholder's.
    struct Part: PageView {
        let heading: String?
        let summary: SummaryView
    }

    let action: String
    let backHref: String
    let sections: [Section]
    let missing: [Missing]
    let isReady: Bool

    static func show(
        _ draft: Draft,
        _ visit: Visit,
        _ desk: PortalDesk,
        isRefused: Bool = false
    ) async throws -> Reply {
        let language = visit.language.rawValue
        let offers = try await Offers.load(visit, desk, word: nil)
        let open = draft.pages.filter { $0.state != .done }
        let missing = open.map { page, _ in
            Missing(
                title: page.title(language),
                href: "\(draft.path)/\(page.id)?from=check",
                words: draft.beyond(page.id).map {
                    Line(text: visit.text("problem.\($0.code)", $0.arguments))
                }
            )
        }
        let sections = draft.form.summary(
            draft.subject.data,
            language: language,
            masked: false,
            context: draft.context
        ).map { section in
            let rows = section.rows.filter {
                !unshown.contains($0.path) && draft.form.field(at: $0.path)?.isConstant != true
            }
            return Section(
                title: section.title(language),
                parts: parts(rows, draft: draft, offers: offers, visit: visit)
            )
        }
        return .page(
            "portal/check",
            CheckPage(
                action: "\(draft.path)/sign",
                backHref: draft.path,
                sections: sections,
                missing: missing,
                isReady: missing.isEmpty
            ),
            heading: draft.heading(visit.text("portal.check.title"), visit, hasErrors: isRefused),
            status: isRefused ? 422 : 200
        )
    }

    /// For machines: the number under which a name is kept.
    private static let unshown: Set<String> = ["name.reservation"]

    /// `股东 1 · 姓名` becomes 姓名 under the heading 股东 1; one heading for the whole page is left out.
    private static func parts(_ rows: [SummaryRow], draft: Draft, offers: Offers, visit: Visit) -> [Part] {
        var parts: [(heading: String, rows: [SummaryView.Row])] = []
        let sources = draft.sources(of: draft.subject.data)
        for row in rows {
            let words = row.label.components(separatedBy: " · ")
            let heading = words.dropLast().joined(separator: " · ")
            let value = FormPath(parsing: row.path).flatMap { draft.subject.data[$0].text }
            let shown =
                value.flatMap(draft.keptFile)?.name
                ?? value.flatMap { offers.label(of: $0, at: row.path, in: draft.subject.data) } ?? row.shown
            let line = SummaryView.Row(
                words.last ?? row.label,
                shown,
                source: sources[row.path].map { visit.text("web.source.\($0)") },
                changeHref: isFixed(row.path, draft)
                    ? nil : "\(draft.path)/\(row.page)?from=check#\(FieldView.id(for: row.path))",
                changeLabel: row.label
            )
            if parts.last?.heading == heading {
                parts[parts.count - 1].rows.append(line)
            } else {
                parts.append((heading, [line]))
            }
        }
        let isOne = Set(parts.map(\.heading)).count == 1
        return parts.map { part in
            Part(
                heading: isOne || part.heading.isEmpty ? nil : part.heading,
                summary: SummaryView(rows: part.rows)
            )
        }
    }

    /// Whether an answer is computed or comes from the account and cannot be changed on its page.
    private static func isFixed(_ path: String, _ draft: Draft) -> Bool {
        guard let field = draft.form.field(at: path) else { return false }
        return field.computed != nil || field.prefill?.isLocked == true
    }
}
