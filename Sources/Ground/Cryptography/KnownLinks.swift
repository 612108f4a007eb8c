import Synchronization

/// Links of chains that were found good, by the digest of certificate and key. Whether a key signed a certificate follows
/// from their bytes alone, and the same few authorities stand above almost everything that is verified; dates, states and
/// purposes are asked each time.
final class KnownLinks: Sendable {
    private let digests = Mutex<Set<[UInt8]>>([])
    /// A few hundred kilobytes.
    private static let countMax = 4_096

    func holds(_ digest: [UInt8]) -> Bool { digests.withLock { $0.contains(digest) } }

    func keep(_ digest: [UInt8]) {
        digests.withLock { digests in
            if digests.count >= Self.countMax { digests.removeAll() }
            digests.insert(digest)
        }
    }
}

let knownLinks = KnownLinks()
