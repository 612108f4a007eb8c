public import Identity
public import Kernel
public import Storage

/// The one check in front of everything that somebody does with a case, whichever face he came through: the rows of
/// `permissions.tsv` with role, reach and real-name level.
public struct CaseGuard: Sendable {
    private let database: any Database
    private let permissions: PermissionTable
    private let agencies: DecidingAgencies

    public init(database: any Database, permissions: PermissionTable, agencies: DecidingAgencies) {
        self.database = database
        self.permissions = permissions
        self.agencies = agencies
    }

    /// What a case is to the permission table. Before it is handed in it is nobody's but the applicant's.
    public func subject(_ found: Case) -> PermissionSubject {
        let isHandedIn = found.submittedAt != nil
        return PermissionSubject(
            people: [found.applicant],
            enterprise: found.result,
            agency: isHandedIn ? agencies.agency(of: found) : nil,
            region: isHandedIn ? found.region : nil
        )
    }

    /// Whether the case is there at all for the principal.
    /// - Throws: `PermissionError` when he may read no case whatever.
    public func mayRead(_ found: Case, by principal: Principal) throws(PermissionError) -> Bool {
        try permissions.scope("case.read", of: principal).covers(subject(found))
    }

    /// Refuses an act on a case, or on something new of one's own when there is none yet. A refusal to somebody known
    /// is written into the log.
    /// - Throws: `PermissionError`.
    public func require(
        _ operation: String,
        on found: Case? = nil,
        by principal: Principal,
        occasion: Occasion
    ) async throws {
        try await Permission.require(
            operation,
            on: found.map(subject) ?? .new(for: principal),
            object: found?.object ?? "new",
            by: principal,
            table: permissions,
            occasion: occasion,
            database: database
        )
    }
}
