import Credentials
import Forms
import Identity
import Kernel
import Storage
import Web

/// Who was told what of a firm's licences, when and what for.
enum UsePages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/wallet/{code}/uses",
                who: .applicants,
                scope: .relation,
                zh: "用证记录",
                en: "Uses of licences"
            ) { visit in try await list(visit, desk) }
        ]
    }

    static func path(_ code: String) -> String { "/wallet/\(code)/uses" }

    /// Lines of a page.
    private static let limit = 50

    private static func list(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let code = try visit.segment("code")
        let before = visit.query.trimmed("before").map { ID<LicenceUse>($0) }
        let isOwn = code == visit.visitor?.actor.id
        let (uses, firm) = try await desk.database.read { reader in
            try desk.require(WalletPages.reads, for: code, visit, in: reader)
            return (
                try LicenceUses.of(holder: code, before: before, limit: limit, in: reader),
                isOwn ? nil : try Enterprises.find(code, in: reader)?.name
            )
        }
        let name = isOwn ? visit.text("wallet.own") : firm ?? code
        let columns = ["at", "who", "what", "purpose", "item"]
        let view = UsesPage(
            lead: visit.text("use.lead", ["name": isOwn ? visit.text("use.you") : name]),
            uses: TableView(
                caption: visit.text("use.title"),
                columns: columns.map { visit.text("use.\($0)") },
                rows: uses.map { row($0, visit, desk) },
                emptyText: visit.text("use.none")
            ),
            moreHref: uses.count == limit ? uses.last.map { "\(path(code))?before=\($0.id)" } : nil
        )
        return .page(
            "portal/uses",
            view,
            heading: Heading(
                visit.text("use.title"),
                crumbs: [
                    .init(visit.text("wallet.title"), href: "/wallet"),
                    .init(name, href: "/wallet/\(code)"),
                ],
                section: "wallet"
            )
        )
    }

    private static func row(_ use: LicenceUse, _ visit: Visit, _ desk: PortalDesk) -> [TableView.Cell] {
        let language = visit.language.rawValue
        let type = desk.credentials.types.licences[use.type]
        let named = use.fields.map { key in type?.field(key)?.name(language) ?? key }
        let way = visit.text("use.way.\(use.way.rawValue)")
        let fields = named.isEmpty ? way : "\(way)：\(named.joined(separator: visit.text("use.comma")))"
        let who = [use.organisation, use.operatorName].filter { !$0.isEmpty }.joined(separator: " · ")
        return [
            TableView.Cell(use.at.minuteText), TableView.Cell(who),
            TableView.Cell("\(type?.name(language) ?? use.type) · \(fields)"),
            TableView.Cell([use.purpose, use.reason].compactMap { $0 }.joined(separator: " · ")),
            TableView.Cell([use.item, use.caseNumber].compactMap { $0 }.joined(separator: " · ")),
        ]
    }
}

/// Template: `portal/uses`.
struct UsesPage: PageView {
    /// Whose licences, and what is listed.
    let lead: String
    let uses: TableView
    let moreHref: String?
}
