public import Kernel

/// What a caller has to say with each call of the library: the five elements of the national platform (who calls, who
/// acts there, for which service item, its code, in which case), the purpose and the reason.
public struct SharingCall: Hashable, Sendable {
    /// Code of the calling organisation, as its key proves it.
    public let organisation: String
    public let organisationName: String
    public let operatorName: String
    public let itemName: String
    public let itemCode: String
    public let caseNumber: String
    public let purpose: String
    public let reason: String

    /// What each may measure; the reason of the shared calls has 200 characters at most.
    private static let lengthMax = 200

    /// - Throws: `SharingError.missing` with the name of the first element that is not there, `.long`.
    public init(
        organisation: String,
        organisationName: String,
        operatorName: String?,
        itemName: String?,
        itemCode: String?,
        caseNumber: String?,
        purpose: String?,
        reason: String?
    ) throws(SharingError) {
        func element(_ name: SharingError.Element, _ text: String?) throws(SharingError) -> String {
            guard let text, text.contains(where: { !$0.isWhitespace }) else { throw .missing(name) }
            guard text.count <= Self.lengthMax else { throw .long(name) }
            return text
        }
        self.organisation = try element(.organisation, organisation)
        self.organisationName = try element(.organisation, organisationName)
        self.operatorName = try element(.operatorName, operatorName)
        self.itemName = try element(.itemName, itemName)
        self.itemCode = try element(.itemCode, itemCode)
        self.caseNumber = try element(.caseNumber, caseNumber)
        self.purpose = try element(.purpose, purpose)
        self.reason = try element(.reason, reason)
    }
}

/// Why a call of the library is not answered.
public enum SharingError: Refusal, Equatable {
    /// Raw values are those of the call.
    public enum Element: String, Sendable, CaseIterable {
        case organisation
        case operatorName = "operator"
        case itemName, itemCode, caseNumber, purpose, reason
    }

    case missing(Element)
    case long(Element)
    /// No grant lets this organisation ask for the type under this item today.
    case notGranted(type: String)
    /// Nothing that this organisation may ask for has this identifier or number.
    case unknown
    /// The table of grants cannot be read; the text says where and why.
    case grants(String)

    public var code: String {
        switch self {
        case .missing: "sharing.missing"
        case .long: "sharing.long"
        case .notGranted: "sharing.not-granted"
        case .unknown: "sharing.unknown"
        case .grants: "sharing.grants"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .missing(let element), .long(let element): ["element": element.rawValue]
        case .notGranted(let type): ["type": type]
        case .grants(let detail): ["detail": detail]
        case .unknown: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .missing, .long: .unacceptable
        case .notGranted: .forbidden
        case .unknown: .notFound
        case .grants: .unavailable
        }
    }
}
