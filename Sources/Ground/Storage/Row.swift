public import Kernel

/// One row of an answer, read by position.
///
/// A column that does not hold what the reader expects is a programmer's mistake or a damaged database; either
/// way it is thrown as `StorageError.unexpectedColumn`, never guessed.
public struct Row: Sendable {
    public let values: [ColumnValue]

    public init(_ values: [ColumnValue]) { self.values = values }

    @inlinable
    public func text(_ column: Int) throws(StorageError) -> String {
        guard case .text(let text) = values[column] else { throw unexpected(column, "text") }
        return text
    }

    @inlinable
    public func integer(_ column: Int) throws(StorageError) -> Int64 {
        guard case .integer(let number) = values[column] else { throw unexpected(column, "integer") }
        return number
    }

    @inlinable
    public func int(_ column: Int) throws(StorageError) -> Int { Int(try integer(column)) }

    @inlinable
    public func bool(_ column: Int) throws(StorageError) -> Bool { try integer(column) != 0 }

    public func double(_ column: Int) throws(StorageError) -> Double {
        switch values[column] {
        case .double(let number): return number
        case .integer(let number): return Double(number)
        case .null, .text, .blob: throw unexpected(column, "double")
        }
    }

    public func blob(_ column: Int) throws(StorageError) -> [UInt8] {
        guard case .blob(let bytes) = values[column] else { throw unexpected(column, "blob") }
        return bytes
    }

    @inlinable
    public func instant(_ column: Int) throws(StorageError) -> Instant {
        Instant(milliseconds: try integer(column))
    }

    public func date(_ column: Int) throws(StorageError) -> LocalDate {
        guard let date = LocalDate(parsing: try text(column)) else { throw unexpected(column, "date") }
        return date
    }

    public func json(_ column: Int) throws(StorageError) -> JSON {
        do { return try JSON.read(Array(try text(column).utf8), sizeBytesMax: 67_108_864) } catch is JSONError
        {
            throw unexpected(column, "json")
        } catch let error as StorageError { throw error } catch { throw unexpected(column, "json") }
    }

    @inlinable
    public func id<Entity>(_ column: Int, of _: Entity.Type = Entity.self) throws(StorageError) -> ID<Entity>
    {
        ID(try text(column))
    }

    /// A stored raw value, such as a state.
    @inlinable
    public func value<Kind: RawRepresentable<String>>(
        _ column: Int,
        as _: Kind.Type = Kind.self
    ) throws(StorageError) -> Kind {
        guard let kind = Kind(rawValue: try text(column)) else { throw unexpected(column, "\(Kind.self)") }
        return kind
    }

    @inlinable
    public func isNull(_ column: Int) -> Bool { if case .null = values[column] { true } else { false } }

    @inlinable
    public func optionalText(_ column: Int) throws(StorageError) -> String? {
        isNull(column) ? nil : try text(column)
    }

    @inlinable
    public func optionalInteger(_ column: Int) throws(StorageError) -> Int64? {
        isNull(column) ? nil : try integer(column)
    }

    @inlinable
    public func optionalInstant(_ column: Int) throws(StorageError) -> Instant? {
        isNull(column) ? nil : try instant(column)
    }

    public func optionalDate(_ column: Int) throws(StorageError) -> LocalDate? {
        isNull(column) ? nil : try date(column)
    }

    @usableFromInline
    func unexpected(_ column: Int, _ wanted: String) -> StorageError {
        .unexpectedColumn(index: column, wanted: wanted)
    }
}
