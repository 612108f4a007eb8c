public import Kernel
public import Standards
public import Storage

/// Why an operation is refused.
public enum PermissionError: Refusal, Equatable {
    case signInNeeded
    /// Nobody in this role may do it.
    case notForRole(operation: String)
    /// The role may, but not on this thing: other agency, region, or another's case.
    case outOfReach(operation: String)
    /// The person must first be verified more strongly.
    case levelTooLow(needed: RealNameLevel)
    /// An operation that the table does not know: refused for everybody.
    case unknownOperation(String)

    public var code: String {
        switch self {
        case .signInNeeded: "permission.sign-in-needed"
        case .notForRole: "permission.not-for-role"
        case .outOfReach: "permission.out-of-reach"
        case .levelTooLow: "permission.level-too-low"
        case .unknownOperation: "permission.unknown-operation"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .notForRole(let operation), .outOfReach(let operation), .unknownOperation(let operation):
            ["operation": operation]
        case .levelTooLow(let needed): ["level": needed.rawValue]
        case .signInNeeded: [:]
        }
    }

    public var status: RefusalStatus { self == .signInNeeded ? .signInNeeded : .forbidden }
}

/// The thing an operation touches, as far as permission asks.
public struct PermissionSubject: Hashable, Sendable {
    /// People whose own thing it is: applicant, named persons, signers.
    public let people: Set<String>
    /// Credit code.
    public let enterprise: String?
    public let agency: String?
    /// Six digits.
    public let region: String?

    public init(
        people: Set<String> = [],
        enterprise: String? = nil,
        agency: String? = nil,
        region: String? = nil
    ) {
        self.people = people
        self.enterprise = enterprise
        self.agency = agency
        self.region = region
    }

    /// Something of one's own that does not exist yet, such as a new application.
    public static func new(for principal: Principal) -> PermissionSubject {
        guard case .person(let id, _, _, let acting) = principal else { return PermissionSubject() }
        return PermissionSubject(people: [id.rawValue], enterprise: acting?.enterprise)
    }
}

/// What of all things a principal may reach with one operation: the same value guards a single thing and narrows
/// a query, so that lists and single pages can never disagree.
///
/// In SQL, with `scope.bindings` as the last six values:
/// `($1 = 1 OR (person = $5 AND $5 <> '') OR (enterprise = $6 AND $6 <> '')
///  OR (region >= $2 AND region < $3 AND (agency = $4 OR $4 = '')))`.
public struct Scope: Hashable, Sendable {
    public let all: Bool
    /// Six-digit codes from here …
    public let regionLow: String
    /// … up to but not with this. Both empty when no region is in reach.
    public let regionHigh: String
    /// Empty for every agency of those regions.
    public let agency: String
    /// Person identifier, or empty.
    public let person: String
    /// Credit code, or empty.
    public let enterprise: String

    public static let nothing = Scope(
        all: false,
        regionLow: "",
        regionHigh: "",
        agency: "",
        person: "",
        enterprise: ""
    )
    public static let everything = Scope(
        all: true,
        regionLow: "",
        regionHigh: "",
        agency: "",
        person: "",
        enterprise: ""
    )

    /// all, regionLow, regionHigh, agency, person, enterprise.
    public var bindings: [any Bindable] { [all, regionLow, regionHigh, agency, person, enterprise] }

    public func covers(_ subject: PermissionSubject) -> Bool {
        if all { return true }
        if !person.isEmpty && subject.people.contains(person) { return true }
        if !enterprise.isEmpty && subject.enterprise == enterprise { return true }
        guard let region = subject.region, !regionHigh.isEmpty else { return false }
        return region >= regionLow && region < regionHigh && (agency.isEmpty || agency == subject.agency)
    }

    /// Divisions at or below a code: `150200` covers 150200...150299, `150000` all of 15.
    static func regions(under code: String) -> (low: String, high: String) {
        let stem =
            code.hasSuffix("0000") ? code.prefix(2) : code.hasSuffix("00") ? code.prefix(4) : code.prefix(6)
        let padding = String(repeating: "0", count: 6 - stem.count)
        return (stem + padding, stem + ":")
    }
}

/// Who may do what: rows of `permissions.tsv`, operation × role × reach × real-name level.
public struct PermissionTable: Sendable {
    public enum Reach: String, Sendable, CaseIterable {
        /// Things that are one's own.
        case own
        /// Things of the enterprise one acts for.
        case enterprise
        /// Things of one's agency in one's division and below.
        case agency
        /// Things of every agency in one's division and below.
        case region
        case all
    }

