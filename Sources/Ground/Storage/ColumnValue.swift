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
}

extension ColumnValue: Bindable {
    public var bound: ColumnValue { self }
}

extension Int64: Bindable {
    public var bound: ColumnValue { .integer(self) }
}

extension Int: Bindable {
    public var bound: ColumnValue { .integer(Int64(self)) }
}

extension Bool: Bindable {
    /// Stored as 0 or 1.
    public var bound: ColumnValue { .integer(self ? 1 : 0) }
}

extension Double: Bindable {
    public var bound: ColumnValue { .double(self) }
}

extension String: Bindable {
    public var bound: ColumnValue { .text(self) }
}

extension [UInt8]: Bindable {
    public var bound: ColumnValue { .blob(self) }
}

extension Instant: Bindable {
    /// Stored as milliseconds UTC.
    public var bound: ColumnValue { .integer(milliseconds) }
}

extension LocalDate: Bindable {
    /// Stored as `YYYY-MM-DD`, which sorts as it should.
    public var bound: ColumnValue { .text(description) }
}

extension Money: Bindable {
    /// Stored as fen.
    public var bound: ColumnValue { .integer(fen) }
}

extension JSON: Bindable {
    /// Stored as canonical text.
    public var bound: ColumnValue { .text(canonical) }
}

extension ID: Bindable {
    public var bound: ColumnValue { .text(rawValue) }
}

extension Optional: Bindable where Wrapped: Bindable {
    public var bound: ColumnValue { self?.bound ?? .null }
}
