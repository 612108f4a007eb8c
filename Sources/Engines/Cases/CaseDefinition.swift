public import Catalogue
public import Forms
public import Kernel
import Rules
public import Storage
import Synchronization

/// One item of a system, ready to run, in the version that a case keeps.
public struct CaseDefinition: Sendable {
    public let version: ID<CatalogueVersion>
    public let system: SystemDefinition
    public let item: ItemDefinition
    public let form: FormDefinition
    public let rules: RuleBook
    /// The listed module that does what is not data; nil where the item says everything itself.
    public let module: String?

    public init(version: ID<CatalogueVersion>, system: SystemDefinition, item: String, region: String) throws
    {
        guard let item = system.item(item, region: region), let form = system.form(of: item),
            item.plain != nil || !system.modules.isEmpty
        else { throw CaseError.unknownItem(item) }
        self.version = version
        self.system = system
        self.item = item
        self.form = form
        module = item.plain == nil ? system.modules.first : nil
        rules = RuleBook(
            rules: system.rules.compactMap { use in
                system.tables[use.table].map { table in
                    CaseRule(
                        id: use.table,
                        table: table,
                        each: use.each.map { CaseRule.Each(variable: $0.variable, list: $0.list) },
                        when: use.when?.expression,
                        sources: use.reads
                    )
                }
            }
        )
    }

    /// Who takes a step of staff up: a role, of a plain item at the agency that it names.
    func duty(of step: FlowStep) -> String? {
        step.role.map { role in item.plain.map { DecidingAgencies.duty(role, of: $0.agency) } ?? role }
    }

    /// The banner where the form says that the matter lies; empty where it says nothing.
    func banner(of data: JSON) -> String {
        let place = FormPath(parsing: item.plain?.district ?? "district")
        return place.flatMap { data[$0].text } ?? ""
    }

    /// Every dated number in force there on that day, as expressions see them.
    public func limits(_ region: String, _ day: LocalDate) -> JSON {
        system.limits.values(region: region, on: day)
    }
}

/// Where a case has its definition from, for rows of lists.
public struct CaseOrigin: Sendable, Hashable {
    public let definition: ID<CatalogueVersion>
    public let item: String
    public let region: String

    init(_ subject: Case) {
        definition = subject.definition
        item = subject.item
        region = subject.region
    }

    /// - Parameter first: the place of the first of the columns `definition`, `item`, `region`.
    init(_ row: Row, from first: Int) throws {
        definition = try row.id(first)
        item = try row.text(first + 1)
        region = try row.text(first + 2)
    }
}

extension Case {
    public var origin: CaseOrigin { CaseOrigin(self) }
}

/// The catalogue as cases use it.
public struct CaseDefinitions: Sendable {
    private let published: PublishedSystems
    private let database: any Database
    private let made = Made()

    public init(published: PublishedSystems, database: any Database) {
        self.published = published
        self.database = database
    }

    /// The definition with which a case starts today.
    public func current(_ system: String, item: String, region: String, on day: LocalDate) async throws
        -> CaseDefinition
    {
        let published = published
        let (version, definition) = try await database.read { reader in
            try published.current(system, on: day, in: reader)
        }
        return try made.definition(version.id, item, region) { definition }
    }

    /// The item of this name with which a case starts today, whichever system offers it.
    /// - Throws: `CaseError.unknownItem`.
    public func offering(_ item: String, region: String, on day: LocalDate) async throws -> CaseDefinition {
        // Its system is looked up once; where that does not offer it any more, again.
        if let system = made.system(of: item),
            let known = try? await current(system, item: item, region: region, on: day)
        {
            return known
        }
        let published = published
        let found = try await database.read { try published.offering(item, on: day, in: $0) }
        guard let found else { throw CaseError.unknownItem(item) }
        made.keep(found.id, offering: item)
        return try await current(found.id, item: item, region: region, on: day)
    }

    /// Everything that can be applied for today, system by system.
    public func offered(on day: LocalDate) async throws -> [CaseDefinition] {
        let published = published
        return try await database.read { reader in
            try published.all(on: day, in: reader).flatMap { version, system in
                try system.items.filter { $0.form != nil }.map {
                    try made.definition(version.id, $0.id, Self.everywhere) { system }
                }
            }
        }
    }

    /// Where no region does better.
    private static let everywhere = "150000"

    /// The definition that a running case keeps.
    public func of(_ subject: Case) async throws -> CaseDefinition {
        if let known = made.known(subject.definition, subject.item, subject.region) { return known }
        return try await database.read { reader in try of(subject, in: reader) }
    }

    /// The same inside a transaction, for what ends a step.
    func of(_ subject: Case, in reader: any Reader) throws -> CaseDefinition {
        try of(CaseOrigin(subject), in: reader)
    }

    /// The same for a row of a list.
    public func of(_ origin: CaseOrigin, in reader: any Reader) throws -> CaseDefinition {
        try made.definition(origin.definition, origin.item, origin.region) {
            try published.definition(of: origin.definition, in: reader)
        }
    }

    /// What the items of a list call their decisions.
    public func decisions(of origins: some Sequence<CaseOrigin>, in reader: any Reader) throws
        -> [CaseOrigin: DecisionWords]
    {
        var words: [CaseOrigin: DecisionWords] = [:]
        for origin in origins where words[origin] == nil {
            words[origin] = try of(origin, in: reader).item.decision
        }
        return words
    }

    /// Made once for each version, item and region: a version never changes.
    private final class Made: Sendable {
        private struct Key: Hashable {
            let version: ID<CatalogueVersion>
            let item: String
            let region: String
        }

        private let definitions = Mutex<[Key: CaseDefinition]>([:])
        /// Which system offered an item last.
        private let systems = Mutex<[String: String]>([:])
        /// A few items in every banner.
        private static let countMax = 1_000

        func system(of item: String) -> String? { systems.withLock { $0[item] } }

        func keep(_ system: String, offering item: String) {
            systems.withLock { systems in
                if systems.count >= Self.countMax { systems.removeAll() }
                systems[item] = system
            }
        }

        func known(_ version: ID<CatalogueVersion>, _ item: String, _ region: String) -> CaseDefinition? {
            definitions.withLock { $0[Key(version: version, item: item, region: region)] }
        }

        func definition(
            _ version: ID<CatalogueVersion>,
            _ item: String,
            _ region: String,
            system: () throws -> SystemDefinition
        ) throws -> CaseDefinition {
            if let known = known(version, item, region) { return known }
            let made = try CaseDefinition(version: version, system: system(), item: item, region: region)
            definitions.withLock { definitions in
                if definitions.count >= Self.countMax { definitions.removeAll() }
                definitions[Key(version: version, item: item, region: region)] = made
            }
            return made
        }
    }
}
