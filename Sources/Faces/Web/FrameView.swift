import Foundation
import Kernel
import Mustache

/// The names that every template sees: `t`, `icon`, `asset`, `frame`, `guardToken`, `once`; all others are the page's.
struct PageRoot: MustacheParent {
    let view: any PageView
    let frame: FrameView
    let messages: MessageNode
    let icons: Icons
    let assets: Assets
    let guardToken: String
    let once: String

    func child(named name: String) -> Any? {
        switch name {
        case "t": messages
        case "icon": icons
        case "asset": assets
        case "frame": frame
        case "guardToken": guardToken
        case "once": once
        default: view.child(named: name)
        }
    }
}

/// Everything around a page's own part.
struct FrameView: PageView {
    struct Link: PageView {
        let text: String
        let href: String
        let iconMarkup: Markup
        let isHere: Bool
    }

    struct Crumb: PageView {
        let text: String
        let href: String?
    }

    let languageTag: String
    let title: String
    let heading: String
    let siteName: String
    let isDemonstration: Bool
    /// That the people and firms are made up.
    let madeUp: String?
    let isFront: Bool
    /// Of an announced time in which nothing is changed.
    let notice: String?
    let isElder: Bool
    let regionName: String
    let crumbs: [Crumb]
    let hasCrumbs: Bool
    let mainLinks: [Link]
    let tabs: [Link]
    let deskLinks: [Link]
    let isDesk: Bool
    let languages: [Link]
    let imprint: [String]
    let visitorName: String?
    let signInHref: String
    let updated: String
    /// Path and query of this page, to come back to.
    let here: String
    /// The page that a sent form was answered on: what the browser asks for when somebody goes back to it.
    let answeredOn: String?

    init(site: Site, asked: Asked, heading: Heading) {
        let language = asked.language
        func text(_ key: String) -> String { site.messages.text(key, in: language) }
        siteName = site.settings.name.text(in: language)
        languageTag = language.tag
        let parts = [heading.title, heading.service, siteName].compactMap { $0 }
        title = (heading.hasErrors ? text("web.error-prefix") : "") + parts.joined(separator: " - ")
        self.heading = heading.title
        isDemonstration = site.settings.isDemonstration
        madeUp = site.ports.madeUp()?.words(site.messages, in: language)
        isFront = site.settings.isFront
        notice = asked.site.ports.notice(asked.now).map { window in
            site.messages.text(
                window.isOn ? "web.maintenance.now" : "web.maintenance.soon",
                in: language,
                [
                    "from": window.from.minuteText, "to": window.to.minuteText,
                    "words": window.words.text(in: language),
                ]
            )
        }
        isElder = asked.cookie("suban-mode") == "elder"
        regionName = site.ports.regionName(asked.region, language) ?? ""
        crumbs =
            heading.crumbs.map { Crumb(text: $0.text, href: $0.href) } + [
                Crumb(text: heading.title, href: nil)
            ]
        hasCrumbs = !heading.crumbs.isEmpty
        let roles = asked.visitor?.roles ?? [.anonymous]
        func links(_ place: NavigationEntry.Place) -> [Link] {
            site.navigation.filter { entry in
                entry.places.contains(place) && !entry.who.isDisjoint(with: roles)
                    && entry.operation.map { site.ports.may(asked.visitor, $0, entry.agency) } ?? true
            }.map { entry in
                Link(
                    text: text(entry.label),
                    href: entry.path,
                    iconMarkup: site.icons.markup(entry.icon),
                    isHere: entry.section == heading.section
                )
            }
        }
        let answeredOn = asked.method == "POST" ? FrameView.page(of: asked, in: site.table) : nil
        self.answeredOn = answeredOn
        mainLinks = links(.main)
        tabs = links(.tab)
        deskLinks = links(.desk)
        isDesk = asked.path.hasPrefix("/desk") && !deskLinks.isEmpty
        languages = Language.allCases.map { other in
            Link(
                text: site.messages.text("web.language-name", in: other),
                href: FrameView.href(asked, answeredOn: answeredOn, with: "lang", other.rawValue),
                iconMarkup: Markup(trusted: ""),
                isHere: other == language
            )
        }
        imprint = site.settings.imprint.map { $0.text(in: language) }.filter { !$0.isEmpty }
        visitorName = asked.visitor?.name
        signInHref =
            "\(site.settings.signInPath)?next=\(ReplyWriter.escapedQuery(asked.method == "GET" ? asked.target : "/"))"
        updated = asked.now.minuteText
        here = asked.method == "GET" ? asked.target : "/"
    }

    /// The nearest page at or above the address that a form was sent to; most forms are sent to their own page.
    private static func page(of asked: Asked, in table: RouteTable) -> String? {
        guard var segments = try? Asked.segments(of: asked.path) else { return nil }
        if table.answersPage(segments) { return ReplyWriter.ownPath(asked.target) }
        while !segments.isEmpty {
            segments.removeLast()
            if table.answersPage(segments) {
                let parts = asked.path.split(separator: "/").prefix(segments.count)
                return ReplyWriter.ownPath("/" + parts.joined(separator: "/"))
            }
        }
        return nil
    }

    /// The same page with one thing chosen otherwise.
    /// A form that was answered with errors is on no page to ask for again: the way leads to the page that it stood on.
    private static func href(_ asked: Asked, answeredOn: String?, with name: String, _ value: String)
        -> String
    {
        guard asked.method == "GET" || asked.method == "HEAD" else {
            let page = answeredOn ?? "/"
            return "\(page)\(page.contains("?") ? "&" : "?")\(name)=\(value)"
        }
        let kept = asked.query.pairs.filter { $0.name != name }
            .map { "\(ReplyWriter.escapedQuery($0.name))=\(ReplyWriter.escapedQuery($0.value))" }
        return "\(asked.path)?\((kept + ["\(name)=\(value)"]).joined(separator: "&"))"
    }
}

/// What a visitor sees when something is refused.
struct ErrorPage: PageView {
    let status: Int
    let wrong: String
    let next: String
    let reference: String
    let code: String
    /// A form that can be sent again.
    let unsent: UnsentForm?
}
