internal import Audit
internal import Cryptography
internal import Foundation
public import Kernel
internal import Storage

extension Exchange {
    /// Trusts a party's public key from a moment on. Old and new may overlap, so that a party can change its key.
    public func trust(_ key: PeerKey, occasion: Occasion) async throws {
        let kept = KeptKey(
            keyID: key.keyID,
            owner: key.owner,
            pem: key.key.pem,
            validFrom: key.validFrom,
            validUntil: key.validUntil,
            revokedAt: key.revokedAt
        )
        try await database.write { tx in
            guard try ExchangeStore.key(kept.keyID, in: tx) == nil else { return }
            try ExchangeStore.put(kept, in: tx)
            try AuditLog.append(
                "exchange.key-trusted",
                object: "key:\(kept.keyID)",
                after: ["pem": .string(kept.pem)],
                occasion: occasion,
                in: tx
            )
        }
    }

    /// From now on nothing signed with that key counts, on any node.
    public func revoke(key keyID: String, occasion: Occasion) async throws {
        try await database.write { tx in
            guard try ExchangeStore.revoke(key: keyID, at: occasion.now, in: tx) == 1 else { return }
            try AuditLog.append("exchange.key-revoked", object: "key:\(keyID)", occasion: occasion, in: tx)
        }
    }
}

/// A folder of keys: `<id>.key.pem` is a secret of its owner, `<id>.pub.pem` is known to both sides. In the demo
/// and in tests both sides read one folder; in service each machine has its own key alone.
public struct ExchangeKeyFolder: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    /// The owner's signing key, made at first use.
    public func signer(_ owner: String) throws -> EnvelopeSigner {
        EnvelopeSigner(keyID: "\(owner)-1", key: try privateKey(owner))
    }

    /// The owner's public key, made together with the secret one at first use.
    public func peer(_ owner: String) throws -> PeerKey {
        let file = "\(path)/\(owner).pub.pem"
        if !FileManager.default.fileExists(atPath: file) { _ = try privateKey(owner) }
        let pem = try String(contentsOfFile: file, encoding: .utf8)
        return PeerKey(
            keyID: "\(owner)-1",
            owner: owner,
            key: try SM2PublicKey(pem: pem),
            validFrom: Instant(milliseconds: 0)
        )
    }

    private func privateKey(_ owner: String) throws -> SM2PrivateKey {
        let file = "\(path)/\(owner).key.pem"
        let files = FileManager.default
        if let bytes = files.contents(atPath: file) {
            return try SM2PrivateKey(pem: String(decoding: bytes, as: UTF8.self))
        }
        try files.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let key = try SM2PrivateKey.generate()
        try Data(key.publicKey.pem.utf8).write(to: URL(fileURLWithPath: "\(path)/\(owner).pub.pem"))
        guard
            files.createFile(
                atPath: file,
                contents: Data(key.pem.utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw ExchangeError.definition(file: file, what: "cannot be written") }
        return key
    }
}
