public import Catalogue
public import Deadlines
public import Forms
public import Kernel
import Rules
import Standards
public import Storage

/// Everything that can be done to a case. One file under `Operations` for each thing.
///
/// The desk knows no agency and no system: what differs comes from definitions and modules, what lies with a later
/// engine comes through `CasePorts`.
///
/// One reference to what it works with: every act carries the desk along, and copies would count dozens.
public struct CaseDesk: Sendable {
    private let tools: Tools

    var database: any Database { tools.database }
    /// Tells when a decision is written, which may be long after the request came in.
    var clock: any Clock { tools.clock }
    var calendars: CalendarShelf { tools.calendars }
    var ports: CasePorts { tools.ports }
    var modules: [String: any CaseModule] { tools.modules }
    /// The module that runs items by their definition alone.
    var plain: (@Sendable (CaseDefinition) -> (any CaseModule)?)? { tools.plain }
    public var definitions: CaseDefinitions { tools.definitions }
    public var codes: FormCodes { tools.codes }
    /// Which warnings precede the end of a period; without them only the end itself is told.
    var ladders: WarningLadders? { tools.ladders }

    public init(
        database: any Database,
        clock: any Clock,
        calendars: CalendarShelf,
        ports: CasePorts,
        modules: [any CaseModule],
        plain: (@Sendable (CaseDefinition) -> (any CaseModule)?)? = nil,
        definitions: CaseDefinitions,
        codes: FormCodes,
        ladders: WarningLadders? = nil
    ) {
        tools = Tools(
            database: database,
            clock: clock,
            calendars: calendars,
            ports: ports,
            modules: Dictionary(modules.map { ($0.name, $0) }) { first, _ in first },
            plain: plain,
            definitions: definitions,
            codes: codes,
            ladders: ladders
        )
    }

    /// The definition a case keeps, and the module it names.
    public func definition(of subject: Case) async throws -> CaseDefinition {
        try await definitions.of(subject)
    }

    func module(of definition: CaseDefinition) throws -> any CaseModule {
        let module = definition.module.map { modules[$0] } ?? plain?(definition)
        guard let module else { throw CaseError.unknownItem(definition.item.id) }
        return module
    }

    /// Its module, for what pages show of the case.
    public func module(of subject: Case) async throws -> any CaseModule {
        try module(of: try await definitions.of(subject))
    }

    /// Writes, files and serves a paper of the body that decides.
    func issue(
        _ kind: String,
        for subject: Case,
        details: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try module(of: definitions.of(subject, in: tx)).issue(
            kind,
            for: subject,
            details: details,
            occasion: occasion,
            in: tx
        )
    }

    /// The working calendar with every year that was published up to now.
    var calendar: WorkingCalendar { calendars.current }

    /// The working calendar as rules see it.
    var ruleCalendar: RuleCalendar {
        let calendar = calendar
        return RuleCalendar(
            isWorkingDay: { try? calendar.isWorkingDay($0) },
            adding: { try? calendar.adding(workingDays: $0, to: $1) },
            workingDays: { try? calendar.workingDays(from: $0, to: $1) }
        )
    }

    /// What is still wrong with a form.
    /// - Parameter page: only this page, or nil for the whole.
    public func problems(
        in data: JSON,
        page: String? = nil,
        region: String,
        definition: CaseDefinition,
        today: LocalDate
    ) -> [FieldProblem] {
        let found = definition.form.check(
            data,
            page: page,
            context: formContext(region: region, definition: definition, today: today)
        )
        let between = (try? module(of: definition))?.problems(in: data) ?? []
        guard let page else { return found + between }
        let fields = Set(definition.form.page(page)?.fields.map(\.name) ?? [])
        return found + between.filter { fields.contains(String($0.path.prefix { !".[".contains($0) })) }
    }

    /// What a form of this definition may ask of the world in a region on a day.
    public func formContext(region: String, definition: CaseDefinition, today: LocalDate) -> FormContext {
        FormContext(
            today: today,
            limits: definition.limits(region, today),
            codes: codes,
            calendar: ruleCalendar
        )
    }

    /// Forgets wrong look-up codes from before a moment, by address and by number `countMax` each at most; neither lock
    /// looks back farther.
    /// - Returns: how many of the one or the other, whichever are more.
    public static func forgetLookups(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try LookupStore.forget(before: before, quiet: before, countMax: countMax, in: tx)
    }

