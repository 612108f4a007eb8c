public import Attachments
public import Audit
public import Cases
public import CompanyNames
public import CompanyOpening
public import Credentials
public import Identity
public import Kernel
public import Storage
import Web

/// The engines that the calls use; made by `Server`. An object, because every call carries it along.
public final class APIDesk: Sendable {
    let database: any Database
    let permissions: PermissionTable
    let desk: CaseDesk
    let opening: CompanyOpening
    let nameRules: NameRules
    let credentials: CredentialAuthority
    let certificates: CertificateOffice
    let presentations: Presentations
    let sharing: LicenceSharing
    let recognition: Recognition
    let blobs: BlobStore
    let keeper: LogKeeper
    /// How often a wrong query code may be tried in a region on a day.
    let lookUpPolicy: @Sendable (_ region: String, _ day: LocalDate) async throws -> LookupPolicy
    /// Code in `agencies.tsv` of the authority that registers.
    var authority: String { agencies.authority }
    let agencies: DecidingAgencies
    let feedLimits: @Sendable (LocalDate) -> FeedLimits
    /// What a file that is checked may be.
    let verification: @Sendable (LocalDate) -> VerificationLimits
    let listeners = ChangeListeners()

    public init(
        database: any Database,
        permissions: PermissionTable,
        desk: CaseDesk,
        opening: CompanyOpening,
        nameRules: NameRules,
        credentials: CredentialAuthority,
        certificates: CertificateOffice,
        presentations: Presentations,
        sharing: LicenceSharing,
        recognition: Recognition,
        blobs: BlobStore,
        keeper: LogKeeper,
        lookUpPolicy: @escaping @Sendable (String, LocalDate) async throws -> LookupPolicy,
        agencies: DecidingAgencies,
        feedLimits: @escaping @Sendable (LocalDate) -> FeedLimits,
        verification: @escaping @Sendable (LocalDate) -> VerificationLimits
    ) {
        self.database = database
        self.permissions = permissions
        self.desk = desk
        self.opening = opening
        self.nameRules = nameRules
        self.credentials = credentials
        self.certificates = certificates
        self.presentations = presentations
        self.sharing = sharing
        self.recognition = recognition
        self.blobs = blobs
        self.keeper = keeper
        self.lookUpPolicy = lookUpPolicy
        self.agencies = agencies
        self.feedLimits = feedLimits
        self.verification = verification
    }

    /// What is revoked, as it is known now.
    func revocations(_ now: Instant) async throws -> Revocations {
        let (office, limits) = (certificates, verification(now.date).lists)
        return try await database.read { try office.revocations(at: now, limits: limits, in: $0) }
    }

    /// For what the platform's own bodies signed.
    func verifier(_ now: Instant) async throws -> CredentialVerifier {
        CredentialVerifier(
            anchors: credentials.anchors,
            revocation: try await revocations(now).national,
            toleranceMilliseconds: verification(now.date).toleranceMilliseconds
        )
    }

    func principal(_ visit: Visit) -> Principal { visit.visitor?.principal as? Principal ?? .anonymous }

    private var gate: CaseGuard {
        CaseGuard(database: database, permissions: permissions, agencies: agencies)
    }

    /// Refuses an act on something new of one's own.
    func require(_ operation: String, _ visit: Visit) async throws {
        try await gate.require(operation, by: principal(visit), occasion: visit.occasion)
    }

    /// The case of the path, if the caller may read it, with what `beside` reads in the same snapshot. Somebody else's is
    /// not found.
    func open<Beside: Sendable>(
        _ visit: Visit,
        with beside: @escaping @Sendable (Case, any Reader) throws -> Beside
    ) async throws -> (Case, Beside) {
        try await readable(ID(try visit.segment("id")), visit, with: beside)
    }

    /// The same of a case that something else than the path names.
    func readable<Beside: Sendable>(
        _ id: ID<Case>,
        _ visit: Visit,
        with beside: @escaping @Sendable (Case, any Reader) throws -> Beside
    ) async throws -> (Case, Beside) {
        let (principal, gate) = (principal(visit), gate)
        return try await database.read { reader in
            let found = try CaseStore.find(id, in: reader)
            guard try gate.mayRead(found, by: principal) else { throw WebRefusal.notFound }
            return (found, try beside(found, reader))
        }
    }

    /// The same with what the route's questions read, which came with the session where there was one.
    func open<Beside: Sendable>(
        _ visit: Visit,
        _ glance: Glance<(Case, Beside)>
    ) async throws -> (Case, Beside) {
        let (found, beside) = try await visit.answer(to: glance, in: database)
        guard try gate.mayRead(found, by: principal(visit)) else { throw WebRefusal.notFound }
        return (found, beside)
    }

    /// The case of the path, if the caller may do `operation` with it. Somebody else's is not found.
    func open(_ visit: Visit, for operation: String) async throws -> Case {
        let principal = principal(visit)
        let (found, _) = try await open(visit) { _, _ in () }
        if operation != "case.read" {
            try await gate.require(operation, on: found, by: principal, occasion: visit.occasion)
        }
        return found
    }
}

/// Six digits of a region as a prefix of those below it.
func stem(of region: String) -> String {
    if region.hasSuffix("0000") { return String(region.prefix(2)) }
    return String(region.hasSuffix("00") ? region.prefix(4) : region.prefix(6))
}
