import Foundation
import Kernel

/// Secrets of one installation beside its keys: made at the first start, 0600, never in the database.
struct InstallationSecrets: Sendable {
    let person: [UInt8]
    let identity: [UInt8]
    let draw: [UInt8]
    let web: [UInt8]

    init(folder: String, entropy: any Entropy) throws {
        func secret(_ name: String) throws -> [UInt8] {
            let path = "\(folder)/keys/\(name).secret"
            let files = FileManager.default
            if let bytes = files.contents(atPath: path), bytes.count == 32 { return Array(bytes) }
            let bytes = entropy.bytes(32)
            try files.createDirectory(atPath: "\(folder)/keys", withIntermediateDirectories: true)
            guard
                files.createFile(atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
            else {
                throw CocoaError(.fileWriteUnknown)
            }
            return bytes
        }
        person = try secret("person")
        identity = try secret("identity")
        draw = try secret("draw")
        web = try secret("web")
    }
}
