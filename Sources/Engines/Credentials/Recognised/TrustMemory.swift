public import Cryptography
import Kernel
public import Storage
import Synchronization

/// The authorities of others as they were read last. Each change of them is counted in the database, so that a check asks
/// for a number and reads certificates and lists only when that moved, on every node.
public final class TrustMemory: Sendable {
    private struct Kept {
        let version: Int64
        let limits: RevocationLimits
        let trust: RecognisedTrust
    }

    private let kept = Mutex<Kept?>(nil)

    public init() {}

    /// - Parameter reader: of a read, not of a write: what is undone must not be remembered.
    public func recognised(limits: RevocationLimits, in reader: any Reader) throws -> RecognisedTrust {
        // The number first: what is read after it is at least as new.
        let version = try TrustStore.version(in: reader)
        if let kept = kept.withLock({ $0 }), kept.version == version, kept.limits == limits {
            return kept.trust
        }
        let trust = try RecognisedTrust(limits: limits, in: reader)
        kept.withLock { $0 = Kept(version: version, limits: limits, trust: trust) }
        return trust
    }
}
