public import Forms
import Foundation
public import Kernel
import Rules

/// All types of licence that this platform knows.
public struct LicenceTypes: Sendable {
    /// By key.
    public let all: [LicenceType]
    private let byKey: [String: LicenceType]
    private let byCode: [String: LicenceType]

    /// Reads every file of `Resources/credentials/licences`.
    /// - Throws: `CredentialError.types` with file, line and what is wrong.
    public init(home: Home) throws(CredentialError) {
        let folder = home.resource("credentials/licences")
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw .types("\(folder) is missing")
        }
        var files: [(name: String, yaml: String)] = []
        for name in names.sorted() where name.hasSuffix(".yaml") {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                throw .types("\(folder)/\(name) cannot be read")
            }
            files.append((name, String(decoding: data, as: UTF8.self)))
        }
        do { try self.init(files: files) } catch { throw .types(error.description) }
    }

    /// - Parameter files: each named after its key.
    /// - Throws: `DefinitionError`, also for a key, a code or a name that two files have.
    public init(files: [(name: String, yaml: String)]) throws(DefinitionError) {
        var all: [LicenceType] = []
        for file in files {
            let type = try LicenceType(yaml: file.yaml, file: file.name)
            let start = SourcePosition(file: file.name)
            guard file.name == "\(type.key).yaml" else {
                throw DefinitionError(
                    .badValue,
                    at: start,
                    ["value": type.key, "expected": "the name of the file, \(file.name)"]
                )
            }
            if let other = all.first(where: { $0.code == type.code || $0.name.zh == type.name.zh }) {
                let what = other.code == type.code ? type.code : type.name.zh
                throw DefinitionError(.duplicate, at: start, ["name": "\(what), in \(other.key).yaml too"])
            }
            all.append(type)
        }
        self.all = all
        byKey = Dictionary(all.map { ($0.key, $0) }) { first, _ in first }
        byCode = Dictionary(all.map { ($0.code, $0) }) { first, _ in first }
    }

    public subscript(key: String) -> LicenceType? { byKey[key] }

    /// - Parameter code: 21 characters.
    public func type(code: String) -> LicenceType? { byCode[code] }

    /// What each licence makes needless: the Chinese names of materials, by the key of the type.
    public var proofs: [String: [String]] { byKey.mapValues(\.proves) }
}
