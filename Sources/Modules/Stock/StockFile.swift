import Cryptography
import Foundation
import Kernel

/// A file of a bureau's own stock: CSV, TSV, a JSON object a line or an array of them, in UTF-8 or one of the Chinese encodings. It is
/// mapped, not read: a region's registers do not fit into memory. Fields are parted in bytes, before they are decoded:
/// neither a comma nor a quote nor a tab is ever part of a Chinese character in GB 18030.
public struct StockFile: Sendable {
    public enum Encoding: String, Sendable, CaseIterable {
        case utf8 = "UTF-8"
        case gbk = "GBK"
        /// With characters of four bytes, which GBK does not have.
        case gb18030 = "GB18030"
    }

    public enum Format: String, Sendable, CaseIterable {
        case csv, tsv
        case jsonLines = "json-lines"
        /// One array of objects, read object by object.
        case jsonArray = "json-array"
    }

    public let name: String
    public let encoding: Encoding
    public let format: Format
    public let columns: [String]
    /// SM3 over the bytes, in hexadecimal.
    public let digest: String
    public let size: Int
    /// Of the first row.
    public let start: StockPlace
    private let bytes: Data
    private let path: String
    private let stamp: Stamp

    /// - Throws: `StockError`: `unreadable`, `encoding` with the first line that fits none, `header`.
    public init(path: String) throws {
        // Taken before the bytes are: whatever is written afterwards makes another one.
        guard let stamp = Stamp(path: path),
            let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        else { throw StockError.unreadable(file: path) }
        self.bytes = bytes
        self.path = path
        self.stamp = stamp
        name = URL(fileURLWithPath: path).lastPathComponent
        size = bytes.count
        let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let found = bytes.withUnsafeBytes { EncodingScan($0).result }
        guard case .success(let encoding) = found else {
            guard case .failure(let fault) = found else { throw StockError.unreadable(file: path) }
            throw StockError.encoding(file: name, line: fault.line)
        }
        self.encoding = encoding
        let head = bytes.dropFirst(mark).prefix(65_536)
        let line = head.prefix { $0 != 0x0A }
        let first = head.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D }
        let format: Format =
            first == UInt8(ascii: "{")
            ? .jsonLines : first == UInt8(ascii: "[") ? .jsonArray : line.contains(0x09) ? .tsv : .csv
        self.format = format
        let stream = DigestStream.sm3()
        bytes.withUnsafeBytes { stream.update($0) }
        digest = Hex.encode(stream.finish())
        var place = StockPlace(offset: mark, line: 1)
        if format == .jsonLines || format == .jsonArray {
            columns = bytes.withUnsafeBytes {
                JSONLines.columns($0, at: place, format: format, encoding: encoding)
            }
        } else {
            let header = bytes.withUnsafeBytes { raw in
                FieldReader(raw, format: format, encoding: encoding).next(&place)
            }
            columns = header?.values.map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        }
        start = place
        guard !columns.isEmpty, !columns.contains(""), Set(columns).count == columns.count else {
            throw StockError.header(file: name)
        }
    }

    /// Refuses to go on with a file that is not the one that was opened any more. It is mapped: what somebody writes to
    /// it meanwhile would be read under the digest of what stood there before.
    /// - Throws: `StockError.changed`.
    func requireUnchanged() throws(StockError) {
        guard Stamp(path: path) == stamp else { throw .changed(file: name) }
    }

    /// What the file system says of a file. The moment of its last change is none that a program can set.
    private struct Stamp: Equatable, Sendable {
        private let numbers: [Int64]

        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            numbers = [
                Int64(status.st_dev), Int64(status.st_ino), Int64(status.st_size),
                Int64(status.st_ctim.tv_sec), Int64(status.st_ctim.tv_nsec),
            ]
        }
    }

    /// Rows from a place on.
    /// - Returns: at most `limit` rows, and the place behind them.
    public func page(at place: StockPlace, limit: Int) -> (rows: [StockRow], next: StockPlace) {
        bytes.withUnsafeBytes { raw in
            var next = place
            var rows: [StockRow] = []
            rows.reserveCapacity(limit)
            if format == .jsonLines || format == .jsonArray {
                let reader = JSONLines(raw, columns: columns, format: format, encoding: encoding)
                while rows.count < limit, let row = reader.next(&next) { rows.append(row) }
            } else {
                let reader = FieldReader(raw, format: format, encoding: encoding)
                while rows.count < limit, let row = reader.next(&next) {
                    rows.append(row.fitted(to: columns.count))
                }
            }
            return (rows, next)
        }
    }
}

