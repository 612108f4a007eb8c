public import Kernel

/// An annotated copy of a licence (加注件): what is handed out in place of the original, for one purpose and a time.
public struct LicenceCopy: Hashable, Sendable {
    public let id: ID<LicenceCopy>
    public let original: ID<Credential>
    /// Of GB/T 36904.
    public let identifier: String
    public let forWhom: String
    public let purpose: String
    public let caseNumber: String
    /// Who asked for it, kind and identifier.
    public let madeBy: String
    public let madeAt: Instant
    /// The last day on which it counts.
    public let validUntil: LocalDate
    /// SM3 of the file, in hexadecimal.
    public let digest: String

    /// What the copy says of itself, under the names of the catalogue; an original has none of them.
    /// - Parameter body: who made it. For whom it is, its note says.
    public static func values(by body: String, purpose: String, at moment: Instant, until day: LocalDate)
        -> [(
            name: String, value: String
        )]
    {
        [
            ("JZJZZSJ", moment.minuteText), ("JZJZZZ", body), ("JZJZZSY", purpose),
            ("JZJYXQJZSJ", day.description),
        ]
    }
}

/// What somebody wants a copy for.
public struct CopyWish: Sendable {
    public let original: ID<Credential>
    public let forWhom: String
    public let purpose: String
    public let caseNumber: String
    /// The last day; nil is the longest that the rules allow.
    public let validUntil: LocalDate?

    public init(
        original: ID<Credential>,
        forWhom: String,
        purpose: String,
        caseNumber: String,
        validUntil: LocalDate? = nil
    ) {
        self.original = original
        self.forWhom = forWhom
        self.purpose = purpose
        self.caseNumber = caseNumber
        self.validUntil = validUntil
    }
}

/// A copy that may be made: what its file has to show, before the file is there.
public struct CopyOrder: Sendable {
    public let id: ID<LicenceCopy>
    public let original: Credential
    public let wish: CopyWish
    public let validUntil: LocalDate
    public let madeAt: Instant
}

/// Who draws a copy's file, and for how many days a copy may count: bound by the server.
public struct CopyFiles: Sendable {
    public let draw: @Sendable (CopyOrder, LicencePress.Format) async throws -> LicencePress.Pressed
    public let daysMax: @Sendable (LocalDate) async throws -> Int

    public init(
        draw: @escaping @Sendable (CopyOrder, LicencePress.Format) async throws -> LicencePress.Pressed,
        daysMax: @escaping @Sendable (LocalDate) async throws -> Int
    ) {
        self.draw = draw
        self.daysMax = daysMax
    }
}

/// Why there is no copy.
public enum CopyError: Refusal, Equatable {
    case purpose
    /// The last day lies in the past.
    case past
    /// Longer than the rules allow.
    case tooLong(days: Int)
    /// The original does not stand.
    case state(CredentialState)

    public var code: String {
        switch self {
        case .purpose: "licence-copy.purpose"
        case .past: "licence-copy.past"
        case .tooLong: "licence-copy.too-long"
        case .state: "licence-copy.state"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .tooLong(let days): ["days": String(days)]
        case .state(let state): ["state": state.rawValue]
        case .purpose, .past: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .purpose, .past, .tooLong: .unacceptable
        case .state: .notAllowedNow
        }
    }
}

/// What is found about a copy today.
public struct CopyVerdict: Hashable, Sendable {
    /// Classes of result: stable words that programs read.
    public enum Problem: String, Sendable, CaseIterable {
        /// No copy with this file was made here.
        case unknown = "NOT_REGISTERED"
        case expired = "COPY_EXPIRED"
        /// The original is not in force any more.
        case state = "LICENCE_STATE"
    }

    public let copy: LicenceCopy?
    /// Of the original, today.
    public let state: CredentialState?
    public let problems: [Problem]

    public var isValid: Bool { problems.isEmpty }
}
