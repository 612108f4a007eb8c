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
        let code = holderCode ?? (record.holder.kind == .enterprise ? record.holder.code : nil)
        let kind = type.holderCodeType == "001" ? "统一社会信用代码" : "公民身份号码"
        var values: [(name: String, value: String?)] = [
            ("ZZMC", type.name.zh), ("ZZLXDM", type.code), ("ZZBH", type.number(in: record.fields)),
            ("ZZBS", record.identifier.description), ("ZZBFJG", record.issuer.name),
            ("ZZBFJGDM", record.issuer.code), ("ZZBFRQ", record.issuedAt.date.description),
            ("CZZT", record.holder.name), ("CZZTDM", code), ("CZZTDMLX", code.map { _ in kind }),
            ("CZZTDMLXDM", code.map { _ in type.holderCodeType }),
            ("ZZYXQQSRQ", record.validFrom.description),
            ("ZZYXQJZRQ", record.validUntil?.description),
        ]
        let common = Set(values.map(\.name))
        for field in type.fields where fields?.contains(field.key) ?? true {
            guard let name = field.catalogue, !common.contains(name) else { continue }
            values.append((name, field.words(of: record.fields[field.key])))
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
