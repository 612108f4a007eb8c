public import Kernel
public import Storage

/// The double-entry ledger: every movement is a debit and a credit of the same amount, written once and never changed.
public enum Ledger {
    static func post(_ posting: Posting, of bill: ID<Bill>?, occasion: Occasion, in tx: any Transaction)
        throws
    {
        guard posting.amount != .zero else { return }
        let id = occasion.newID(LedgerEntry.self)
        for (account, fen) in [
            (posting.debit, posting.amount.fen), (posting.credit, -posting.amount.fen),
        ] {
            try LedgerStore.insert(
                LedgerEntry(
                    id: id,
                    account: account.code,
                    fen: fen,
                    reason: posting.reason,
                    bill: bill,
                    at: occasion.now
                ),
                in: tx
            )
        }
    }

    /// Every account with its balance. Their sum is zero, whatever happened.
    public static func trialBalance(in reader: any Reader) throws -> [(account: String, balance: Money)] {
        try LedgerStore.balances(in: reader).map { ($0.account, Money(fen: $0.fen)) }
    }
}

/// One side of a movement.
struct LedgerEntry: Sendable {
    let id: ID<LedgerEntry>
    let account: String
    let fen: Int64
    let reason: String
    let bill: ID<Bill>?
    let at: Instant
}
