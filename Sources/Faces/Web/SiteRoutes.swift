import Kernel

/// Pages about the site itself.
enum SiteRoutes {
    static func all(
        of routes: [Route],
        madeUp: @escaping @Sendable () -> MadeUp?,
        messages: Messages
    ) -> [Route] {
        let document = OpenAPI.document(routes)
        let paths = routes.filter { $0.method == .get && $0.face == .page && $0.scope == .open }
            .filter { !$0.path.contains("{") && $0.who.contains(.anonymous) }
        return [
            Route(
                .get,
                "/openapi.json",
                face: .api,
                who: .everyone,
                scope: .open,
                summary: Bilingual(zh: "接口说明", en: "Description of the API")
            ) { _ in
                let notes = madeUp().map { madeUp in Language.allCases.map { madeUp.words(messages, in: $0) }
                }
                let told = notes.map { OpenAPI.document(routes, notes: $0) } ?? document
                return .json(told, keeping: .shared(seconds: 300))
            },
            .page(.get, "/sitemap", who: .everyone, scope: .open, zh: "网站地图", en: "Sitemap") { visit in
                let lines = paths.map {
                    SitemapPage.Line(text: $0.summary.text(in: visit.language), href: $0.path)
                }
                return .page(
                    "sitemap",
                    SitemapPage(lines: lines),
                    heading: Heading(visit.text("web.sitemap"))
                )
            },
            .page(.post, "/preferences", who: .everyone, scope: .own, zh: "显示方式", en: "Display preferences") {
                visit in
                let mode = visit.form["mode"] == "elder" ? "elder" : "plain"
                return .redirect(to: visit.form.trimmed("back") ?? "/")
                    .setting(FreshCookie(name: "suban-mode", value: mode, ageSecondsMax: 31_536_000))
            },
        ]
    }
}

struct SitemapPage: PageView {
    struct Line: PageView {
        let text: String
        let href: String
    }

    let lines: [Line]
}
