public import Forms
public import Kernel

/// What somebody owes for one matter: lines, each with its ground, and what was taken off them.
public struct Bill: Hashable, Sendable {
    public let id: ID<Bill>
    /// What the payer and the payment system call it; unique.
    public let number: String
    /// What it is for, such as `case:<id>`.
    public let object: String
    public let caseNumber: String
    /// The account that owes it.
    public let payer: String
    public let payee: Payee
    /// Six digits.
    public let region: String
    public let lines: [BillLine]
    public internal(set) var state: BillState
    public let raisedAt: Instant
    /// Until when it is to be paid; nil when no term is set.
    public let dueAt: Instant?
    public internal(set) var settledAt: Instant?
    /// Counts up with every change.
    public internal(set) var version: Int64

    /// What is to be paid, reductions taken off.
    public var total: Money { lines.reduce(.zero) { $0 + $1.due } }

    /// The bill's object in the log.
    public var entry: String { "bill:\(id)" }
}

/// Who is paid.
public struct Payee: Hashable, Sendable {
    /// The body's code, as `authority` names it.
    public let code: String
    public let name: String
    /// The agency that the body belongs to, as posts have it: its cash desk settles the bill.
    public let agency: String

    public init(code: String, name: String, agency: String) {
        self.code = code
        self.name = name
        self.agency = agency
    }
}

/// One charge of a bill.
public struct BillLine: Hashable, Sendable {
    /// Of the item's list of charges.
    public let code: String
    public let name: Words
    /// Statute, article, or the price list that fixes it.
    public let law: Words
    public let amount: Money
    /// Never more than the amount.
    public let reduction: Money
    /// Why it is reduced; nil when it is not.
    public let reducedFor: Words?
    /// What an earlier bill of the same matter settled of it already.
    public let paidBefore: Money

    public var due: Money { amount - reduction - paidBefore }

    /// - Returns: nil for an amount below zero, or a reduction below zero, above the amount or without a reason, or more paid
    ///   before than was left to pay.
    public init?(
        code: String,
        name: Words,
        law: Words,
        amount: Money,
        reduction: Money = .zero,
        reducedFor: Words? = nil,
        paidBefore: Money = .zero
    ) {
        guard amount >= .zero, reduction >= .zero, reduction <= amount,
            (reduction == .zero) == (reducedFor == nil), paidBefore >= .zero,
            paidBefore <= amount - reduction
        else { return nil }
        self.code = code
        self.name = name
        self.law = law
        self.amount = amount
        self.reduction = reduction
        self.reducedFor = reducedFor
        self.paidBefore = paidBefore
    }
}

/// Where a bill stands. Raw values are stored: never rename, only add.
public enum BillState: String, Sendable, CaseIterable {
    /// 待缴
    case due
    /// 已缴
    case paid
    /// 已作废: nothing was paid, and nothing is owed any more.
    case cancelled
    /// 退款中: the payer gets everything back; it is owed to him until the payment system has said so.
    case refunding
    /// 已退款
    case refunded

    /// Whether nothing is owed before the matter goes on.
    public var isSettled: Bool { self == .paid }
}

/// What can happen to a bill.
public enum BillEvent: String, Sendable, CaseIterable {
    case pay, cancel, askRefund = "ask-refund", refund
}

extension BillState {
    /// The state after `event`. Pure: no clock, no database.
    public func after(_ event: BillEvent) throws(ChargeError) -> BillState {
        switch (self, event) {
        case (.due, .pay): return .paid
        case (.due, .cancel): return .cancelled
        case (.paid, .askRefund): return .refunding
        case (.refunding, .refund): return .refunded
        case (.due, _), (.paid, _), (.cancelled, _), (.refunding, _), (.refunded, _):
            throw .notAllowed(event: event, state: self)
        }
    }
}
