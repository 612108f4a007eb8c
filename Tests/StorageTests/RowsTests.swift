import Kernel
@testable import Storage
import TestSupport
import Testing

@Suite("many rows at once")
struct RowsTests {
    private static let table = Migration(
        "sample",
        1,
        "CREATE TABLE sample_row (id TEXT PRIMARY KEY, words TEXT, amount BIGINT, ratio DOUBLE PRECISION, bytes BLOB)"
    )

    private static var rows: Rows {
        Rows("INSERT INTO sample_row (id, words, amount, ratio, bytes) VALUES ($1, $2, $3, $4, $5)")
    }

    private struct Reversed: ColumnSeal {
        func seal(_ bytes: [UInt8]) -> [UInt8] { bytes.reversed() }
        func open(_ bytes: [UInt8]) -> [UInt8] { bytes.reversed() }
        func lookup(_ use: String, _ text: String) -> String { "key of \(use), \(text)" }
    }

    @Test("every kind of value comes back as it went in, in thousands of rows")
    func values() async throws {
        try await forEachEngine([Self.table]) { database in
            var rows = Self.rows
            let texts: [String?] = ["", "速办", "a\tb\nc\\.\"'", nil, String(repeating: "长", count: 30_000)]
            let blobs: [[UInt8]?] = [[], [0], Array(0...255), nil]
            for number in 0..<3_000 {
                rows.add(
                    "r\(number)",
                    texts[number % texts.count],
                    number.isMultiple(of: 7) ? nil : -number,
                    number.isMultiple(of: 11) ? nil : Double(number) / 3,
                    blobs[number % blobs.count]
                )
            }
            #expect(rows.count == 3_000)
            let ready = rows
            try await database.write { try $0.insert(ready) }
            let kept = try await database.read {
                try $0.query("SELECT id, words, amount, ratio, bytes FROM sample_row")
            }
            let found = Dictionary(uniqueKeysWithValues: try kept.map { (try $0.text(0), $0.values) })
            #expect(found.count == 3_000)
            for number in 0..<3_000 {
                let wanted: [ColumnValue] = [
                    .text("r\(number)"), texts[number % texts.count].bound,
                    number.isMultiple(of: 7) ? .null : .integer(Int64(-number)),
                    number.isMultiple(of: 11) ? .null : .double(Double(number) / 3),
                    blobs[number % blobs.count].bound,
                ]
                if found["r\(number)"] != wanted { Issue.record("row \(number) is another") }
            }
        }
    }

    @Test("one row that cannot stand undoes the whole write, and the next write goes on")
    func refused() async throws {
        try await forEachEngine([Self.table]) { database in
            var rows = Self.rows
            for id in ["a", "b", "a"] { rows.add(id, "", 1, 1.0, [UInt8]()) }
            let twice = rows
            await #expect(throws: StorageError.constraint(name: "sample_row.id")) {
                try await database.write { try $0.insert(twice) }
            }
            var odd = Self.rows
            odd.add("z", "zero \u{0} byte", 1, 1.0, [UInt8]())
            let zero = odd
            await #expect(throws: StorageError.statement("a text may not hold a zero byte")) {
                try await database.write { try $0.insert(zero) }
            }
            #expect(try await database.read { try $0.number("SELECT COUNT(*) FROM sample_row") } == 0)
            var good = Self.rows
            good.add("c", "", 1, 1.0, [UInt8]())
            let one = good
            try await database.write { try $0.insert(one) }
            #expect(try await database.read { try $0.number("SELECT COUNT(*) FROM sample_row") } == 1)
        }
    }

    @Test(
        "only what COPY can do is taken: nothing behind the places, and each once and in order",
        arguments: [
            ("INSERT INTO t (a, b)\n    VALUES ($1, $2)", true), ("INSERT INTO t (a) VALUES ($1)", true),
            ("INSERT INTO t (a) VALUES ($1) ON CONFLICT DO NOTHING", false),
            ("INSERT INTO t (a) VALUES ($1) RETURNING a", false), ("INSERT INTO t (a) VALUES ($1);", false),
            ("INSERT INTO t (a, b) VALUES ($2, $1)", false), ("INSERT INTO t (a, b) VALUES ($1, 0)", false),
            ("INSERT INTO t (a, b) VALUES ($1)", false), ("INSERT INTO t VALUES ($1)", false),
            ("INSERT INTO t (a) VALUES (lower($1))", false), ("INSERT INTO t (a) SELECT $1", false),
        ]
    )
    func plain(insert: String, isTaken: Bool) {
        #expect(Rows.isPlain(insert) == isTaken)
    }

    @Test("what is personal is sealed, ahead or on the way, and nothing that looks sealed comes in")
    func sealed() async throws {
        try await forEachEngine([Self.table]) { bare in
            let database = SealedDatabase(bare, seal: Reversed())
            var open = Self.rows
            open.add("open", PersonalText("13800000001"), 1, 1.0, PersonalBytes([1, 2, 3]))
            open.add("none", PersonalText(nil as String?), 1, 1.0, [UInt8]([9]))
            open.add("key", LookupKey("phone", "13:8"), 1, 1.0, [UInt8]([9]))
            var other = Self.rows
            other.add("ahead", PersonalText("13800000002"), 1, 1.0, PersonalBytes([]))
            let (rows, ahead) = (open, try database.sealed(other))
            try await database.write { tx in
                try tx.insert(rows)
                try tx.insert(ahead)
            }
            let kept = try await bare.read { try $0.query("SELECT id, words, bytes FROM sample_row") }
            for row in kept where row.values[1] != .null {
                #expect(try row.text(1).contains("1380") == false)
            }
            #expect(kept.contains { $0.values[1] == .text("key of phone, 13:8") })
            let read = try await database.read {
                try $0.query("SELECT id, words, bytes FROM sample_row ORDER BY id")
            }
            #expect(
                read.map(\.values) == [
                    [.text("ahead"), .text("13800000002"), .blob([])],
                    [.text("key"), .text("key of phone, 13:8"), .blob([9])],
                    [.text("none"), .null, .blob([9])],
                    [.text("open"), .text("13800000001"), .blob([1, 2, 3])],
                ]
            )
            var forged = Self.rows
            forged.add("forged", "\u{2}sealed-1:AAAA", 1, 1.0, [UInt8]())
            let like = forged
            #expect(throws: StorageError.looksSealed) { try database.sealed(like) }
            await #expect(throws: StorageError.looksSealed) {
                try await database.write { try $0.insert(like) }
            }
        }
    }
}
