import Catalogue
import Credentials
import Forms
import Kernel
import Standards
import Storage
import Web

/// 办事指南, in the fixed order of ux.md §6.3.
enum GuidePages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/guides/company-opening",
                who: .everyone,
                scope: .open,
                zh: "企业开办",
                en: "Opening a business"
            ) { visit in
                try await system("company-opening", title: visit.text("portal.home.opening"), visit, desk)
            },
            .page(
                .get,
                "/guides/systems/{system}",
                who: .everyone,
                scope: .open,
                zh: "系统办事指南",
                en: "Guide of a system"
            ) { visit in
                try await system(try visit.segment("system"), title: nil, visit, desk)
            },
            .page(
                .get,
                "/guides/items/{item}",
                who: .everyone,
                scope: .open,
                zh: "办事指南",
                en: "Guide of an item"
            ) {
                visit in
                let code = try visit.segment("item")
                guard let item = desk.standards.items.all.first(where: { $0.sequence == code }) else {
                    throw WebRefusal.notFound
                }
                return page([ItemGuide(item, language: visit.language.rawValue)], title: item.name, visit)
            },
        ]
    }

    /// Where the guide of a system stands; that of the opening has an address of its own.
    static func path(of system: String) -> String {
        system == "company-opening" ? "/guides/company-opening" : "/guides/systems/\(system)"
    }

    private static func system(_ id: String, title: String?, _ visit: Visit, _ desk: PortalDesk) async throws
        -> Reply
    {
        let today = visit.now.date
        let found = try await desk.database.read { reader in
            try desk.published.all(on: today, in: reader).first { $0.definition.id == id }
        }
        guard let (version, system) = found, system.items.contains(where: { $0.form != nil }) else {
            throw WebRefusal.notFound
        }
        let language = visit.language.rawValue
        let guides = system.items.compactMap { item in
            system.item(item.id, region: visit.region).map { item in
                ItemGuide(
                    system,
                    item: item,
                    listed: item.item.flatMap { desk.standards.items.named($0) },
                    version: version,
                    region: visit.region,
                    on: today,
                    language: language
                )
            }
        }
        let licences = desk.credentials.types.licences
        return page(guides, title: title ?? system.name(language), visit) { licences[$0]?.name(language) }
    }

    private static func page(
        _ guides: [ItemGuide],
        title: String,
        _ visit: Visit,
        licence: (String) -> String? = { _ in nil }
    ) -> Reply {
        .page(
            "portal/guide",
            GuidePage(guides, licence: licence, visit: visit),
            heading: Heading(
                title,
                service: visit.text("portal.guide.title"),
                crumbs: [.init(visit.text("portal.nav.home"), href: "/")],
                section: "services"
            )
        )
    }
}

/// One guide for one or several items that share their text, such as company and sole trader.
struct GuidePage: PageView {
    struct Item: PageView {
        let title: String
        let applyHref: String?
        let summary: SummaryView
        /// The list of charges; nil where nothing is to be paid.
        let charges: TableView?
        let materials: TableView
        let steps: [Step]
        /// The anchor of the materials.
        let anchor: String
    }

    struct Step: PageView {
        let name: String
        let by: String
        let limit: String?
    }

    struct Section: PageView {
        let id: String
        let heading: String
        let blocks: [GuideBlock]
    }

    struct Link: PageView {
        let href: String
        let text: String
    }

    let items: [Item]
    let hasSeveral: Bool
    /// To the materials of each item.
    let contents: [Link]
    /// 受理条件, before the materials.
    let conditions: [Section]
    let sections: [Section]
    let version: String?

