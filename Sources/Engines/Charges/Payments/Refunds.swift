import Audit
import Jobs
public import Kernel
public import Storage

/// Money back: of a bill that was paid, or of what came in and fits none.
public enum Refunds {
    /// Asks for everything that was paid on a bill. A bill that was reduced to nothing has nothing to give back.
    @discardableResult
    public static func ask(_ id: ID<Bill>, reason: String, occasion: Occasion, in tx: any Transaction) throws
        -> Refund
    {
        let bill = try Bills.require(id, in: tx)
        guard let payment = try PaymentStore.settling(id, in: tx) else { throw ChargeError.nothingDue }
        let words = try Bills.words(reason)
        _ = try Bills.step(bill, .askRefund, reason: words, occasion: occasion, in: tx)
        try Ledger.post(
            Posting(
                debit: .income(payee: bill.payee.code),
                credit: .refunds(payee: bill.payee.code),
                amount: payment.amount,
                reason: "refund-asked"
            ),
            of: bill.id,
            occasion: occasion,
            in: tx
        )
        return try ask(of: payment, bill: bill, reason: words, occasion: occasion, in: tx)
    }

    static func ask(
        of payment: Payment,
        bill: Bill?,
        region: String? = nil,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Refund {
        let refund = Refund(
            id: occasion.newID(),
            bill: bill?.id,
            provider: payment.provider,
            transaction: payment.transaction,
            amount: payment.amount,
            reason: reason,
            askedBy: occasion.actor.id,
            askedAt: occasion.now,
            state: .asked,
            region: bill?.region ?? region ?? ""
        )
        try RefundStore.insert(refund, in: tx)
        try tell("asked", refund, occasion: occasion, in: tx)
        return refund
    }

    /// A second person lets it go; the caller orders it from the payment system in the same write.
    @discardableResult
    public static func release(_ id: ID<Refund>, occasion: Occasion, in tx: any Transaction) throws -> Refund
    {
        var refund = try require(id, .asked, in: tx)
        guard refund.askedBy != occasion.actor.id else { throw ChargeError.fourEyes }
        refund.state = .released
        refund.releasedBy = occasion.actor.id
        refund.releasedAt = occasion.now
        try RefundStore.update(refund, from: .asked, in: tx)
        try tell("released", refund, occasion: occasion, in: tx)
        return refund
    }

    /// The payment system gave it back.
    public static func given(
        _ id: ID<Refund>,
        by payment: Payment,
        occasion: Occasion,
        in tx: any Transaction
    )
        throws
    {
        guard try PaymentStore.find(payment.provider, payment.transaction, in: tx) == nil else { return }
        var refund = try require(id, .released, in: tx)
        guard payment.amount == refund.amount, payment.direction == .given else {
            return try Differences.open(.amount, payment, ours: refund.amount, occasion: occasion, in: tx)
        }
        refund.state = .given
        refund.givenBy = payment.transaction
        try RefundStore.update(refund, from: .released, in: tx)
        try PaymentStore.insert(payment, bill: refund.bill, at: occasion.now, in: tx)
        let owed: LedgerAccount
        if let bill = try refund.bill.map({ try Bills.require($0, in: tx) }) {
            owed = .refunds(payee: bill.payee.code)
            _ = try Bills.step(bill, .refund, reason: payment.transaction, occasion: occasion, in: tx)
        } else {
            owed = .suspense(provider: refund.provider)
        }
        try Ledger.post(
            Posting(
                debit: owed,
                credit: .clearing(provider: refund.provider),
                amount: refund.amount,
                reason: "given-back"
            ),
            of: refund.bill,
            occasion: occasion,
            in: tx
        )
        try tell("given", refund, occasion: occasion, in: tx)
    }

    /// The payment system could not: the bill stands as paid again, and somebody asks anew or finds another way.
    public static func failed(_ id: ID<Refund>, reason: String, occasion: Occasion, in tx: any Transaction)
        throws
    {
        var refund = try require(id, .released, in: tx)
        refund.state = .failed
        try RefundStore.update(refund, from: .released, in: tx)
        if let bill = try refund.bill.map({ try Bills.require($0, in: tx) }) {
            _ = try Bills.step(bill, .failRefund, reason: reason, occasion: occasion, in: tx)
            try Ledger.post(
                Posting(
                    debit: .refunds(payee: bill.payee.code),
                    credit: .income(payee: bill.payee.code),
                    amount: refund.amount,
                    reason: "refund-failed"
                ),
                of: bill.id,
                occasion: occasion,
                in: tx
            )
        }
        try tell("failed", refund, occasion: occasion, in: tx)
    }

    public static func find(_ id: ID<Refund>, in reader: any Reader) throws -> Refund? {
        try RefundStore.find(id, in: reader)
    }

    /// Those of divisions from `low` up to below `high`, and those of none, that wait for a second person, the oldest first.
    public static func waiting(from low: String, below high: String, limit: Int, in reader: any Reader) throws
        -> [Refund]
    {
        try RefundStore.all(.asked, from: low, below: high, limit: limit, in: reader)
    }

    private static func require(_ id: ID<Refund>, _ state: Refund.State, in reader: any Reader) throws
        -> Refund
    {
        guard let refund = try RefundStore.find(id, in: reader) else { throw ChargeError.unknown }
        guard refund.state == state else { throw ChargeError.stale }
        return refund
    }

    private static func tell(_ what: String, _ refund: Refund, occasion: Occasion, in tx: any Transaction)
        throws
    {
        let object = "refund:\(refund.id)"
        let facts: JSON = [
            "bill": JSON(refund.bill?.rawValue), "amount": JSON(refund.amount.fen),
            "state": .string(refund.state.rawValue), "reason": .string(refund.reason),
        ]
        try AuditLog.append("refund.\(what)", object: object, after: facts, occasion: occasion, in: tx)
        try Outbox.emit("refund.\(what)", object: object, payload: facts, occasion: occasion, in: tx)
    }
}
