import Credentials
import Foundation
import Kernel
import Standards
import Stock
import TestSupport
import Testing

/// What files of other systems look like: encodings, separators, quotes, broken rows.
@Suite("files of stock")
struct StockFileTests {
    private func opened<Answer>(_ bytes: [UInt8], _ body: (StockFile) throws -> Answer) async throws -> Answer
    {
        try await withTemporaryFolder { folder in
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/file"))
            return try body(StockFile(path: "\(folder)/file"))
        }
    }

    private func rows(of bytes: [UInt8]) async throws -> [StockRow] {
        try await opened(bytes) { $0.page(at: $0.start, limit: 100).rows }
    }

    /// 姓名 in GBK.
    private static let head: [UInt8] = [0xD0, 0xD5, 0xC3, 0xFB, 0x0A]

    @Test("UTF-8, GBK and GB 18030 are told apart, and something else is refused with its line")
    func encodings() async throws {
        let utf8 = try await opened(Array("姓名\n张三\n".utf8)) { ($0.encoding, $0.columns) }
        #expect(utf8.0 == .utf8 && utf8.1 == ["姓名"])
        let marked = try await opened([0xEF, 0xBB, 0xBF] + Array("姓名\n张三\n".utf8)) { $0.columns }
        #expect(marked == ["姓名"])
        let gbk = try await opened(Self.head + [0xD5, 0xC5, 0xC8, 0xFD, 0x0A]) { file in
            (file.encoding, file.columns, file.page(at: file.start, limit: 9).rows.map(\.values))
        }
        #expect(gbk.0 == .gbk && gbk.1 == ["姓名"] && gbk.2 == [["张三"]])
        // 㐂 has four bytes in GB 18030 and none in GBK.
        let four = try await opened(Self.head + [0xD5, 0xC5, 0x81, 0x39, 0xEE, 0x39, 0x0A]) { file in
            (file.encoding, file.page(at: file.start, limit: 9).rows.map(\.values))
        }
        #expect(four.0 == .gb18030 && four.1.first?.first?.hasPrefix("张") == true)
        #expect(four.1.first?.first?.unicodeScalars.count == 2)
        await #expect(throws: StockError.encoding(file: "file", line: 3)) {
            try await opened(Array("a\nb\n".utf8) + [0xFF, 0xFF, 0x0A]) { $0.encoding }
        }
    }

    @Test("quotes hold separators and line ends, and lines are counted as they stand in the file")
    func quotes() async throws {
        let text = "a,b\r\n\"1,\"\"x\"\"\",\"two\nlines\"\r\n\r\n3,4\r\n"
        let rows = try await rows(of: Array(text.utf8))
        #expect(rows.map(\.values) == [["1,\"x\"", "two\nlines"], ["3", "4"]])
        #expect(rows.map(\.line) == [2, 5])
    }

    @Test("a quote that is never closed costs its own line only")
    func openQuote() async throws {
        let rows = try await rows(of: Array("a,b\n\"1,2\n3,4\n".utf8))
        #expect(rows.map(\.fault) == [.rowQuote, nil])
        #expect(rows.last?.values == ["3", "4"] && rows.last?.line == 3)
    }

    @Test("tabs part fields where the header has them, and a row of another width is told")
    func tabs() async throws {
        let rows = try await rows(of: Array("a\tb\n1\t\"2\n3\n4\t5\t6\n".utf8))
        #expect(rows.map(\.values) == [["1", "\"2"], ["3", ""], ["4", "5"]])
        #expect(rows.map(\.fault) == [nil, .rowWidth, .rowWidth])
    }

    @Test("a JSON object a line: every key is a column, what is no object is told")
    func jsonLines() async throws {
        let text = "{\"b\":1,\"a\":\"x\"}\nnothing\n{\"c\":null,\"a\":\"y\",\"b\":1.50}\n"
        let (columns, rows) = try await opened(Array(text.utf8)) { file in
            (file.columns, file.page(at: file.start, limit: 9).rows)
        }
        #expect(columns == ["a", "b", "c"])
        #expect(rows.map(\.values) == [["x", "1", ""], ["", "", ""], ["y", "1.50", ""]])
        #expect(rows.map(\.fault) == [nil, .rowJSON, nil])
    }

    @Test("a page begins where the one before ended")
    func pages() async throws {
        let text = "a\n" + (1...10).map { "\($0)\n" }.joined()
        let pieces = try await opened(Array(text.utf8)) { file in
            var (place, pieces) = (file.start, [[String]]())
            while true {
                let page = file.page(at: place, limit: 3)
                guard !page.rows.isEmpty else { return pieces }
                pieces.append(page.rows.flatMap(\.values))
                place = page.next
            }
        }
        #expect(pieces == [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["10"]])
    }

    @Test(
        "days are read as the source writes them, and no other way",
        arguments: [
            ("yyyyMMdd", "20031106", "2003-11-06"), ("yyyy-MM-dd", "2003-11-06", "2003-11-06"),
            ("yyyy年M月d日", "2003年11月6日", "2003-11-06"), ("yyyy/M/d", "2003/1/6", "2003-01-06"),
            ("yyyy-MM-dd HH:mm:ss", "2003-11-06 00:00:00", "2003-11-06"), ("yyyyMMdd", "20030230", nil),
            ("yyyyMMdd", "2003116", nil), ("yyyy-MM-dd", "2003-11-6", nil),
            ("yyyy-MM-dd", "2003-11-06x", nil),
        ] as [(String, String, String?)]
    )
    func days(pattern: String, text: String, day: String?) throws {
        let format = try #require(StockDateFormat(pattern))
        #expect(format.read(text)?.description == day)
    }

    @Test("a mapping that names what is not there is refused, with its line where it has one")
    func mappings() async throws {
        let text = """
            kind: person
            source: x
            row: [a]
            fields:
              name: {column: a}
              document: {column: b}
            """
        let types = try LicenceTypes(home: Home.find())
        let mapping = try StockMapping(yaml: text, file: "m.yaml", types: types)
        _ = try await opened(Array("a\n1\n".utf8)) { file in
            #expect(throws: StockError.noColumn(column: "b", file: "file")) {
                try mapping.check(against: file)
            }
        }
        #expect(throws: StockError.fieldUnmapped(field: "document", kind: "person")) {
            try StockMapping(
                yaml: text.replacing("  document: {column: b}", with: ""),
                file: "m.yaml",
                types: types
            )
        }
        #expect(throws: StockError.unknownField(field: "height", kind: "person")) {
            try StockMapping(yaml: text + "\n  height: {column: a}", file: "m.yaml", types: types)
        }
        #expect(throws: (any Error).self) {
            try StockMapping(
                yaml: text.replacing("{column: a}", with: "{column: a, value: b}"),
                file: "m.yaml",
                types: types
            )
        }
    }

    @Test("a profile guesses types and names what stands for the unknown")
    func profile() async throws {
        let standards = try Standards(home: Home.find())
        let today = try #require(LocalDate(parsing: "2026-11-22"))
        let text = """
            a,b,c,d
            150203198001010016,20031106,91150203MA00000158,１２
            150203750101123,19000101,不详, 3
            150203198001010016,20040101,,无
            """
        let profile = try await opened(Array(text.utf8)) {
            StockProfile($0, standards: standards, today: today)
        }
        #expect(profile.rows == 3)
        #expect(profile.columns.map(\.distinct) == [2, 3, 2, 3])
        #expect(profile.columns.map(\.filled) == [3, 3, 2, 3])
        #expect(
            profile.columns[1].type == "date yyyyMMdd" && profile.columns[1].suspicious == ["19000101": 1]
        )
        #expect(profile.columns[2].type == "credit-code" && profile.columns[2].suspicious == ["不详": 1])
        #expect(profile.columns[3].untidy == 2)
        #expect(profile.columns[0].types == ["id-18": 2, "id-15": 1])
    }
}
