public import Attachments
public import Audit
public import CaseArchive
public import Cases
public import Changes
public import Charges
public import CompanyOpening
public import Credentials
public import Cryptography
public import Exchange
public import Identity
public import Kernel
public import Standards
public import Storage
import Web

/// The engines that the workbench's pages call; made by `Server`.
public struct WorkbenchDesk: Sendable {
    let database: any Database
    let standards: Standards
    let identity: IdentitySettings
    let permissions: PermissionTable
    let desk: CaseDesk
    let opening: CompanyOpening
    let corrections: Corrections
    let exchange: Exchange
    let seals: SealWorkshop
    let originals: LicenceOriginals
    let payments: PaymentDesk
    /// How large a revocation list of another authority may be on a day.
    let listLimits: @Sendable (LocalDate) -> RevocationLimits
    let archives: Archives
    let archiveRenewals: ArchiveRenewalWork
    let parties: PartyAgencies
    let blobs: BlobStore
    let keeper: LogKeeper
    /// How often a wrong query code may be tried in a region on a day.
    let lookUpPolicy: @Sendable (_ region: String, _ day: LocalDate) async throws -> LookupPolicy
    /// How much of the log is read and handed out at once on a day.
    let logLimits: @Sendable (LocalDate) -> LogLimits
    /// What operators are shown and may make on a day.
    let operation: @Sendable (LocalDate) -> OperationLimits
    /// Into which changes may be told beside the public internet.
    let webhookNetworks: [NetworkRange]
    /// Code in `agencies.tsv` of the authority that registers.
    let authority: String
    /// `https://…` under which browsers see the site; nil on loopback.
    let origin: String?

    public init(
        database: any Database,
        standards: Standards,
        identity: IdentitySettings,
        permissions: PermissionTable,
        desk: CaseDesk,
        opening: CompanyOpening,
        corrections: Corrections,
        exchange: Exchange,
        seals: SealWorkshop,
        originals: LicenceOriginals,
        payments: PaymentDesk,
        listLimits: @escaping @Sendable (LocalDate) -> RevocationLimits,
        archives: Archives,
        archiveRenewals: ArchiveRenewalWork,
        parties: PartyAgencies,
        blobs: BlobStore,
        keeper: LogKeeper,
        lookUpPolicy: @escaping @Sendable (String, LocalDate) async throws -> LookupPolicy,
        logLimits: @escaping @Sendable (LocalDate) -> LogLimits,
        operation: @escaping @Sendable (LocalDate) -> OperationLimits,
        webhookNetworks: [NetworkRange],
        authority: String,
        origin: String?
    ) {
        self.database = database
        self.standards = standards
        self.identity = identity
        self.permissions = permissions
        self.desk = desk
        self.opening = opening
        self.corrections = corrections
        self.exchange = exchange
        self.seals = seals
        self.originals = originals
        self.payments = payments
        self.listLimits = listLimits
        self.archives = archives
        self.archiveRenewals = archiveRenewals
        self.parties = parties
        self.blobs = blobs
        self.keeper = keeper
        self.lookUpPolicy = lookUpPolicy
        self.logLimits = logLimits
        self.operation = operation
        self.webhookNetworks = webhookNetworks
        self.authority = authority
        self.origin = origin
    }

    /// The post in which a visitor works.
    /// - Throws: `WebRefusal.signInNeeded` when he is no member of staff.
    func seat(_ visit: Visit) throws(WebRefusal) -> Seat {
        guard let principal = try visit.someone().principal as? Principal,
            case .staff(_, let post) = principal
        else {
            throw .signInNeeded
        }
        return Seat(principal: principal, post: post)
    }

    /// The open steps in the post's reach: those of its own body, or of every body below a league or the region.
    /// - Throws: `PermissionError` for a post that reads no cases.
    func inbox(of seat: Seat) throws(PermissionError) -> InboxScope {
        let reach = try permissions.scope("case.read", of: seat.principal)
        return InboxScope(
            regionPrefix: stem(of: seat.post.region),
            agency: nil,
            role: agencies.duty(StaffRole.registrar.rawValue, at: reach.all ? "" : reach.agency)
        )
    }

    /// Which agency a case lies with.
    var agencies: DecidingAgencies { DecidingAgencies(authority: authority, agencies: standards.agencies) }

