public import Kernel

/// What somebody signs in to: of a person or of a member of staff.
public struct Account: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable { case person, staff }

    public let id: ID<Account>
    public let kind: Kind
    /// Identifier of the person or member of staff.
    public let holder: String
    public let disabledAt: Instant?
    public let passwordChangedAt: Instant?
    public var hasPassword: Bool { passwordChangedAt != nil }
}

/// By what an account is found.
public enum Login: Hashable, Sendable {
    /// A chosen name; case, width and spaces do not matter.
    case name(String)
    case phone(PhoneText)

    /// Digits of a phone, as `PhoneNumber.rawValue`.
    public typealias PhoneText = String

    /// As somebody types it: eleven digits are a phone, everything else a chosen name.
    public init(typed text: String) {
        let digits = text.filter { !$0.isWhitespace && $0 != "-" }
        let isPhone = digits.utf8.count == 11 && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        self = isPhone ? .phone(digits) : .name(text)
    }

    enum Kind: String { case name, phone }

    var kind: Kind {
        switch self {
        case .name: .name
        case .phone: .phone
        }
    }
}

/// Where a sign-in comes from.
public struct SignInOrigin: Hashable, Sendable {
    /// The address as the front saw it.
    public let address: String
    /// What the list of devices shows: `Firefox · Linux`; at most 120 characters are kept.
    public let device: String
    /// The secret that this device got at an earlier sign-in, from its cookie.
    public let deviceToken: String?

    public init(address: String, device: String, deviceToken: String? = nil) {
        self.address = address
        self.device = String(device.prefix(120))
        self.deviceToken = deviceToken
    }
}
