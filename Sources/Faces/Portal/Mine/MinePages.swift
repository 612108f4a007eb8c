import Cases
import Catalogue
import Kernel
import Storage
import Web

/// 我的办件: drafts, matters in progress, matters that ended (ux.md §6.7).
enum MinePages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/my", who: .applicants, scope: .own, zh: "我的办件", en: "My matters") { visit in
                let visitor = try visit.someone()
                let (all, words, tasks) = try await desk.database.read { reader in
                    let all = try OwnCaseStore.list(of: visitor.actor.id, limit: listMax, in: reader)
                    return (
                        all, try desk.desk.definitions.decisions(of: all.map(\.origin), in: reader),
                        try SealTasks.list(visit, desk, in: reader)
                    )
                }
                let drafts = all.filter { $0.state == .draft || $0.state == .returned }
                let ended = all.filter { $0.state.isFinal || $0.state == .granted && $0.completedAt != nil }
                let running = all.filter { one in
                    !drafts.contains { $0.id == one.id } && !ended.contains { $0.id == one.id }
                }
                return .page(
                    "portal/my",
                    MinePage(
                        notice: visit.query["done"] == "discarded"
                            ? NoticeView(.good, visit.text("portal.discard.done")) : nil,
                        tasks: tasks.isEmpty ? nil : TaskListView(tasks),
                        isEmpty: all.isEmpty && tasks.isEmpty,
                        hasDrafts: !drafts.isEmpty,
                        hasRunning: !running.isEmpty,
                        hasEnded: !ended.isEmpty,
                        drafts: MatterLine.table(drafts, words, visit: visit),
                        running: MatterLine.table(running, words, visit: visit),
                        ended: MatterLine.table(ended, words, visit: visit)
                    ),
                    heading: Heading(
                        visit.text("portal.my.title"),
                        crumbs: [.init(visit.text("portal.nav.home"), href: "/")],
                        section: "mine"
                    )
                )
            }
        ]
    }

    /// Rows on one page.
    private static let listMax = 200
}

struct MinePage: PageView {
    let notice: NoticeView?
    /// What waits for the visitor's own answer; nil when nothing does.
    let tasks: TaskListView?
    let isEmpty: Bool
    let hasDrafts: Bool
    let hasRunning: Bool
    let hasEnded: Bool
    let drafts: TableView
    let running: TableView
    let ended: TableView
}

/// A matter as lists show it.
enum MatterLine {
    /// - Parameter words: what the item of each calls its decisions.
    static func table(_ cases: [OwnCase], _ words: [CaseOrigin: DecisionWords], visit: Visit) -> TableView {
        TableView(
            caption: visit.text("portal.my.title"),
            columns: ["name", "number", "state", "since"].map { visit.text("portal.my.\($0)") },
            rows: cases.map { one in
                [
                    TableView.Cell(one.title.isEmpty ? one.number : one.title, href: href(one)),
                    TableView.Cell(one.number),
                    TableView.Cell(
                        "",
                        badge: BadgeView(
                            words[one.origin]?.said(one.state.rawValue, visit.language.rawValue)
                                ?? visit.text("case-state.\(one.state.rawValue)"),
                            tone(of: one.state)
                        )
                    ),
                    TableView.Cell((one.submittedAt ?? one.createdAt).minuteText),
                ]
            },
            emptyText: visit.text("portal.my.none")
        )
    }

    /// Drafts go on where they were left; everything else shows where it stands.
    static func href(_ one: OwnCase) -> String {
        switch one.state {
        case .draft, .returned: "/drafts/\(one.id)"
        case .signing, .received, .accepted, .review, .transferred, .granted, .refused, .withdrawn, .revoked,
            .lapsed:
            "/cases/\(one.number)"
        }
    }

    static func tone(of state: CaseState) -> Tone {
        switch state {
        case .draft, .withdrawn, .lapsed, .transferred: .neutral
        case .signing, .received, .accepted, .review: .info
        case .granted: .good
        case .returned: .warn
        case .refused, .revoked: .bad
        }
    }
}
