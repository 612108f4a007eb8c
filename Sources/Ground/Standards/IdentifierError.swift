public import Kernel

/// Why a code or number cannot be read.
public struct IdentifierError: Refusal, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case creditCode = "credit-code"
        case organisationCode = "organisation-code"
        case citizenID = "citizen-id"
        case residentCard = "resident-card"
        case travelDocument = "travel-document"
        case licenceIdentifier = "licence-identifier"
        case itemCode = "item-code"
        case personName = "person-name"
        case phone = "phone"
    }

    public enum Reason: String, Sendable, CaseIterable {
        /// Too many or too few characters.
        case length
        /// A character that may not stand there.
        case character
        /// A check digit that does not fit the rest.
        case check
        /// A region that is unknown, or may not stand in this code.
        case region
        /// A date that does not exist.
        case date
        /// A birth before 1900 or after today.
        case dateRange = "date-range"
        /// A part that is none of the known values.
        case part
    }

    public let kind: Kind
    public let reason: Reason
    /// The first character concerned, counted from 1 after normalisation; nil when it is the whole text.
    public let position: Int?

    public init(_ kind: Kind, _ reason: Reason, position: Int? = nil) {
        self.kind = kind
        self.reason = reason
        self.position = position
    }

    public var code: String { "\(kind.rawValue).\(reason.rawValue)" }

    public var arguments: [String: String] { position.map { ["position": String($0)] } ?? ["position": "-"] }

    public var status: RefusalStatus { .unacceptable }
}
