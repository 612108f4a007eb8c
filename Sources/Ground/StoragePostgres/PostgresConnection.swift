import CPostgres
import Foundation
import Storage

/// One connection over libpq with its prepared statements. It belongs to one thread.
///
/// It stays in libpq's pipeline mode: what is asked is put on the way at once and heard together, so that `BEGIN`
/// travels with the first statement, statements whose outcome nobody looks at with the next one, and `COMMIT` with the
/// last of them. A read is the implicit transaction that lasts from one `Sync` to the next; a write begins a
/// transaction of its own and says `Sync` after each answer, so that the server ends it when this program stands still.
final class PostgresConnection {
    /// A statement is prepared once for each pattern of value kinds: PostgreSQL has to know the types.
    private struct Key: Hashable {
        let start: UnsafePointer<UInt8>
        let count: Int
        let kinds: [Oid]
    }

    private struct Prepared {
        let name: String
        /// The parameters have the types of the values, not those that PostgreSQL found.
        let isTyped: Bool
        /// All columns are of types whose bytes are read here.
        let isBinary: Bool
    }

    /// What was asked and not heard yet, in order.
    private enum Awaited {
        case command, commit, sync
        /// A command that was given up: nobody wants its answer, nor its failure.
        case forgotten
    }

    private enum Phase {
        case idle, reading, writing
    }

    private let settings: PostgresSettings
    let handle: OpaquePointer
    private var statements: [Key: Prepared] = [:]
    /// Statements of which PostgreSQL has to find the types of the parameters itself.
    private var misfits: Set<Key> = []
    private var prepared = 0
    private var awaited: [Awaited] = []
    private var phase = Phase.idle
    /// Something was asked in this transaction; in a write, `BEGIN` went with it.
    private var isBegun = false
    private var isOver = false
    private var wasKept = false
    /// The server has answered something of this transaction.
    private(set) var isAnswered = false
    /// Answers of a few dozen bytes each: many more could fill the socket while both sides write.
    private let awaitedMax = 64

