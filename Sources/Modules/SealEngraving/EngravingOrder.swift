import Exchange
public import Kernel

/// A set of seals of metal that a firm orders from a registered engraver, outside of its opening.
public struct EngravingOrder: Sendable {
    public enum Payer: String, Sendable, CaseIterable {
        case government, bank
        /// The firm.
        case own = "self"
    }

    public enum Delivery: String, Sendable, CaseIterable { case pickup, courier }

    public let id: ID<EngravingOrder>
    /// Credit code of the firm.
    public let owner: String
    public let name: String
    /// Who represents it, as the police note it.
    public let representative: String
    /// Six digits.
    public let region: String
    /// Codes of `seal-kinds.tsv`.
    public let kinds: [String]
    /// A code of the list of engravers.
    public let engraver: String
    public let payer: Payer
    public let delivery: Delivery
    public let receiver: String
    public let phone: String
    /// For a courier; empty for what is fetched.
    public let address: String
    public let orderedBy: String
    public let orderedAt: Instant

    public var object: String { "seal-order:\(id)" }
    /// What the firm and the engraver call it.
    public var number: String { "K\(id.rawValue.suffix(10))" }

    static let filing = "filing"
    static let making = "making"

    func key(_ step: String) -> String { "seal-order/\(id)/\(step)" }
}

/// Where an order stands: never kept, always read from its lines to police and engraver.
public enum EngravingState: String, Sendable, CaseIterable {
    /// The police are to file the seals.
    case filing
    /// They sent it back.
    case filingReturned = "filing-returned"
    case making
    case makingReturned = "making-returned"
    /// Made: to be fetched.
    case ready
    /// Made: with the courier.
    case sent

    /// Nothing comes of it: it may be ordered anew, and uses nothing up.
    public var isBack: Bool {
        switch self {
        case .filingReturned, .makingReturned: true
        case .filing, .making, .ready, .sent: false
        }
    }

    init(filing: PartyLine?, making: PartyLine?, delivery: EngravingOrder.Delivery) {
        guard let making else {
            switch filing?.state {
            case .returned, .personNeeded: self = .filingReturned
            default: self = .filing
            }
            return
        }
        switch making.state {
        case .done: self = delivery == .courier ? .sent : .ready
        case .returned, .personNeeded: self = .makingReturned
        case .pending, .sent, .received, .working, .overdue, .notNeeded, .later: self = .making
        }
    }
}

/// An order with what came of it.
public struct EngravingProgress: Sendable {
    public let order: EngravingOrder
    public let state: EngravingState
    /// Codes under which the police filed the seals, by kind.
    public let filed: [(kind: String, code: String)]
    /// Where and when it is fetched, in the engraver's words; nil until it is made.
    public let pickup: String?
    /// Why it came back: the party's own words.
    public let reason: String?
}