    /// Six digits of a region as a prefix of those below it.
    func stem(of region: String) -> String {
        if region.hasSuffix("0000") { return String(region.prefix(2)) }
        return String(region.hasSuffix("00") ? region.prefix(4) : region.prefix(6))
    }

    /// What a case is to the permission table. Cases know the registering body, posts the agency it belongs to.
    /// Before it is handed in a case is nobody's but the applicant's.
    func subject(_ found: Case) -> PermissionSubject {
        guard found.submittedAt != nil else { return PermissionSubject(people: [found.applicant]) }
        return PermissionSubject(
            people: [found.applicant],
            agency: agencies.agency(of: found),
            region: found.region
        )
    }

    /// The regions of a post's reach, as queries narrow by them: from the first code up to but not with the second.
    func regions(of reach: Scope) -> (low: String, high: String) {
        if reach.all { return ("", "~") }
        return reach.agency.isEmpty || reach.agency == authority
            ? (reach.regionLow, reach.regionHigh) : ("", "")
    }

    /// The case, if the post may do `operation` with it.
    /// - Throws: `WebRefusal.notFound` for somebody else's case, `PermissionError` for an act beyond one's role.
    func open(_ visit: Visit, for operation: String) async throws -> (Case, Seat) {
        let seat = try seat(visit)
        let found = try await desk.read(ID(try visit.segment("id")))
        let scope = try permissions.scope("case.read", of: seat.principal)
        guard scope.covers(subject(found)) else { throw WebRefusal.notFound }
        if operation != "case.read" {
            try await Permission.require(
                operation,
                on: subject(found),
                object: found.object,
                by: seat.principal,
                table: permissions,
                occasion: visit.occasion,
                database: database
            )
        }
        return (found, seat)
    }

    /// What the library issues.
    var types: LicenceTypes { seals.authority.types.licences }

    var licences: LicenceDesk { LicenceDesk(authority: seals.authority, database: database) }

    /// Refuses an act that is not the post's, and logs that.
    func require(
        _ operation: String,
        _ subject: PermissionSubject,
        object: String,
        _ seat: Seat,
        _ visit: Visit
    ) async throws {
        try await Permission.require(
            operation,
            on: subject,
            object: object,
            by: seat.principal,
            table: permissions,
            occasion: visit.occasion,
            database: database
        )
    }

    /// An address that works outside the browser, such as on paper.
    func address(_ path: String, _ visit: Visit) -> String {
        (origin ?? "http://\(visit.headers["host"] ?? "localhost")") + path
    }

    /// Whether the post may do it, to show a button or not.
    func may(_ operation: String, _ found: Case, _ seat: Seat) -> Bool {
        may(operation, subject(found), seat)
    }

    func may(_ operation: String, _ subject: PermissionSubject, _ seat: Seat) -> Bool {
        (try? Permission.check(operation, on: subject, by: seat.principal, table: permissions)) != nil
    }
}

/// A member of staff in his post.
struct Seat: Sendable {
    let principal: Principal
    let post: Post
}

extension InboxScope {
    /// A role that no step waits for: the scope of a post that has no inbox.
    static let nobodys = "-"
    var isEmpty: Bool { role == Self.nobodys }
}

extension Visit {
    /// A date or moment in words, or a dash.
    func dash(_ text: String?) -> String { text.flatMap { $0.isEmpty ? nil : $0 } ?? "—" }
}

/// How much of the log is read and handed out at once.
public struct LogLimits: Sendable {
    /// Entries that a search by actor or time looks at in one go.
    let look: Int
    /// Lines of a file.
    let file: Int

    public init(look: Int, file: Int) {
        self.look = look
        self.file = file
    }
}

/// What operators are shown and may make.
public struct OperationLimits: Sendable {
    /// Lines of the list of jobs and deliveries that came to nothing.
    let deadLetters: Int
    /// Subscriptions to changes.
    let webhooks: Int
    /// Milliseconds in which a name is looked up for one.
    let webhookWait: Int64

    public init(deadLetters: Int, webhooks: Int, webhookWait: Int64) {
        self.deadLetters = deadLetters
        self.webhooks = webhooks
        self.webhookWait = webhookWait
    }
}
