import Kernel

/// An account of the ledger. Texts are stored: never rename, only add.
public enum LedgerAccount: Hashable, Sendable {
    /// What payers owe to a payee.
    case receivable(payee: String)
    /// What a payee earned by charging.
    case income(payee: String)
    /// What a payment system holds for us.
    case clearing(provider: String)
    /// What came in and belongs to no bill: it goes back.
    case suspense(provider: String)
    /// What is owed back to payers.
    case refunds(payee: String)

    public var code: String {
        switch self {
        case .receivable(let payee): "receivable/\(payee)"
        case .income(let payee): "income/\(payee)"
        case .clearing(let provider): "clearing/\(provider)"
        case .suspense(let provider): "suspense/\(provider)"
        case .refunds(let payee): "refunds/\(payee)"
        }
    }
}

/// One movement of money, told from two sides: what one account gains the other gives.
struct Posting: Sendable {
    /// Debited: it gains.
    let debit: LedgerAccount
    /// Credited: it gives.
    let credit: LedgerAccount
    let amount: Money
    /// What moved it: `raised`, `paid`, `cancelled`, `refund-asked` …
    let reason: String
}
