public import Forms
import Kernel

/// A type of electronic licence: what stands on it, who issues it to whom, and how long it holds. Data, not code: a file
/// of `Resources/credentials/licences` (Docs/formats/licence-type.md), with the members of a catalogue entry of
/// GB/T 36902.
public struct LicenceType: Hashable, Sendable {
    /// Such as `food-operation`; also the file's name.
    public let key: String
    /// 21 characters: who defines the type, and three digits (GB/T 36904).
    public let code: String
    /// How sure the code is: `assumed` until the registry of types is imported.
    public let certainty: String
    public let name: Words
    public let holder: Holder.Kind
    /// Of GB/T 36903, annex A: 001 credit code, 111 citizen identity number.
    public let holderCodeType: String
    /// The authority that defines the type; its code begins `code`.
    public let defines: IssuingBody
    /// Which bodies issue it.
    public let issues: Words
    /// The code in `agencies.tsv` of the administration whose officials keep licences of this type at the desk; nil: none
    /// of this platform's does.
    public let agency: String?
    /// In the order in which they are shown.
    public let fields: [LicenceField]
    public let validity: LicenceValidity
    public let template: LicenceTemplate
    /// Names of service items that use it.
    public let items: [String]
    public let security: LicenceSecurity
    /// Chinese names of the materials that nobody may be asked for, because this licence shows what they show.
    public let proves: [String]
    /// Keys of what somebody is told who asks by number and holder's name; empty: nobody is told anything.
    public let query: [String]

    public func field(_ key: String) -> LicenceField? { fields.first { $0.key == key } }

    /// The field that holds the number printed on it.
    public var numberField: LicenceField? { fields.first { $0.catalogue == LicenceField.numberName } }

    /// Whether it follows an entry in a register, whose officials change both together.
    public var followsRegister: Bool { template == .businessLicence }

    /// Whether something on it is shown to nobody who was not meant to see it.
    public var holdsMasked: Bool { fields.contains(where: \.isMasked) }
}

/// One field on a licence.
public struct LicenceField: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case text, date
        /// Letters, digits and signs without blanks.
        case code
        /// In fen.
        case amount
        case list
    }

    /// 证照编号, the number printed on it (GB/T 36903).
    static let numberName = "ZZBH"
    /// 证照有效期截止日期, its last day.
    static let untilName = "ZZYXQJZRQ"

    public let key: String
    public let name: Words
    public let kind: Kind
    public let isRequired: Bool
    /// Shown only where its holder chose it or a caller may read it; a reader of lists sees that it is there.
    public let isMasked: Bool
    /// The name as CustomData, initials of the Chinese name: `KZ_JYCS`.
    public let catalogue: String?
    /// Characters of a text or of each element of a list.
    public let lengthMax: Int
}

/// How long a licence holds.
public enum LicenceValidity: Hashable, Sendable {
    case years(Int)
    /// Until the day that a field names.
    case until(field: String)
    case open
    /// The decision says from when to when.
    case dated
}

/// The page that a licence is drawn on.
public enum LicenceTemplate: String, Sendable, CaseIterable {
    case businessLicence = "business-licence"
    case licence, certificate
}

/// Who may be told of a licence without its holder.
public enum LicenceSecurity: String, Sendable, CaseIterable {
    /// Public by law, like those of enterprises.
    case open
    /// Callers with a grant.
    case restricted
    /// Callers with a grant; the holder's name is masked unless he shows it.
    case personal
}
