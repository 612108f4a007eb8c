public import Kernel

/// A session that is in force, with who stands behind it at this moment.
public struct Session: Hashable, Sendable {
    /// For lists and the log; the token is another text and is stored only as a digest.
    public let id: String
    public let account: ID<Account>
    public let principal: Principal
    /// Of the person or member of staff.
    public let name: String
    public let created: Instant
    public let seen: Instant
    public let idleUntil: Instant
    public let absoluteUntil: Instant
    public let device: String
}

/// A session in force as its owner's list of devices shows it.
public struct SessionLine: Hashable, Sendable {
    public let id: String
    public let device: String
    public let created: Instant
    public let seen: Instant
    /// Somebody gave the password and not yet the second factor.
    public let isPending: Bool
}

/// What a sign-in by password still needs.
public enum SecondStep: String, Sendable, CaseIterable {
    /// A code of the second factor.
    case code
    /// His post asks for a second factor and he has none: first the code that the security administrator handed out.
    case handedCode = "handed-code"
    /// The first code of the authenticator that this sign-in is enrolling.
    case enrol
}

/// What a successful sign-in gives the face to put into cookies.
public struct SignedIn: Hashable, Sendable {
    /// 64 hexadecimal digits (256 random bits). Never stored, never logged.
    public let token: String
    public let session: String
    /// To be kept by the device for its next sign-in.
    public let deviceToken: String
    public let account: ID<Account>
    /// What is still missing: the token opens nothing but that step. Nil when he is in.
    public let missing: SecondStep?
}
