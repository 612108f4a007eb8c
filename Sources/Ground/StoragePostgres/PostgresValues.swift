import CPostgres
import Foundation
import Storage

/// Numbers of types, from PostgreSQL's catalogue `pg_type`.
enum PostgresType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
    static let numeric: Oid = 1700
    static let void: Oid = 2278

    static func of(_ kind: ColumnKind?) -> Oid {
        switch kind {
        case nil: 0
        case .integer: int8
        case .double: float8
        case .text: text
        case .blob: bytea
        }
    }

    /// The others come as text, with every column beside them.
    static func areBytesRead(_ type: Oid) -> Bool {
        [bool, bytea, name, int8, int2, int4, text, float4, float8, bpchar, varchar, void].contains(type)
    }
}

/// The values of a statement as libpq wants them, in one piece of memory: the bytes that PostgreSQL uses itself, or
/// text with a zero at its end where it chose the types.
struct Parameters {
    private var bytes: [UInt8] = []
    private var places: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ values: [any Bindable], isBinary: Bool) throws(StorageError) {
        for value in values {
            let start = bytes.count
            var format: Int32 = isBinary ? 1 : 0
            switch value.bound {
            case .null:
                places.append(nil)
                lengths.append(0)
                formats.append(format)
                continue
            case .integer(let number) where isBinary: append(UInt64(bitPattern: number))
            case .integer(let number): bytes += String(number).utf8
            case .double(let number) where isBinary: append(number.bitPattern)
            case .double(let number): bytes += String(number).utf8
            case .text(let text):
                guard !text.utf8.contains(0) else { throw .statement("a text may not hold a zero byte") }
                bytes += text.utf8
            case .blob(let blob):
                bytes += blob
                format = 1
            }
            places.append(start)
            lengths.append(Int32(bytes.count - start))
            formats.append(format)
            bytes.append(0)
        }
    }

    private mutating func append(_ number: UInt64) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    /// Lends what libpq reads before it returns.
    func withPointers<Answer>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> Answer
    ) -> Answer {
        bytes.withUnsafeBytes { memory in
            let pointers = places.map { place in
                place.flatMap { memory.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return body(pointers, lengths, formats)
        }
    }
}

/// The rows of an answer.
func rows(of result: OpaquePointer?) throws(StorageError) -> [Row] {
    let columns = PQnfields(result)
    let isBinary = columns > 0 && PQfformat(result, 0) == 1
    let types = (0..<columns).map { PQftype(result, $0) }
    var rows: [Row] = []
    rows.reserveCapacity(Int(PQntuples(result)))
    for line in 0..<PQntuples(result) {
        var row: [ColumnValue] = []
        row.reserveCapacity(Int(columns))
        for column in 0..<columns {
            guard PQgetisnull(result, line, column) == 0, let start = PQgetvalue(result, line, column) else {
                row.append(.null)
                continue
            }
            let bytes = UnsafeRawBufferPointer(
                start: start,
                count: Int(PQgetlength(result, line, column))
            )
            let type = types[Int(column)]
            let value = isBinary ? binaryValue(bytes, type) : try textValue(bytes, type)
            guard let value else { throw .unexpectedColumn(index: Int(column), wanted: "number") }
            row.append(value)
        }
        rows.append(Row(row))
    }
    return rows
}

/// Numbers lie with their most significant byte first.
private func binaryValue(_ bytes: UnsafeRawBufferPointer, _ type: Oid) -> ColumnValue? {
    var word: UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    return switch (type, bytes.count) {
    case (PostgresType.bytea, _): .blob(Array(bytes))
    case (PostgresType.bool, 1): .integer(bytes[0] == 0 ? 0 : 1)
    case (PostgresType.int8, 8): .integer(Int64(bitPattern: word))
    case (PostgresType.int4, 4): .integer(Int64(Int32(truncatingIfNeeded: word)))
    case (PostgresType.int2, 2): .integer(Int64(Int16(truncatingIfNeeded: word)))
    case (PostgresType.float8, 8): .double(Double(bitPattern: word))
    case (PostgresType.float4, 4): .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: word))))
    case (PostgresType.text, _), (PostgresType.varchar, _), (PostgresType.bpchar, _), (PostgresType.name, _),
        (PostgresType.void, _):
        .text(String(decoding: bytes, as: UTF8.self))
    default: nil
    }
}

private func textValue(_ bytes: UnsafeRawBufferPointer, _ type: Oid) throws(StorageError) -> ColumnValue? {
    var text: String { String(decoding: bytes, as: UTF8.self) }
    switch type {
    case PostgresType.bytea: return .blob(try decoded(bytes))
    case PostgresType.bool: return .integer(bytes.first == UInt8(ascii: "t") ? 1 : 0)
    case PostgresType.int8, PostgresType.int4, PostgresType.int2: return Int64(text).map { .integer($0) }
    case PostgresType.numeric, PostgresType.float8, PostgresType.float4:
        // The sum of whole numbers is `numeric` here and an integer in SQLite.
        if type == PostgresType.numeric, let number = Int64(text) { return .integer(number) }
        return Double(text).map { .double($0) }
    default: return .text(text)
    }
}

/// `\x` and hexadecimal digits.
private func decoded(_ bytes: UnsafeRawBufferPointer) throws(StorageError) -> [UInt8] {
    func digit(_ byte: UInt8) -> UInt8 { byte < 0x40 ? byte & 0x0F : (byte & 0x0F) + 9 }
    guard bytes.count >= 2, bytes.count.isMultiple(of: 2), bytes[0] == UInt8(ascii: "\\") else {
        throw .statement("PostgreSQL's bytea_output is not hex")
    }
    return stride(from: 2, to: bytes.count, by: 2).map { digit(bytes[$0]) << 4 | digit(bytes[$0 + 1]) }
}

/// A place in the write-ahead log, such as `16/B374D848`.
func logPosition(_ text: String) -> UInt64? {
    let halves = text.split(separator: "/").compactMap { UInt32($0, radix: 16) }
    return halves.count == 2 ? UInt64(halves[0]) << 32 | UInt64(halves[1]) : nil
}
