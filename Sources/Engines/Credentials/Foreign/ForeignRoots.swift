public import Cryptography
import Foundation
import Forms
public import Kernel
import Rules

/// Places whose licences are recognised here: each with the root that its licences lead to, from when until when, and for
/// which types. Data: a file each in `Resources/credentials/roots`.
public struct ForeignRoots: Sendable {
    public struct Root: Sendable {
        /// The file's name without its ending.
        public let id: String
        public let name: String
        public let certificate: Certificate
        public let from: LocalDate
        /// The last day; nil is without end.
        public let until: LocalDate?
        /// Keys of types.
        public let types: Set<String>

        func covers(_ type: String, on day: LocalDate) -> Bool {
            types.contains(type) && from <= day && until.map { day <= $0 } ?? true
        }
    }

    public let all: [Root]

    /// - Throws: `CredentialError.types` with file and line.
    public init(home: Home, types: LicenceTypes) throws(CredentialError) {
        let folder = home.resource("credentials/roots")
        guard FileManager.default.fileExists(atPath: folder) else {
            all = []
            return
        }
        var roots: [Root] = []
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            where name.hasSuffix(".yaml") {
                let yaml = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                roots.append(try Root(yaml: yaml, file: name, types: types))
            }
        } catch let error as DefinitionError { throw .types(error.description) } catch {
            throw .types("\(folder): \(error)")
        }
        all = roots
    }

    public init(_ all: [Root]) { self.all = all }
}

extension ForeignRoots.Root {
    /// - Throws: `DefinitionError`: an unknown key, a type that there is not, a text that is no certificate.
    public init(yaml: String, file: String, types known: LicenceTypes) throws {
        let map = try SourceNode(yaml: yaml, file: file).map(["name", "from", "until", "types", "root"])
        id = String(file.prefix { $0 != "." })
        name = try map.needed("name").word()
        let root = try map.needed("root")
        guard let certificate = try? Certificate(pem: try root.word()) else {
            throw root.bad("a certificate in PEM")
        }
        self.certificate = certificate
        func day(_ node: SourceNode) throws(DefinitionError) -> LocalDate {
            guard let day = LocalDate(parsing: try node.word()) else { throw node.bad("a date YYYY-MM-DD") }
            return day
        }
        from = try day(try map.needed("from"))
        until = try map["until"].map { try day($0) }
        let node = try map.needed("types")
        types = Set(try node.words())
        for key in types where known[key] == nil { throw node.bad("keys of licence types, not \(key)") }
    }
}
