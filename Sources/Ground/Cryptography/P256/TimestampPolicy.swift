/// Under which policy time stamps are given from a day on, and how exact the clock is: what the operator vouches for.
public struct TimestampPolicy: Hashable, Sendable {
    /// An object identifier with dots (RFC 3161, section 2.4.2).
    public let identifier: String
    /// By how many milliseconds the clock may be off.
    public let accuracyMilliseconds: Int64

    public init(identifier: String, accuracyMilliseconds: Int64) {
        self.identifier = identifier
        self.accuracyMilliseconds = accuracyMilliseconds
    }
}
