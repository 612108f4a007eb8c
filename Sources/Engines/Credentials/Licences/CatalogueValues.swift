import Forms
import Standards
public import Kernel

/// A licence's values under the names that its file and the shared interfaces use: initials of the Chinese names
/// (GB/T 36902, GB/T 36903), the type's own with `KZ_` before them.
public struct CatalogueValues: Hashable, Sendable {
    /// Name and value, in the order of the catalogue.
    public let all: [(name: String, value: String)]

    public subscript(name: String) -> String? { all.first { $0.name == name }?.value }

    public static func == (left: Self, right: Self) -> Bool { left.all.elementsEqual(right.all, by: ==) }
    public func hash(into hasher: inout Hasher) { for (_, value) in all { hasher.combine(value) } }

    /// - Parameters:
    ///   - holderCode: the holder's own number where the reader may know it: of a person the credential has only an
    ///     account, which is no code of GB/T 36903.
    ///   - fields: which of the type's fields, by key; nil: all.
    public init(
        of record: CredentialRecord,
        type: LicenceType,
        holderCode: String? = nil,
        fields: Set<String>? = nil
    ) {
        let values: [(name: String, value: String?)] = [
            ("ZZMC", type.name.zh), ("ZZLXDM", type.code), ("ZZBH", type.number(in: record.fields)),
            ("ZZBS", record.identifier.description), ("ZZBFJG", record.issuer.name),
            ("ZZBFJGDM", record.issuer.code), ("ZZBFRQ", record.issuedAt.date.description),
        ]
        let holder = Self.values(of: record.holder, code: holderCode, type)
        let term = Self.values(from: record.validFrom, until: record.validUntil)
        self.init(values + holder + term, record.fields, type, fields)
    }

    /// The same of a licence of another register, which has neither identifier nor day of issue here.
    public init(of licence: TakenLicence, type: LicenceType, fields: Set<String>? = nil) {
        let values: [(name: String, value: String?)] = [
            ("ZZMC", type.name.zh), ("ZZLXDM", type.code), ("ZZBH", licence.number),
            ("ZZBFJG", licence.issuer),
        ]
        let holder = Self.values(of: licence.holder, code: nil, type)
        let term = Self.values(from: licence.validFrom, until: licence.validUntil)
        self.init(values + holder + term, licence.fields, type, fields)
    }

    private static func values(of holder: Holder, code: String?, _ type: LicenceType) -> [(
        name: String, value: String?
    )] {
        let code = code ?? (holder.kind == .enterprise ? holder.code : nil)
        let kind = type.holderCodeType == "001" ? "统一社会信用代码" : "公民身份号码"
        return [
            ("CZZT", holder.name), ("CZZTDM", code), ("CZZTDMLX", code.map { _ in kind }),
            ("CZZTDMLXDM", code.map { _ in type.holderCodeType }),
        ]
    }

    private static func values(from: LocalDate?, until: LocalDate?) -> [(name: String, value: String?)] {
        [("ZZYXQQSRQ", from?.description), ("ZZYXQJZRQ", until?.description)]
    }

    private init(
        _ common: [(name: String, value: String?)],
        _ written: JSON,
        _ type: LicenceType,
        _ wanted: Set<String>?
    ) {
        var values = common
        let known = Set(values.map(\.name))
        for field in type.fields where wanted?.contains(field.key) ?? true {
            guard let name = field.catalogue, !known.contains(name) else { continue }
            values.append((name, field.words(of: written[field.key])))
        }
        all = values.compactMap { name, value in value.map { (name, $0) } }
    }
}

extension LicenceField {
    /// A value as it is printed; nil when there is none.
    public func words(of value: JSON) -> String? {
        switch kind {
        case .text, .code, .date: value.text
        case .amount: value.int.map { Money(fen: $0).yuanText }
        case .list: value.elements.isEmpty ? nil : value.elements.compactMap(\.text).joined(separator: "；")
        }
    }
}