    /// - Throws: `unreachable` or `unavailable` in one line: what is wrong with the address, or that nobody answers there.
    init(url: String, schema: String?, settings: PostgresSettings) throws(StorageError) {
        self.settings = settings
        guard let handle = Self.connect(url) else { throw .unavailable("no memory for a connection") }
        self.handle = handle
        // From here on `deinit` ends the connection, also when one of these throws.
        guard PQstatus(handle) == CONNECTION_OK else {
            throw connectionError(handle, url: url)
        }
        guard PQserverVersion(handle) >= 150_000 else { throw .unreachable(.version) }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // The defaults are a read's; a write says what it is.
        var setting = [
            "client_encoding = 'UTF8'", "statement_timeout = \(settings.statementMilliseconds)",
            "lock_timeout = \(settings.lockMilliseconds)",
            "idle_in_transaction_session_timeout = \(settings.idleMilliseconds)",
            "default_transaction_isolation = 'repeatable read'", "default_transaction_read_only = on",
        ]
        if let schema { setting.append("search_path = \(quotedName(schema))") }
        // Whoever set a server to answer before it has flushed did not think of numbers that are shown to people.
        let durable =
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';"
        let result = PQexec(handle, durable + setting.map { "SET \($0)" }.joined(separator: ";"))
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else {
            throw PostgresError(result: result, connection: handle).storageError
        }
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) }
        guard encoding == "UTF8" else { throw .unreachable(.encoding) }
        guard PQenterPipelineMode(handle) == 1 else { throw .unavailable("libpq has no pipeline mode") }
        do throws(PostgresError) { try prepareFixed() } catch { throw error.storageError }
    }

    deinit { PQfinish(handle) }

    /// The setting that is in use, such as `connect_timeout`.
    func option(_ word: String) -> String? {
        guard let all = PQconninfo(handle) else { return nil }
        defer { PQconninfoFree(all) }
        var next = all
        while let keyword = next.pointee.keyword {
            if String(cString: keyword) == word { return next.pointee.val.map { String(cString: $0) } }
            next += 1
        }
        return nil
    }

    var isLost: Bool { isOver || PQstatus(handle) != CONNECTION_OK }

    /// Notices that the server has ended the connection while nobody used it: before anything is asked that nobody could
    /// know the fate of.
    func lookForEnd() {
        var handles = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
        // What the server said last comes before the end of the stream.
        for _ in 0..<4 where !isLost && poll(&handles, 1, 0) > 0 {
            if PQconsumeInput(handle) != 1 { isOver = true }
        }
    }

    // MARK: - Transactions

    func beginReading() { (phase, isBegun) = (.reading, false) }

    func beginWriting() { (phase, isBegun) = (.writing, false) }

    /// Ends a read. Nobody waits for the server: there is nothing that it could refuse.
    func endReading() {
        phase = .idle
        if isBegun { sync() }
    }

    /// - Returns: whether the transaction was kept: PostgreSQL answers COMMIT of a spoiled one with ROLLBACK.
    /// - Parameter position: hears up to where the database had been written when this was kept. Where that cannot be
    ///   learned it is beyond every place that a replica may have reached: what was kept stays so.
    func commit(position: ((UInt64) -> Void)? = nil) throws(PostgresError) -> Bool {
        guard isBegun else {
            phase = .idle
            return true
        }
        send("commit", .commit)
        if position != nil { send("position", .command) }
        sync()
        wasKept = false
        var last: OpaquePointer?
        do throws(PostgresError) { last = try hear() } catch {
            guard wasKept else { throw error }
        }
        defer { PQclear(last) }
        // Only now: after a failure there is something to undo.
        phase = .idle
        if let position {
            let text = last.flatMap { PQgetvalue($0, 0, 0) }.map { String(cString: $0) }
            position(text.flatMap(logPosition) ?? .max)
        }
        return wasKept
    }

    /// Undoes what was begun. A write waits until that is done: whoever comes next must not meet its locks.
    func rollBack() {
        defer { phase = .idle }
        guard !isLost, isBegun else { return }
        for place in awaited.indices where awaited[place] != .sync { awaited[place] = .forgotten }
        // After a failure the server hears nothing before the next `Sync`.
        sync()
        guard phase == .writing else { return }
        send("rollback", .forgotten)
        sync()
        do throws(PostgresError) { PQclear(try hear()) } catch { isOver = true }
    }

    // MARK: - Statements

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        let result = try ask(sql, values)
        defer { PQclear(result) }
        return try rows(of: result)
    }

    func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int {
        let result = try ask(sql, values)
        defer { PQclear(result) }
        return PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// Puts a statement on the way. Its failure is thrown by a later one, or by the commit.
    func send(_ sql: StaticString, _ values: [any Bindable]) throws {
        try put(sql, values)
        guard awaited.count >= awaitedMax else { return }
        sync()
        PQclear(try hear())
    }

    /// A command without values that this target itself has put together; nothing from outside is in it.
    func perform(_ command: String) throws(PostgresError) {
        begin()
        guard PQsendQueryParams(handle, command, 0, nil, nil, nil, nil, 0) == 1 else { throw lost() }
        awaited.append(.command)
        sync()
        PQclear(try hear())
    }

    /// Asks all of them in one trip, as a read of its own.
    func answers(to questions: [Question]) throws -> [[Row]] {
        beginReading()
        // Each in its own trip the first time: what is on the way already would be heard with it.
        let statements = try questions.map { try prepare($0.sql, kinds: $0.values.map(kind)) }
        for (question, statement) in zip(questions, statements) { try put(statement, question.values) }
        sync()
        phase = .idle
        var answers: [Result<[Row], StorageError>] = []
        answers.reserveCapacity(questions.count)
        PQclear(
            try hear { result in
                answers.append(Result { () throws(StorageError) in try rows(of: result) })
            }
        )
        return try answers.map { try $0.get() }
    }

    private func ask(_ sql: StaticString, _ values: [any Bindable]) throws -> OpaquePointer? {
        try put(sql, values)
        turn()
        return try hear()
    }

    private func put(_ sql: StaticString, _ values: [any Bindable]) throws {
        try put(try prepare(sql, kinds: values.map(kind)), values)
    }

    private func put(_ statement: Prepared, _ values: [any Bindable]) throws {
        let parameters = try Parameters(values, isBinary: statement.isTyped)
        begin()
        let isSent = parameters.withPointers { pointers, lengths, formats in
            PQsendQueryPrepared(
                handle,
                statement.name,
                Int32(values.count),
                pointers,
                lengths,
                formats,
                statement.isBinary ? 1 : 0
            )
        }
        guard isSent == 1 else { throw lost() }
        awaited.append(.command)
    }

    private func begin() {
        if phase == .writing, !isBegun {
            isAnswered = false
            send("begin", .command)
        }
        isBegun = true
    }

    /// Lets the server answer. Only in a write may it be told `Sync`: that would end a read.
    private func turn() {
        if phase == .reading { PQsendFlushRequest(handle) } else { sync() }
    }

    private func sync() {
        guard PQpipelineSync(handle) == 1 else {
            isOver = true
            return
        }
        awaited.append(.sync)
    }

    private func send(_ name: String, _ kind: Awaited) {
        guard PQsendQueryPrepared(handle, name, 0, nil, nil, nil, 0) == 1 else {
            isOver = true
            return
        }
        awaited.append(kind)
    }

    /// Hears everything that was asked.
    /// - Parameter heard: reads each good answer.
    /// - Returns: the answer to the last command, for the caller to clear.
    /// - Throws: the first failure of a command that was not given up.
    private func hear(_ heard: (OpaquePointer) -> Void = { _ in }) throws(PostgresError) -> OpaquePointer? {
        defer { awaited.removeAll(keepingCapacity: true) }
        var last: OpaquePointer?
        var failure: PostgresError?
        for what in awaited {
            guard let result = PQgetResult(handle) else {
                PQclear(last)
                throw lost()
            }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                isAnswered = true
                if what == .commit { wasKept = PQcmdStatus(result).map { String(cString: $0) } == "COMMIT" }
                if what == .command { heard(result) }
                PQclear(last)
                last = result
            case PGRES_PIPELINE_SYNC, PGRES_PIPELINE_ABORTED: PQclear(result)
            default:
                let error = PostgresError(result: result, connection: handle)
                PQclear(result)
                if error.isLost {
                    isOver = true
                    PQclear(last)
                    throw error
                }
                if what != .forgotten, failure == nil { failure = error }
            }
            // A command's answers end with none; a `Sync` has just itself.
            if what != .sync { while let more = PQgetResult(handle) { PQclear(more) } }
        }
        guard let failure else { return last }
        PQclear(last)
        throw failure
    }

    func lost() -> PostgresError {
        isOver = true
        return PostgresError(lost: handle)
    }

    // MARK: - Preparing

    private func kind(_ value: any Bindable) -> Oid {
        switch value.bound {
        case .null: PostgresType.of(type(of: value).columnKind)
        case .integer: PostgresType.int8
        case .double: PostgresType.float8
        case .text: PostgresType.text
        case .blob: PostgresType.bytea
        }
    }

    /// Tries with the types of the values; where PostgreSQL wants others (an `int` inside a function, say), it infers
    /// them. The failed attempt has spoiled the transaction, which runs again and knows then.
    private func prepare(_ sql: StaticString, kinds: [Oid]) throws(PostgresError) -> Prepared {
        precondition(sql.hasPointerRepresentation, "a statement of more than one character")
        let key = Key(start: sql.utf8Start, count: sql.utf8CodeUnitCount, kinds: kinds)
        if let known = statements[key] { return known }
        // In a read this opens the implicit transaction, which has to be ended when it fails.
        if phase == .reading { isBegun = true }
        if statements.count >= settings.preparedMax {
            // Those that still wait to be sent have their names until the server has heard of them.
            try prepareFixed(after: "DEALLOCATE ALL")
            statements = [:]
        }
        prepared += 1
        let name = "s\(prepared)"
        let isTyped = !misfits.contains(key)
        put(name, sql.description, isTyped ? kinds : kinds.map { _ in 0 })
        PQsendDescribePrepared(handle, name)
        awaited.append(.command)
        turn()
        do {
            let result = try hear()
            defer { PQclear(result) }
            let types = (0..<PQnfields(result)).map { PQftype(result, $0) }
            let statement = Prepared(
                name: name,
                isTyped: isTyped,
                isBinary: types.allSatisfy(PostgresType.areBytesRead)
            )
            statements[key] = statement
            return statement
        } catch {
            guard isTyped, ["42883", "42804", "42P08", "42725"].contains(error.state) else { throw error }
            misfits.insert(key)
            throw error.asMisfit
        }
    }

    private func put(_ name: String, _ text: String, _ kinds: [Oid]) {
        PQsendPrepare(handle, name, text, Int32(kinds.count), kinds)
        awaited.append(.command)
    }

    private func prepareFixed(after command: String? = nil) throws(PostgresError) {
        if let command {
            PQsendQueryParams(handle, command, 0, nil, nil, nil, nil, 0)
            awaited.append(.command)
        }
        put("begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", [])
        put("commit", "COMMIT", [])
        put("rollback", "ROLLBACK", [])
        put("position", "SELECT pg_current_wal_insert_lsn()", [])
        turn()
        PQclear(try hear())
    }

    // MARK: - Copying

    /// Runs `work` outside the pipeline, in which no rows can be copied in, when all that was asked has been heard.
    func besidePipeline(_ work: (OpaquePointer) throws -> Void) throws {
        begin()
        sync()
        PQclear(try hear())
        guard PQexitPipelineMode(handle) == 1 else { throw lost() }
        defer { if PQenterPipelineMode(handle) != 1 { isOver = true } }
        try work(handle)
    }
}
