internal import Cryptography
internal import Kernel
internal import Storage
internal import Synchronization

/// Finds the other side's public keys in the database each time, so that a revocation holds on every node at
/// once; only the parsing of a key is remembered.
final class PeerKeys: Sendable {
    private let parsed = Mutex<[String: SM2PublicKey]>([:])

    func find(_ keyID: String?, in database: any Database) async throws -> PeerKey? {
        guard let keyID else { return nil }
        guard let kept = try await database.read({ try ExchangeStore.key(keyID, in: $0) }) else { return nil }
        return try peer(kept)
    }

    private func peer(_ kept: KeptKey) throws -> PeerKey {
        let key: SM2PublicKey
        if let known = parsed.withLock({ $0[kept.pem] }) {
            key = known
        } else {
            key = try SM2PublicKey(pem: kept.pem)
            parsed.withLock { $0[kept.pem] = key }
        }
        return PeerKey(
            keyID: kept.keyID,
            owner: kept.owner,
            key: key,
            validFrom: kept.validFrom,
            validUntil: kept.validUntil,
            revokedAt: kept.revokedAt
        )
    }
}

/// A row of `exchange_key`.
struct KeptKey: Sendable {
    let keyID: String
    let owner: String
    let pem: String
    let validFrom: Instant
    let validUntil: Instant?
    let revokedAt: Instant?
}
