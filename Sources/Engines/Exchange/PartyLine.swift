public import Kernel

/// What an engine orders from an outside party, to be done durably.
public struct LineOrder: Hashable, Sendable {
    /// The identifier of the party, `tax`.
    public var party: String
    /// The operation's name inside the party, `register`.
    public var operation: String
    /// The case's identifier; empty when no case stands behind it.
    public var caseID: String
    /// The number people know the case by; it goes into the envelope.
    public var caseNumber: String
    /// The credit code of the firm; empty before there is one.
    public var creditCode: String
    /// Why the data are sent, `company-opening.tax-registration`.
    public var purpose: String
    /// Under which consent, or the statute that needs none.
    public var consent: String
    /// Only fields that the party's definition names.
    public var fields: JSON
    /// Once only: two orders with the same key are one line. Mostly `case:operation`.
    public var key: String
    /// The bundle waits for this line.
    public var counts: Bool
    /// `.pending`, or `.later` and `.notNeeded` for what the founder did not tick.
    public var state: LineState
    /// What the founder may still decide about the line once it is open. Nothing, unless the service says otherwise:
    /// what a statute asks for is neither put off nor dropped.
    public var founderMay: Set<FounderWish>

    public init(
        party: String,
        operation: String,
        caseID: String,
        caseNumber: String,
        creditCode: String,
        purpose: String,
        consent: String,
        fields: JSON,
        key: String,
        counts: Bool = true,
        state: LineState = .pending,
        founderMay: Set<FounderWish> = []
    ) {
        self.party = party
        self.operation = operation
        self.caseID = caseID
        self.caseNumber = caseNumber
        self.creditCode = creditCode
        self.purpose = purpose
        self.consent = consent
        self.fields = fields
        self.key = key
        self.counts = counts
        self.state = state
        self.founderMay = founderMay
    }
}

/// What a founder can wish for a line that is open. Raw values are stored: never rename, only add.
public enum FounderWish: String, Sendable, CaseIterable {
    /// 稍后办
    case later
    /// 暂不需要
    case drop = "none"
}

/// One thing that one party does for one case.
public struct PartyLine: Hashable, Sendable {
    public let id: ID<PartyLine>
    public internal(set) var order: LineOrder
    public internal(set) var state: LineState
    /// Counts up with every change.
    public internal(set) var version: Int64
    /// 1 for the first request, one more each time it goes out anew with other fields.
    public internal(set) var round: Int64
    /// How often the message was handed over in this round.
    public internal(set) var attempts: Int64
    /// What the party gave: seal codes, account numbers, receipts. An object; empty until there is something.
    public internal(set) var answer: JSON
    /// Why it was returned or needs a person: a stable code of the party's definition; nil otherwise.
    public internal(set) var reasonCode: String?
    /// The party's own words, shown as such.
    public internal(set) var reasonText: String?
    public let openedAt: Instant
    public internal(set) var changedAt: Instant
    /// When the party's time is over; nil for a line that was not asked for.
    public internal(set) var dueAt: Instant?
    /// When the line came into an end state.
    public internal(set) var endedAt: Instant?

    /// Whether the founder may do this with the line as it stands.
    public func allows(_ event: LineEvent) -> Bool {
        switch event {
        case .setAside where !order.founderMay.contains(.later): return false
        case .declined where !order.founderMay.contains(.drop): return false
        default: break
        }
        if case .to = state.step(event) { return true }
        return false
    }

    /// The idempotency key of the present round, on both sides.
    public var roundKey: String { "\(id.rawValue)-\(round)" }
}

/// One change of a line, oldest first.
public struct LineChange: Hashable, Sendable {
    public let at: Instant
    public let event: LineEvent
    public let from: LineState
    public let to: LineState
    /// Set when the report changed nothing.
    public let stayed: LineStep.Reason?
    public let note: String?
    /// The member of staff who did it; nil for a party's system, the founder, the platform, and before it was kept.
    public var staff: String?
}

/// Something that a clerk of the party, or of the office that follows it, has to look at.
public struct WorkItem: Hashable, Sendable {
    public enum Why: String, Sendable, CaseIterable, Codable {
        /// The party's time is over.
        case overdue
        /// A report spoke of another firm.
        case otherFirm
        /// A report that nobody can read.
        case nonsense
        /// A report for a line that the founder does not want.
        case unwanted
    }

    public let id: ID<WorkItem>
    public let line: ID<PartyLine>?
    public let party: String
    public let operation: String
    public let caseNumber: String
    /// Whose list it stands in, such as `party.tax` or `approval-office`.
    public let queue: String
    public let why: Why
    public let openedAt: Instant
    public let closedAt: Instant?
}
