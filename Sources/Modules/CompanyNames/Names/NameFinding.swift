public import Kernel

/// One thing that a check of a name found, with what it means for the applicant and where it lies in the text.
///
/// The message catalogue holds `refusal.<code>` and `refusal.<code>.next` for every code, filled from `arguments`.
public struct NameFinding: Hashable, Sendable {
    /// The checks in the order in which they run.
    public enum Check: String, Hashable, Sendable, CaseIterable, Comparable {
        case shape, forbidden, limited, same, near, promise

        public static func < (left: Self, right: Self) -> Bool {
            left.order < right.order
        }

        private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// `refuse` stops the applicant, `person` sends the case to a reviewer, `notice` only informs.
    public enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
        case notice, person, refuse

        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .notice: 0
            case .person: 1
            case .refuse: 2
            }
        }
    }

    /// Which part of the name is meant.
    public enum Part: String, Hashable, Sendable, CaseIterable {
        case whole, division, brand, trade, form, mongolian
    }

    public let check: Check
    public let severity: Severity
    /// `name.…`, stable.
    public let code: String
    public let arguments: [String: String]
    public let part: Part
    /// Characters of that part, counted from 0; nil when the part as a whole is meant.
    public let position: Range<Int>?

    public init(
        _ check: Check,
        _ severity: Severity,
        _ code: String,
        _ arguments: [String: String] = [:],
        part: Part = .whole,
        position: Range<Int>? = nil
    ) {
        self.check = check
        self.severity = severity
        self.code = code
        self.arguments = arguments
        self.part = part
        self.position = position
    }

    public var json: JSON {
        var json: JSON = [
            "check": .string(check.rawValue), "severity": .string(severity.rawValue), "code": .string(code),
            "part": .string(part.rawValue), "arguments": .object(arguments.mapValues(JSON.string)),
        ]
        if let position { json["position"] = [JSON(position.lowerBound), JSON(position.upperBound)] }
        return json
    }
}

/// A name that is like the one asked for.
public struct NearName: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        case sameBrand = "same-brand"
        case sameSound = "same-sound"
        case oneApart = "one-apart"
        case contains, contained, reversed
        case protected
    }

    public let text: String
    /// The library where it stands, six digits.
    public let scope: String
    /// The GB/T 4754 division of its trade, empty when the name says none.
    public let industryClass: String
    public let state: NameState
    public let reason: Reason
    /// 0...100, from `name-limits.tsv`.
    public let score: Int

    public init(
        text: String,
        scope: String,
        industryClass: String,
        state: NameState,
        reason: Reason,
        score: Int
    ) {
        self.text = text
        self.scope = scope
        self.industryClass = industryClass
        self.state = state
        self.reason = reason
        self.score = score
    }
}

/// What all checks together say about one proposal.
public struct NameReport: Hashable, Sendable {
    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        /// May be reserved at once.
        case free
        /// May be reserved, but a reviewer must look at the case.
        case person
        /// May not be reserved.
        case refused
    }

    public let proposal: NameProposal
    public let key: NameKey
    /// In the order of the checks.
    public let findings: [NameFinding]
    /// The nearest names, best first, at most as many as `near.shown` says.
    public let nearest: [NearName]
    /// Free names to offer instead, when this one is the same as another.
    public let proposals: [NameParts]

    public init(
        proposal: NameProposal,
        key: NameKey,
        findings: [NameFinding],
        nearest: [NearName],
        proposals: [NameParts] = []
    ) {
        self.proposal = proposal
        self.key = key
        self.findings = findings
        self.nearest = nearest
        self.proposals = proposals
    }

    public var verdict: Verdict {
        switch findings.map(\.severity).max() {
        case .refuse: .refused
        case .person: .person
        case .notice, nil: .free
        }
    }
}

/// What makes two names the same: the library, the normalised brand and the industry class.
public struct NameKey: Hashable, Sendable {
    public let scope: String
    public let brand: String
    /// Two digits of GB/T 4754, or empty when the name tells no trade.
    public let industryClass: String

    public init(scope: String, brand: String, industryClass: String) {
        self.scope = scope
        self.brand = brand
        self.industryClass = industryClass
    }
}
