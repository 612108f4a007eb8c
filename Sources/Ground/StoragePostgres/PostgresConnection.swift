import CPostgres
import Foundation
import Kernel
import Storage

/// One connection over libpq with its prepared statements. It belongs to one thread.
final class PostgresConnection {
    /// A statement is prepared once for each pattern of value kinds: PostgreSQL has to know the types.
    private struct Key: Hashable {
        let start: UnsafePointer<UInt8>
        let count: Int
        let kinds: [Oid]
    }

    private let settings: PostgresSettings
    private let handle: OpaquePointer
    private var statements: [Key: String] = [:]
    private var prepared = 0

    /// - Throws: `unavailable` in one line: what is wrong with the address, or that nobody answers there.
    init(url: String, schema: String?, settings: PostgresSettings) throws(StorageError) {
        self.settings = settings
        guard let handle = Self.connect(url) else { throw .unavailable("no memory for a connection") }
        self.handle = handle
        // From here on `deinit` ends the connection, also when one of these throws.
        guard PQstatus(handle) == CONNECTION_OK else {
            // libpq repeats an address that it cannot read, and there may be a password in it.
            let message = connectionMessage(handle).replacingOccurrences(of: url, with: "the address")
            throw .unavailable("PostgreSQL cannot be reached: \(message)")
        }
        guard PQserverVersion(handle) >= 150_000 else {
            throw .unavailable(
                "PostgreSQL 15 or newer is needed, the server has \(PQserverVersion(handle) / 10_000)"
            )
        }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try run("SET client_encoding = 'UTF8'")
        try run("SET statement_timeout = \(settings.statementMilliseconds)")
        try run("SET lock_timeout = \(settings.lockMilliseconds)")
        try run("SET idle_in_transaction_session_timeout = \(settings.idleMilliseconds)")
        if let schema { try run("SET search_path = \(quotedName(schema))") }
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) }
        guard encoding == "UTF8" else {
            throw .unavailable("the database must have the encoding UTF8, it has \(encoding ?? "none")")
        }
    }

    deinit { PQfinish(handle) }

    /// A server that vanishes without a word is noticed in seconds, not when the kernel gives up. The address may say
    /// otherwise: of two values for one word libpq takes the later.
    static let patience: [(word: String, value: String)] = [
        ("connect_timeout", "10"), ("tcp_user_timeout", "30000"), ("keepalives", "1"),
        ("keepalives_idle", "30"),
        ("keepalives_interval", "10"), ("keepalives_count", "3"),
    ]

    private static func connect(_ url: String) -> OpaquePointer? {
        let words = (patience.map(\.word) + ["dbname"]).map { strdup($0) }
        let values = (patience.map(\.value) + [url]).map { strdup($0) }
        defer { for text in words + values { free(text) } }
        let (names, settings) = (
            words.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil]
        )
        return PQconnectdbParams(names, settings, 1)
    }

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

    var isLost: Bool { PQstatus(handle) != CONNECTION_OK }

    /// A command without values that this target itself has put together; nothing from outside is in it.
    func run(_ command: String) throws(StorageError) {
        do throws(PostgresError) { try perform(command) } catch { throw error.storageError }
    }

    func perform(_ command: String) throws(PostgresError) {
        let result = PQexec(handle, command)
        defer { PQclear(result) }
        guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else {
            throw PostgresError(result: result, connection: handle)
        }
    }

    /// Begins to copy rows in.
    func perform(begin copy: String) throws(PostgresError) {
        let result = PQexec(handle, copy)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COPY_IN else {
            throw PostgresError(result: result, connection: handle)
        }
    }

    func sendCopy(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        let start = bytes.bindMemory(to: CChar.self).baseAddress
        guard PQputCopyData(handle, start, Int32(bytes.count)) == 1 else {
            throw PostgresError(result: nil, connection: handle)
        }
    }

    /// Hears what the server says of all that was sent; of an error it tells only here.
    func endCopy() throws(PostgresError) {
        guard PQputCopyEnd(handle, nil) == 1 else { throw PostgresError(result: nil, connection: handle) }
        var failure: PostgresError?
        while let result = PQgetResult(handle) {
            if PQresultStatus(result) != PGRES_COMMAND_OK, failure == nil {
                failure = PostgresError(result: result, connection: handle)
            }
            PQclear(result)
        }
        if let failure { throw failure }
    }

    /// - Returns: whether the transaction was kept: PostgreSQL answers COMMIT of a spoiled one with ROLLBACK.
    func commit() throws(PostgresError) -> Bool {
        let result = PQexec(handle, "COMMIT")
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else {
            throw PostgresError(result: result, connection: handle)
        }
        return PQcmdStatus(result).map { String(cString: $0) } == "COMMIT"
    }

    func rollBack() {
        guard !isLost, PQtransactionStatus(handle) != PQTRANS_IDLE else { return }
        PQclear(PQexec(handle, "ROLLBACK"))
    }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        try withResult(sql, values) { result in
            let columns = PQnfields(result)
            let types = (0..<columns).map { PQftype(result, $0) }
            var rows: [Row] = []
            rows.reserveCapacity(Int(PQntuples(result)))
            for line in 0..<PQntuples(result) {
                var row: [ColumnValue] = []
                row.reserveCapacity(Int(columns))
                for column in 0..<columns { row.append(try value(result, line, column, types[Int(column)])) }
                rows.append(Row(row))
            }
            return rows
        }
    }

    func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int {
        try withResult(sql, values) { result in
            PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        }
    }

    private func withResult<Answer>(
        _ sql: StaticString,
        _ values: [any Bindable],
        _ body: (OpaquePointer?) throws -> Answer
    ) throws -> Answer {
        let values = try values.map { try Parameter($0) }
        let name = try prepare(sql, kinds: values.map(\.type))
        let pointers = values.map { $0.pointer }
        let lengths = values.map { $0.length }
        let formats = values.map { $0.format }
        let result = withExtendedLifetime(values) {
            PQexecPrepared(handle, name, Int32(values.count), pointers, lengths, formats, 0)
        }
        defer { PQclear(result) }
        guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else {
            throw PostgresError(result: result, connection: handle)
        }
        return try body(result)
    }

    /// Tries with the types of the values; where PostgreSQL wants others (an `int` inside a function, say), it infers
    /// them. A failed attempt would spoil the transaction, so each first one stands behind a savepoint.
    private func prepare(_ sql: StaticString, kinds: [Oid]) throws(PostgresError) -> String {
        precondition(sql.hasPointerRepresentation, "a statement of more than one character")
        let key = Key(start: sql.utf8Start, count: sql.utf8CodeUnitCount, kinds: kinds)
        if let name = statements[key] { return name }
        if statements.count >= settings.preparedMax {
            try perform("DEALLOCATE ALL")
            statements = [:]
        }
        prepared += 1
        let name = "s\(prepared)"
        let isInside = PQtransactionStatus(handle) == PQTRANS_INTRANS
        if isInside { try perform("SAVEPOINT preparing") }
        do {
            try prepare(name, sql.description, kinds)
        } catch {
            guard isInside, !error.isLost, ["42883", "42804", "42P08", "42725"].contains(error.state) else {
                throw error
            }
            try perform("ROLLBACK TO SAVEPOINT preparing")
            try prepare(name, sql.description, kinds.map { _ in 0 })
        }
        if isInside { try perform("RELEASE SAVEPOINT preparing") }
        statements[key] = name
        return name
    }

    private func prepare(_ name: String, _ text: String, _ kinds: [Oid]) throws(PostgresError) {
        let result = PQprepare(handle, name, text, Int32(kinds.count), kinds)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else {
            throw PostgresError(result: result, connection: handle)
        }
    }

    private func value(
        _ result: OpaquePointer?,
        _ line: Int32,
        _ column: Int32,
        _ type: Oid
    ) throws(StorageError) -> ColumnValue {
        guard PQgetisnull(result, line, column) == 0, let start = PQgetvalue(result, line, column) else {
            return .null
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, line, column)))
        switch type {
        case PostgresType.bytea: return .blob(try decoded(bytes))
        case PostgresType.bool: return .integer(bytes.first == UInt8(ascii: "t") ? 1 : 0)
        case PostgresType.int8, PostgresType.int4, PostgresType.int2:
            guard let number = Int64(String(decoding: bytes, as: UTF8.self)) else { break }
            return .integer(number)
        case PostgresType.numeric, PostgresType.float8, PostgresType.float4:
            // The sum of whole numbers is `numeric` here and an integer in SQLite.
            let text = String(decoding: bytes, as: UTF8.self)
            if type == PostgresType.numeric, let number = Int64(text) { return .integer(number) }
            guard let number = Double(text) else { break }
            return .double(number)
        default: return .text(String(decoding: bytes, as: UTF8.self))
        }
        throw .unexpectedColumn(index: Int(column), wanted: "number")
    }

    /// `\x` and hexadecimal digits.
    private func decoded(_ bytes: UnsafeRawBufferPointer) throws(StorageError) -> [UInt8] {
        func digit(_ byte: UInt8) -> UInt8 { byte < 0x40 ? byte & 0x0F : (byte & 0x0F) + 9 }
        guard bytes.count >= 2, bytes.count.isMultiple(of: 2), bytes[0] == UInt8(ascii: "\\") else {
            throw .statement("PostgreSQL's bytea_output is not hex")
        }
        return stride(from: 2, to: bytes.count, by: 2).map { digit(bytes[$0]) << 4 | digit(bytes[$0 + 1]) }
    }
}

