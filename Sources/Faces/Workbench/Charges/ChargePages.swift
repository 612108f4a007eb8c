import Charges
import Forms
import Identity
import Kernel
import Storage
import Web

/// The cash desk: days held against the statement, money that fits nothing, and refunds that wait for a second person.
enum ChargePages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, path, who: .officers, scope: .region, zh: "收费对账", en: "Charges and reconciliation") {
                try await list($0, desk)
            },
            .page(
                .post,
                "\(path)/differences/{difference}",
                who: .officers,
                scope: .region,
                zh: "处理差错",
                en: "Settle a difference"
            ) { try await close($0, desk) },
            .page(
                .post,
                "\(path)/refunds/{refund}",
                who: .officers,
                scope: .region,
                zh: "放行退款",
                en: "Release a refund"
            ) { try await release($0, desk) },
        ]
    }

    static let path = "/desk/charges"
    private static let settles = "charge.settle"
    private static let rowsMax = 100

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let reach = try reach(visit, desk)
        let (days, differences, refunds, failed) = try await desk.database.read { reader in
            (
                try Reconciliation.days(limit: 31, in: reader),
                try Differences.open(within: reach, limit: rowsMax, in: reader),
                try Refunds.waiting(within: reach, limit: rowsMax, in: reader),
                try Refunds.failed(within: reach, limit: rowsMax, in: reader)
            )
        }
        let me = try visit.someone().actor.id
        return .page(
            "workbench/charges",
            ChargesPage(
                differences: differences.map { ChargesPage.Line($0, visit) },
                refunds: refunds.map { ChargesPage.Line($0, isOwn: $0.askedBy == me, visit) },
                failed: failed.map { ChargesPage.Line($0, isOwn: false, visit) },
                days: dayTable(days, visit)
            ),
            heading: Heading(visit.text("charge-desk.title"), section: "charges")
        )
    }

    private static func dayTable(_ days: [ComparedDay], _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("charge-desk.days"),
            columns: ["day", "ours", "theirs", "result"].map { visit.text("charge-desk.\($0)") },
            rows: days.map { day in
                [
                    .init(day.day.description), .init("\(day.ours.yuanText) / \(day.countOurs)"),
                    .init("\(day.theirs.yuanText) / \(day.countTheirs)"),
                    .init(
                        day.agrees
                            ? visit.text("charge-desk.agrees")
                            : visit.text("charge-desk.differs", ["count": String(day.differences)])
                    ),
                ]
            },
            emptyText: visit.text("charge-desk.no-days")
        )
    }

    private static func close(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let id = ID<Difference>(try visit.segment("difference"))
        let giveBack = visit.form.trimmed("act") == "give-back"
        let (reason, occasion) = (visit.form.trimmed("reason") ?? "", visit.occasion)
        let reach = try reach(visit, desk)
        try await desk.database.write { tx in
            guard try Differences.find(id, within: reach, in: tx) != nil else {
                throw ChargeError.unknownDifference
            }
            try Differences.close(id, giveBack: giveBack, reason: reason, occasion: occasion, in: tx)
        }
        return .redirect(to: path)
    }

    private static func release(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let id = ID<Refund>(try visit.segment("refund"))
        let reach = try reach(visit, desk)
        guard let refund = try await desk.database.read({ try Refunds.find(id, within: reach, in: $0) })
        else { throw ChargeError.unknown }
        guard refund.state == .failed else {
            try await desk.payments.release(id, occasion: visit.occasion)
            return .redirect(to: path)
        }
        let (reason, occasion) = (visit.form.trimmed("reason") ?? "", visit.occasion)
        try await desk.database.write {
            _ = try Refunds.askAgain(id, reason: reason, occasion: occasion, in: $0)
        }
        return .redirect(to: path)
    }

    /// The bills of the post's own agency, in its divisions.
    private static func reach(_ visit: Visit, _ desk: WorkbenchDesk) throws -> CashReach {
        let scope = try desk.permissions.scope(settles, of: try desk.seat(visit).principal)
        return scope.all
            ? CashReach(agency: "", from: "", below: "~")
            : CashReach(agency: scope.agency, from: scope.regionLow, below: scope.regionHigh)
    }
}

/// Template: `workbench/charges`.
struct ChargesPage: PageView {
    /// Something that waits for somebody.
    struct Line: PageView {
        let title: String
        let facts: SummaryView
        let action: String
        /// Whether its money lies aside and may go back.
        let mayGiveBack: Bool
        /// Asked for by whoever looks at it: a colleague releases it.
        let isOwn: Bool

        init(_ difference: Difference, _ visit: Visit) {
            title = visit.text("difference.\(difference.kind.rawValue)")
            func amount(_ money: Money?) -> String { money?.yuanText ?? "—" }
            facts = SummaryView(rows: [
                .init(visit.text("bill.number"), difference.number),
                .init(visit.text("bill.transaction"), difference.transaction),
                .init(visit.text("charge-desk.ours"), amount(difference.ours)),
                .init(visit.text("charge-desk.theirs"), amount(difference.theirs)),
                .init(visit.text("charge-desk.since"), difference.openedAt.minuteText),
            ])
            action = "\(ChargePages.path)/differences/\(difference.id)"
            mayGiveBack = difference.kind.isAside
            isOwn = false
        }

        init(_ refund: Refund, isOwn: Bool, _ visit: Visit) {
            title = visit.text("bill.yuan", ["amount": refund.amount.yuanText])
            facts = SummaryView(rows: [
                .init(visit.text("bill.transaction"), refund.transaction),
                .init(
                    visit.text("charge-desk.reason"),
                    visit.has("refund-reason.\(refund.reason)")
                        ? visit.text("refund-reason.\(refund.reason)") : refund.reason
                ),
                .init(visit.text("charge-desk.since"), refund.askedAt.minuteText),
            ])
            action = "\(ChargePages.path)/refunds/\(refund.id)"
            mayGiveBack = false
            self.isOwn = isOwn
        }
    }

    let differences: [Line]
    let refunds: [Line]
    /// What the payment system could not give back: asked for once more, or settled another way.
    let failed: [Line]
    let days: TableView
}
