public import Audit
public import CaseArchive
public import Cases
public import Catalogue
public import Charges
import Changes
public import CompanyNames
public import CompanyOpening
public import Correspondence
public import Credentials
public import Cryptography
import Deadlines
public import Exchange
import Foundation
public import Identity
public import Jobs
public import Kernel
public import Registers
import SealEngraving
public import Standards
public import Storage
import StoragePostgres
import StorageSQLite

/// One running platform: every engine, wired. Faces, the scenario runner and the benches all start from this.
public struct Platform: Sendable {
    public let settings: PlatformSettings
    public let database: any Database
    public let standards: Standards
    public let keys: PlatformKeys
    public let personKeys: PersonKeys
    public let identityKeys: IdentityKeys
    public let keeper: LogKeeper
    public let published: PublishedSystems
    public let definitions: CaseDefinitions
    public let exchange: Exchange
    public let correspondence: Correspondence
    public let messenger: Messenger
    public let credentials: CredentialAuthority
    public let seals: SealWorkshop
    public let certificates: CertificateOffice
    public let presentations: Presentations
    public let queries: LicenceQueries
    public let copies: HolderCopies
    public let originals: LicenceOriginals
    let sharing: LicenceSharing
    public let recognition: Recognition
    public let codes: CodeSource
    public let nameRules: NameRules
    public let opening: CompanyOpening
    public let corrections: Corrections
    public let desk: CaseDesk
    public let runner: JobRunner
    public let housekeeping: Housekeeping
    public let payments: PaymentDesk
    let webhooks: WebhookDelivery
    let calendars: CalendarShelf
    let windows: WindowWork
    let engraving: Engraving
    let archiving: Archiving
    /// The population that was loaded, if any was: pages say so.
    let population: Shelf<LoadRun?>
    /// Which reference tables are in use.
    private let references: Shelf<String>
    /// Kinds of identity document as they ship, in force where a bureau imported none.
    private let shippedDocuments: [IdentityDocumentKind]

    public var clock: any Clock { settings.clock }

    /// The archives of closed cases, and what renews their time stamps.
    public var archives: Archives { archiving.archives }
    public var archiveRenewals: ArchiveRenewalWork { archiving.renewals }

    /// An occasion of the platform itself, at this moment.
    public func occasion(_ part: String) -> Occasion {
        Occasion(
            now: clock.now,
            actor: .platform(part),
            request: "platform:\(part)",
            entropy: settings.entropy
        )
    }

    /// Opens the database and the keys, brings schema, reference data and definitions up to date, and wires the engines.
    public static func open(_ settings: PlatformSettings) async throws -> Platform {
        let shipped = try settings.standards ?? Standards(home: settings.home)
        let database = try await open(database: settings)
        let store = try KeyStore.open(folder: "\(settings.folder)/keys", entropy: settings.entropy)
        let keys = try PlatformKeys.openOrCreate(
            in: store,
            organization: settings.organization,
            origin: settings.publicOrigin,
            now: settings.clock.now,
            terms: OperatingLimits(home: settings.home).keys(on: settings.clock.now.date),
            entropy: settings.entropy
        )
        let secrets = try InstallationSecrets(folder: settings.folder, entropy: settings.entropy)
        try await Installation(folder: settings.folder, database: database).mark()
        let keeper = LogKeeper(
            database: database,
            identity: keys.log,
            earlier: keys.earlierLogs,
            mirror: HeadMirror(path: "\(settings.folder)/heads.jsonl"),
            clock: settings.clock,
            pace: try OperatingLimits(home: settings.home).pace(on: settings.clock.now.date)
        )
        // What is wrong shows in readiness: the platform comes up, so that somebody can look.
        await keeper.checkAtStart()
        return try await StartTurn(database: database, clock: settings.clock).run {
            try await wired(settings, shipped, database, keys, secrets, keeper)
        }
    }

    /// Brings reference data and definitions up to date and wires the engines; one node at a time.
    private static func wired(
        _ settings: PlatformSettings,
        _ shipped: Standards,
        _ database: any Database,
        _ keys: PlatformKeys,
        _ secrets: InstallationSecrets,
        _ keeper: LogKeeper
    ) async throws -> Platform {
        let starting = Occasion(
            now: settings.clock.now,
            actor: .platform("server"),
            request: "platform:start",
            entropy: settings.entropy
        )
        try await loadShipped(settings, shipped, starting, into: database)
        let standards = try await Self.inForce(shipped, on: starting.now.date, in: database)
        let engines = try await Engines(
            settings: settings,
            standards: standards,
            database: database,
            keys: keys,
            secrets: secrets,
            keeper: keeper,
            occasion: starting
        )
        let publisher = SystemPublisher(
            home: settings.home,
            standards: standards,
            parties: engines.exchange.parties,
            papers: engines.correspondence.library,
            types: engines.credentials.types,
            published: engines.published,
            modules: SystemPublisher.modules
        )
        let named = settings.systems?.mapValues { SystemFolder(files: $0) }
        let folders = try named ?? (settings.isPrepared ? [:] : publisher.folders())
        try await publisher.publish(folders, occasion: starting, into: database)
        if !settings.isPrepared { try await engines.begin(occasion: starting) }
        return Platform(
            settings: settings,
            database: database,
            standards: standards,
            keys: keys,
            personKeys: engines.personKeys,
            identityKeys: engines.identityKeys,
            keeper: keeper,
            published: engines.published,
            definitions: engines.definitions,
            exchange: engines.exchange,
            correspondence: engines.correspondence,
            messenger: engines.messenger,
            credentials: engines.credentials,
            seals: engines.seals,
            certificates: engines.certificates,
            presentations: engines.presentations,
            queries: engines.queries,
            copies: engines.copies,
            originals: engines.originals,
            sharing: engines.sharing,
            recognition: engines.recognition,
            codes: engines.codes,
            nameRules: engines.nameRules,
            opening: engines.opening,
            corrections: engines.corrections,
            desk: engines.desk,
            runner: engines.runner,
            housekeeping: engines.housekeeping,
            payments: engines.payments,
            webhooks: engines.webhooks,
            calendars: engines.calendars,
            windows: engines.windows,
            engraving: engines.engraving,
            archiving: engines.archiving,
            population: Shelf(try await database.read { try LoadRun.find(in: $0) }),
            references: Shelf(
                try await database.read { try ReferenceImport.versions(on: starting.now.date, in: $0) }
            ),
            shippedDocuments: shipped.identityDocuments.all
        )
    }

