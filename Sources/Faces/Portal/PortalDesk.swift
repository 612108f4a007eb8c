public import Attachments
public import Audit
public import CaseArchive
public import Cases
public import Catalogue
public import Charges
public import CompanyNames
public import CompanyOpening
public import Correspondence
public import Credentials
public import Documents
public import Exchange
public import Identity
public import Kernel
public import Registers
public import Standards
public import SealEngraving
public import Storage

/// The engines that the portal's pages call; made by `Server`.
public struct PortalDesk: Sendable {
    public let database: any Database
    public let standards: Standards
    public let identity: IdentitySettings
    public let identityChecks: IdentityChecks
    public let personKeys: PersonKeys
    public let published: PublishedSystems
    public let definitions: CaseDefinitions
    public let exchange: Exchange
    public let correspondence: Correspondence
    public let messenger: Messenger
    public let credentials: CredentialAuthority
    public let seals: SealWorkshop
    public let certificates: CertificateOffice
    public let engraving: Engraving
    /// The archives of closed cases.
    public let archives: Archives
    public let presentations: Presentations
    public let queries: LicenceQueries
    /// What the public is told by a printed number.
    public let numbers: NumberLookUps
    /// Makes the files of licences that holders take away.
    public let copies: HolderCopies
    public let originals: LicenceOriginals
    /// Paying bills.
    public let payments: PaymentDesk
    public let codes: CodeSource
    public let nameRules: NameRules
    public let opening: CompanyOpening
    public let desk: CaseDesk
    public let permissions: PermissionTable
    /// Stands in front of everything that is done with a case.
    public let gate: CaseGuard
    /// Makes the receipts of the log.
    public let keeper: LogKeeper
    /// What is promised, and what the tests said of it.
    public let promises: [Promise]
    /// The bytes of files that were handed in.
    public let blobs: BlobStore
    /// `https://…` under which browsers see the site, for QR codes; nil when it is served on loopback.
    public let origin: String?
    /// Its bounded threads also check files of strangers, which takes long where somebody means it to.
    public let press: DocumentPress
    /// What a file that is verified may be, by the day.
    public let verification: @Sendable (LocalDate) -> VerificationLimits
    /// Shown on the sign-in page of a demonstration; nil everywhere else.
    public let demoAccounts: [DemoAccounts.Line]?

    public var isDemonstration: Bool { demoAccounts != nil }

    public init(
        database: any Database,
        standards: Standards,
        identity: IdentitySettings,
        identityChecks: IdentityChecks,
        personKeys: PersonKeys,
        published: PublishedSystems,
        definitions: CaseDefinitions,
        exchange: Exchange,
        correspondence: Correspondence,
        messenger: Messenger,
        credentials: CredentialAuthority,
        seals: SealWorkshop,
        certificates: CertificateOffice,
        archives: Archives,
        engraving: Engraving,
        presentations: Presentations,
        queries: LicenceQueries,
        numbers: NumberLookUps,
        copies: HolderCopies,
        originals: LicenceOriginals,
        payments: PaymentDesk,
        codes: CodeSource,
        nameRules: NameRules,
        opening: CompanyOpening,
        desk: CaseDesk,
        permissions: PermissionTable,
        gate: CaseGuard,
        keeper: LogKeeper,
        promises: [Promise],
        blobs: BlobStore,
        origin: String?,
        press: DocumentPress,
        verification: @escaping @Sendable (LocalDate) -> VerificationLimits,
        demoAccounts: [DemoAccounts.Line]?
    ) {
        self.database = database
        self.standards = standards
        self.identity = identity
        self.identityChecks = identityChecks
        self.personKeys = personKeys
        self.published = published
        self.definitions = definitions
        self.exchange = exchange
        self.correspondence = correspondence
        self.messenger = messenger
        self.credentials = credentials
        self.seals = seals
        self.certificates = certificates
        self.archives = archives
        self.engraving = engraving
        self.presentations = presentations
        self.queries = queries
        self.numbers = numbers
        self.copies = copies
        self.originals = originals
        self.payments = payments
        self.codes = codes
        self.nameRules = nameRules
        self.opening = opening
        self.desk = desk
        self.permissions = permissions
        self.gate = gate
        self.keeper = keeper
        self.promises = promises
        self.blobs = blobs
        self.origin = origin
        self.press = press
        self.verification = verification
        self.demoAccounts = demoAccounts
    }
}
