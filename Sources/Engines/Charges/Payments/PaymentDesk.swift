public import Kernel
public import Storage

/// What payers and cashiers do about money: each act orders from the payment system in its own write.
public struct PaymentDesk: Sendable {
    /// Orders from the payment system; `Server` binds it. The same key again is the same order.
    public typealias Ordering = @Sendable (PaymentOrder, Occasion, any Transaction) throws -> Void
    /// Where an order stands, by its key; nil when there is none.
    public typealias Standing = @Sendable (_ key: String, any Reader) throws -> OrderStanding?

    private let database: any Database
    private let order: Ordering
    private let standing: Standing
    /// Each try is an order of its own, so that one that came to nothing never settles a later one.
    private static let triesMax = 50

    public init(database: any Database, order: @escaping Ordering, standing: @escaping Standing) {
        self.database = database
        self.order = order
        self.standing = standing
    }

    /// The payer pays: the payment system is asked to collect, unless it is at it.
    public func pay(_ number: String, occasion: Occasion) async throws {
        try await database.write { tx in
            let bill = try Self.own(number, of: occasion.actor.id, in: tx)
            _ = try bill.state.after(.pay)
            let (key, last) = try last(of: bill, in: tx)
            if last == .underWay { return }
            try order(.collect(bill, key: key), occasion, tx)
        }
    }

    /// Where the payer's last try stands; nil before the first.
    public func standing(of bill: Bill, in reader: any Reader) throws -> OrderStanding? {
        try last(of: bill, in: reader).standing
    }

    /// A second person releases a refund, and the payment system is asked to give it back.
    public func release(_ id: ID<Refund>, occasion: Occasion) async throws {
        try await database.write { tx in
            let refund = try Refunds.release(id, occasion: occasion, in: tx)
            let bill = try refund.bill.map { try Bills.require($0, in: tx) }
            try order(.giveBack(refund, number: bill?.number ?? refund.transaction), occasion, tx)
        }
    }

    /// A bill by its number, for its payer only.
    public static func own(_ number: String, of payer: String, in reader: any Reader) throws -> Bill {
        guard let bill = try Bills.find(number: number, in: reader), bill.payer == payer else {
            throw ChargeError.unknown
        }
        return bill
    }

    /// The key of the next order with how the last one stands.
    private func last(of bill: Bill, in reader: any Reader) throws -> (key: String, standing: OrderStanding?)
    {
        var last: OrderStanding?
        for attempt in 1...Self.triesMax {
            let key = "bill/\(bill.id)/\(attempt)"
            guard let standing = try standing(key, reader) else { return (key, last) }
            // Done, and not yet heard of here: nobody pays a second time meanwhile.
            if case .done(let provider, let transaction) = standing,
                try PaymentStore.find(provider, transaction, in: reader) == nil
            {
                last = .underWay
            } else {
                last = standing
            }
        }
        throw ChargeError.tooManyTries
    }
}

/// What is asked of the payment system.
public enum PaymentOrder: Sendable {
    case collect(Bill, key: String)
    /// `number` is what the payer knows the money by.
    case giveBack(Refund, number: String)
}

/// Where an order stands.
public enum OrderStanding: Sendable, Equatable {
    case underWay
    /// With the transaction that the payment system told.
    case done(provider: String, transaction: String)
    /// It came to nothing; the payment system's code for why.
    case failed(String)
}
