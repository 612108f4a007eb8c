import Foundation
public import Kernel

/// The folder of this installation's keys, outside the database and outside every backup of it.
///
/// `master.key` holds 32 random bytes, mode 0600, made on the first start. Each `<name>.key` is a PKCS#8 key sealed
/// under it, each `<name>.crt` its certificate and issuers in PEM. The keys of holders, of which there may be millions, lie
/// in 256 folders below. Losing the folder loses the power to sign, not what was signed.
public struct KeyStore: Sendable {
    public let folder: String
    /// For other small secrets that rest in the database, such as second factors.
    public let box: SealedBox
    private let entropy: any Entropy

    /// Whose key it is, and so where it lies.
    public enum Kind: Sendable {
        /// One of the few of the installation itself.
        case platform
        /// Of one of many: an issuing body, an enterprise, a person.
        case holder
    }

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
            guard !others.contains(where: { $0.hasSuffix(".key") || Hex.decode($0) != nil }) else {
                throw .keyFolder("\(path) is missing beside keys sealed under it")
            }
            var fresh = entropy.bytes(32)
            defer { wipe(&fresh) }
            var digits: [UInt8] = []
            digits.reserveCapacity(65)
            defer { wipe(&digits) }
            for byte in fresh { digits += [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]] }
            digits.append(0x0A)
            try write(digits, to: path)
        }
        var digits = try read(path)
        defer { wipe(&digits) }
        var master = digits.count <= 66 ? Self.nibbles(digits) : []
        defer { wipe(&master) }
        guard master.count == 32 else { throw .keyFolder("\(path) is not 64 hexadecimal digits") }
        return KeyStore(folder: folder, box: SealedBox(masterKey: master), entropy: entropy)
    }

    /// The identity kept under `name` (lower-case letters, digits, `-`), or nil when there is none.
    public func identity<Scheme: SignatureScheme>(
        named name: String,
        of kind: Kind = .platform,
        scheme: Scheme.Type = SM2.self
    ) throws(CryptographyError) -> X509Identity<Scheme>? {
        guard let path = try kept(name, kind) else { return nil }
        var pem = try box.open(try Self.read("\(path).key"), label: name)
        defer { wipe(&pem) }
        let key = try PrivateKey<Scheme>(pemBytes: pem)
        let text = String(decoding: try Self.read("\(path).crt"), as: UTF8.self)
        let chain = try X509Certificate<Scheme>.all(pem: text)
        guard let certificate = chain.first, certificate.publicKey == key.publicKey else {
            throw .keyFolder("\(path).crt does not belong to \(name).key")
        }
        return X509Identity(certificate: certificate, key: key, issuers: Array(chain.dropFirst()))
    }

    /// Keeps an identity. The key is written first, so that a certificate is never without one.
    public func save<Scheme>(
        _ identity: X509Identity<Scheme>,
        named name: String,
        of kind: Kind = .platform
    ) throws(CryptographyError) {
        let found = try kept(name, kind)
        let place = try path(name, kind)
        let path = found ?? place
        if kind == .holder {
            try Self.makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        }
        var pem = identity.key.pemBytes
        defer { wipe(&pem) }
        guard !pem.isEmpty else { throw .engine("PEM_write_bio_PKCS8PrivateKey") }
        try Self.write(try seal(pem, label: name), to: "\(path).key")
        let chain = ([identity.certificate] + identity.issuers).map(\.pem).joined()
        try Self.write(Array(chain.utf8), to: "\(path).crt")
    }

    /// Keeps the certificates of an identity beside later ones of the same key: what was signed under them is still shown
    /// with them. They are numbered from 1.
    func keepChain<Scheme>(of identity: X509Identity<Scheme>, named name: String) throws(CryptographyError) {
        let number = try chains(of: name, scheme: Scheme.self).count + 1
        let chain = ([identity.certificate] + identity.issuers).map(\.pem).joined()
        try Self.write(Array(chain.utf8), to: "\(try path(name, .platform))-\(number).chain")
    }

    /// The chains that were kept, the oldest first.
    func chains<Scheme: SignatureScheme>(
        of name: String,
        scheme: Scheme.Type = SM2.self
    ) throws(CryptographyError) -> [[X509Certificate<Scheme>]] {
        let place = try path(name, .platform)
        var chains: [[X509Certificate<Scheme>]] = []
        while access("\(place)-\(chains.count + 1).chain", F_OK) == 0 {
            let text = String(decoding: try Self.read("\(place)-\(chains.count + 1).chain"), as: UTF8.self)
            chains.append(try X509Certificate<Scheme>.all(pem: text))
        }
        return chains
    }

    /// The identity kept under `name`, or the one that `make` gives, which is kept. Two programs on one folder
    /// never make two.
    public func identity<Scheme>(
        named name: String,
        of kind: Kind = .platform,
        orMake make: () throws(CryptographyError) -> X509Identity<Scheme>
    ) throws(CryptographyError) -> X509Identity<Scheme> {
        if let kept = try identity(named: name, of: kind, scheme: Scheme.self) { return kept }
        let lock = try Self.lock(folder)
        defer { close(lock) }
        if let kept = try identity(named: name, of: kind, scheme: Scheme.self) { return kept }
        let made = try make()
        try save(made, named: name, of: kind)
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

    /// Where `name` lies, without the ending; nil when it is not there. Keys of holders from before the folders lie beside
    /// those of the installation and stay there.
    private func kept(_ name: String, _ kind: Kind) throws(CryptographyError) -> String? {
        try places(name, kind).first { access("\($0).crt", F_OK) == 0 }
    }

    /// Where `name` may lie, without the ending.
    func places(_ name: String, _ kind: Kind) throws(CryptographyError) -> [String] {
        kind == .holder ? [try path(name, .holder), try path(name, .platform)] : [try path(name, kind)]
    }

    func path(_ name: String, _ kind: Kind) throws(CryptographyError) -> String {
        let allowed = name.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D
        }
        guard allowed, !name.isEmpty, name.utf8.count <= 64, name != "master" else {
            throw .keyFolder("\(name) is no name for a key")
        }
        switch kind {
        case .platform: return "\(folder)/\(name)"
        case .holder:
            // The digest, because names begin alike.
            return "\(folder)/\(Hex.encode(SM3.digest(Array(name.utf8)).prefix(1)))/\(name)"
        }
    }

    private static func makeFolder(_ path: String) throws(CryptographyError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .keyFolder("\(path): \(reason(errno))")
        }
    }

    /// Into memory that the caller can wipe.
    private static func read(_ path: String) throws(CryptographyError) -> [UInt8] {
        let file = Foundation.open(path, O_RDONLY)
        guard file >= 0 else { throw .keyFolder("\(path): \(reason(errno))") }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: sizeMax)
        let count = Foundation.read(file, &bytes, bytes.count)
        guard count >= 0 else { throw .keyFolder("\(path): \(reason(errno))") }
        guard count < sizeMax else { throw .keyFolder("\(path) is longer than any key") }
        defer { wipe(&bytes) }
        return Array(bytes.prefix(count))
    }

    /// A key is 300 bytes, a chain of certificates 3,000.
    private static let sizeMax = 65_536

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    /// The bytes of hexadecimal digits with a line break at most, without a text between that nobody could wipe.
    private static func nibbles(_ digits: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(33)
        var high: UInt8?
        for digit in digits where digit != 0x0A && digit != 0x0D {
            guard let value = hexadecimal.firstIndex(of: digit | 0x20).map(UInt8.init) else { return [] }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : []
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
