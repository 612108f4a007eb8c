public import Kernel

/// Money that moved, as the payment system tells it: one transaction of theirs.
public struct Payment: Hashable, Sendable {
    public enum Direction: String, Sendable, CaseIterable {
        /// From a payer to us, and back to him.
        case taken = "in", given = "out"
    }

    /// The payment system, by the name of its party.
    public let provider: String
    /// Its own number of the transaction; unique with the provider.
    public let transaction: String
    public let direction: Direction
    /// The bill's number as the payment system had it.
    public let number: String
    public let amount: Money
    /// When the money moved, as the payment system says.
    public let at: Instant

    public init(
        provider: String,
        transaction: String,
        direction: Direction = .taken,
        number: String,
        amount: Money,
        at: Instant
    ) {
        self.provider = provider
        self.transaction = transaction
        self.direction = direction
        self.number = number
        self.amount = amount
        self.at = at
    }
}

/// What became of money that came in.
public enum Intake: Hashable, Sendable {
    /// It settled its bill.
    case paid(ID<Bill>)
    /// It was told before; nothing changes.
    case known
    /// It belongs to no bill that is owed: it is kept aside and a person decides.
    case aside(Difference.Kind)
}

/// Money that goes back to who paid it. One person asks for it, another releases it.
public struct Refund: Hashable, Sendable {
    public let id: ID<Refund>
    /// Nil for money that settled no bill.
    public let bill: ID<Bill>?
    /// How the money came in.
    public let provider: String
    public let transaction: String
    public let amount: Money
    /// Which part of that payment: 0 for what is left of it, 1 and on for what turned out to be too much.
    public let part: Int64
    public let reason: String
    /// The actor who asked for it.
    public let askedBy: String
    public let askedAt: Instant
    public internal(set) var releasedBy: String?
    public internal(set) var releasedAt: Instant?
    /// The transaction by which it went back; nil until the payment system has said so.
    public internal(set) var givenBy: String?
    public internal(set) var state: State
    /// Six digits of the bill's division; empty for money that fits no bill, which every cash desk sees.
    public let region: String

    /// Raw values are stored: never rename, only add.
    public enum State: String, Sendable, CaseIterable {
        case asked, released, given, failed
    }
}
