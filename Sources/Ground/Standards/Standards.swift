public import Kernel

/// The reference data of the platform, read once at start from `Resources/standards`.
public struct Standards: Sendable {
    public let regions: RegionTable
    public let agencies: AgencyTable
    public let industries: IndustryTable
    public let items: ItemTable
    public let searchWords: SearchWords
    public let calendar: WorkingCalendar
    public let identityDocuments: IdentityDocumentTable
    public let creditCodes: CreditCodeAllocator

    /// - Throws: which file is missing, or which line of it cannot be read.
    public init(home: Home) throws(StandardsError) {
        regions = try RegionTable(home: home)
        agencies = try AgencyTable(home: home)
        industries = try IndustryTable(home: home)
        items = try ItemTable(home: home)
        searchWords = try SearchWords(home: home)
        calendar = try WorkingCalendar(home: home)
        identityDocuments = try IdentityDocumentTable(home: home)
        creditCodes = try CreditCodeAllocator(home: home)
    }

    /// The same data with other kinds of identity document.
    public init(_ other: Standards, identityDocuments: IdentityDocumentTable) {
        regions = other.regions
        agencies = other.agencies
        industries = other.industries
        items = other.items
        searchWords = other.searchWords
        calendar = other.calendar
        creditCodes = other.creditCodes
        self.identityDocuments = identityDocuments
    }

    /// The same data with a calendar to which years were added.
    public init(_ other: Standards, calendar: WorkingCalendar) {
        regions = other.regions
        agencies = other.agencies
        industries = other.industries
        items = other.items
        searchWords = other.searchWords
        identityDocuments = other.identityDocuments
        creditCodes = other.creditCodes
        self.calendar = calendar
    }

    /// Reads a citizen identity number.
    /// - Parameter today: a later birth is refused.
    public func citizenID(_ text: some StringProtocol, on today: LocalDate) throws(IdentifierError)
        -> CitizenID
    {
        try CitizenID(text, today: today, regions: regions)
    }

    /// Reads a document of any kind in `id-kinds.tsv`.
    public func identityDocument(
        kind: String,
        number: some StringProtocol,
        on today: LocalDate
    ) throws(IdentifierError) -> IdentityDocument {
        try identityDocuments.read(kind: kind, number: number, today: today, regions: regions)
    }
}
