import Foundation
public import Kernel

/// A kind of credential: data, not code (`Resources/credentials/types.tsv`).
public struct CredentialType: Hashable, Sendable {
    public enum Category: String, Sendable, CaseIterable {
        case licence, seal
    }

    /// Such as `business-licence` or `seal-finance`.
    public let key: String
    public let category: Category
    /// 21 characters: who defines the type, and three digits (GB/T 36904).
    public let code: String
    /// The property type of an e-seal (GB/T 38540): 1 legal name, 2 finance, 3 invoice, 4 contract, 5 representative.
    public let sealType: Int?
    public let nameZH: String
    public let nameEN: String
    /// Nil is without end.
    public let validYears: Int?
}

/// All types that this platform issues.
public struct CredentialTypes: Sendable {
    public let all: [CredentialType]
    private let byKey: [String: CredentialType]

    public init(home: Home) throws(CredentialError) {
        let path = home.resource("credentials/types.tsv")
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .types("\(path) is missing")
        }
        try self.init(tsv: String(decoding: data, as: UTF8.self), file: path)
    }

    public init(tsv: String, file: String) throws(CredentialError) {
        var columns: [String: Int] = [:]
        var types: [CredentialType] = []
        var keys: [String: CredentialType] = [:]
        for (index, line) in tsv.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty && !line.hasPrefix("#") {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard !columns.isEmpty else {
                for (place, name) in cells.enumerated() { columns[name] = place }
                continue
            }
            func cell(_ name: String) -> String {
                columns[name].flatMap { cells.count > $0 ? cells[$0] : nil } ?? ""
            }
            func number(_ name: String) throws(CredentialError) -> Int? {
                guard !cell(name).isEmpty else { return nil }
                guard let value = Int(cell(name)), (1...99).contains(value) else {
                    throw .types("\(file):\(index + 1): \(name) is no number from 1 to 99")
                }
                return value
            }
            guard let category = CredentialType.Category(rawValue: cell("category")) else {
                throw .types("\(file):\(index + 1): category must be licence or seal")
            }
            let type = CredentialType(
                key: cell("key"),
                category: category,
                code: cell("code"),
                sealType: try number("seal_type"),
                nameZH: cell("name_zh"),
                nameEN: cell("name_en"),
                validYears: try number("valid_years")
            )
            guard type.code.utf8.count == 21, !type.key.isEmpty, !type.nameZH.isEmpty, !type.nameEN.isEmpty
            else {
                throw .types("\(file):\(index + 1): key, names, and a code of 21 characters are needed")
            }
            guard keys.updateValue(type, forKey: type.key) == nil else {
                throw .types("\(file):\(index + 1): \(type.key) stands there twice")
            }
            types.append(type)
        }
        all = types
        byKey = keys
    }

    public func type(_ key: String) throws(CredentialError) -> CredentialType {
        guard let type = byKey[key] else { throw .unknownType(key) }
        return type
    }
}
