public import Kernel

/// What a post is for.
public enum StaffRole: String, Sendable, CaseIterable {
    /// Examines and decides registrations.
    case registrar
    /// Head of the authority: extends, decides.
    case head
    /// Corrects and revokes after the fact, looks at samples.
    case corrector
    /// A party's clerk: tax, insurance, fund, permit department.
    case partyClerk = "party-clerk"
    /// Sees periods and measures of a region.
    case supervisor
    case systemAdmin = "system-admin"
    case securityAdmin = "security-admin"
    case auditAdmin = "audit-admin"

    /// 三员分立: no account holds two of these.
    public var isAdministration: Bool {
        switch self {
        case .systemAdmin, .securityAdmin, .auditAdmin: true
        case .registrar, .head, .corrector, .partyClerk, .supervisor: false
        }
    }
}

/// A member of staff.
public struct Staff: Hashable, Sendable {
    public let id: ID<Staff>
    public let name: String
    public let version: Int
}

/// A post: a role in an agency of a region, from a day on.
public struct Post: Hashable, Sendable {
    public let id: ID<Post>
    public let staff: ID<Staff>
    /// Code of `agencies.tsv`.
    public let agency: String
    /// Six digits: the division whose body of that agency it is.
    public let region: String
    public let role: StaffRole
    public let from: LocalDate
    /// Last day; nil while open.
    public let until: LocalDate?
    /// The appointment.
    public let basis: String

    public init(
        id: ID<Post>,
        staff: ID<Staff>,
        agency: String,
        region: String,
        role: StaffRole,
        from: LocalDate,
        until: LocalDate?,
        basis: String
    ) {
        self.id = id
        self.staff = staff
        self.agency = agency
        self.region = region
        self.role = role
        self.from = from
        self.until = until
        self.basis = basis
    }

    public func isInForce(on day: LocalDate) -> Bool { from <= day && until.map { day <= $0 } ?? true }
}
