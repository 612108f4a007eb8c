import Foundation
import Storage

/// A thread's connection, made when it is first needed and again after it was lost.
final class Link {
    private let url: String
    private let schema: String?
    private let settings: PostgresSettings
    private let ring: @Sendable () -> Void
    private var connection: PostgresConnection?
    private var asked = ContinuousClock.now
    /// Nobody used the connection for so long: then the server may have ended it, which looking tells without asking. It is
    /// a call to the kernel, which a connection at work does without.
    private static let idle = Duration.seconds(1)

    /// - Parameter ring: told after each commit of a write that rang.
    init(url: String, schema: String?, settings: PostgresSettings, ring: @escaping @Sendable () -> Void = {})
    {
        self.url = url
        self.schema = schema
        self.settings = settings
        self.ring = ring
    }

    func drop() { connection = nil }

    func command(_ text: String) throws { try connected().run(text) }

    func read<Answer>(_ body: (PostgresTransaction) throws -> Answer) throws -> Answer {
        try repeated { connection in
            connection.beginReading()
            let answer = try run(body, on: connection).answer
            connection.endReading()
            return answer
        }
    }

    /// Answers several callers in one trip and one snapshot. When a question fails, each is answered by itself, so that
    /// nobody hears of another's trouble; a server that is not there is looked for once.
    func answers(to callers: [[Question]]) -> [Result<[[Row]], any Error>] {
        do {
            let connection = try connected()
            var all = try connection.answers(to: callers.flatMap { $0 })[...]
            return callers.map { questions in
                defer { all.removeFirst(questions.count) }
                return .success(Array(all.prefix(questions.count)))
            }
        } catch {
            connection?.rollBack()
            var absence: (any Error)? = connection == nil ? error : nil
            return callers.map { questions in
                if let absence { return .failure(absence) }
                let answer = Result {
                    try read { tx in try questions.map { try tx.query($0.sql, $0.values) } }
                }
                if case .failure(let error) = answer, connection == nil { absence = error }
                return answer
            }
        }
    }

    /// - Parameter position: hears up to where the database had been written when this was kept; nil when nobody asks.
    func write<Answer>(
        position: ((UInt64) -> Void)? = nil,
        _ body: (PostgresTransaction) throws -> Answer
    ) throws -> Answer {
        let (answer, works) = try repeated { connection in
            connection.beginWriting()
            let done = try run(body, on: connection)
            do {
                guard try connection.commit(position: position) else {
                    throw StorageError.statement("the transaction was spoiled")
                }
            } catch let error as PostgresError where error.isLost {
                // Answers come in order: a server that said its end before it had answered `BEGIN` has not kept anything.
                if error.isEndOfServer, !connection.isAnswered { throw error }
                throw StorageError.unavailable(
                    "the connection was lost while committing; look whether the change is there before asking again"
                )
            }
            return done
        }
        for work in works { work() }
        return answer
    }

    /// Runs `work` until it is kept, refused, or was undone too often.
    ///
    /// A connection that is lost before the commit was sent, or whose server said its end before it had begun, costs
    /// nothing: the work runs again on a new one. When it is lost while committing, nobody can know, and the caller is
    /// told so.
    private func repeated<Answer>(_ work: (PostgresConnection) throws -> Answer) throws -> Answer {
        var attempt = 0
        while true {
            attempt += 1
            let connection = try connected()
            do {
                return try work(connection)
            } catch let error as PostgresError {
                connection.rollBack()
                if error.isMisfit {
                    // It happens once to a statement of a connection, and was nobody's fault.
                    attempt -= 1
                    continue
                }
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

    private func run<Answer>(
        _ body: (PostgresTransaction) throws -> Answer,
        on connection: PostgresConnection
    ) throws -> (answer: Answer, works: [@Sendable () -> Void]) {
        let tx = PostgresTransaction(connection, ring: ring)
        defer { tx.end() }
        let answer: Answer
        do { answer = try body(tx) } catch {
            // What the body makes of a failed statement is its answer, unless the work is going to run again.
            if let failure = tx.failure as? PostgresError, failure.runsAgain { throw failure }
            throw error
        }
        if let failure = tx.failure { throw failure }
        return (answer, tx.works)
    }

    private func connected() throws(StorageError) -> PostgresConnection {
        let now = ContinuousClock.now
        if now - asked > Self.idle { connection?.lookForEnd() }
        asked = now
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
final class PostgresTransaction: Transaction {
    private let connection: PostgresConnection
    /// A `PostgresError` or `StorageError`: the first that spoiled the transaction.
    private(set) var failure: (any Error)?
    private(set) var works: [@Sendable () -> Void] = []
    private let bell: @Sendable () -> Void
    private var isRung = false
    private var isOver = false
    let writesAlone = false

    init(_ connection: PostgresConnection, ring: @escaping @Sendable () -> Void) {
        self.connection = connection
        bell = ring
    }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        try guarded { try connection.query(sql, values) }
    }

    func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int {
        try guarded { try connection.execute(sql, values) }
    }

    func send(_ sql: StaticString, _ values: [any Bindable]) throws {
        try guarded { try connection.send(sql, values) }
    }

    func insert(_ rows: Rows) throws { try guarded { try connection.copy(rows) } }

    /// A command that this target itself has put together.
    func perform(_ command: String) throws { try guarded { try connection.perform(command) } }

    /// A statement of a schema, in PostgreSQL's words.
    func execute(schema statement: StaticString) throws {
        try perform(postgresSchemaText(statement.description))
    }

    func afterCommit(_ work: @escaping @Sendable () -> Void) { works.append(work) }

    func ring() {
        guard !isRung else { return }
        isRung = true
        afterCommit(bell)
    }

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

extension PostgresConnection {
    /// A command of this target's own outside a transaction, and not as a read.
    func run(_ command: String) throws(StorageError) {
        do throws(PostgresError) {
            try perform("SET default_transaction_read_only = off")
            // Also after a command that failed: the next one here may be a read.
            defer { if (try? perform("SET default_transaction_read_only = on")) == nil { _ = lost() } }
            try perform(command)
        } catch { throw error.storageError }
    }
}
