public import Kernel

/// A short message to one account: always in its box on the platform, and as a text when there is a phone.
public struct Message: Hashable, Sendable {
    /// What became of the text message.
    public enum SMS: String, Sendable, CaseIterable, Codable {
        /// None is to be sent.
        case none
        /// Waits for its moment: quiet hours.
        case waiting
        /// Given to the carrier.
        case handed
        case delivered
        case failed
    }

    public let id: ID<Message>
    public let template: String
    public let caseNumber: String
    /// The account.
    public let recipient: String
    public let phone: String?
    public let textZh: String
    public let textEn: String
    /// Where the next act is done; empty when there is none.
    public let link: String
    public let at: Instant
    public let smsAt: Instant?
    public let sms: SMS
    public let readAt: Instant?
}

/// What is to be told to whom.
public struct Note: Hashable, Sendable {
    public var template: String
    public var caseNumber: String
    public var recipient: String
    /// nil: only in the box.
    public var phone: String?
    public var link: String
    public var values: [String: String]

    public init(
        template: String,
        caseNumber: String,
        recipient: String,
        phone: String? = nil,
        link: String = "",
        values: [String: String] = [:]
    ) {
        self.template = template
        self.caseNumber = caseNumber
        self.recipient = recipient
        self.phone = phone
        self.link = link
        self.values = values
    }
}

/// A text message for the carrier.
public struct ShortMessage: Hashable, Sendable {
    public let id: ID<Message>
    public let caseNumber: String
    public let phone: String
    public let text: String
}
