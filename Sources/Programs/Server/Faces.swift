import API
import Audit
import CompanyOpening
import Identity
import Kernel
import Logging
import Portal
import Standards
import Storage
import Web
import Workbench

/// Every face of one platform, bound to its engines: who stands behind a session, what may be asked how often, what
/// the log hears of refusals.
struct Faces: Sendable {
    private let platform: Platform
    private let identity: IdentitySettings
    private let permissions: PermissionTable
    private let demoAccounts: [DemoAccounts.Line]?
    private let secret: [UInt8]
    private let origin: String?
    private let logger: Logger

    /// Opens the demonstration's accounts where the settings ask for them.
    /// - Parameter origin: `https://…` under which browsers see the site; nil on loopback.
    init(platform: Platform, origin: String? = nil, logger: Logger) async throws {
        let settings = platform.settings
        self.platform = platform
        self.origin = origin
        self.logger = logger
        identity = try await IdentitySettings.make(
            keys: platform.identityKeys,
            limits: IdentityLimits(home: settings.home),
            entropy: settings.entropy
        )
        permissions = try PermissionTable(home: settings.home)
        secret = try InstallationSecrets(folder: settings.folder, entropy: settings.entropy).web
        demoAccounts =
            settings.isDemonstration
            ? try await DemoAccounts.open(
                home: settings.home,
                standards: platform.standards,
                settings: identity,
                occasion: platform.occasion("demonstration"),
                database: platform.database
            ) : nil
    }

    func site() throws -> Site {
        let settings = platform.settings
        return try Site(
            files: SiteFiles.load(settings.home),
            settings: SiteSettings(
                origin: origin,
                secret: secret,
                imprint: [
                    Bilingual(zh: "主办单位：\(settings.organization)", en: "Run by: \(settings.organization)")
                ],
                isDemonstration: settings.isDemonstration
            ),
            ports: ports,
            faces: all,
            clock: settings.clock,
            entropy: settings.entropy,
            logger: logger
        )
    }

    private var all: [Face] {
        [
            Readiness(database: platform.database, keeper: platform.keeper, clock: platform.clock).face,
            Portal.face(
                PortalDesk(
                    database: platform.database,
                    standards: platform.standards,
                    identity: identity,
                    personKeys: platform.personKeys,
                    published: platform.published,
                    definitions: platform.definitions,
                    exchange: platform.exchange,
                    correspondence: platform.correspondence,
                    messenger: platform.messenger,
                    credentials: platform.credentials,
                    codes: platform.codes,
                    nameRules: platform.nameRules,
                    opening: platform.opening,
                    desk: platform.desk,
                    keeper: platform.keeper,
                    origin: origin,
                    demoAccounts: demoAccounts
                )
            ),
            Workbench.face(
                WorkbenchDesk(
                    database: platform.database,
                    standards: platform.standards,
                    permissions: permissions,
                    desk: platform.desk,
                    opening: platform.opening,
                    corrections: platform.corrections,
                    authority: Self.registrationAuthority
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
                    authority: Self.registrationAuthority
                )
            ),
        ]
    }

    /// The market regulation body, as `agencies.tsv` calls it.
    private static let registrationAuthority = "NMSCJG"

    private var ports: SitePorts {
        let regions = platform.standards.regions
        let limiter = RateLimiter(perMinute: Self.perMinute, burst: Self.burst)
        return SitePorts(
            session: visitor,
            wait: { address, visitor, _, now in limiter.wait(for: visitor?.session ?? address, now: now) },
            refused: refused,
            regionName: { code, language in
                regions[code].map { language == .en ? $0.englishName : $0.name }
            },
            isWritable: { [keeper = platform.keeper] now in await keeper.isWritable(at: now) }
        )
    }

    /// A person reads a few pages a minute and a page asks for a dozen files; a flood asks for thousands.
    private static let perMinute = 1_200
    private static let burst = 400

    @Sendable
    private func visitor(_ token: String, _ now: Instant) async throws -> Visitor? {
        let database = platform.database
        guard let session = try await database.read({ try Sessions.find(token: token, now: now, in: $0) })
        else {
            return nil
        }
        if try Sessions.isTouchDue(session, now: now, limits: identity.limits) {
            try await database.write { tx in
                try Sessions.touch(session, now: now, limits: identity.limits, in: tx)
            }
        }
        return Self.visitor(session)
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
