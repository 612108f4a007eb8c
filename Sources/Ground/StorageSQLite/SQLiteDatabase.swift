import Foundation
public import Storage
import Synchronization

/// What may be set about a database in one file. None of these is a rule of the trade.
public struct SQLiteSettings: Sendable {
    /// How long a statement waits for another process's lock.
    public var busyMilliseconds = 5_000
    /// Members of one shared commit at most, and how long a group may take before it commits: while one group is written
    /// the members of the next are made ready, so that a long one makes everybody wait in step.
    public var groupCountMax = 256
    public var groupMilliseconds = 5
    /// How long one write may run before it is ended and undone: others wait behind it. Migrations may take longer.
    public var memberMilliseconds = 30_000
    /// After a group that had to be undone for one member so many writes run in savepoints of their own: failures seldom
    /// come alone. At 0 each failure is met anew.
    public var carefulCount = 1_000
    /// Writes that may wait; one more is refused as `unavailable`.
    public var waitingMax = 20_000
    /// A read that needs more than about so many thousand steps of SQLite's machine leaves the caller's thread and
    /// runs again on a thread of its own (about 2 ms on a common core).
    public var inlineThousandsOfSteps = 200
    /// False does not flush commits to the disk: only for databases that are thrown away, such as a scenario's.
    public var isDurable = true
    /// So many pages of 4 KiB stand in the write-ahead log before they are carried over. A group of real writes touches
    /// a thousand: with SQLite's own number of 1,000 each commit would wait for that, too.
    public var checkpointPages = 8_192
    /// Threads for long reads.
    public var longReadThreads = 2
    /// Pages kept in memory, in KiB. The writer's must hold the inner pages of the indexes that it writes to at random
    /// places, or each row reads and writes pages anew.
    public var writerCacheKiB = 32_768
    public var readerCacheKiB = 4_096

    public init() {}

    /// For one that fills a database with millions of rows and is alone with it. Each batch changes pages all over the
    /// indexes: for a file of 4 GB 40 GB were written instead of the 52 with the memory of a server, in four fifths of
    /// the time.
    public static let filling: SQLiteSettings = {
        var settings = SQLiteSettings()
        settings.writerCacheKiB = 131_072
        settings.checkpointPages = 65_536
        return settings
    }()
}

/// A database in one file: write-ahead log, every commit flushed to the disk before it is answered
/// (`synchronous=FULL`), foreign keys immediate. One thread writes; reads see a snapshot each.
public final class SQLiteDatabase: Storage.Database {
    public var engine: DatabaseEngine { .sqlite }

    private let settings: SQLiteSettings
    private let file: String
    private let readers: ReaderPool
    private let longReads: Workers<Void>
    private let writer: GroupWriter
    private let bell: Bell

    /// Opens the file, or makes it. Its folder must be there.
    /// - Throws: `StorageError.unavailable` when the file cannot be opened or is no database.
    public init(path: String, settings: SQLiteSettings = SQLiteSettings()) throws {
        self.settings = settings
        file = path
        let connection = try SQLiteConnection(path: path, readonly: false, settings: settings)
        bell = connection.bell
        writer = GroupWriter(connection: connection, settings: settings)
        readers = ReaderPool { try SQLiteConnection(path: path, readonly: true, settings: settings) }
        longReads = Workers(
            name: "sqlite-read",
            countMax: settings.longReadThreads,
            lengthMax: settings.waitingMax,
            makeTool: {},
            dropTool: { _ in }
        )
        writer.start()
    }

