import API
import Audit
import Cases
import Catalogue
import CompanyNames
import CompanyOpening
import Credentials
import Identity
import Kernel
public import Logging
import Portal
import Standards
import Storage
public import Web
import Workbench

/// Every face of one platform, bound to its engines: who stands behind a session, what may be asked how often, what
/// the log hears of refusals.
public struct Faces: Sendable {
    private let platform: Platform
    private let identity: IdentitySettings
    private let permissions: PermissionTable
    private let demoAccounts: [DemoAccounts.Line]?
    private let limits: OperatingLimits
    private let secret: [UInt8]
    private let origin: String?
    private let logger: Logger
    private let answered: @Sendable (Answered) -> Void

    private var agencies: DecidingAgencies {
        DecidingAgencies(authority: platform.settings.authority, agencies: platform.standards.agencies)
    }

    /// Opens the demonstration's accounts where the settings ask for them.
    /// - Throws: `StandardsError` when the authority of the settings is no agency, or a table cannot be read.
    /// - Parameter answered: hears of every answer.
    public init(
        platform: Platform,
        logger: Logger,
        answered: @escaping @Sendable (Answered) -> Void = { _ in }
    ) async throws {
        self.answered = answered
        let settings = platform.settings
        guard platform.standards.agencies[settings.authority] != nil else {
            throw StandardsError.badRow(
                file: "agencies.tsv",
                line: 1,
                why: "no agency \(settings.authority), which the settings name as authority"
            )
        }
        limits = try OperatingLimits(home: settings.home)
        self.platform = platform
        origin = settings.publicOrigin
        self.logger = logger
        identity = try IdentitySettings(
            keys: platform.identityKeys,
            limits: IdentityLimits(home: settings.home),
            factors: SecondFactorPolicy(
                home: settings.home,
                for: settings.isDemonstration ? .demonstration : .service
            ),
            scrypt: settings.passwords,
            entropy: settings.entropy
        )
        permissions = try PermissionTable(home: settings.home)
        secret = try InstallationSecrets(folder: settings.folder, entropy: settings.entropy).web
        demoAccounts = settings.isDemonstration ? try await Self.demoAccounts(platform, identity) : nil
    }

    /// Nodes that share a database open them one after the other.
    private static func demoAccounts(_ platform: Platform, _ identity: IdentitySettings) async throws
        -> [DemoAccounts.Line]
    {
        try await StartTurn(database: platform.database, clock: platform.clock).run {
            try await DemoAccounts.open(
                home: platform.settings.home,
                standards: platform.standards,
                settings: identity,
                occasion: platform.occasion("demonstration"),
                database: platform.database
            )
        }
    }

    /// - Parameters:
    ///   - files: those of the platform's home, when they were read before.
    ///   - change: puts other answers in the place of ports, as tests do.
    public func site(
        files: SiteFiles? = nil,
        change: (inout SitePorts) -> Void = { _ in }
    ) throws -> Site {
        let settings = platform.settings
        var ports = ports
        change(&ports)
        return try Site(
            files: files ?? SiteFiles.load(settings.home),
            settings: SiteSettings(
                origin: origin,
                secret: secret,
                imprint: [
                    Bilingual(zh: "主办单位：\(settings.organization)", en: "Run by: \(settings.organization)")
                ],
                bodySecondsMax: limits.value(.bodyTime, on: settings.clock.now.date),
                isDemonstration: settings.isDemonstration
            ),
            ports: ports,
            faces: all(),
            clock: settings.clock,
            entropy: settings.entropy,
            logger: logger
        )
    }

    private func portal() throws -> PortalDesk {
        PortalDesk(
            database: platform.database,
            standards: platform.standards,
            identity: identity,
            identityChecks: PoliceChecks(
                exchange: platform.exchange,
                standards: platform.standards
            ).identity,
            personKeys: platform.personKeys,
            published: platform.published,
            definitions: platform.definitions,
            exchange: platform.exchange,
            correspondence: platform.correspondence,
            messenger: platform.messenger,
            credentials: platform.credentials,
            seals: platform.seals,
            certificates: platform.certificates,
            archives: platform.archives,
            engraving: platform.engraving,
            presentations: platform.presentations,
            queries: platform.queries,
            numbers: NumberLookUps(database: platform.database) { [limits] in limits.presentation(on: $0) },
            copies: platform.copies,
            originals: platform.originals,
            payments: platform.payments,
            codes: platform.codes,
            nameRules: platform.nameRules,
            opening: platform.opening,
            desk: platform.desk,
            permissions: permissions,
            gate: CaseGuard(
                database: platform.database,
                permissions: permissions,
                agencies: agencies
            ),
            keeper: platform.keeper,
            promises: try Promise.load(home: platform.settings.home),
            blobs: platform.settings.blobs,
            origin: origin,
            press: try Presses.shared(platform.settings.home, limits: limits, on: platform.clock.now.date).0,
            verification: { [limits] day in limits.verification(on: day) },
            demoAccounts: demoAccounts
        )
    }

