import Audit
import Jobs
public import Kernel
public import Storage

/// Money back: of a bill that was paid, or of what came in and fits none.
public enum Refunds {
    /// Asks for everything that is left of what was paid on a bill. A bill that was reduced to nothing has nothing to give back.
    @discardableResult
    public static func ask(_ id: ID<Bill>, reason: String, occasion: Occasion, in tx: any Transaction) throws
        -> Refund
    {
        let bill = try Bills.require(id, in: tx)
        guard let payment = try PaymentStore.settling(id, in: tx) else { throw ChargeError.nothingDue }
        let amount = try kept(id, in: tx)
        guard amount > .zero else { throw ChargeError.nothingDue }
        let words = try Bills.words(reason)
        _ = try Bills.step(bill, .askRefund, reason: words, occasion: occasion, in: tx)
        return try owe(amount, part: 0, of: payment, bill, reason: words, occasion: occasion, in: tx)
    }

    /// Asks for a part of what was paid on a bill because less is owed now; the bill stays paid.
    /// - Throws: `ChargeError.nothingDue` when that is more than is left of it.
    @discardableResult
    public static func askSurplus(
        _ amount: Money,
        of id: ID<Bill>,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Refund {
        let bill = try Bills.require(id, in: tx)
        guard bill.state == .paid else { throw ChargeError.notAllowed(event: .askRefund, state: bill.state) }
        guard let payment = try PaymentStore.settling(id, in: tx), amount > .zero,
            amount <= (try kept(id, in: tx))
        else { throw ChargeError.nothingDue }
        let part = try RefundStore.surplus(of: id, in: tx).parts + 1
        let words = try Bills.words(reason)
        return try owe(amount, part: part, of: payment, bill, reason: words, occasion: occasion, in: tx)
    }

    /// What was paid on a bill less what turned out to be too much; nothing for one that was reduced to nothing.
    public static func kept(_ bill: ID<Bill>, in reader: any Reader) throws -> Money {
        guard let payment = try PaymentStore.settling(bill, in: reader) else { return .zero }
        return payment.amount - Money(fen: try RefundStore.surplus(of: bill, in: reader).fen)
    }

    private static func owe(
        _ amount: Money,
        part: Int64,
        of payment: Payment,
        _ bill: Bill,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Refund {
        try Ledger.post(
            Posting(
                debit: .income(payee: bill.payee.code),
                credit: .refunds(payee: bill.payee.code),
                amount: amount,
                reason: "refund-asked"
            ),
            of: bill.id,
            occasion: occasion,
            in: tx
        )
        return try ask(amount, part, of: payment, bill: bill, reason: reason, occasion: occasion, in: tx)
    }

    static func ask(
        _ amount: Money,
        _ part: Int64 = 0,
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
            amount: amount,
            part: part,
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
        guard before == .released || before == .failed && refund.givenBy == nil else { return }
        if let other = try RefundStore.standing(besides: refund, in: tx) {
            guard try superseded(other, by: payment, of: refund, occasion: occasion, in: tx) else { return }
        }
        // Told by the statement already: it was booked against what lies aside.
        let known = try PaymentStore.find(payment.provider, payment.transaction, in: tx)
        let bill = try refund.bill.map { try Bills.require($0, in: tx) }
        if known == nil {
            try PaymentStore.insert(payment, bill: refund.bill, at: occasion.now, in: tx)
        }
        refund.state = .given
        refund.givenBy = payment.transaction
        try RefundStore.update(refund, from: before, in: tx)
        if let bill, bill.state == .refunding, refund.part == 0 {
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

    /// Told done after it was told failed, and somebody asked anew meanwhile: a difference that a person settles.
    /// - Returns: whether the new request is void because nobody released it yet. Else the money went out twice: this time it
    ///   is booked against what lies aside.
    private static func superseded(
        _ other: Refund,
        by payment: Payment,
        of refund: Refund,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Bool {
        let isVoid = other.state == .asked
        try Differences.open(
            .givenAfterAll,
            payment,
            ours: isVoid ? refund.amount : .zero,
            occasion: occasion,
            in: tx
        )
        var changed = isVoid ? other : refund
        if isVoid {
            changed.state = .failed
            try RefundStore.update(changed, from: .asked, in: tx)
        } else {
            if try PaymentStore.find(payment.provider, payment.transaction, in: tx) == nil {
                try Payments.wentOut(payment, occasion: occasion, in: tx)
            }
            changed.givenBy = payment.transaction
            try RefundStore.update(changed, from: .failed, in: tx)
        }
        try tell(isVoid ? "superseded" : "given-after-all", changed, occasion: occasion, in: tx)
        return isVoid
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
            refund.amount,
            refund.part,
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

    /// The refund, unless another desk settles the bill that its money was paid for.
    public static func find(_ id: ID<Refund>, within reach: CashReach, in reader: any Reader) throws
        -> Refund?
    {
        guard let refund = try RefundStore.find(id, in: reader) else { return nil }
        let payment = try PaymentStore.find(refund.provider, refund.transaction, in: reader)
        let bill = try payment.flatMap { try BillStore.find(number: $0.number, in: reader) }
        return reach.covers(bill) ? refund : nil
    }

    /// Those within reach that wait for a second person, the oldest first.
    public static func waiting(within reach: CashReach, limit: Int, in reader: any Reader) throws -> [Refund]
    {
        try RefundStore.all(.asked, within: reach, limit: limit, in: reader)
    }

    /// Those that the payment system could not give back and nobody asked for again, the oldest first.
    public static func failed(within reach: CashReach, limit: Int, in reader: any Reader) throws -> [Refund] {
        try RefundStore.abandoned(within: reach, limit: limit, in: reader)
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
