public import Kernel

/// How sure the platform is that a person is who he says (company-opening 1.1, R2).
public enum RealNameLevel: String, Sendable, CaseIterable, Comparable {
    /// Said so himself.
    case declared
    /// The police confirmed that name and number belong together.
    case confirmed
    /// A face check passed, or the identity was notarised.
    case face

    private var rank: Int {
        switch self {
        case .declared: 0
        case .confirmed: 1
        case .face: 2
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

/// A natural person. Document and phone are masked here; the full numbers leave only through `People.document`.
public struct Person: Hashable, Sendable {
    public let id: ID<Person>
    public let name: String
    public let documentKind: String
    public let documentMasked: String
    /// Known where the document tells it or the person said so.
    public let birth: LocalDate?
    public let phoneMasked: String?
    public let level: RealNameLevel
    /// Of the last passed face check: 0...1000.
    public let faceScore: Int?
    public let faceCheckedAt: Instant?
    /// What the police system called the check.
    public let faceReference: String?
    public let version: Int

    /// Whether he was at least so old on a day; nil when the birth is not known.
    public func isAtLeast(_ years: Int, on day: LocalDate) -> Bool? {
        birth.map { $0.years(until: day) >= years }
    }

}