    private func all() throws -> [Face] {
        [
            Readiness(database: platform.database, keeper: platform.keeper, clock: platform.clock).face,
            Portal.face(try portal()),
            Workbench.face(
                WorkbenchDesk(
                    database: platform.database,
                    standards: platform.standards,
                    identity: identity,
                    permissions: permissions,
                    desk: platform.desk,
                    opening: platform.opening,
                    corrections: platform.corrections,
                    exchange: platform.exchange,
                    seals: platform.seals,
                    originals: platform.originals,
                    payments: platform.payments,
                    listLimits: { [limits] in limits.verification(on: $0).lists },
                    archives: platform.archives,
                    archiveRenewals: platform.archiveRenewals,
                    parties: try PartyAgencies(home: platform.settings.home),
                    blobs: platform.settings.blobs,
                    keeper: platform.keeper,
                    lookUpPolicy: lookUpPolicy,
                    logLimits: { [limits] in limits.log(on: $0) },
                    operation: { [limits] in limits.operation(on: $0) },
                    webhookNetworks: platform.settings.webhookNetworks,
                    authority: platform.settings.authority,
                    origin: origin
                )
            ),
            API.face(
                APIDesk(
                    database: platform.database,
                    permissions: permissions,
                    desk: platform.desk,
                    opening: platform.opening,
                    nameRules: platform.nameRules,
                    credentials: platform.credentials,
                    certificates: platform.certificates,
                    presentations: platform.presentations,
                    sharing: platform.sharing,
                    recognition: platform.recognition,
                    blobs: platform.settings.blobs,
                    keeper: platform.keeper,
                    lookUpPolicy: lookUpPolicy,
                    agencies: agencies,
                    feedLimits: { [limits] in limits.feed(on: $0) },
                    verification: { [limits] in limits.verification(on: $0) }
                )
            ),
        ]
    }

    /// How often a wrong query code may be tried: dated numbers of the service platform's definition.
    @Sendable
    private func lookUpPolicy(_ region: String, _ day: LocalDate) async throws -> LookupPolicy {
        let published = platform.published
        let (_, service) = try await platform.database.read { reader in
            try published.current("gov-service-platform", on: day, in: reader)
        }
        return try LookupPolicy(service.limits.values(region: region, on: day))
    }

    private var ports: SitePorts {
        let regions = platform.standards.regions
        let limiters = limits.limiters
        let permissions = permissions
        return SitePorts(
            session: visitor,
            wait: { address, visitor, _, now in
                limiters.wait(address: address, account: visitor?.actor, now: now)
            },
            mayAskAlong: { address, now in limiters.mayStrangers(ask: address, now: now) },
            uploadBytesMax: { [limits] upload, now in limits.uploadBytesMax(upload, on: now.date) },
            refused: refused,
            answered: answered,
            regionName: { code, language in
                regions[code].map { language == .en ? $0.englishName : $0.name }
            },
            isWritable: { [keeper = platform.keeper] now in await keeper.isWritable(at: now) },
            notice: { [windows = platform.windows] now in windows.notice(at: now) },
            madeUp: { [population = platform.population] in
                population.current.map {
                    MadeUp(subjects: $0.subjectsDone, cases: $0.casesDone, licences: $0.licencesDone)
                }
            },
            may: { visitor, operation, agency in
                guard let visitor, let principal = visitor.principal as? Principal,
                    let scope = try? permissions.scope(operation, of: principal)
                else { return false }
                return agency.map {
                    scope.covers(PermissionSubject(agency: $0, region: visitor.region ?? ""))
                } ?? true
            }
        )
    }

    @Sendable
    private func visitor(_ token: String, _ now: Instant, _ questions: [Question]) async throws -> (
        visitor: Visitor, answers: [[Row]]
    )? {
        let database = platform.database
        guard
            let (session, answers) = try await Sessions.find(
                token: token,
                now: now,
                asking: questions,
                in: database
            )
        else { return nil }
        // In a window nothing is written, and reading goes on.
        if !platform.windows.isOn(at: now),
            try Sessions.isTouchDue(session, now: now, limits: identity.limits)
        {
            try await database.write { tx in
                try Sessions.touch(session, now: now, limits: identity.limits, in: tx)
            }
        }
        return Self.visitor(session).map { ($0, answers) }
    }

    private static func visitor(_ session: Session) -> Visitor? {
        switch session.principal {
        case .anonymous: nil
        case .person(_, _, let isAgent, let acting):
            Visitor(
                actor: session.principal.actor,
                roles: roles(isAgent: isAgent, acting: acting),
                name: PersonMask.name(session.name),
                session: session.id,
                enterprise: acting?.enterprise,
                principal: session.principal
            )
        case .staff(_, let post):
            Visitor(
                actor: session.principal.actor,
                roles: roles(of: post.role),
                name: session.name,
                session: session.id,
                region: post.region,
                agency: post.agency,
                principal: session.principal
            )
        }
    }

    private static func roles(isAgent: Bool, acting: ActingFor?) -> Set<Role> {
        var roles: Set<Role> = [.citizen]
        if isAgent { roles.insert(.agent) }
        if let acting { roles.insert(acting.isLegalRepresentative ? .enterpriseOwner : .agent) }
        return roles
    }

    private static func roles(of role: StaffRole) -> Set<Role> {
        switch role {
        case .registrar: [.clerk, .reviewer]
        case .head: [.reviewer, .approver]
        case .corrector: [.reviewer]
        case .partyClerk: [.clerk]
        case .supervisor: [.leader]
        case .systemAdmin: [.systemAdmin]
        case .securityAdmin: [.securityAdmin]
        case .auditAdmin: [.auditAdmin]
        }
    }

    @Sendable
    private func refused(_ visit: Visit, _ refusal: any Refusal) async {
        let act = "web.\(visit.method.rawValue.lowercased())"
        do {
            try await platform.database.write { tx in
                _ = try AuditLog.refused(
                    act,
                    object: "route:\(visit.route)",
                    refusal: refusal,
                    occasion: visit.occasion,
                    in: tx
                )
            }
        } catch {
            logger.error(
                "a refusal was not logged",
                metadata: ["route": "\(visit.route)", "error": "\(error)"]
            )
        }
    }
}
