internal import CSQLiteSetup
import Foundation
import GRDB
import GRDBSQLite
import Kernel
import Storage

/// One connection with its prepared statements. GRDB opens, configures and closes it; statements are prepared and
/// stepped here, so that each is prepared once per connection and values go straight in and out.
///
/// `@unchecked Sendable`: a connection has one user at a time. The writer's belongs to the writer's thread alone;
/// a reader's is taken out of the pool's stack for the time of one read. It is handed over under a lock.
final class SQLiteConnection: @unchecked Sendable {
    private struct Key: Hashable {
        let start: UnsafePointer<UInt8>
        let count: Int
    }

    /// Rung by the writer's commits.
    let bell = Bell()
    private let queue: DatabaseQueue
    private let handle: OpaquePointer
    private var statements: [Key: OpaquePointer] = [:]
    /// Steps that may still be made before the running statement is interrupted, in thousands; nil: no limit.
    private var thousandsLeft: Int?
    /// When the running statement is interrupted; nil: never.
    private var end: ContinuousClock.Instant?
    private(set) var wasInterrupted = false
    private var keepsScratchInMemory = false

    /// Nobody reads SQLite's own count of its memory, for which all connections would wait at one lock. Its other knob of
    /// the kind stays as it is: a statement journal of more than 64 KiB in memory (SQLITE_CONFIG_STMTJRNL_SPILL) ends
    /// large members with “disk is full” when it moves into its file (SQLite 3.40).
    private static let isSetUp = suban_sqlite_count_memory(0) == SQLITE_OK

