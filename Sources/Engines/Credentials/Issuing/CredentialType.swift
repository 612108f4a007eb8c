import Forms
import Foundation
public import Kernel

/// A kind of credential: data, not code (`Resources/credentials`).
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
    /// What stands on a licence; nil for a seal.
    public let licence: LicenceType?
    /// Whether it is a seal of issuing bodies, which nobody applies for.
    let isOfAuthority: Bool
}

extension CredentialType {
    init(_ licence: LicenceType) {
        self.init(
            key: licence.key,
            category: .licence,
            code: licence.code,
            sealType: nil,
            nameZH: licence.name.zh,
            nameEN: licence.name.en,
            validYears: licence.validity.years,
            licence: licence,
            isOfAuthority: false
        )
    }
}

extension LicenceValidity {
    fileprivate var years: Int? {
        switch self {
        case .years(let years): years
        case .until, .open, .dated: nil
        }
    }
}

/// All types that this platform issues.
public struct CredentialTypes: Sendable {
    public let all: [CredentialType]
    private let byKey: [String: CredentialType]

    public let licences: LicenceTypes

    public init(home: Home) throws(CredentialError) {
        let path = home.resource("credentials/types.tsv")
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .types("\(path) is missing")
        }
        try self.init(
            tsv: String(decoding: data, as: UTF8.self),
            file: path,
            licences: try LicenceTypes(home: home)
        )
    }

    /// - Parameter tsv: the kinds of seal.
    public init(tsv: String, file: String, licences: LicenceTypes) throws(CredentialError) {
        var columns: [String: Int] = [:]
        var types = licences.all.map(CredentialType.init)
        var keys = Dictionary(types.map { ($0.key, $0) }) { first, _ in first }
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
            guard cell("category") == CredentialType.Category.seal.rawValue else {
                throw .types("\(file):\(index + 1): category must be seal; a licence has a file of its own")
            }
            let type = CredentialType(
                key: cell("key"),
                category: .seal,
                code: cell("code"),
                sealType: try number("seal_type"),
                nameZH: cell("name_zh"),
                nameEN: cell("name_en"),
                validYears: try number("valid_years"),
                licence: nil,
                isOfAuthority: cell("holder") == "authority"
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
        self.licences = licences
    }

    /// The kinds of seal that enterprises have, as their table has them.
    public var seals: [CredentialType] { all.filter { $0.category == .seal && !$0.isOfAuthority } }

    public func type(_ key: String) throws(CredentialError) -> CredentialType {
        guard let type = byKey[key] else { throw .unknownType(key) }
        return type
    }
}
