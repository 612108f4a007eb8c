/// Reads rows. Statements are `StaticString`, so that no text from outside can ever become SQL; values are `$1`,
/// `$2` … in any order and any number of times.
public protocol Reader {
    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row]
}

extension Reader {
    public func query(_ sql: StaticString, _ values: any Bindable...) throws -> [Row] { try query(sql, values) }

    /// The first row, or nil. Add `LIMIT 1` when there may be many.
    public func first(_ sql: StaticString, _ values: any Bindable...) throws -> Row? { try query(sql, values).first }

    /// A single number, such as a count.
    public func number(_ sql: StaticString, _ values: any Bindable...) throws -> Int64 {
        guard let row = try query(sql, values).first else { throw StorageError.noRow }
        return try row.integer(0)
    }
}

/// Reads and writes inside one transaction. `SELECT … FOR UPDATE` locks rows on PostgreSQL; on SQLite, where the
/// writer is alone, the two words are dropped.
public protocol Transaction: Reader {
    /// - Returns: how many rows changed.
    @discardableResult
    func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int
}

extension Transaction {
    @discardableResult
    public func execute(_ sql: StaticString, _ values: any Bindable...) throws -> Int { try execute(sql, values) }
}

/// One database. Two engines implement it: SQLite (embedded) and PostgreSQL.
///
/// **The write contract.** Independent writes that arrive together share one durable commit, each in its own
/// savepoint; none is answered before that commit. A write closure is synchronous, may run more than once, and
/// may be undone with its neighbours: it takes time and identifiers as values, has no effect outside the
/// transaction, and never signs, hashes a password, renders or calls out. An error it throws undoes it alone.
public protocol Database: Sendable {
    var engine: DatabaseEngine { get }

    /// Runs `body` on a consistent snapshot, at least as new as every write already answered to this process.
    func read<Answer: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> Answer) async throws -> Answer

    func write<Answer: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer
    ) async throws -> Answer

    /// Work that the writer does at the end of each group, inside the same commit (SQLite), such as sealing the
    /// log. PostgreSQL ignores it: there a service does that work under an advisory lock.
    func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void)

    /// Applies the migrations that are not there yet, in order of target and number, each in a transaction.
    func migrate(_ migrations: [Migration]) async throws

    /// Lets running work end and closes. Later calls throw `StorageError.closed`.
    func close() async
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

    public init(_ target: String, _ number: Int, _ statements: StaticString...) {
        self.target = target
        self.number = number
        self.statements = statements
    }
}
