import Changes
import Identity
import Kernel
import Standards
import Storage
import Web

/// Who is told of changes, for the administrator of the system: making and stopping subscriptions, and what is stuck.
enum WebhookDeskPages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .get,
                "/desk/webhooks",
                who: [.systemAdmin],
                scope: .platform,
                zh: "变更推送",
                en: "Who is told of changes"
            ) { visit in
                try guarded(visit, desk)
                return try await page(visit, desk)
            },
            .page(
                .post,
                "/desk/webhooks",
                who: [.systemAdmin],
                scope: .platform,
                zh: "新增变更推送",
                en: "Tell a system of changes"
            ) { visit in
                try guarded(visit, desk)
                return try await add(visit, desk)
            },
            .page(
                .post,
                "/desk/webhooks/{webhook}",
                who: [.systemAdmin],
                scope: .platform,
                zh: "暂停、恢复、重发或删除变更推送",
                en: "Pause, resume, replay or remove a subscription"
            ) { visit in
                try guarded(visit, desk)
                let id = ID<Webhook>(try visit.segment("webhook"))
                guard
                    try await desk.database.read({ try Webhooks.all(in: $0) }).contains(where: { $0.id == id }
                    )
                else { throw WebRefusal.notFound }
                let after = visit.form.trimmed("after").flatMap { Int64($0) }
                guard let act = WebhookAct(name: visit.form.trimmed("act") ?? "", after: after) else {
                    throw WebRefusal.badField(name: visit.text("webhooks.after"))
                }
                if act == .remove { try ActView.requireConfirmation(visit) }
                let occasion = visit.occasion
                do {
                    try await desk.database.write { try act.apply(to: id, occasion: occasion, in: $0) }
                } catch let refusal as ChangesError {
                    return try await page(refusal: refusal, visit, desk)
                } catch let refusal as WebhookError {
                    return try await page(refusal: refusal, visit, desk)
                }
                return .redirect(to: "/desk/webhooks")
            },
        ]
    }

    private static func guarded(_ visit: Visit, _ desk: WorkbenchDesk) throws {
        _ = try desk.permissions.scope("webhook.manage", of: try desk.seat(visit).principal)
    }

    private static func add(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let region = visit.form.trimmed("region") ?? ""
        let limits = desk.operation(visit.now.date)
        do {
            guard desk.standards.regions[region] != nil else { throw WebhookError.unknownRegion }
            let (webhook, secret) = try await Webhooks.add(
                name: visit.form.trimmed("name") ?? "",
                address: visit.form.trimmed("address") ?? "",
                region: region,
                inside: desk.webhookNetworks,
                within: limits.webhookWait,
                countMax: limits.webhooks,
                occasion: visit.occasion,
                database: desk.database
            )
            return try await page(fresh: (webhook, secret), visit, desk)
        } catch let refusal as WebhookError {
            return try await page(refusal: refusal, visit, desk)
        }
    }

    private static func page(
        fresh: (webhook: Webhook, secret: String)? = nil,
        refusal: (any Refusal)? = nil,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> Reply {
        let standings = try await desk.database.read { try Webhooks.standings(in: $0) }
        func kept(_ name: String) -> String { refusal == nil ? "" : visit.form.trimmed(name) ?? "" }
        return .page(
            "workbench/webhooks",
            WebhookDeskView(
                notice: refusal.map { visit.explain($0) }.map { NoticeView(.bad, title: $0.wrong, $0.next) },
                fresh: fresh.map {
                    WebhookDeskView.Fresh(
                        secret: $0.secret,
                        words: visit.text("webhooks.fresh", ["name": $0.webhook.name])
                    )
                },
                isEmpty: standings.isEmpty,
                lines: standings.map { WebhookDeskView.Line($0, visit, desk) },
                name: kept("name"),
                address: kept("address"),
                region: kept("region")
            ),
            heading: Heading(visit.text("webhooks.title"), section: "webhooks", hasErrors: refusal != nil),
            status: refusal.map { $0.status.rawValue } ?? 200
        )
    }
}

/// Template: `workbench/webhooks`.
struct WebhookDeskView: PageView {
    /// Shown this once.
    struct Fresh: PageView {
        let secret: String
        let words: String
    }

    struct Line: PageView {
        let id: String
        let name: String
        let action: String
        let facts: SummaryView
        let isActive: Bool
        let isStuck: Bool
        let stuck: String
        let cursor: Int64
        let confirmation: String

        init(_ standing: WebhookStanding, _ visit: Visit, _ desk: WorkbenchDesk) {
            let webhook = standing.webhook
            id = webhook.id.rawValue
            name = webhook.name
            action = "/desk/webhooks/\(webhook.id)"
            isActive = webhook.state == .active
            isStuck = webhook.failures > 0
            stuck = visit.text(
                "webhooks.stuck",
                ["count": String(webhook.failures), "why": JobDeskView.why(webhook.why, visit)]
            )
            cursor = webhook.cursor
            confirmation = visit.text("webhooks.confirm")
            let region = desk.standards.regions[webhook.region]
            let lag = ["count": String(standing.lag), "since": visit.dash(standing.since?.minuteText)]
            facts = SummaryView(rows: [
                .init(visit.text("webhooks.address"), webhook.address),
                .init(
                    visit.text("webhooks.region"),
                    (visit.language == .en ? region?.englishName : region?.name) ?? webhook.region
                ),
                .init(visit.text("webhooks.state"), visit.text("webhooks.state.\(webhook.state.rawValue)")),
                .init(visit.text("webhooks.cursor"), String(webhook.cursor)),
                .init(
                    visit.text("webhooks.lag"),
                    standing.lag > 0 ? visit.text("webhooks.behind", lag) : visit.text("webhooks.up-to-date")
                ),
                .init(visit.text("webhooks.told-at"), visit.dash(webhook.toldAt?.minuteText)),
                .init(visit.text("webhooks.next-try"), visit.dash(standing.nextTry?.minuteText)),
            ])
        }
    }

    let notice: NoticeView?
    let fresh: Fresh?
    let isEmpty: Bool
    let lines: [Line]
    let name: String
    let address: String
    let region: String
}
