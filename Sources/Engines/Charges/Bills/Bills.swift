import Audit
import Foundation
import Jobs
public import Kernel
public import Storage

/// Bills: raised with a matter, paid, cancelled, given back. Each act is one write of state, ledger, log and event.
public enum Bills {
    /// What a bill is raised for.
    public struct Order: Sendable {
        public let number: String
        public let object: String
        public let caseNumber: String
        public let payer: String
        public let payee: Payee
        public let region: String
        public let lines: [BillLine]
        public let dueAt: Instant?

        public init(
            number: String,
            object: String,
            caseNumber: String,
            payer: String,
            payee: Payee,
            region: String,
            lines: [BillLine],
            dueAt: Instant?
        ) {
            self.number = number
            self.object = object
            self.caseNumber = caseNumber
            self.payer = payer
            self.payee = payee
            self.region = region
            self.lines = lines
            self.dueAt = dueAt
        }
    }

    /// Raises a bill. What was reduced to nothing is settled at once.
    /// - Throws: `ChargeError.nothingDue` when there is nothing to charge for at all.
    @discardableResult
    public static func raise(_ order: Order, occasion: Occasion, in tx: any Transaction) throws -> Bill {
        guard !order.lines.isEmpty else { throw ChargeError.nothingDue }
        var bill = Bill(
            id: occasion.newID(),
            number: order.number,
            object: order.object,
            caseNumber: order.caseNumber,
            payer: order.payer,
            payee: order.payee,
            region: order.region,
            lines: order.lines,
            state: .due,
            raisedAt: occasion.now,
            dueAt: order.dueAt,
            settledAt: nil,
            version: 1
        )
        try BillStore.insert(bill, in: tx)
        try Ledger.post(
            Posting(
                debit: .receivable(payee: bill.payee.code),
                credit: .income(payee: bill.payee.code),
                amount: bill.total,
                reason: "raised"
            ),
            of: bill.id,
            occasion: occasion,
            in: tx
        )
        try tell("raised", bill, occasion: occasion, in: tx)
        if bill.total == .zero {
            bill = try step(bill, .pay, reason: "reduced to nothing", occasion: occasion, in: tx)
        }
        return bill
    }

    /// Takes a bill back that nobody has paid, such as when its matter ends.
    @discardableResult
    public static func cancel(
        _ id: ID<Bill>,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Bill {
        let bill = try require(id, in: tx)
        let cancelled = try step(bill, .cancel, reason: try words(reason), occasion: occasion, in: tx)
        try Ledger.post(
            Posting(
                debit: .income(payee: bill.payee.code),
                credit: .receivable(payee: bill.payee.code),
                amount: bill.total,
                reason: "cancelled"
            ),
            of: bill.id,
            occasion: occasion,
            in: tx
        )
        return cancelled
    }

    public static func find(number: String, in reader: any Reader) throws -> Bill? {
        try BillStore.find(number: number, in: reader)
    }

    /// The bills of a matter, the oldest first.
    public static func of(_ object: String, in reader: any Reader) throws -> [Bill] {
        try BillStore.of(object, in: reader)
    }

    // MARK: - Steps

    static func require(_ id: ID<Bill>, in reader: any Reader) throws -> Bill {
        guard let bill = try BillStore.find(id, in: reader) else { throw ChargeError.unknown }
        return bill
    }

    static func step(
        _ bill: Bill,
        _ event: BillEvent,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Bill {
        var next = bill
        next.state = try bill.state.after(event)
        next.version += 1
        next.settledAt = next.state.isSettled ? occasion.now : bill.settledAt
        try BillStore.update(next, in: tx)
        try tell(event.past, next, reason: reason, occasion: occasion, in: tx)
        return next
    }

    static func words(_ reason: String) throws -> String {
        let reason = reason.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...500).contains(reason.count) else { throw ChargeError.reason }
        return reason
    }

    private static func tell(
        _ what: String,
        _ bill: Bill,
        reason: String? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let facts: JSON = [
            "number": .string(bill.number), "state": .string(bill.state.rawValue),
            "total": JSON(bill.total.fen),
            "object": .string(bill.object), "reason": JSON(reason),
        ]
        try AuditLog.append("bill.\(what)", object: bill.entry, after: facts, occasion: occasion, in: tx)
        try Outbox.emit("bill.\(what)", object: bill.object, payload: facts, occasion: occasion, in: tx)
    }
}

extension BillEvent {
    /// As events and the log call it.
    var past: String {
        switch self {
        case .pay: "paid"
        case .cancel: "cancelled"
        case .askRefund: "refund-asked"
        case .refund: "refunded"
        }
    }
}