/// Numbers of types, from PostgreSQL's catalogue `pg_type`.
enum PostgresType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let numeric: Oid = 1700
}

/// A value as libpq wants it: text with a zero at its end, or the bytes themselves.
private final class Parameter {
    let type: Oid
    let format: Int32
    let length: Int32
    private let memory: UnsafeMutableBufferPointer<CChar>?

    var pointer: UnsafePointer<CChar>? { memory.map { UnsafePointer($0.baseAddress) } ?? nil }

    init(_ value: any Bindable) throws(StorageError) {
        switch value.bound {
        case .null: (type, format, length, memory) = (Self.type(of: value), 0, 0, nil)
        case .integer(let number):
            (type, format, length, memory) = (PostgresType.int8, 0, 0, Self.copy(String(number).utf8))
        case .double(let number):
            (type, format, length, memory) = (PostgresType.float8, 0, 0, Self.copy(String(number).utf8))
        case .text(let text):
            guard !text.utf8.contains(0) else { throw .statement("a text may not hold a zero byte") }
            (type, format, length, memory) = (PostgresType.text, 0, 0, Self.copy(text.utf8))
        case .blob(let bytes):
            (type, format, length, memory) = (PostgresType.bytea, 1, Int32(bytes.count), Self.copy(bytes))
        }
    }

    deinit { memory?.deallocate() }

    private static func type(of missing: any Bindable) -> Oid {
        switch Swift.type(of: missing).columnKind {
        case nil: 0
        case .integer: PostgresType.int8
        case .double: PostgresType.float8
        case .text: PostgresType.text
        case .blob: PostgresType.bytea
        }
    }

    private static func copy(_ bytes: some Collection<UInt8>) -> UnsafeMutableBufferPointer<CChar> {
        let memory = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count + 1)
        _ = memory.initialize(from: bytes.lazy.map { CChar(bitPattern: $0) })
        memory[bytes.count] = 0
        return memory
    }
}
