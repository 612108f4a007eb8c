import Audit
import Jobs
public import Kernel
public import Storage

/// Something about money that does not fit and that a person has to settle.
public struct Difference: Hashable, Sendable {
    /// Raw values are stored: never rename, only add.
    public enum Kind: String, Sendable, CaseIterable {
        /// Paid on a number that is no bill's.
        case unknownBill = "unknown-bill"
        /// Paid on a bill that was settled already.
        case twice
        /// Paid on a bill that was taken back.
        case cancelled
        /// Another amount than is owed.
        case amount
        /// The same transaction told with other contents.
        case changed
        /// In our books, not on the statement.
        case notOnStatement = "not-on-statement"
        /// The day of the statement is over for us, and the payment is not in our books: it was taken from the statement.
        case late
        /// A refund that failed was told done after somebody had asked for it anew.
        case givenAfterAll = "given-after-all"
    }

    public let id: ID<Difference>
    public let kind: Kind
    public let provider: String
    public let transaction: String
    public let number: String
    /// What we expected, and what the payment system says; nil where one knows nothing.
    public let ours: Money?
    public let theirs: Money?
    public let openedAt: Instant
    /// Six digits of the bill's division; empty where there is no bill.
    public let region: String
    public internal(set) var closedAt: Instant?
    public internal(set) var closedBy: String?
    public internal(set) var reason: String?
}

public enum Differences {
    static func open(
        _ kind: Difference.Kind,
        _ payment: Payment,
        ours: Money?,
        theirs: Money? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let difference = Difference(
            id: occasion.newID(),
            kind: kind,
            provider: payment.provider,
            transaction: payment.transaction,
            number: payment.number,
            ours: ours,
            theirs: kind == .notOnStatement ? nil : payment.amount,
            openedAt: occasion.now,
            region: try BillStore.find(number: payment.number, in: tx)?.region ?? ""
        )
        guard try DifferenceStore.insert(difference, in: tx) else { return }
        try tell("opened", difference, occasion: occasion, in: tx)
    }

    /// Those within reach that wait for a person, the oldest first.
    public static func open(within reach: CashReach, limit: Int, in reader: any Reader) throws -> [Difference]
    {
        try DifferenceStore.open(within: reach, limit: limit, in: reader)
    }

    /// The difference, unless another desk settles the bill that it is about.
    public static func find(_ id: ID<Difference>, within reach: CashReach, in reader: any Reader) throws
        -> Difference?
    {
        guard let difference = try DifferenceStore.find(id, in: reader) else { return nil }
        return reach.covers(try BillStore.find(number: difference.number, in: reader)) ? difference : nil
    }

    /// A person settles it. Money that was kept aside goes back when he says so; a second person releases that.
    @discardableResult
    public static func close(
        _ id: ID<Difference>,
        giveBack: Bool,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Refund? {
        guard var difference = try DifferenceStore.find(id, in: tx) else {
            throw ChargeError.unknownDifference
        }
        guard difference.closedAt == nil else { throw ChargeError.stale }
        difference.closedAt = occasion.now
        difference.closedBy = occasion.actor.id
        difference.reason = try Bills.words(reason)
        try DifferenceStore.close(difference, in: tx)
        try tell("closed", difference, occasion: occasion, in: tx)
        guard giveBack else { return nil }
        guard difference.kind.isAside,
            let payment = try PaymentStore.find(difference.provider, difference.transaction, in: tx)
        else { throw ChargeError.nothingDue }
        return try Refunds.ask(
            payment.amount,
            of: payment,
            bill: nil,
            region: difference.region,
            reason: reason,
            occasion: occasion,
            in: tx
        )
    }

    private static func tell(
        _ what: String,
        _ difference: Difference,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let object = "difference:\(difference.id)"
        let facts: JSON = [
            "kind": .string(difference.kind.rawValue), "transaction": .string(difference.transaction),
            "number": .string(difference.number), "ours": difference.ours.map { JSON($0.fen) } ?? .null,
            "theirs": difference.theirs.map { JSON($0.fen) } ?? .null, "reason": JSON(difference.reason),
        ]
        try AuditLog.append("difference.\(what)", object: object, after: facts, occasion: occasion, in: tx)
        try Outbox.emit("difference.\(what)", object: object, payload: facts, occasion: occasion, in: tx)
    }
}

extension Difference.Kind {
    /// Whether its money lies aside and can go back.
    public var isAside: Bool {
        switch self {
        case .unknownBill, .twice, .cancelled, .amount: true
        case .changed, .notOnStatement, .late, .givenAfterAll: false
        }
    }
}