    /// What ships, with a table of identity documents of this platform's own, in which imported kinds are put in force.
    private static func inForce(_ shipped: Standards, on day: LocalDate, in database: any Database)
        async throws -> Standards
    {
        let documents = try await documents(on: day, in: database) ?? shipped.identityDocuments.all
        return Standards(shipped, identityDocuments: IdentityDocumentTable(documents))
    }

    /// Kinds of identity document as a bureau imported them; nil when it imported none.
    private static func documents(on day: LocalDate, in database: any Database) async throws
        -> [IdentityDocumentKind]?
    {
        let table = try await database.read { try ReferenceImport.table("id-kinds", on: day, in: $0) }
        return table?.rows.compactMap { row in
            IdentityDocumentKind.Scheme(rawValue: row["scheme"]).map { scheme in
                IdentityDocumentKind(
                    code: row["code"],
                    name: row["name"],
                    englishName: row["name_en"],
                    scheme: scheme,
                    allowsInstant: row["instant"] == "Y",
                    isForeign: row["foreign"] == "Y",
                    certainty: row["certainty"]
                )
            }
        }
    }

    /// Takes over what was put in force since: tables that a bureau imported or that begin today, changes of
    /// authority, and calendars.
    public func refresh() async throws {
        try await calendars.refresh(from: database)
        try await windows.refresh()
        let day = clock.now.date
        let (inForce, powers, loaded) = try await database.read {
            (
                try ReferenceImport.versions(on: day, in: $0), try StaffRegister.authority(in: $0),
                try LoadRun.find(in: $0)
            )
        }
        population.replace(by: loaded)
        opening.takeOver(powers)
        if inForce != references.current { try await takeOver(inForce, on: day) }
    }

    private func takeOver(_ version: String, on day: LocalDate) async throws {
        let tables = try await Engines.referenceTables(on: day, database: database)
        try takeOver(tables)
        let documents = try await Self.documents(on: day, in: database)
        standards.identityDocuments.replace(by: documents ?? shippedDocuments)
        references.replace(by: version)
    }

    // Inlined into an asynchronous function it ends the optimiser of Swift 6.3.1 with a signal 11.
    @inline(never)
    private func takeOver(_ tables: [String: ReferenceTable]) throws {
        let rules = try NameRules(
            tables: tables,
            standards: standards,
            language: nameRules.language,
            terms: Engines.nameTerms(settings)
        )
        nameRules.replace(by: rules)
        opening.takeOver(tables)
    }

    private static func loadShipped(
        _ settings: PlatformSettings,
        _ shipped: Standards,
        _ starting: Occasion,
        into database: any Database
    ) async throws {
        guard !settings.isPrepared else { return }
        try await ReferenceImport.loadShipped(
            home: settings.home,
            standards: shipped,
            occasion: starting,
            into: database
        )
    }

    /// The database with its schema up to date and its personal columns sealed.
    /// - Throws: `InstallationError` when it belongs to other keys; no secret is made then.
    static func open(database settings: PlatformSettings) async throws -> any Database {
        let database = try bare(settings)
        try await database.migrate(Schema.all)
        try await Installation(folder: settings.folder, database: database).check()
        let watched: any Database = settings.watch.map { WatchedDatabase(database, watch: $0) } ?? database
        return try sealing(watched, folder: settings.folder)
    }

    /// Opens and seals personal columns under the secret of the installation in `folder`.
    public static func sealing(_ database: any Database, folder: String) throws -> any Database {
        SealedDatabase(database, seal: ColumnBox(secret: try InstallationSecrets.columns(folder: folder)))
    }

    static func bare(_ settings: PlatformSettings) throws -> any Database {
        if let database = settings.database { return database }
        if let url = settings.databaseURL {
            let limits = try OperatingLimits(home: settings.home)
            let day = settings.clock.now.date
            let cores = ProcessInfo.processInfo.activeProcessorCount
            var own = PostgresSettings()
            own.replicaLagMilliseconds = limits.value(.replicaLag, on: day)
            return try PostgresDatabase(
                url: url,
                connectionsMax: min(max(cores * limits.value(.connectionsPerCore, on: day), 2), 256),
                replicaURL: settings.replicaURL,
                settings: own
            )
        }
        try FileManager.default.createDirectory(atPath: settings.folder, withIntermediateDirectories: true)
        return try SQLiteDatabase(
            path: "\(settings.folder)/suban.sqlite",
            settings: settings.isFilling ? .filling : SQLiteSettings()
        )
    }
}
