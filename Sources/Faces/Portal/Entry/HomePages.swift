import Cases
import Catalogue
import Forms
import Foundation
import Kernel
import Standards
import Storage
import Web

/// The first page, and the search that stands on it (ux.md §6.1).
enum HomePages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/", who: .everyone, scope: .open, zh: "首页", en: "Home") { visit in
                try await home(visit, desk)
            },
            .page(.get, "/search", who: .everyone, scope: .open, zh: "搜索", en: "Search") { visit in
                try await search(visit, desk)
            },
        ]
    }

    private static func home(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        var open: [OwnCase] = []
        var words: [CaseOrigin: DecisionWords] = [:]
        if let visitor = visit.visitor, !visitor.roles.isDisjoint(with: .applicants) {
            (open, words) = try await desk.database.read { reader in
                let open = try OwnCaseStore.list(of: visitor.actor.id, limit: 50, in: reader)
                    .filter { !$0.state.isFinal && $0.completedAt == nil }
                return (open, try desk.desk.definitions.decisions(of: open.map(\.origin), in: reader))
            }
        }
        let matters = MatterLine.table(Array(open.prefix(5)), words, visit: visit)
        return .page(
            "portal/home",
            HomePage(hasMatters: !open.isEmpty, isSignedIn: visit.visitor != nil, matters: matters),
            heading: Heading(visit.text("portal.nav.home"), section: "home")
        )
    }

    /// Services by the words that people use for them, and items whose name holds every word that was typed; at most fifty.
    private static func search(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let text = String((visit.query.trimmed("q") ?? "").prefix(60))
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        var lines: [SearchPage.Line] = []
        if !words.isEmpty {
            let isEnglish = visit.language == .en
            lines += desk.standards.searchWords.all.filter { service in
                words.allSatisfy(service.words.localizedCaseInsensitiveContains)
            }.map { service in
                SearchPage.Line(
                    title: isEnglish ? service.titleEN : service.titleZH,
                    note: isEnglish ? service.noteEN : service.noteZH,
                    href: service.path
                )
            }
            let today = visit.now.date
            let systems = try await desk.database.read { try desk.published.all(on: today, in: $0) }
            let language = visit.language.rawValue
            for (_, system) in systems {
                lines += system.items.filter { item in
                    let names = "\(item.title.zh) \(item.title.en)"
                    return item.plain != nil && words.allSatisfy(names.localizedCaseInsensitiveContains)
                }.map {
                    SearchPage.Line(
                        title: $0.title(language),
                        note: $0.agencyName(language),
                        href: GuidePages.path(of: system.id)
                    )
                }
            }
            lines += desk.standards.items.all.filter { item in words.allSatisfy(item.name.contains) }.prefix(
                50
            ).map {
                SearchPage.Line(title: $0.name, note: $0.department, href: "/guides/items/\($0.sequence)")
            }
        }
        return .page(
            "portal/search",
            SearchPage(query: text, lines: lines, isEmpty: lines.isEmpty && !text.isEmpty),
            heading: Heading(
                visit.text("portal.search.title"),
                crumbs: [.init(visit.text("portal.nav.home"), href: "/")]
            )
        )
    }
}

struct HomePage: PageView {
    let hasMatters: Bool
    let isSignedIn: Bool
    let matters: TableView
}

struct SearchPage: PageView {
    struct Line: PageView {
        let title: String
        let note: String
        let href: String
    }

    let query: String
    let lines: [Line]
    let isEmpty: Bool
}
