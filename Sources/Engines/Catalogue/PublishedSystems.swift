import Forms
public import Kernel
public import Storage
import Synchronization

/// Published definitions, read once for each set of files and kept: a definition is immutable, so its digest is
/// the key.
public final class PublishedSystems: Sendable {
    private let cache = Mutex<[String: SystemDefinition]>([:])
    private static let countMax = 400

    public init() {}

    /// Reads and checks a folder before it is published.
    /// - Throws: `DefinitionError` for what cannot be read, `CatalogueError.cannotRun` for what cannot run.
    public static func prepare(_ folder: SystemFolder, in world: CatalogueWorld) throws -> SystemDefinition {
        let definition = try SystemDefinition(folder)
        let problems = definition.problems(in: world)
        if let first = problems.first {
            throw CatalogueError.cannotRun(count: problems.count, first: first.description)
        }
        return definition
    }

    /// Prepares and publishes in one go.
    public func publish(
        _ folder: SystemFolder,
        region: String = "150000",
        effective: LocalDate,
        note: String,
        world: CatalogueWorld,
        occasion: Occasion,
        database: any Database
    ) async throws -> CatalogueVersion {
        let definition = try Self.prepare(folder, in: world)
        // An item is applied for under its name alone.
        let others = try await database.read { try self.all(region: region, on: effective, in: $0) }
            .map(\.definition).filter { $0.id != definition.id }
        for item in definition.items where item.form != nil {
            guard let other = others.first(where: { $0.item(item.id)?.form != nil }) else { continue }
            throw CatalogueError.cannotRun(
                count: 1,
                first: "\(item.position): the item \(item.id) is offered by \(other.id); give it another id"
            )
        }
        let version = try await database.write { tx in
            try CatalogueStore.publish(
                folder,
                system: definition.id,
                region: region,
                effective: effective,
                note: note,
                occasion: occasion,
                in: tx
            )
        }
        keep(definition)
        return version
    }

    /// The definition with which a case starts in a region on a day, with its version.
    public func current(
        _ system: String,
        region: String = "150000",
        on date: LocalDate,
        in reader: any Reader
    ) throws -> (version: CatalogueVersion, definition: SystemDefinition) {
        guard let version = try CatalogueStore.current(system, region: region, on: date, in: reader) else {
            throw CatalogueError.notPublished(system: system)
        }
        return (version, try definition(of: version, in: reader))
    }

    /// Every system in force in a region on a day, by id.
    public func all(region: String = "150000", on date: LocalDate, in reader: any Reader) throws
        -> [(version: CatalogueVersion, definition: SystemDefinition)]
    {
        try CatalogueStore.published(on: date, in: reader).compactMap { system in
            guard let version = try CatalogueStore.current(system, region: region, on: date, in: reader)
            else {
                return nil
            }
            return (version, try definition(of: version, in: reader))
        }
    }

    /// The system in force that offers an item which can be applied for.
    public func offering(_ item: String, on date: LocalDate, in reader: any Reader) throws
        -> SystemDefinition?
    {
        try all(on: date, in: reader).map(\.definition).first { $0.item(item)?.form != nil }
    }

    /// The definition that a running case started with.
    public func definition(of id: ID<CatalogueVersion>, in reader: any Reader) throws -> SystemDefinition {
        guard let version = try CatalogueStore.find(id, in: reader) else {
            throw CatalogueError.noSuchVersion
        }
        return try definition(of: version, in: reader)
    }

    public func definition(of version: CatalogueVersion, in reader: any Reader) throws -> SystemDefinition {
        if let kept = cache.withLock({ $0[version.digest] }) { return kept }
        let definition = try SystemDefinition(try CatalogueStore.folder(of: version.id, in: reader))
        keep(definition)
        return definition
    }

    private func keep(_ definition: SystemDefinition) {
        cache.withLock { cache in
            if cache.count >= Self.countMax { cache.removeAll() }
            cache[definition.digest] = definition
        }
    }
}