    /// - Parameter licence: what a type of licence is called.
    init(_ guides: [ItemGuide], licence: (String) -> String?, visit: Visit) {
        items = guides.enumerated().map { index, guide in
            var rows: [SummaryView.Row] = []
            func row(_ key: String, _ value: String?) {
                if let value, !value.isEmpty { rows.append(.init(visit.text("portal.guide.\(key)"), value)) }
            }
            row("code", guide.code)
            row("agency", Self.known(guide.agency, under: "by", visit))
            row("handling", Self.known(guide.handling, under: "handling", visit))
            row("promised", guide.promised)
            row("statutory", guide.statutory)
            row("trips", guide.trips.map { visit.text("portal.guide.trips-count", ["count": String($0)]) })
            row("fee", guide.fee)
            row("online", Self.known(guide.online, under: "depth", visit))
            row("applicants", guide.applicants)
            row(
                "results",
                guide.results.map { result in
                    guide.application == nil
                        ? result : licence(result) ?? visit.text("portal.guide.gives.\(result)")
                }
                .joined(separator: visit.language == .en ? ", " : "、")
            )
            return Item(
                title: guide.title,
                applyHref: guide.application.map { "/apply/\($0.item)" },
                summary: SummaryView(rows: rows),
                charges: guide.charges.isEmpty ? nil : Self.charges(guide.charges, visit),
                materials: TableView(
                    caption: visit.text("portal.guide.materials"),
                    columns: ["material", "need", "origin", "note"].map { visit.text("portal.guide.\($0)") },
                    rows: guide.materials.map {
                        [.init($0.name), .init($0.need), .init($0.source), .init($0.note ?? "")]
                    },
                    emptyText: visit.text("portal.guide.no-materials")
                ),
                steps: guide.steps.map { Step(name: $0.name, by: $0.by, limit: $0.limit) },
                anchor: "materials-\(index)"
            )
        }
        contents = guides.enumerated().map { index, guide in
            Link(
                href: "#materials-\(index)",
                text: "\(visit.text("portal.guide.materials")) · \(guide.title)"
            )
        }
        hasSeveral = guides.count > 1
        let all = (guides.first?.sections ?? []).map { section in
            Section(id: section.id, heading: section.heading, blocks: GuideBlock.read(section.text))
        }
        conditions = all.filter { $0.id == "conditions" }
        sections = all.filter { $0.id != "conditions" }
        version = guides.first?.version
    }
}

extension GuidePage {
    private static func charges(_ charges: [GuideCharge], _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("portal.guide.charges"),
            columns: [
                "portal.guide.charge", "portal.guide.amount", "portal.guide.reduction", "bill.law",
            ].map { visit.text($0) },
            rows: charges.map { charge in
                let amount =
                    charge.isConditional
                    ? visit.text("portal.guide.amount-if", ["amount": charge.amount]) : charge.amount
                return [.init(charge.name), .init(amount), .init(charge.reduction ?? "—"), .init(charge.law)]
            },
            emptyText: ""
        )
    }

    /// Words that the catalogue of items writes in Chinese or as a numeral, in the reader's language; others as they are.
    private static func known(_ raw: String, under group: String, _ visit: Visit) -> String {
        let names = [
            "即办件": "instant", "承诺件": "promised", "I": "one", "II": "two", "III": "three", "IV": "four",
            "Ⅰ": "one", "Ⅱ": "two", "Ⅲ": "three", "Ⅳ": "four", "市场监督管理局": "market-regulation",
        ]
        return names[raw].map { visit.text("portal.guide.\(group).\($0)") } ?? raw
    }
}

/// A paragraph, a list, or a question with its answer.
struct GuideBlock: PageView {
    struct Line: PageView {
        let text: String
    }

    let lead: String?
    let text: String?
    let ordered: [Line]
    let hasOrdered: Bool
    let bullets: [Line]
    let hasBullets: Bool

    private init(lead: String? = nil, text: String? = nil, ordered: [String] = [], bullets: [String] = []) {
        self.lead = lead
        self.text = text
        self.ordered = ordered.map(Line.init(text:))
        hasOrdered = !ordered.isEmpty
        self.bullets = bullets.map(Line.init(text:))
        hasBullets = !bullets.isEmpty
    }

    /// Reads the Markdown that guides use: paragraphs, numbered and plain lists, a bold question at the front.
    static func read(_ markdown: String) -> [GuideBlock] {
        markdown.split(separator: "\n", omittingEmptySubsequences: false)
            .split(whereSeparator: \.isEmpty).map(Array.init).map { lines in
                let numbered = lines.compactMap(item(numbered:))
                if numbered.count == lines.count { return GuideBlock(ordered: numbered) }
                let plain = lines.filter { $0.hasPrefix("- ") }
                if plain.count == lines.count {
                    return GuideBlock(bullets: plain.map { String($0.dropFirst(2)) })
                }
                return paragraph(lines.joined(separator: "\n"))
            }
    }

    private static func item(numbered line: Substring) -> String? {
        let rest = line.drop(while: \.isNumber)
        guard rest.startIndex != line.startIndex, rest.hasPrefix(". ") else { return nil }
        return String(rest.dropFirst(2))
    }

    private static func paragraph(_ text: String) -> GuideBlock {
        guard text.hasPrefix("**"), let end = text.dropFirst(2).firstRange(of: "**") else {
            return GuideBlock(text: text.replacing("**", with: ""))
        }
        let lead = String(text[text.index(text.startIndex, offsetBy: 2)..<end.lowerBound])
        let rest = text[end.upperBound...].drop(while: \.isWhitespace)
        return GuideBlock(lead: lead, text: String(rest).replacing("**", with: ""))
    }
}