    public func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        if let answer = try readers.read(thousandsOfSteps: settings.inlineThousandsOfSteps, body) {
            return answer
        }
        return try await longReads.run { [readers] in
            guard let answer = try readers.read(thousandsOfSteps: nil, body) else {
                throw StorageError.closed
            }
            return answer
        }
    }

    public func ask(_ questions: [Question]) async throws -> [[Row]] {
        let answers = try readers.read(thousandsOfSteps: settings.inlineThousandsOfSteps) { reader in
            try questions.map { try reader.query($0.sql, $0.values) }
        }
        if let answers { return answers }
        return try await read { reader in try questions.map { try reader.query($0.sql, $0.values) } }
    }

    @discardableResult
    public func write<Answer: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer
    ) async throws -> Answer {
        try await write(isBounded: true, body)
    }

    private func write<Answer: Sendable>(
        isBounded: Bool,
        _ body: @escaping @Sendable (any Transaction) throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            writer.add(Write(body, isBounded: isBounded, continuation))
        }
    }

    public func rings() -> AsyncStream<Void> { bell.listen() }

    public func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {
        writer.atEndOfGroup(work)
    }

    /// How often the work at the end of a group failed, and how the last time. What the members wrote was kept.
    public var endOfGroupFailures: (count: Int, last: (any Error)?) { writer.endOfGroupFailures }

    /// Durable commits so far, and writes that wait for the writer.
    package var commitCount: Int { writer.commitCount }
    package var waitingCount: Int { writer.waitingCount }

    public func migrate(_ migrations: [Migration]) async throws {
        while true {
            let isDone = try await write(isBounded: false) { tx in
                try tx.execute(MigrationPlan.table)
                let plan = try MigrationPlan(migrations, applied: try tx.query(MigrationPlan.applied))
                guard let migration = plan.missing.first else { return true }
                for statement in migration.statements { try tx.execute(statement) }
                try tx.execute(MigrationPlan.record, migration.remembered, migration.number, migration.text)
                return false
            }
            if isDone { return }
        }
    }

    /// Writes a compact copy of one snapshot into a new file, while the database stays in use.
    /// - Throws: `StorageError.unavailable` when the file is there already or cannot be written; `full`.
    public func backup(to path: String) async throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw StorageError.unavailable("\(path) is there already; name a new file")
        }
        try await longReads.run { [file, settings] in
            let connection = try SQLiteConnection(path: file, readonly: true, settings: settings)
            defer { connection.close() }
            _ = try connection.execute("VACUUM INTO $1", [path])
        }
    }

    public func close() async {
        await longReads.close()
        await readers.close()
        // Last, so that it carries the write-ahead log over: what is closed lies in one file.
        await writer.close()
        bell.close()
    }
}

/// Connections for reading, the one used last first. There are never more than threads that read at once.
private final class ReaderPool: Sendable {
    private struct State {
        var idle: [SQLiteConnection] = []
        var busy = 0
        var isClosed = false
        var whenIdle: [CheckedContinuation<Void, Never>] = []
    }

    private let open: @Sendable () throws -> SQLiteConnection
    private let state = Mutex(State())

    init(open: @escaping @Sendable () throws -> SQLiteConnection) { self.open = open }

    /// - Returns: nil when the limit was reached.
    func read<Answer: Sendable>(
        thousandsOfSteps: Int?,
        _ body: @Sendable (any Reader) throws -> Answer
    ) throws -> Answer? {
        let idle = try state.withLock { state in
            guard !state.isClosed else { throw StorageError.closed }
            state.busy += 1
            return state.idle.popLast()
        }
        var own = idle
        defer { giveBack(own) }
        let connection = try own ?? open()
        own = connection
        connection.limit(thousandsOfSteps: thousandsOfSteps)
        try connection.run("BEGIN")
        let reader = SQLiteReader(connection)
        defer {
            reader.end()
            connection.limit(thousandsOfSteps: nil)
            connection.rollBack()
        }
        do {
            let answer = try body(reader)
            return connection.wasInterrupted ? nil : answer
        } catch {
            guard connection.wasInterrupted else { throw error }
            return nil
        }
    }

    /// Returns when the last read has ended, too.
    func close() async {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for connection in idle { connection.close() }
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.busy > 0 { state.whenIdle.append(continuation) }
                return state.busy == 0
            }
            if isIdle { continuation.resume() }
        }
    }

    /// - Parameter connection: nil when none could be opened.
    private func giveBack(_ connection: SQLiteConnection?) {
        let keeps = state.withLock { state in
            if !state.isClosed, let connection { state.idle.append(connection) }
            return !state.isClosed
        }
        if !keeps { connection?.close() }
        let waiting = state.withLock { state in
            state.busy -= 1
            guard state.busy == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.whenIdle = [] }
            return state.whenIdle
        }
        for continuation in waiting { continuation.resume() }
    }
}

private final class SQLiteReader: Reader {
    private var connection: SQLiteConnection?

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        guard let connection else {
            throw StorageError.statement("a reader was used after its read had ended")
        }
        return try connection.query(sql, values)
    }

    func end() { connection = nil }
}