    /// One page of an inbox, each row with its due date and light.
    /// - Parameters: as for `InboxStore.list`.
    public func inbox(
        _ scope: InboxScope,
        assignee: String? = nil,
        after: (Instant, String)? = nil,
        limit: Int,
        at now: Instant,
        in reader: any Reader
    ) throws -> [InboxRow] {
        let calendar = calendar
        return try InboxStore.list(
            scope,
            filter: InboxFilter(assignee: assignee),
            after: after,
            limit: limit,
            in: reader
        ).map {
            row in
            guard let clock = try row.clock.flatMap({ try Deadlines.find(ID($0), in: reader) }) else {
                return row
            }
            var row = row
            row.due = clock.due(calendar)
            row.light = clock.light(at: now, calendar: calendar)
            return row
        }
    }

    /// A rung of the clock of an open step was reached: it goes into the case's history for the staff, and to whoever
    /// the ladder names.
    public func clockWarned(_ warning: JSON, of id: ID<Case>, occasion: Occasion, in tx: any Transaction)
        throws
    {
        guard let clock = warning["clock"].text, let step = try StepStore.find(clock: clock, in: tx),
            step.caseID == id, step.state == .open
        else { return }
        try note(
            "clock-warned",
            on: try CaseStore.find(id, in: tx),
            details: [
                "rung": warning["rung"], "to": warning["to"], "due": warning["due"],
                "step": .string(step.name),
            ],
            isPublic: false,
            occasion: occasion,
            in: tx
        )
    }

    public func read(_ id: ID<Case>) async throws -> Case {
        try await database.read { try CaseStore.find(id, in: $0) }
    }
}

/// What a case needs of later engines; `Server` binds it in one file.
public struct CasePorts: Sendable {
    /// Opens a line to an outside party in the caller's transaction.
    public var openLine: @Sendable (Case, FlowStep, PartyOrder, Occasion, any Transaction) throws -> Void
    /// Ends the lines of a case that have not ended, such as after a revocation.
    public var tellParties:
        @Sendable (Case, _ operation: String, JSON, Occasion, any Transaction) throws -> Void
    /// Files a paper of the authority (receipt, return notice, refusal …) and has it served.
    /// Sends a short message about the case; `secret` belongs into a link: the case keeps its digest only, the
    /// message in the signer's box keeps the link, sealed, until `forgetLinks`.
    public var message: @Sendable (Case, CaseMessage, Occasion, any Transaction) throws -> Void
    /// Takes the secrets of signing links, named by their digests, out of the messages that carry them.
    public var forgetLinks: @Sendable (Case, _ digests: Set<String>, any Transaction) throws -> Void
    /// Compares a face with the police's picture: score 0...100, or nil when nobody answered.
    public var compareFace: @Sendable (Signer, _ sample: String, Occasion) async -> FaceAnswer
    /// Makes a signature of `signer` over a paper; before the transaction.
    public var sign: @Sendable (Signer, StoredPaper, Occasion) async throws -> MadeSignature
    /// Reads a signature that the signer made elsewhere over a paper; before the transaction.
    public var takeSignature:
        @Sendable (Signer, Case, StoredPaper, _ envelope: [UInt8], Occasion) async throws -> MadeSignature
    /// Notes of signatures, by their references, that they no longer count, and why.
    public var voidSignatures: @Sendable ([String], _ why: String, Occasion, any Transaction) throws -> Void
    /// Takes away the signatures of a case that ends without ever having been handed in.
    public var forgetSignatures: @Sendable (Case, any Transaction) throws -> Void
    /// Whether the person who is to sign for an enterprise is its legal representative, as the registers have it.
    public var representative: @Sendable (Signer, Case, Occasion) async -> RepresentativeAnswer
    /// What the applicant's account answers, in the shape that forms prefill from; empty when there is no account.
    public var account: @Sendable (_ applicant: String, Occasion) async throws -> JSON
    /// What register and library know of whom an application is for: the applicant, or the enterprise of a credit code.
    /// Refuses with `CaseError.notForFirm` who may not apply for it at that moment.
    public var known:
        @Sendable (_ applicant: String, _ firm: String?, _ licences: [String], Occasion) async throws
            -> KnownSources
    /// Whether a member of staff holds a post today by which he may decide the case.
    public var mayDecide: @Sendable (Case, _ staff: String, Occasion, any Reader) throws -> Bool
    /// Whether six digits are a banner where a matter can belong.
    public var isBanner: @Sendable (String) -> Bool
    public var charges: ChargePort