    public struct Row: Hashable, Sendable {
        public let operation: String
        public let role: String
        public let reach: Reach
        /// Persons must have at least this level.
        public let level: RealNameLevel?

        public init(operation: String, role: String, reach: Reach, level: RealNameLevel?) {
            self.operation = operation
            self.role = role
            self.reach = reach
            self.level = level
        }
    }

    public let rows: [Row]
    private let byOperation: [String: [Row]]

    public init(rows: [Row]) {
        self.rows = rows
        byOperation = Dictionary(grouping: rows, by: \.operation)
    }

    public init(home: Home) throws(StandardsError) {
        let table = try TabTable(
            "permissions.tsv",
            home: home,
            columns: ["operation", "role", "reach", "level"]
        )
        let roles = Set(
            ["visitor", "person", "agent", "legal-representative", "enterprise-agent"]
                + StaffRole.allCases.map(\.rawValue)
        )
        let rows = try table.map { (row: TabRow) throws(StandardsError) -> Row in
            guard let reach = Reach(rawValue: row.text("reach")) else { throw row.bad("reach is not known") }
            guard roles.contains(row.text("role")) else { throw row.bad("role is not known") }
            let level = RealNameLevel(rawValue: row.text("level"))
            guard level != nil || row.text("level") == "-" else { throw row.bad("level is not known") }
            return Row(operation: row.text("operation"), role: row.text("role"), reach: reach, level: level)
        }
        self.init(rows: rows)
    }

    public var operations: Set<String> { Set(byOperation.keys) }

    /// Whether an enterprise's agent may be given an operation.
    func isOfAgents(_ operation: String) -> Bool {
        byOperation[operation]?.contains { $0.role == "enterprise-agent" } == true
    }

    /// What the principal may reach with an operation.
    /// - Throws: when there is nothing at all that he may.
    public func scope(_ operation: String, of principal: Principal) throws(PermissionError) -> Scope {
        guard let rows = byOperation[operation] else { throw .unknownOperation(operation) }
        let roles = principal.roles
        let mine = rows.filter { roles.contains($0.role) }
        guard !mine.isEmpty else {
            if principal == .anonymous { throw .signInNeeded }
            throw .notForRole(operation: operation)
        }
        var needed: RealNameLevel?
        var scope = Scope.nothing
        for row in mine {
            if let level = row.level, case .person(_, let has, _, _) = principal, has < level {
                needed = needed.map { min($0, level) } ?? level
                continue
            }
            scope = scope.widened(by: row, for: principal, operation: operation)
        }
        guard scope == .nothing else { return scope }
        if let needed { throw .levelTooLow(needed: needed) }
        throw .notForRole(operation: operation)
    }
}

extension Scope {
    /// One principal has one post or one enterprise at a time, so widening never mixes two regions.
    fileprivate func widened(by row: PermissionTable.Row, for principal: Principal, operation: String)
        -> Scope
    {
        switch (row.reach, principal) {
        case (.all, _): return .everything
        case (.own, .person(let id, _, _, _)): return with(person: id.rawValue)
        case (.enterprise, .person(_, _, _, let acting?)):
            guard acting.isLegalRepresentative || acting.scope.contains(operation) else { return self }
            return with(enterprise: acting.enterprise)
        case (.agency, .staff(_, let post)): return with(regions: post.region, agency: post.agency)
        case (.region, .staff(_, let post)): return with(regions: post.region, agency: "")
        case (.own, .anonymous), (.own, .staff), (.enterprise, .anonymous), (.enterprise, .staff),
            (.enterprise, .person(_, _, _, nil)), (.agency, .anonymous), (.agency, .person),
            (.region, .anonymous),
            (.region, .person):
            return self
        }
    }

    private func with(person: String) -> Scope {
        Scope(
            all: all,
            regionLow: regionLow,
            regionHigh: regionHigh,
            agency: agency,
            person: person,
            enterprise: enterprise
        )
    }

    private func with(enterprise: String) -> Scope {
        Scope(
            all: all,
            regionLow: regionLow,
            regionHigh: regionHigh,
            agency: agency,
            person: person,
            enterprise: enterprise
        )
    }

    private func with(regions code: String, agency: String) -> Scope {
        let (low, high) = Self.regions(under: code)
        let wider = !regionHigh.isEmpty && self.agency.isEmpty ? "" : agency
        return Scope(
            all: all,
            regionLow: low,
            regionHigh: high,
            agency: wider,
            person: person,
            enterprise: enterprise
        )
    }
}
