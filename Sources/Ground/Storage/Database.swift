/// Reads rows. Statements are `StaticString`, so that no text from outside can ever become SQL; values are `$1`,
/// `$2` … in any order and any number of times.
public protocol Reader {
    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row]

    /// The same snapshot without sealing and opening: for tables that hold nothing sealed and whose every byte counts,
    /// such as the log's. What only looks sealed there is read as it lies.
    var unopened: any Reader { get }
}

extension Reader {
    public var unopened: any Reader { self }

    public func query(_ sql: StaticString, _ values: any Bindable...) throws -> [Row] {
        try query(sql, values)
    }

    /// The first row, or nil. Add `LIMIT 1` when there may be many.
    public func first(_ sql: StaticString, _ values: any Bindable...) throws -> Row? {
        try query(sql, values).first
    }

    /// A single number, such as a count.
    public func number(_ sql: StaticString, _ values: any Bindable...) throws -> Int64 {
        guard let row = try query(sql, values).first else { throw StorageError.noRow }
        return try row.integer(0)
    }
}

/// Reads and writes inside one transaction. `SELECT … FOR UPDATE [SKIP LOCKED]` locks rows on PostgreSQL,
/// `FOR KEY SHARE` keeps them as they are beside others who do the same; on SQLite, where the writer is alone, these
/// words are dropped.
///
/// A statement that fails spoils its transaction on both engines: later statements throw the same error, and the
/// write throws it even when `body` swallowed it. Where a row may be there already, say `ON CONFLICT DO NOTHING`.
public protocol Transaction: Reader {
    /// Nobody else writes until it ends (SQLite): what it numbers then stands in the order of commits.
    var writesAlone: Bool { get }

    /// - Returns: how many rows changed.
    @discardableResult
    func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int

    /// Inserts all of them, faster than one by one.
    func insert(_ rows: Rows) throws

    /// Writes without waiting for what the database says to it: how many rows changed is not told, and a failure is
    /// thrown by a later statement or by the write itself. For inserts that nobody catches, of which a write has many:
    /// on PostgreSQL they travel together.
    func send(_ sql: StaticString, _ values: [any Bindable]) throws

    /// Work for the moment after the durable commit, such as ringing a bell: quick, unable to fail, and dropped
    /// when the transaction is undone. It runs on the writer's thread before the write is answered.
    func afterCommit(_ work: @escaping @Sendable () -> Void)

    /// Wakes whoever waits for work, once this is committed: every stream of `rings()`, in this process and in those of
    /// other nodes.
    func ring()
}

extension Transaction {
    @discardableResult
    public func execute(_ sql: StaticString, _ values: any Bindable...) throws -> Int {
        try execute(sql, values)
    }

    public func send(_ sql: StaticString, _ values: any Bindable...) throws { try send(sql, values) }

    public func send(_ sql: StaticString, _ values: [any Bindable]) throws { try execute(sql, values) }
}

/// One database. Two engines implement it: SQLite (embedded) and PostgreSQL.
///
/// **The write contract.** Independent writes that arrive together share one durable commit; one that fails is undone
/// alone (Docs/decisions/0018), and none is answered before that commit. A write closure is synchronous, may run more than once, and
/// may be undone with its neighbours: it takes time and identifiers as values, has no effect outside the
/// transaction, and never signs, hashes a password, renders or calls out. An error it throws undoes it alone.
public protocol Database: Sendable {
    var engine: DatabaseEngine { get }

    /// Runs `body` on a consistent snapshot, at least as new as every write already answered to this process.
    /// `body` has no effect outside; it may run more than once, when it turns out to be long.
    func read<Answer: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> Answer) async throws
        -> Answer

    /// The same for long lists, searches and measures, which a copy of the database may answer that is a little behind:
    /// it holds what the reader of `ReaderTrail.current` wrote, and all that is older than the lag that is allowed. Where
    /// there is no such copy, or no trail, it is `read`.
    func browse<Answer: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> Answer) async throws
        -> Answer

    /// Answers questions of which none hangs on another's answer (`Glance`) as `read` would, in one snapshot and as new:
    /// for rows found by their keys, as one that takes long makes others wait.
    /// - Returns: the rows of each, in their order.
    func ask(_ questions: [Question]) async throws -> [[Row]]

    @discardableResult
    func write<Answer: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer
    ) async throws -> Answer

    /// An element for commits of a write that rang; several may be one. Rings of other processes can be lost with a
    /// connection, and SQLite knows none: whoever waits looks from time to time as well.
    func rings() -> AsyncStream<Void>

    /// Work that the writer does at the end of each group, inside the same commit (SQLite), such as sealing the
    /// log. PostgreSQL ignores it: there a service does that work under an advisory lock.
    func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void)

    /// Seals what is personal in rows before they are written, so that the writer need not.
    func sealed(_ rows: Rows) throws -> Rows

    /// Applies the migrations that are not there yet, in the order of the list, each in a transaction. Inside a
    /// target the numbers rise by one; a target that refers to another's tables comes after it.
    /// - Throws: `StorageError.schema` when an applied one was edited, or the database is newer than the program.
    func migrate(_ migrations: [Migration]) async throws

    /// Makes the months of a table that do not stand yet, so that rows written later each lie in a part of their own; a
    /// table that is in one piece is left so, or divided first. An engine whose tables are in one piece for good does
    /// nothing.
    /// - Parameters:
    ///   - table: its key is the identifier `id` alone.
    ///   - months: in their order.
    ///   - isDividing: divide it when it is in one piece; what is there becomes the first part as it is.
    func keepMonths(of table: StaticString, _ months: [TableMonth], isDividing: Bool) async throws
        -> TableMonths

    /// Lets running work end and closes. Later calls throw `StorageError.closed`.
    func close() async
}

extension Database {
    public func sealed(_ rows: Rows) throws -> Rows { rows }

    public func keepMonths(of table: StaticString, _ months: [TableMonth], isDividing: Bool) async throws
        -> TableMonths
    {
        TableMonths(isDivided: false)
    }

    public func browse<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        try await read(body)
    }
}

public enum DatabaseEngine: String, Sendable, CaseIterable {
    case sqlite, postgres
}

/// One step of a target's schema. Append-only: a published step is never edited.
///
/// The text is written for both engines: BIGINT, DOUBLE PRECISION, TEXT, BLOB (BYTEA on PostgreSQL); text is
/// compared by bytes on both.
public struct Migration: Sendable {
    /// The owner, such as `audit`; tables begin with words of that owner.
    public let target: String
    /// 1, 2, 3 … inside the target, without gaps.
    public let number: Int
    public let statements: [StaticString]
    /// Whether a program that does not know this step goes on working beside it and after it: the step only adds
    /// tables, indexes and columns that may be left out. Such a program starts on the database; on one with any other
    /// step that it does not know it does not (Docs/decisions/0005).
    public let isAdditive: Bool

    public init(_ target: String, _ number: Int, _ statements: StaticString...) {
        self.init(target, number, statements, isAdditive: false)
    }

    /// A step that programs of the releases before may live with.
    public static func additive(_ target: String, _ number: Int, _ statements: StaticString...) -> Migration {
        Migration(target, number, statements, isAdditive: true)
    }

    private init(_ target: String, _ number: Int, _ statements: [StaticString], isAdditive: Bool) {
        self.target = target
        self.number = number
        self.statements = statements
        self.isAdditive = isAdditive
    }
}
