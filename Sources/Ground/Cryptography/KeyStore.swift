import Foundation
public import Kernel

/// The folder of this installation's keys, outside the database and outside every backup of it.
///
/// `master.key` holds 32 random bytes, mode 0600, made on the first start. Each `<name>.key` is a PKCS#8 key sealed
/// under it, each `<name>.crt` its certificate and issuers in PEM. Losing the folder loses the power to sign, not
/// what was signed.
public struct KeyStore: Sendable {
    public let folder: String
    /// For other small secrets that rest in the database, such as second factors.
    public let box: SealedBox
    private let entropy: any Entropy

    /// Opens the folder; makes it, and the master key, when they are not there.
    public static func open(
        folder: String,
        entropy: any Entropy = SystemEntropy()
    ) throws(CryptographyError) -> KeyStore {
        let path = "\(folder)/master.key"
        if !FileManager.default.fileExists(atPath: folder) {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            } catch { throw .keyFolder("\(folder): \(reason(errno))") }
        }
        let lock = try lock(folder)
        defer { close(lock) }
        if !FileManager.default.fileExists(atPath: path) {
            let others = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            // A new master key beside sealed keys would lock them away for good.
            guard !others.contains(where: { $0.hasSuffix(".key") }) else {
                throw .keyFolder("\(path) is missing beside keys sealed under it")
            }
            try write(Array((Hex.encode(entropy.bytes(32)) + "\n").utf8), to: path)
        }
        let text = String(decoding: try read(path), as: UTF8.self).trimmingCharacters(in: .newlines)
        guard let master = Hex.decode(text), master.count == 32 else {
            throw .keyFolder("\(path) is not 64 hexadecimal digits")
        }
        return KeyStore(folder: folder, box: SealedBox(masterKey: master), entropy: entropy)
    }

    /// The identity kept under `name` (lower-case letters, digits, `-`), or nil when there is none.
    public func identity(named name: String) throws(CryptographyError) -> SigningIdentity? {
        let path = try self.path(name)
        guard FileManager.default.fileExists(atPath: "\(path).crt") else { return nil }
        var pem = try box.open(try Self.read("\(path).key"), label: name)
        defer { wipe(&pem) }
        let key = try SM2PrivateKey(pem: String(decoding: pem, as: UTF8.self))
        let chain = try Certificate.all(pem: String(decoding: try Self.read("\(path).crt"), as: UTF8.self))
        guard let certificate = chain.first, certificate.publicKey == key.publicKey else {
            throw .keyFolder("\(path).crt does not belong to \(name).key")
        }
        return SigningIdentity(certificate: certificate, key: key, issuers: Array(chain.dropFirst()))
    }

    /// Keeps an identity. The key is written first, so that a certificate is never without one.
    public func save(_ identity: SigningIdentity, named name: String) throws(CryptographyError) {
        let path = try self.path(name)
        var pem = Array(identity.key.pem.utf8)
        defer { wipe(&pem) }
        try Self.write(try seal(pem, label: name), to: "\(path).key")
        let chain = ([identity.certificate] + identity.issuers).map(\.pem).joined()
        try Self.write(Array(chain.utf8), to: "\(path).crt")
    }

    /// The identity kept under `name`, or the one that `make` gives, which is kept. Two programs on one folder
    /// never make two.
    public func identity(
        named name: String,
        orMake make: () throws(CryptographyError) -> SigningIdentity
    ) throws(CryptographyError) -> SigningIdentity {
        if let kept = try identity(named: name) { return kept }
        let lock = try Self.lock(folder)
        defer { close(lock) }
        if let kept = try identity(named: name) { return kept }
        let made = try make()
        try save(made, named: name)
        return made
    }

    /// Seals a small secret for one place.
    public func seal(_ secret: [UInt8], label: String) throws(CryptographyError) -> [UInt8] {
        func sealed(_ entropy: some Entropy) throws(CryptographyError) -> [UInt8] {
            try box.seal(secret, label: label, entropy: entropy)
        }
        return try sealed(entropy)
    }

    /// Waits for other programs on this folder. Closing the answer lets them in.
    private static func lock(_ folder: String) throws(CryptographyError) -> Int32 {
        let file = Foundation.open("\(folder)/lock", O_RDWR | O_CREAT, 0o600)
        guard file >= 0 else { throw .keyFolder("\(folder)/lock: \(reason(errno))") }
        guard flock(file, LOCK_EX) == 0 else {
            close(file)
            throw .keyFolder("\(folder)/lock: \(reason(errno))")
        }
        return file
    }

    private func path(_ name: String) throws(CryptographyError) -> String {
        let allowed = name.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D
        }
        guard allowed, !name.isEmpty, name.utf8.count <= 64, name != "master" else {
            throw .keyFolder("\(name) is no name for a key")
        }
        return "\(folder)/\(name)"
    }

    private static func read(_ path: String) throws(CryptographyError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .keyFolder("\(path): \(reason(errno))")
        }
        return [UInt8](data)
    }

    /// Writes beside and renames, so that a crash leaves the old file or the new one. Only the owner may read it.
    private static func write(_ bytes: [UInt8], to path: String) throws(CryptographyError) {
        let draft = "\(path).new"
        unlink(draft)
        let file = Foundation.open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw .keyFolder("\(draft): \(reason(errno))") }
        let written = Foundation.write(file, bytes, bytes.count)
        let kept = written == bytes.count && fsync(file) == 0
        let number = errno
        close(file)
        guard kept, rename(draft, path) == 0 else {
            throw .keyFolder("\(path): \(reason(kept ? errno : number))")
        }
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