    init(path: String, readonly: Bool, settings: SQLiteSettings) throws {
        _ = Self.isSetUp
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Double(settings.busyMilliseconds) / 1_000)
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            let cache = readonly ? settings.readerCacheKiB : settings.writerCacheKiB
            try database.execute(sql: "PRAGMA cache_size = -\(cache)")
            guard !readonly else { return }
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw StorageError.unavailable("\(path) cannot use a write-ahead log")
            }
            try database.execute(sql: "PRAGMA synchronous = \(settings.isDurable ? "FULL" : "OFF")")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(settings.checkpointPages)")
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch let error as DatabaseError {
            let why = "\(path) cannot be opened: \(error.message ?? "unknown error")"
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: throw StorageError.damaged(why)
            default: throw StorageError.unavailable(why)
            }
        }
        guard let handle = queue.inDatabase({ $0.sqliteConnection }) else { throw StorageError.closed }
        self.handle = handle
        // GRDB's observers expect statements of its own.
        sqlite3_commit_hook(handle, nil, nil)
        sqlite3_rollback_hook(handle, nil, nil)
        sqlite3_update_hook(handle, nil, nil)
        sqlite3_set_authorizer(handle, nil, nil)
    }

    /// Whether a transaction is open. SQLite ends it by itself when, for example, the disk is full.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// How often a row or the schema was changed since the connection was opened. Schemas are not among SQLite's own count.
    var changeCount: Int64 { sqlite3_total_changes64(handle) + otherChanges }
    private var otherChanges: Int64 = 0

    /// Where the copies lie that a savepoint keeps of the pages which change after it, and what statements sort: in files,
    /// each page of each savepoint would be two writes more. Not while a transaction is open.
    func keepScratch(inMemory: Bool) {
        guard inMemory != keepsScratchInMemory else { return }
        let isDone = sqlite3_exec(
            handle,
            "PRAGMA temp_store = \(inMemory ? "MEMORY" : "FILE")",
            nil,
            nil,
            nil
        )
        if isDone == SQLITE_OK { keepsScratchInMemory = inMemory }
    }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws(StorageError) -> [Storage.Row] {
        let statement = try prepared(sql)
        defer { reset(statement) }
        try bind(values, to: statement)
        var rows: [Storage.Row] = []
        let columns = sqlite3_column_count(statement)
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: rows.append(try row(statement, columns))
            case SQLITE_DONE: return rows
            default: throw lastError()
            }
        }
    }

    func execute(_ sql: StaticString, _ values: [any Bindable]) throws(StorageError) -> Int {
        let statement = try prepared(sql)
        defer { reset(statement) }
        try bind(values, to: statement)
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: continue
            case SQLITE_DONE:
                guard sqlite3_stmt_readonly(statement) == 0 else { return 0 }
                if !changesRows(sql) { otherChanges += 1 }
                return Int(sqlite3_changes(handle))
            default: throw lastError()
            }
        }
    }

    func insert(_ rows: Rows) throws(StorageError) {
        guard !rows.isEmpty else { return }
        let statement = try prepared(rows.insert)
        defer { reset(statement) }
        guard sqlite3_bind_parameter_count(statement) == Int32(rows.width) else {
            throw .statement("each place stands once and in order: \(text(of: statement))")
        }
        for start in stride(from: 0, to: rows.values.count, by: rows.width) {
            for column in 0..<rows.width {
                try bind(rows.values[start + column], to: statement, at: Int32(column + 1))
            }
            guard sqlite3_step(statement) == SQLITE_DONE else { throw lastError() }
            sqlite3_reset(statement)
        }
    }

    func run(_ sql: StaticString) throws(StorageError) { _ = try execute(sql, []) }

    /// Ends an open transaction without keeping it. When even that fails, there is none any more.
    func rollBack() {
        guard isInTransaction else { return }
        _ = try? execute("ROLLBACK", [])
    }

    /// Limits the statements that follow to about so many thousand steps of SQLite's machine together.
    func limit(thousandsOfSteps: Int?) {
        thousandsLeft = thousandsOfSteps
        watch(thousandsOfSteps != nil)
    }

    /// Ends statements that still run at a moment.
    func limit(until moment: ContinuousClock.Instant?) {
        end = moment
        watch(moment != nil)
    }

    private func watch(_ isLimited: Bool) {
        wasInterrupted = false
        guard isLimited else {
            sqlite3_progress_handler(handle, 0, nil, nil)
            return
        }
        sqlite3_progress_handler(
            handle,
            1_000,
            { context in
                guard let context else { return 0 }
                let connection = Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue()
                return connection.interruptsNow() ? 1 : 0
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    func close() {
        sqlite3_progress_handler(handle, 0, nil, nil)
        for statement in statements.values { sqlite3_finalize(statement) }
        statements = [:]
        try? queue.close()
    }

    private func interruptsNow() -> Bool {
        if let left = thousandsLeft {
            thousandsLeft = left - 1
            wasInterrupted = left <= 0
        } else if let end {
            wasInterrupted = ContinuousClock.now >= end
        }
        return wasInterrupted
    }

    private func changesRows(_ sql: StaticString) -> Bool {
        ["INSERT", "UPDATE", "DELETE", "WITH"].contains { (word: StaticString) in
            sql.utf8CodeUnitCount > word.utf8CodeUnitCount
                && memcmp(sql.utf8Start, word.utf8Start, word.utf8CodeUnitCount) == 0
        }
    }

    private func prepared(_ sql: StaticString) throws(StorageError) -> OpaquePointer {
        precondition(sql.hasPointerRepresentation, "a statement of more than one character")
        let key = Key(start: sql.utf8Start, count: sql.utf8CodeUnitCount)
        if let statement = statements[key] { return statement }
        var statement: OpaquePointer?
        let text = sqliteText(sql.description)
        guard
            sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
                == SQLITE_OK
        else { throw lastError() }
        guard let statement else { throw .statement("an empty statement") }
        statements[key] = statement
        return statement
    }

    private func reset(_ statement: OpaquePointer) {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    private func bind(_ values: [any Bindable], to statement: OpaquePointer) throws(StorageError) {
        let wanted = Int(sqlite3_bind_parameter_count(statement))
        guard wanted == values.count else {
            throw .statement("\(wanted) values are wanted, \(values.count) given: \(text(of: statement))")
        }
        for (index, value) in values.enumerated() {
            try bind(value.bound, to: statement, at: Int32(index + 1))
        }
    }

    private func bind(_ value: ColumnValue, to statement: OpaquePointer, at place: Int32) throws(StorageError)
    {
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code: Int32
        switch value {
        case .null: code = sqlite3_bind_null(statement, place)
        case .integer(let number): code = sqlite3_bind_int64(statement, place, number)
        case .double(let number): code = sqlite3_bind_double(statement, place, number)
        case .text(var text):
            // An empty text may have no address, and a null pointer would bind NULL.
            let bound: Int32? =
                text.isEmpty
                ? sqlite3_bind_text(statement, place, "", 0, copies)
                : text.withUTF8 { bytes in
                    guard let start = bytes.baseAddress, memchr(start, 0, bytes.count) == nil else {
                        return nil
                    }
                    return bytes.withMemoryRebound(to: CChar.self) {
                        sqlite3_bind_text(statement, place, $0.baseAddress, Int32($0.count), copies)
                    }
                }
            guard let bound else { throw .statement("a text may not hold a zero byte") }
            code = bound
        case .blob(let bytes):
            code =
                bytes.isEmpty
                ? sqlite3_bind_zeroblob(statement, place, 0)
                : sqlite3_bind_blob(statement, place, bytes, Int32(bytes.count), copies)
        }
        guard code == SQLITE_OK else { throw lastError() }
    }

    private func row(_ statement: OpaquePointer, _ columns: Int32) throws(StorageError) -> Storage.Row {
        var values: [ColumnValue] = []
        values.reserveCapacity(Int(columns))
        for column in 0..<columns {
            switch sqlite3_column_type(statement, column) {
            case SQLITE_INTEGER: values.append(.integer(sqlite3_column_int64(statement, column)))
            case SQLITE_FLOAT: values.append(.double(sqlite3_column_double(statement, column)))
            case SQLITE_TEXT:
                guard let start = sqlite3_column_text(statement, column) else { throw .full }
                let bytes = UnsafeBufferPointer(
                    start: start,
                    count: Int(sqlite3_column_bytes(statement, column))
                )
                values.append(.text(String(decoding: bytes, as: UTF8.self)))
            case SQLITE_BLOB:
                let count = Int(sqlite3_column_bytes(statement, column))
                let bytes = UnsafeRawBufferPointer(
                    start: sqlite3_column_blob(statement, column),
                    count: count
                )
                values.append(.blob(Array(bytes)))
            default: values.append(.null)
            }
        }
        return Storage.Row(values)
    }

    private func text(of statement: OpaquePointer) -> String {
        sqlite3_sql(statement).map { String(cString: $0) } ?? "?"
    }

    private func lastError() -> StorageError {
        let message = String(cString: sqlite3_errmsg(handle))
        return storageError(code: sqlite3_extended_errcode(handle), message: message)
    }
}

/// SQLite's result codes (sqlite.org/rescode.html) in the words of `StorageError`.
func storageError(code: Int32, message: String) -> StorageError {
    switch code & 0xFF {
    case SQLITE_CONSTRAINT: .constraint(name: constraintName(message))
    case SQLITE_FULL: .full
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_INTERRUPT, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOMEM,
        SQLITE_READONLY, SQLITE_PROTOCOL:
        .unavailable("SQLite \(code): \(message)")
    case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged("SQLite \(code): \(message)")
    default: .statement(message)
    }
}

/// `UNIQUE constraint failed: t.a, t.b` gives `t.a,t.b`; `FOREIGN KEY constraint failed` gives `foreign-key`;
/// `CHECK constraint failed: name` gives `name`; `index 'name'` gives `name`.
private func constraintName(_ message: String) -> String {
    guard let colon = message.firstIndex(of: ":") else {
        return message.hasPrefix("FOREIGN KEY") ? "foreign-key" : message
    }
    let name = message[message.index(after: colon)...].drop { $0 == " " }
    guard !name.hasPrefix("index '") else { return String(name.dropFirst(7).dropLast()) }
    return name.split(separator: ",").map { $0.drop { $0 == " " } }.joined(separator: ",")
}
