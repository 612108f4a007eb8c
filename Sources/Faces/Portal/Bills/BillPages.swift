import Charges
import Forms
import Kernel
import Storage
import Web

/// What one owes for a matter, and paying it.
enum BillPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/bills/{bill}", who: .applicants, scope: .relation, zh: "缴费", en: "A bill") {
                visit in
                try await show(visit, desk)
            },
            .page(
                .get,
                "/bills/{bill}/receipt",
                who: .applicants,
                scope: .relation,
                zh: "缴费凭证",
                en: "Receipt of a payment"
            ) { try await receipt($0, desk) },
            .page(.post, "/bills/{bill}/pay", who: .applicants, scope: .relation, zh: "去缴费", en: "Pay a bill")
            {
                visit in
                let number = try visit.segment("bill")
                try await desk.payments.pay(number, occasion: visit.occasion)
                return .redirect(to: path(number))
            },
        ]
    }

    /// What was paid, to print; a bill that nobody has paid has none.
    private static func receipt(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let number = try visit.segment("bill")
        let payer = try visit.someone().actor.id
        let (bill, payment, kept) = try await desk.database.read { reader in
            let bill = try PaymentDesk.own(number, of: payer, in: reader)
            return (bill, try Payments.settling(bill.id, in: reader), try Refunds.kept(bill.id, in: reader))
        }
        guard let payment else { return .redirect(to: path(number)) }
        return .page(
            "portal/bill-receipt",
            ReceiptPage(bill, payment, kept: kept, visit),
            heading: Heading(
                visit.text("bill.receipt"),
                crumbs: [
                    .init(visit.text("portal.nav.mine"), href: "/my"),
                    .init(visit.text("bill.title"), href: path(number)),
                ],
                section: "mine"
            )
        )
    }

    static func lines(_ bill: Bill, _ visit: Visit) -> TableView {
        let language = visit.language.rawValue
        return TableView(
            caption: visit.text("bill.lines"),
            columns: [
                "bill.for", "bill.law", "bill.amount", "bill.reduction", "bill.paid-before", "bill.due",
            ].map {
                visit.text($0)
            },
            rows: bill.lines.map { line in
                [
                    .init(line.name(language)), .init(line.law(language)), .init(line.amount.yuanText),
                    .init(
                        line.reducedFor.map {
                            visit.text(
                                "bill.reduced",
                                ["amount": line.reduction.yuanText, "why": $0(language)]
                            )
                        } ?? "—"
                    ),
                    .init(line.paidBefore == .zero ? "—" : line.paidBefore.yuanText),
                    .init(line.due.yuanText),
                ]
            },
            emptyText: ""
        )
    }

    static func path(_ number: String) -> String { "/bills/\(number)" }

    private static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let number = try visit.segment("bill")
        let payer = try visit.someone().actor.id
        let (bill, payment, standing) = try await desk.database.read { reader in
            let bill = try PaymentDesk.own(number, of: payer, in: reader)
            return (
                bill, try Payments.settling(bill.id, in: reader),
                try bill.state == .due ? desk.payments.standing(of: bill, in: reader) : nil
            )
        }
        return .page(
            "portal/bill",
            BillPage(bill, payment, standing, visit),
            heading: Heading(
                visit.text("bill.title"),
                crumbs: [
                    .init(visit.text("portal.nav.mine"), href: "/my"),
                    .init(bill.caseNumber, href: "/cases/\(bill.caseNumber)"),
                ],
                section: "mine"
            )
        )
    }
}

/// Template: `portal/bill`.
struct BillPage: PageView {
    let badge: BadgeView
    let lines: TableView
    let facts: SummaryView
    let notice: NoticeView?
    /// Where to pay; nil when there is nothing to pay, or it is under way.
    let payHref: String?
    let total: String
    let caseHref: String
    /// The receipt to print; nil before something was paid.
    let receiptHref: String?

    init(_ bill: Bill, _ payment: Payment?, _ standing: OrderStanding?, _ visit: Visit) {
        badge = BadgeView(visit.text("bill-state.\(bill.state.rawValue)"), bill.state.tone)
        total = visit.text("bill.yuan", ["amount": bill.total.yuanText])
        caseHref = "/cases/\(bill.caseNumber)"
        lines = BillPages.lines(bill, visit)
        receiptHref = payment == nil ? nil : "\(BillPages.path(bill.number))/receipt"
        var rows: [SummaryView.Row] = [
            .init(visit.text("bill.number"), bill.number), .init(visit.text("bill.payee"), bill.payee.name),
            .init(visit.text("bill.raised"), bill.raisedAt.minuteText),
            .init(visit.text("bill.total"), total),
        ]
        if let payment {
            rows.append(.init(visit.text("bill.paid-at"), payment.at.minuteText))
            rows.append(.init(visit.text("bill.transaction"), payment.transaction))
        }
        facts = SummaryView(rows: rows)
        notice = Self.notice(bill, standing, visit)
        payHref = bill.state == .due && standing != .underWay ? "\(BillPages.path(bill.number))/pay" : nil
    }

    private static func notice(_ bill: Bill, _ standing: OrderStanding?, _ visit: Visit) -> NoticeView? {
        switch (bill.state, standing) {
        case (.due, .underWay?):
            NoticeView(.info, title: visit.text("bill.under-way"), visit.text("bill.under-way.text"))
        case (.due, .failed?):
            NoticeView(.warn, title: visit.text("bill.failed"), visit.text("bill.failed.text"))
        case (.due, _): nil
        case (.paid, _): NoticeView(.good, visit.text("bill.paid.text"))
        case (.refunding, _): NoticeView(.info, visit.text("bill.refunding.text"))
        case (.cancelled, _), (.refunded, _): nil
        }
    }
}

/// Template: `portal/bill-receipt`.
struct ReceiptPage: PageView {
    let lead: String
    let lines: TableView
    let facts: SummaryView
    let back: String

    /// - Parameter kept: what of it was not asked back since because less is owed.
    init(_ bill: Bill, _ payment: Payment, kept: Money, _ visit: Visit) {
        func yuan(_ money: Money) -> String { visit.text("bill.yuan", ["amount": money.yuanText]) }
        lead = visit.text("bill.receipt.lead", ["payee": bill.payee.name, "amount": yuan(payment.amount)])
        lines = BillPages.lines(bill, visit)
        var rows: [SummaryView.Row] = [
            .init(visit.text("bill.number"), bill.number), .init(visit.text("bill.case"), bill.caseNumber),
            .init(visit.text("bill.payee"), bill.payee.name),
            .init(visit.text("bill.paid"), yuan(payment.amount)),
            .init(visit.text("bill.paid-at"), payment.at.minuteText),
            .init(visit.text("bill.transaction"), payment.transaction),
            .init(visit.text("bill.state"), visit.text("bill-state.\(bill.state.rawValue)")),
        ]
        if kept < payment.amount {
            rows.append(.init(visit.text("bill.surplus"), yuan(payment.amount - kept)))
        }
        facts = SummaryView(rows: rows)
        back = BillPages.path(bill.number)
    }
}

extension BillState {
    var tone: Tone {
        switch self {
        case .due: .warn
        case .paid, .refunded: .good
        case .cancelled: .neutral
        case .refunding: .info
        }
    }
}
