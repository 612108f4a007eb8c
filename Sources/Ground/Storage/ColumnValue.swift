public import Kernel

/// What a column holds: BIGINT, DOUBLE PRECISION, TEXT or BLOB (BYTEA), or nothing.
public enum ColumnValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])
}

/// Something that can stand for a `$n` in a statement.
public protocol Bindable: Sendable {
    var bound: ColumnValue { get }
    /// What the column holds for every value of this type, also for a missing one; nil where only the value tells.
    /// PostgreSQL wants to know it before it sees a value.
    static var columnKind: ColumnKind? { get }
    /// How a `SealedDatabase` treats it.
    var secrecy: Secrecy { get }
}

extension Bindable {
    public static var columnKind: ColumnKind? { nil }
    public var secrecy: Secrecy { .none }
}

/// What must not rest in clear, and how it is kept instead.
public enum Secrecy: Sendable {
    case none
    case text(String)
    case bytes([UInt8])
    /// Found again by a keyed digest.
    case lookup(use: String, text: String)
}

public enum ColumnKind: Sendable, CaseIterable {
    case integer, double, text, blob
}

extension ColumnValue: Bindable {
    public static var columnKind: ColumnKind? { nil }
    public var bound: ColumnValue { self }
}

extension Int64: Bindable {
    public static var columnKind: ColumnKind? { .integer }
    public var bound: ColumnValue { .integer(self) }
}

extension Int: Bindable {
    public static var columnKind: ColumnKind? { .integer }
    public var bound: ColumnValue { .integer(Int64(self)) }
}

extension Bool: Bindable {
    public static var columnKind: ColumnKind? { .integer }
    /// Stored as 0 or 1.
    public var bound: ColumnValue { .integer(self ? 1 : 0) }
}

extension Double: Bindable {
    public static var columnKind: ColumnKind? { .double }
    public var bound: ColumnValue { .double(self) }
}

extension String: Bindable {
    public static var columnKind: ColumnKind? { .text }
    public var bound: ColumnValue { .text(self) }
}

extension [UInt8]: Bindable {
    public static var columnKind: ColumnKind? { .blob }
    public var bound: ColumnValue { .blob(self) }
}

extension Instant: Bindable {
    public static var columnKind: ColumnKind? { .integer }
    /// Stored as milliseconds UTC.
    public var bound: ColumnValue { .integer(milliseconds) }
}

extension LocalDate: Bindable {
    public static var columnKind: ColumnKind? { .text }
    /// Stored as `YYYY-MM-DD`, which sorts as it should.
    public var bound: ColumnValue { .text(description) }
}

extension Money: Bindable {
    public static var columnKind: ColumnKind? { .integer }
    /// Stored as fen.
    public var bound: ColumnValue { .integer(fen) }
}

extension JSON: Bindable {
    public static var columnKind: ColumnKind? { .text }
    /// Stored as canonical text.
    public var bound: ColumnValue { .text(canonical) }
}

extension ID: Bindable {
    public static var columnKind: ColumnKind? { .text }
    public var bound: ColumnValue { .text(rawValue) }
}

extension Optional: Bindable where Wrapped: Bindable {
    public static var columnKind: ColumnKind? { Wrapped.columnKind }
    public var bound: ColumnValue { self?.bound ?? .null }
    public var secrecy: Secrecy { self?.secrecy ?? Secrecy.none }
}