/// Where in a file a row begins.
public struct StockPlace: Hashable, Sendable {
    public let offset: Int
    /// Counted from 1; of an array the number of its element.
    public let line: Int

    public init(offset: Int, line: Int) {
        self.offset = offset
        self.line = line
    }
}

/// One row as it stands in the file.
public struct StockRow: Sendable {
    public let line: Int
    /// In the order of the columns.
    public var values: [String]
    /// Why it cannot be read as a row; `refusal.stock.<fault>` is the message.
    public var fault: Fault?

    public enum Fault: String, Sendable, CaseIterable {
        case rowWidth = "row-width"
        case rowQuote = "row-quote"
        case rowEncoding = "row-encoding"
        case rowJSON = "row-json"
    }

    fileprivate func fitted(to count: Int) -> StockRow {
        guard values.count != count else { return self }
        var row = self
        row.values = Array((values + Array(repeating: "", count: count)).prefix(count))
        row.fault = fault ?? .rowWidth
        return row
    }
}

/// What a file is written in: UTF-8 when all of it is, then GBK or GB 18030.
private struct EncodingScan {
    struct Unknown: Error { let line: Int }

    let result: Result<StockFile.Encoding, Unknown>

    init(_ raw: UnsafeRawBufferPointer) {
        if Self.firstWrong(raw, step: Self.unicode) == nil {
            result = .success(.utf8)
            return
        }
        guard let wrong = Self.firstWrong(raw, step: Self.chinese) else {
            result = .success(Self.holdsFour(raw) ? .gb18030 : .gbk)
            return
        }
        result = .failure(Unknown(line: raw[..<wrong].count { $0 == 0x0A } + 1))
    }

    private static func firstWrong(
        _ raw: UnsafeRawBufferPointer,
        step: (UnsafeRawBufferPointer, Int) -> Int
    ) -> Int? {
        var at = 0
        while at < raw.count {
            if raw[at] < 0x80 {
                at += 1
                continue
            }
            let length = step(raw, at)
            guard length > 0 else { return at }
            at += length
        }
        return nil
    }

    /// How long the character is that begins here; 0 when none does (RFC 3629).
    private static func unicode(_ raw: UnsafeRawBufferPointer, _ at: Int) -> Int {
        let (first, second) = (raw[at], at + 1 < raw.count ? raw[at + 1] : 0)
        let length: Int
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: length = second >= 0xA0 ? 3 : 0
        case 0xED: length = second <= 0x9F ? 3 : 0
        case 0xE1...0xEF: length = 3
        case 0xF0: length = second >= 0x90 ? 4 : 0
        case 0xF4: length = second <= 0x8F ? 4 : 0
        case 0xF1...0xF3: length = 4
        default: length = 0
        }
        guard length > 0, at + length <= raw.count else { return 0 }
        return raw[at + 1..<at + length].allSatisfy { $0 & 0xC0 == 0x80 } ? length : 0
    }

    /// The same for GB 18030-2022, 4.2.
    private static func chinese(_ raw: UnsafeRawBufferPointer, _ at: Int) -> Int {
        guard (0x81...0xFE).contains(raw[at]), at + 1 < raw.count else { return 0 }
        switch raw[at + 1] {
        case 0x40...0x7E, 0x80...0xFE: return 2
        case 0x30...0x39:
            guard at + 3 < raw.count, (0x81...0xFE).contains(raw[at + 2]),
                (0x30...0x39).contains(raw[at + 3])
            else { return 0 }
            return 4
        default: return 0
        }
    }

    private static func holdsFour(_ raw: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at < raw.count {
            let length = raw[at] < 0x80 ? 1 : chinese(raw, at)
            if length == 4 { return true }
            at += max(1, length)
        }
        return false
    }
}
