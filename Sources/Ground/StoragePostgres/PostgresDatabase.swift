import Foundation
public import Storage
import Synchronization

/// What may be set about a PostgreSQL database. None of these is a rule of the trade.
public struct PostgresSettings: Sendable {
    /// How long one statement may run, wait for a lock, and a transaction may sit idle.
    public var statementMilliseconds = 30_000
    public var lockMilliseconds = 10_000
    public var idleMilliseconds = 60_000
    /// How often a transaction runs again that another one was in the way of.
    public var repetitionsMax = 8
    /// Connections on which point reads of several callers travel together; more of them means fewer in each trip. With two
    /// on two cores the server waits while the answers of both are read; measured best there is four.
    public var travellersMax = max(4, ProcessInfo.processInfo.activeProcessorCount)
    /// Transactions that may wait for a connection; one more is refused as `unavailable`.
    public var waitingMax = 20_000
    /// Prepared statements of a connection; then it starts afresh.
    public var preparedMax = 2_000
    /// Rings of this node reach the others at most so often.
    public var ringMilliseconds = 5
    /// A replica that is further behind is not asked.
    public var replicaLagMilliseconds = 2_000

    public init() {}
}

/// A PostgreSQL database (15 or newer) over libpq: a plain pool, each connection with a thread of its own.
///
/// Writes are read committed transactions of their own, and run again when a deadlock or a serialization failure
/// undid them; reads see one snapshot. A connection that was lost is made again for the next transaction.
public final class PostgresDatabase: Database {
    public var engine: DatabaseEngine { .postgres }

    /// The schema in which all tables lie, or nil for the server's usual one.
    public let schema: String?
    private let settings: PostgresSettings
    private let workers: Workers<Link>
    private let trips: PostgresTrips
    private let replica: PostgresReplica?
    private let bell: PostgresBell

    /// Connects with the first transaction, not yet here: `url` is `postgres://user:password@host:port/database`, as
    /// libpq reads it; up to `connectionsMax` connections (1...256) are made as they are needed.
    /// - Parameter replicaURL: of a streaming replica, which answers `browse`; as many connections again.
    /// - Throws: `StorageError.unreachable` when one is no such address.
    public init(
        url: String,
        schema: String? = nil,
        connectionsMax: Int = 16,
        replicaURL: String? = nil,
        settings: PostgresSettings = PostgresSettings()
    ) throws {
        for url in [url, replicaURL].compactMap({ $0 })
        where !url.hasPrefix("postgres://") && !url.hasPrefix("postgresql://") {
            throw StorageError.unreachable(.address)
        }
        self.schema = schema
        self.settings = settings
        let bell = PostgresBell(url: url, schema: schema, settings: settings)
        self.bell = bell
        replica = replicaURL.map { url in
            PostgresReplica(url: url, schema: schema, connectionsMax: connectionsMax, settings: settings)
        }
        workers = Workers(
            name: "postgres",
            countMax: connectionsMax,
            lengthMax: settings.waitingMax,
            makeTool: { Link(url: url, schema: schema, settings: settings, ring: bell.ring) },
            dropTool: { $0.drop() }
        )
        trips = PostgresTrips(
            workers: workers,
            travellersMax: min(settings.travellersMax, connectionsMax),
            waitingMax: settings.waitingMax
        )
    }

    public func ask(_ questions: [Question]) async throws -> [[Row]] { try await trips.ask(questions) }

    public func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        try await workers.run { try $0.read(body) }
    }

    @discardableResult
    public func write<Answer: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer
    ) async throws -> Answer {
        // Only with a replica does anybody ask where a write came to lie.
        guard replica != nil, let trail = ReaderTrail.current else {
            return try await workers.run { try $0.write(body) }
        }
        return try await workers.run { link in try link.write(position: trail.reach, body) }
    }

    public func browse<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        guard let replica, let trail = ReaderTrail.current,
            let place = try await replica.place(askingPrimary: workers),
            let answer = try await replica.read(atLeast: max(place, trail.place ?? 0), body)
        else { return try await read(body) }
        return answer
    }

    public func rings() -> AsyncStream<Void> { bell.listen() }

    public func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {}

    /// Several nodes may start at once: the table of migrations is locked, so that one does the work and the others
    /// find it done.
    public func migrate(_ migrations: [Migration]) async throws {
        try await workers.run { link in
            try link.write { tx in
                _ = try tx.query("SELECT pg_advisory_xact_lock(7382416)")
                try tx.execute(schema: MigrationPlan.table)
            }
            while true {
                let isDone = try link.write { tx in
                    try tx.execute("LOCK TABLE suban_migration IN EXCLUSIVE MODE")
                    let plan = try MigrationPlan(migrations, applied: try tx.query(MigrationPlan.applied))
                    guard let migration = plan.missing.first else { return true }
                    // An index over a hundred million rows takes as long as it takes.
                    try tx.perform("SET LOCAL statement_timeout = 0")
                    for statement in migration.statements { try tx.execute(schema: statement) }
                    try tx.execute(
                        MigrationPlan.record,
                        migration.remembered,
                        migration.number,
                        migration.text
                    )
                    return false
                }
                if isDone { return }
            }
        }
    }

    public func keepMonths(of table: StaticString, _ months: [TableMonth], isDividing: Bool) async throws
        -> TableMonths
    {
        try await workers.run { link in
            try link.write { try PostgresMonths(table, in: $0).keep(months, isDividing: isDividing) }
        }
    }

    public func close() async {
        await workers.close()
        await replica?.close()
        await bell.close()
    }

    /// Makes the schema, when one was named.
    package func createSchema() async throws {
        guard let schema else { return }
        try await workers.run { try $0.command("CREATE SCHEMA IF NOT EXISTS \(quotedName(schema))") }
    }

    /// Makes another database on the same server, as a copy of `template` when one is named: nobody may be connected
    /// to that.
    package func createDatabase(_ name: String, template: String? = nil) async throws {
        let copy = template.map { " TEMPLATE \(quotedName($0))" } ?? ""
        try await workers.run { try $0.command("CREATE DATABASE \(quotedName(name))\(copy)") }
    }

    /// Removes another database of the same server, with its connections.
    package func dropDatabase(_ name: String) async throws {
        try await workers.run { try $0.command("DROP DATABASE IF EXISTS \(quotedName(name)) WITH (FORCE)") }
    }

    /// Removes the schema with everything in it, when one was named.
    package func dropSchema() async throws {
        guard let schema else { return }
        try await workers.run { try $0.command("DROP SCHEMA IF EXISTS \(quotedName(schema)) CASCADE") }
    }
}
