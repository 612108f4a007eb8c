public import Kernel

/// The file of a licence as it was made once: every later download gives these bytes.
public struct LicenceFile: Hashable, Sendable {
    public let credential: ID<Credential>
    public let format: LicencePress.Format
    /// `sm3:` and 64 hexadecimal digits.
    public let digest: String
    public let madeAt: Instant
}
