public import Kernel

/// What an outside party said to a question.
///
/// There is no third kind that a caller could take for a pass: whatever goes wrong is `unknown`, and unknown
/// counts as "to a person" (company-opening.md §3).
public enum Answer: Hashable, Sendable {
    /// The party's signed answer, complete as its definition asks, and the moment its data are of.
    case answered(JSON, dataTime: Instant)
    case unknown(Unknown)

    public enum Unknown: String, Sendable, CaseIterable, Codable {
        /// Nobody listens at the address.
        case down
        /// No answer in the time the party's terms give.
        case slow
        /// An answer that cannot be read, is not complete, or speaks of another subject.
        case nonsense
        /// The signature of the answer does not hold.
        case unsigned
        /// The party answers, and refuses the question.
        case refused
        /// The party's service hours are over.
        case closed
        /// The question itself was wrong: an unknown party or a field the party may not have.
        case notAsked
        /// The exchange could not be written down, so it does not count.
        case notRecorded
    }

    /// The content, or nil when it is unknown.
    public var content: JSON? {
        switch self {
        case .answered(let content, _): content
        case .unknown: nil
        }
    }
}

/// What is asked of a party at once.
public struct Question: Hashable, Sendable {
    public var party: String
    public var operation: String
    /// The number people know the case by; empty when there is no case yet.
    public var caseNumber: String
    public var creditCode: String
    public var purpose: String
    public var consent: String
    /// Only fields that the party's definition names.
    public var fields: JSON

    public init(
        party: String,
        operation: String,
        caseNumber: String = "",
        creditCode: String = "",
        purpose: String,
        consent: String,
        fields: JSON
    ) {
        self.party = party
        self.operation = operation
        self.caseNumber = caseNumber
        self.creditCode = creditCode
        self.purpose = purpose
        self.consent = consent
        self.fields = fields
    }
}
