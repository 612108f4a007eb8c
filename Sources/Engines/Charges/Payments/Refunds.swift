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

    /// The payment system gave it back. What went is booked whatever it was asked for: another amount is a difference
    /// that a person settles.
    public static func given(
        _ id: ID<Refund>,
        by payment: Payment,
        occasion: Occasion,
        in tx: any Transaction
    )
        throws
    {
        guard var refund = try RefundStore.find(id, in: tx) else { throw ChargeError.unknown }
        let before = refund.state
        guard before == .released || before == .failed else { return }
        // Told by the statement already: it was booked against what lies aside.
        let known = try PaymentStore.find(payment.provider, payment.transaction, in: tx)
        let bill = try refund.bill.map { try Bills.require($0, in: tx) }
        if known == nil {
            try PaymentStore.insert(payment, bill: refund.bill, at: occasion.now, in: tx)
        }
        refund.state = .given
        refund.givenBy = payment.transaction
        try RefundStore.update(refund, from: before, in: tx)
        if let bill, bill.state == .refunding {
            _ = try Bills.step(bill, .refund, reason: payment.transaction, occasion: occasion, in: tx)
        }
        let aside = LedgerAccount.suspense(provider: refund.provider)
        try Ledger.post(
            Posting(
                debit: bill.map { .refunds(payee: $0.payee.code) } ?? aside,
                credit: known == nil ? .clearing(provider: refund.provider) : aside,
                amount: payment.amount,
                reason: "given-back"
            ),
            of: refund.bill,
            occasion: occasion,
            in: tx
        )
        if payment.amount != refund.amount {
            try Differences.open(.amount, payment, ours: refund.amount, occasion: occasion, in: tx)
        }
        try tell("given", refund, occasion: occasion, in: tx)
    }

    /// The payment system could not: the money is owed to the payer still, and somebody asks anew or finds another way.
    public static func failed(_ id: ID<Refund>, reason: String, occasion: Occasion, in tx: any Transaction)
        throws
    {
        var refund = try require(id, .released, in: tx)
        refund.state = .failed
        try RefundStore.update(refund, from: .released, in: tx)
        try tell("failed", refund, occasion: occasion, in: tx)
    }

    /// Asks once more for what could not be given back; a second person releases it again.
    /// - Throws: `ChargeError.stale` when it is going back already.
    @discardableResult
    public static func askAgain(_ id: ID<Refund>, reason: String, occasion: Occasion, in tx: any Transaction)
        throws -> Refund
    {
        let refund = try require(id, .failed, in: tx)
        guard let payment = try PaymentStore.find(refund.provider, refund.transaction, in: tx) else {
            throw ChargeError.nothingDue
        }
        return try ask(
            of: payment,
            bill: try refund.bill.map { try Bills.require($0, in: tx) },
            region: refund.region,
            reason: try Bills.words(reason),
            occasion: occasion,
            in: tx
        )
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

    /// Those that the payment system could not give back and nobody asked for again, the oldest first.
    public static func failed(from low: String, below high: String, limit: Int, in reader: any Reader) throws
        -> [Refund]
    {
        try RefundStore.abandoned(from: low, below: high, limit: limit, in: reader)
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
