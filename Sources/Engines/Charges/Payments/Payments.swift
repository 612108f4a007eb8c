import Audit
import Jobs
public import Kernel
public import Storage

/// Takes the payment system at its word, once for each transaction, and never loses money: what fits no bill is kept
/// aside under a name of its own.
public enum Payments {
    @discardableResult
    public static func take(_ payment: Payment, occasion: Occasion, in tx: any Transaction) throws -> Intake {
        if let known = try PaymentStore.find(payment.provider, payment.transaction, in: tx) {
            guard known != payment else { return .known }
            try Differences.open(.changed, payment, ours: known.amount, occasion: occasion, in: tx)
            return .aside(.changed)
        }
        let bill = try BillStore.find(number: payment.number, in: tx)
        let oddity: Difference.Kind? =
            switch bill {
            case nil: .unknownBill
            case let bill? where bill.state != .due: bill.state == .cancelled ? .cancelled : .twice
            case let bill? where bill.total != payment.amount: .amount
            case _?: nil
            }
        try PaymentStore.insert(payment, bill: oddity == nil ? bill?.id : nil, at: occasion.now, in: tx)
        guard oddity == nil, let bill else {
            try Ledger.post(
                Posting(
                    debit: .clearing(provider: payment.provider),
                    credit: .suspense(provider: payment.provider),
                    amount: payment.amount,
                    reason: "aside"
                ),
                of: bill?.id,
                occasion: occasion,
                in: tx
            )
            let kind = oddity ?? .unknownBill
            try Differences.open(kind, payment, ours: bill?.total, occasion: occasion, in: tx)
            return .aside(kind)
        }
        _ = try Bills.step(bill, .pay, reason: payment.transaction, occasion: occasion, in: tx)
        try Ledger.post(
            Posting(
                debit: .clearing(provider: payment.provider),
                credit: .receivable(payee: bill.payee.code),
                amount: payment.amount,
                reason: "paid"
            ),
            of: bill.id,
            occasion: occasion,
            in: tx
        )
        return .paid(bill.id)
    }

    /// Money that only the statement says went out: it is booked against what lies aside, until the refund is told.
    static func wentOut(_ payment: Payment, occasion: Occasion, in tx: any Transaction) throws {
        try PaymentStore.insert(payment, bill: nil, at: occasion.now, in: tx)
        try Ledger.post(
            Posting(
                debit: .suspense(provider: payment.provider),
                credit: .clearing(provider: payment.provider),
                amount: payment.amount,
                reason: "went-out"
            ),
            of: nil,
            occasion: occasion,
            in: tx
        )
    }

    /// The transaction that settled a bill; nil while there is none, or it was reduced to nothing.
    public static func settling(_ bill: ID<Bill>, in reader: any Reader) throws -> Payment? {
        try PaymentStore.settling(bill, in: reader)
    }
}
