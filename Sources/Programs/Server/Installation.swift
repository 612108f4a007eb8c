import Cryptography
import Foundation
public import Kernel
import Storage

/// Ties a database to the keys and secrets that lie beside it. With others nobody could sign in, no sealed column could
/// be opened and every licence ever issued would be called invalid, so the platform does not start with them.
struct Installation: Sendable {
    let folder: String
    let database: any Database

    /// Before any key is made: refuses what is missing for a database that was used.
    /// - Throws: `InstallationError.otherKeys`, `.damaged`.
    func check() async throws {
        let (marks, isUsed, log) = try await database.read { reader in
            (
                try InstallationStore.marks(in: reader), try InstallationStore.isUsed(in: reader),
                try InstallationStore.log(in: reader)
            )
        }
        guard isUsed || !marks.isEmpty else { return }
        let here = try digests()
        var other = Self.names.filter { name in
            guard let found = here[name] else { return marks[name] != nil || !Self.younger.contains(name) }
            return marks[name].map { $0 != found } ?? false
        }
        // A database from before the marks: its log says who signed it.
        if marks["log.crt"] == nil, let log, let here = here["log.crt"], here != log {
            other.append("log.crt")
        }
        guard other.isEmpty else { throw InstallationError.otherKeys(folder: "\(folder)/keys", names: other) }
    }

    /// After the first start has made them: notes whose database this is. Of two programs that begin on one new database
    /// with folders of their own, the later one is refused.
    func mark() async throws {
        let here = try digests()
        let marks = try await database.write { tx in
            try InstallationStore.add(here, in: tx)
            return try InstallationStore.marks(in: tx)
        }
        let other = Self.names.filter { marks[$0] != here[$0] }
        guard other.isEmpty else { throw InstallationError.otherKeys(folder: "\(folder)/keys", names: other) }
    }

    private static let certificates = ["root.crt", "issuing.crt", "log.crt"]
    /// The authorities of PDF and time stamps: nodes with copies of their own must not make two.
    private static let documentCertificates = ["p256-root.crt", "p256-issuing.crt"]
    private static let names =
        certificates + documentCertificates + InstallationSecrets.names.map { "\($0).secret" }
    private static let younger = Set(
        documentCertificates + InstallationSecrets.younger.map { "\($0).secret" }
    )

    /// What is here, by file name: identifiers of public keys, and digests of secrets that tell nothing about them.
    private func digests() throws -> [String: String] {
        var found: [String: String] = [:]
        for name in Self.certificates { found[name] = try identifier(name, SM2.self) }
        for name in Self.documentCertificates { found[name] = try identifier(name, P256.self) }
        for name in InstallationSecrets.names {
            guard let secret = try InstallationSecrets.read(name, folder: folder) else { continue }
            found["\(name).secret"] = Hex.encode(
                SM3.hmac(key: secret, message: Array("suban installation \(name)".utf8))
            )
        }
        return found
    }

    /// Of the public key in a certificate; nil when there is none.
    private func identifier<Scheme>(_ name: String, _ scheme: Scheme.Type) throws -> String?
    where Scheme: SignatureScheme {
        let path = "\(folder)/keys/\(name)"
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        let all = try X509Certificate<Scheme>.all(pem: String(decoding: bytes, as: UTF8.self))
        guard let first = all.first else { throw InstallationError.damaged(path: path) }
        return Hex.encode(first.publicKey.identifier)
    }
}

extension PlatformSettings {
    /// What is read or changed has been begun before: a folder that was mistyped gets no keys and no database.
    /// - Throws: `InstallationError.none`.
    public func requireInstallation() throws {
        // Beside a database of a server lie only its keys.
        let path = databaseURL == nil ? "\(folder)/suban.sqlite" : "\(folder)/keys"
        guard FileManager.default.fileExists(atPath: path) else {
            throw InstallationError.none(folder: folder, path: path)
        }
    }
}

/// Why a platform does not start on a database.
public enum InstallationError: Refusal, Equatable {
    /// Nothing was begun in this folder, or it is another one that is meant.
    case none(folder: String, path: String)
    /// The database belongs to an installation with other keys: these files are missing or are not its own.
    case otherKeys(folder: String, names: [String])
    /// A secret or certificate that is there and cannot be one.
    case damaged(path: String)
    /// Nothing has made the secrets yet under which accounts are kept.
    case neverServed(folder: String)

    public var code: String {
        switch self {
        case .none: "server.no-installation"
        case .otherKeys: "server.other-keys"
        case .damaged: "server.damaged-secret"
        case .neverServed: "server.never-served"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .none(let folder, let path): ["folder": folder, "path": path]
        case .otherKeys(let folder, let names): ["folder": folder, "names": names.joined(separator: ", ")]
        case .damaged(let path): ["path": path]
        case .neverServed(let folder): ["folder": folder]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .none: .notFound
        case .otherKeys, .damaged, .neverServed: .notAllowedNow
        }
    }
}
