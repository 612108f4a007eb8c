internal import Audit
public import Cryptography
internal import Foundation
public import Kernel
public import Storage

extension Exchange {
    /// Trusts a party's public key from a moment on. Old and new may overlap, so that a party can change its key.
    /// - Parameter alone: every other key of that owner ends now: the file at hand replaced it.
    public func trust(_ key: PeerKey, alone: Bool = false, occasion: Occasion) async throws {
        let kept = KeptKey(
            keyID: key.keyID,
            owner: key.owner,
            pem: key.key.pem,
            validFrom: key.validFrom,
            validUntil: key.validUntil,
            revokedAt: key.revokedAt
        )
        try await database.write { tx in
            if alone {
                for other in try ExchangeStore.keysInForce(of: kept.owner, in: tx) where other != kept.keyID {
                    _ = try ExchangeStore.revoke(key: other, at: occasion.now, in: tx)
                    try AuditLog.append(
                        "exchange.key-replaced",
                        object: "key:\(other)",
                        occasion: occasion,
                        in: tx
                    )
                }
            }
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

    /// Takes the contents out of a line that has ended, such as a text message with a secret in it.
    public static func forgetContents(of line: ID<PartyLine>, in tx: any Transaction) throws {
        try ExchangeStore.forgetContents(of: line, in: tx)
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
        let key = try key(of: owner)
        return EnvelopeSigner(keyID: Self.keyID(owner, key.publicKey), key: key)
    }

    /// A key that was replaced has another name, so that nobody mistakes the one for the other.
    private static func keyID(_ owner: String, _ key: SM2PublicKey) -> String {
        "\(owner)-\(Hex.encode(key.identifier).prefix(16))"
    }

    /// Whether the owner's public key was put here.
    public func knows(_ owner: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(owner).pub.pem")
    }

    /// The owner's public key. Never made here: who makes a key for another can speak for him.
    public func peer(_ owner: String) throws -> PeerKey {
        let file = "\(path)/\(owner).pub.pem"
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw ExchangeError.definition(file: file, what: "missing; ask \(owner) for its public key")
        }
        let key = try SM2PublicKey(pem: String(decoding: bytes, as: UTF8.self))
        return PeerKey(
            keyID: Self.keyID(owner, key),
            owner: owner,
            key: key,
            validFrom: Instant(milliseconds: 0)
        )
    }

    /// The owner's private key, made at first use.
    public func key(of owner: String) throws -> SM2PrivateKey {
        let file = "\(path)/\(owner).key.pem"
        let files = FileManager.default
        if let kept = try SM2PrivateKey(file: file) { return kept }
        try files.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        // Of two programs that begin on one folder, the later takes the key that the first has put there.
        let draft = "\(file).\(UUID().uuidString)"
        do { try SM2PrivateKey.generate().write(to: draft) } catch {
            throw ExchangeError.definition(file: file, what: "cannot be written")
        }
        defer { unlink(draft) }
        guard link(draft, file) == 0 || errno == EEXIST, let key = try SM2PrivateKey(file: file) else {
            throw ExchangeError.definition(file: file, what: "cannot be written")
        }
        try Data(key.publicKey.pem.utf8).write(
            to: URL(fileURLWithPath: "\(path)/\(owner).pub.pem"),
            options: .atomic
        )
        return key
    }
}
