/// In which capacity somebody asks. A visitor may hold several; a route names those it serves.
public enum Role: String, Sendable, CaseIterable, Codable {
    case anonymous
    case citizen
    case enterpriseOwner = "enterprise-owner"
    case agent
    case clerk
    case reviewer
    case approver
    case leader
    case itemAdmin = "item-admin"
    case systemAdmin = "system-admin"
    case securityAdmin = "security-admin"
    case auditAdmin = "audit-admin"
    /// Another agency's system that signs its calls.
    case agencyKey = "agency-key"
    /// A simulator of an outside party, in demonstrations and tests only.
    case simulator
}

extension Set where Element == Role {
    /// Open to everybody, signed in or not.
    public static let everyone: Self = Set(Role.allCases)
    /// Natural persons and those who act for an enterprise.
    public static let applicants: Self = [.citizen, .enterpriseOwner, .agent]
    /// Officials who work on cases.
    public static let officers: Self = [.clerk, .reviewer, .approver, .leader]
    /// Everybody who works for an agency, the three separated administrators included.
    public static let staff: Self = [
        .clerk, .reviewer, .approver, .leader, .itemAdmin, .systemAdmin, .securityAdmin, .auditAdmin,
    ]
    public static let agencies: Self = [.agencyKey]
}

/// Whose data a route may show or change. The handler's query enforces it; the access tests walk it.
public enum DataScope: String, Sendable, CaseIterable {
    /// Public facts only.
    case open
    /// What the visitor proves to know a secret of: a query code, a signing link.
    case secret
    /// The visitor's own objects.
    case own
    /// Objects to which the visitor has a relation: party to the case, agent of the enterprise.
    case relation
    /// Objects of the official's agency and region.
    case region
    /// Everything of one kind, for the platform's own operators.
    case platform
}

/// A text in both languages of the interface.
public struct Bilingual: Sendable, Hashable {
    public let zh: String
    public let en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }

    public func text(in language: Language) -> String {
        switch language {
        case .zh: zh
        case .en: en
        }
    }
}

/// A language of the interface.
public enum Language: String, Sendable, CaseIterable, Codable {
    case zh, en

    /// The BCP 47 tag for `<html lang>`.
    public var tag: String {
        switch self {
        case .zh: "zh-Hans"
        case .en: "en"
        }
    }
}
