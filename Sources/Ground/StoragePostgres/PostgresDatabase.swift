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
    /// Transactions that may wait for a connection; one more is refused as `unavailable`.
    public var waitingMax = 20_000
    /// Prepared statements of a connection; then it starts afresh.
    public var preparedMax = 2_000

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

    /// Connects with the first transaction, not yet here: `url` is `postgres://user:password@host:port/database`, as
    /// libpq reads it; up to `connectionsMax` connections (1...256) are made as they are needed.
    /// - Throws: `StorageError.unavailable` when `url` is no such address.
    public init(
        url: String,
        schema: String? = nil,
        connectionsMax: Int = 16,
        settings: PostgresSettings = PostgresSettings()
    ) throws {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw StorageError.unavailable(
                "a PostgreSQL address looks like postgres://user:password@host:5432/database"
            )
        }
        self.schema = schema
        self.settings = settings
        workers = Workers(
            name: "postgres",
            countMax: connectionsMax,
            lengthMax: settings.waitingMax,
            makeTool: { Link(url: url, schema: schema, settings: settings) },
            dropTool: { $0.drop() }
        )
    }

    public func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        try await workers.run { link in
            try link.transact("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
        }
    }

    @discardableResult
    public func write<Answer: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer
    ) async throws -> Answer {
        try await workers.run { link in try link.transact("BEGIN ISOLATION LEVEL READ COMMITTED", body) }
    }

    public func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {}

    /// Several nodes may start at once: the table of migrations is locked, so that one does the work and the others
    /// find it done.
    public func migrate(_ migrations: [Migration]) async throws {
        try await workers.run { link in
            try link.transact("BEGIN") { tx in
                _ = try tx.query("SELECT pg_advisory_xact_lock(7382416)")
                try tx.execute(schema: MigrationPlan.table)
            }
            while true {
                let isDone = try link.transact("BEGIN") { tx in
                    try tx.execute("LOCK TABLE suban_migration IN EXCLUSIVE MODE")
                    let plan = try MigrationPlan(migrations, applied: try tx.query(MigrationPlan.applied))
                    guard let migration = plan.missing.first else { return true }
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

    public func close() async { await workers.close() }

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

/// A thread's connection, made when it is first needed and again after it was lost.
private final class Link {
    private let url: String
    private let schema: String?
    private let settings: PostgresSettings
    private var connection: PostgresConnection?

    init(url: String, schema: String?, settings: PostgresSettings) {
        self.url = url
        self.schema = schema
        self.settings = settings
    }

    func drop() { connection = nil }

    func command(_ text: String) throws { try connected().run(text) }

    /// Runs `body` in a transaction until it is kept, refused, or was undone too often.
    ///
    /// A connection that is lost before the commit was sent costs nothing: the work runs again on a new one. When it
    /// is lost while committing, nobody can know, and the caller is told so.
    func transact<Answer>(_ begin: String, _ body: (PostgresTransaction) throws -> Answer) throws -> Answer {
        var attempt = 0
        while true {
            attempt += 1
            let connection = try connected()
            do {
                return try attemptOnce(begin, body, on: connection)
            } catch let error as PostgresError {
                connection.rollBack()
                guard attempt <= settings.repetitionsMax, error.isTransient || (error.isLost && attempt == 1)
                else {
                    throw error.storageError
                }
                if error.isTransient { pause(after: attempt) }
            } catch {
                connection.rollBack()
                throw error
            }
        }
    }

    private func attemptOnce<Answer>(
        _ begin: String,
        _ body: (PostgresTransaction) throws -> Answer,
        on connection: PostgresConnection
    ) throws -> Answer {
        try connection.perform(begin)
        let tx = PostgresTransaction(connection)
        defer { tx.end() }
        let answer: Answer
        do { answer = try body(tx) } catch {
            // What the body makes of a failed statement is its answer, unless the work is going to run again.
            if let failure = tx.failure as? PostgresError, failure.isTransient || failure.isLost {
                throw failure
            }
            throw error
        }
        if let failure = tx.failure { throw failure }
        do {
            guard try connection.commit() else { throw StorageError.statement("the transaction was spoiled") }
        } catch let error as PostgresError where error.isLost {
            throw StorageError.unavailable(
                "the connection was lost while committing; look whether the change is there before asking again"
            )
        }
        for work in tx.works { work() }
        return answer
    }

    private func connected() throws(StorageError) -> PostgresConnection {
        if let connection, !connection.isLost { return connection }
        connection = nil
        let new = try PostgresConnection(url: url, schema: schema, settings: settings)
        connection = new
        return new
    }

    /// A little longer each time, and by chance, so that two do not meet again.
    private func pause(after attempt: Int) {
        let milliseconds = Int.random(in: 1...(4 << min(attempt, 6)))
        Thread.sleep(forTimeInterval: Double(milliseconds) / 1_000)
    }
}

/// The transaction as a body sees it. It is of no use after the body has returned.
private final class PostgresTransaction: Transaction {
    private let connection: PostgresConnection
    /// A `PostgresError` or `StorageError`: the first that spoiled the transaction.
    private(set) var failure: (any Error)?
    private(set) var works: [@Sendable () -> Void] = []
    private var isOver = false

    init(_ connection: PostgresConnection) { self.connection = connection }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        try guarded { try connection.query(sql, values) }
    }

    func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int {
        try guarded { try connection.execute(sql, values) }
    }

    func insert(_ rows: Rows) throws { try guarded { try connection.copy(rows) } }

    /// A statement of a schema, in PostgreSQL's words.
    func execute(schema statement: StaticString) throws {
        try guarded { try connection.perform(postgresSchemaText(statement.description)) }
    }

    func afterCommit(_ work: @escaping @Sendable () -> Void) { works.append(work) }

    func end() { isOver = true }

    private func guarded<Answer>(_ body: () throws -> Answer) throws -> Answer {
        guard !isOver else {
            throw StorageError.statement("a transaction was used after its write had ended")
        }
        if let failure { throw shown(failure) }
        do { return try body() } catch {
            failure = error
            throw shown(error)
        }
    }

    /// What bodies see: `StorageError` only. The error with its SQLSTATE is kept to decide about running again.
    private func shown(_ error: any Error) -> any Error {
        (error as? PostgresError)?.storageError ?? error
    }
}
