import CPostgres
import Storage

extension PostgresConnection {
    /// Inserts many rows by `COPY` in its binary format (PostgreSQL 15 manual, COPY, "Binary Format").
    func copy(_ rows: Rows) throws {
        guard !rows.isEmpty else { return }
        let command = try copyText(rows.insert.description)
        try besidePipeline { handle in
            let result = PQexec(handle, command)
            defer { PQclear(result) }
            guard PQresultStatus(result) == PGRES_COPY_IN else {
                throw PostgresError(result: result, connection: handle)
            }
            do {
                var sheet = CopySheet()
                for start in stride(from: 0, to: rows.values.count, by: rows.width) {
                    sheet.begin(width: rows.width)
                    for value in rows.values[start..<start + rows.width] { try sheet.add(value) }
                    if sheet.bytes.count >= CopySheet.portion { try send(&sheet, over: handle) }
                }
                sheet.end()
                try send(&sheet, over: handle)
            } catch {
                // The server has to hear that no more comes, before it can be asked anything else.
                try? endCopy(handle, because: "a row cannot be written")
                throw error
            }
            try endCopy(handle)
        }
    }

    private func send(_ sheet: inout CopySheet, over handle: OpaquePointer) throws {
        try sheet.bytes.withUnsafeBytes { bytes in
            let start = bytes.bindMemory(to: CChar.self).baseAddress
            guard PQputCopyData(handle, start, Int32(bytes.count)) == 1 else {
                throw PostgresError(result: nil, connection: handle)
            }
        }
        sheet.clear()
    }

    /// Hears what the server says of all that was sent; of an error it tells only here.
    private func endCopy(_ handle: OpaquePointer, because reason: String? = nil) throws(PostgresError) {
        guard PQputCopyEnd(handle, reason) == 1 else { throw PostgresError(result: nil, connection: handle) }
        var failure: PostgresError?
        while let result = PQgetResult(handle) {
            if PQresultStatus(result) != PGRES_COMMAND_OK, failure == nil {
                failure = PostgresError(result: result, connection: handle)
            }
            PQclear(result)
        }
        if let failure { throw failure }
    }

    /// `INSERT INTO table (columns) VALUES …` as a `COPY` into the same columns.
    private func copyText(_ insert: String) throws(StorageError) -> String {
        let words = "INSERT INTO "
        guard insert.hasPrefix(words), let end = insert.firstIndex(of: ")") else {
            throw .statement("rows are inserted by INSERT INTO table (columns) VALUES (places)")
        }
        return "COPY \(insert[...end].dropFirst(words.count)) FROM STDIN (FORMAT binary)"
    }
}

/// Rows as bytes: a head, then for each row its width and for each value its length and itself, all big-endian.
private struct CopySheet {
    /// So many bytes go to the server at once.
    static let portion = 262_144
    private(set) var bytes: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)

    mutating func begin(width: Int) { put(Int16(width)) }

    mutating func add(_ value: ColumnValue) throws(StorageError) {
        switch value {
        case .null: put(Int32(-1))
        case .integer(let number):
            put(Int32(8))
            put(number)
        case .double(let number):
            put(Int32(8))
            put(number.bitPattern)
        case .text(let text):
            guard !text.utf8.contains(0) else { throw .statement("a text may not hold a zero byte") }
            put(Int32(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        case .blob(let blob):
            put(Int32(blob.count))
            bytes.append(contentsOf: blob)
        }
    }

    mutating func end() { put(Int16(-1)) }

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    private mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
