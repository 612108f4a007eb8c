public import Kernel
import Standards

/// The file of a licence as it was made once: every later download gives these bytes.
public struct LicenceFile: Hashable, Sendable {
    public let credential: ID<Credential>
    public let format: LicencePress.Format
    /// `sm3:` and 64 hexadecimal digits.
    public let digest: String
    public let madeAt: Instant

    /// As the log calls it.
    var object: String { "licence-file:\(credential)/\(format.rawValue)" }

    /// What the log's entry of its keeping digested.
    func facts(of credential: Credential) -> JSON {
        ["digest": .string(digest), "identifier": .string(credential.record.identifier.description)]
    }
}