    public init(
        openLine: @escaping @Sendable (Case, FlowStep, PartyOrder, Occasion, any Transaction) throws -> Void,
        tellParties: @escaping @Sendable (Case, String, JSON, Occasion, any Transaction) throws -> Void,
        message: @escaping @Sendable (Case, CaseMessage, Occasion, any Transaction) throws -> Void,
        forgetLinks: @escaping @Sendable (Case, Set<String>, any Transaction) throws -> Void,
        compareFace: @escaping @Sendable (Signer, String, Occasion) async -> FaceAnswer,
        sign: @escaping @Sendable (Signer, StoredPaper, Occasion) async throws -> MadeSignature,
        takeSignature:
            @escaping @Sendable (Signer, Case, StoredPaper, [UInt8], Occasion) async throws ->
            MadeSignature,
        voidSignatures: @escaping @Sendable ([String], String, Occasion, any Transaction) throws -> Void,
        forgetSignatures: @escaping @Sendable (Case, any Transaction) throws -> Void,
        representative: @escaping @Sendable (Signer, Case, Occasion) async -> RepresentativeAnswer,
        account: @escaping @Sendable (String, Occasion) async throws -> JSON,
        known: @escaping @Sendable (String, String?, [String], Occasion) async throws -> KnownSources,
        mayDecide: @escaping @Sendable (Case, String, Occasion, any Reader) throws -> Bool,
        isBanner: @escaping @Sendable (String) -> Bool,
        charges: ChargePort
    ) {
        self.openLine = openLine
        self.tellParties = tellParties
        self.message = message
        self.forgetLinks = forgetLinks
        self.compareFace = compareFace
        self.sign = sign
        self.takeSignature = takeSignature
        self.voidSignatures = voidSignatures
        self.forgetSignatures = forgetSignatures
        self.representative = representative
        self.account = account
        self.known = known
        self.mayDecide = mayDecide
        self.isBanner = isBanner
        self.charges = charges
    }
}

/// What is known of whom an application is for, in the shape that forms prefill from.
public struct KnownSources: Sendable {
    public let enterprise: JSON
    /// By type in camel case: what stands on it, and its `state`.
    public let licences: JSON

    public init(enterprise: JSON, licences: JSON) {
        self.enterprise = enterprise
        self.licences = licences
    }
}

/// A short message; the words come from the catalogue of messages, `message.<kind>`.
public struct CaseMessage: Sendable {
    public let kind: String
    /// Mobile number of the addressee.
    public let phone: String
    public let arguments: [String: String]

    public init(kind: String, phone: String, arguments: [String: String]) {
        self.kind = kind
        self.phone = phone
        self.arguments = arguments
    }
}

/// What the face comparison said.
public enum FaceAnswer: Sendable, Equatable {
    case compared(score: Int, at: Instant)
    /// The source is down or talked nonsense.
    case unknown
}

/// What the registers say about somebody who is to sign for an enterprise.
public enum RepresentativeAnswer: Sendable, Equatable, CaseIterable {
    /// The enterprise lives, and he is its legal representative.
    case confirmed
    /// No register knows that code under that name.
    case unknownFirm
    /// Cancelled, revoked or withdrawn.
    case endedFirm
    /// The register names somebody else, or nobody.
    case otherPerson
    /// The register that would know did not answer.
    case noAnswer
}

/// A signature that was made and waits to be written.
public struct MadeSignature: Sendable {
    public let reference: String
    /// Under whose authority it was made elsewhere; nil where it was made here.
    public let authority: String?
    public let store: @Sendable (any Transaction) throws -> Void

    public init(
        reference: String,
        authority: String? = nil,
        store: @escaping @Sendable (any Transaction) throws -> Void
    ) {
        self.reference = reference
        self.authority = authority
        self.store = store
    }
}

private final class Tools: Sendable {
    let database: any Database
    let clock: any Clock
    let calendars: CalendarShelf
    let ports: CasePorts
    let modules: [String: any CaseModule]
    let plain: (@Sendable (CaseDefinition) -> (any CaseModule)?)?
    let definitions: CaseDefinitions
    let codes: FormCodes
    let ladders: WarningLadders?

    init(
        database: any Database,
        clock: any Clock,
        calendars: CalendarShelf,
        ports: CasePorts,
        modules: [String: any CaseModule],
        plain: (@Sendable (CaseDefinition) -> (any CaseModule)?)?,
        definitions: CaseDefinitions,
        codes: FormCodes,
        ladders: WarningLadders?
    ) {
        self.database = database
        self.clock = clock
        self.calendars = calendars
        self.ports = ports
        self.modules = modules
        self.plain = plain
        self.definitions = definitions
        self.codes = codes
        self.ladders = ladders
    }
}
