import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// A seal of the tests: turns bytes over with a key, and knows its own.
private struct Turned: ColumnSeal {
    let key: UInt8

    struct Foreign: Error {}

    func seal(_ bytes: [UInt8]) throws -> [UInt8] { [key] + bytes.map { $0 ^ key } }

    func open(_ bytes: [UInt8]) throws -> [UInt8] {
        guard bytes.first == key else { throw Foreign() }
        return bytes.dropFirst().map { $0 ^ key }
    }

    func lookup(_ use: String, _ text: String) -> String { String("\(use)\(key)\(text)".reversed()) }
}

@Suite("personal columns")
struct SealedTests {
    private static let table = Migration(
        "sample",
        1,
        "CREATE TABLE sample_row (id TEXT PRIMARY KEY, phone TEXT, found TEXT, bytes BLOB, plain TEXT)"
    )

    @Test("what is personal lies sealed in the row, is read as it was, and is found by its key alone")
    func roundTrip() async throws {
        try await forEachEngine([Self.table]) { bare in
            let database = SealedDatabase(bare, seal: Turned(key: 0x5A))
            try await database.write { tx in
                try tx.execute(
                    "INSERT INTO sample_row (id, phone, found, bytes, plain) VALUES ($1, $2, $3, $4, $5)",
                    "a",
                    PersonalText("13800000001"),
                    LookupKey("phone", "13800000001"),
                    PersonalBytes(Array("13800000001".utf8)),
                    "public"
                )
                try tx.execute(
                    "INSERT INTO sample_row (id, phone, bytes) VALUES ($1, $2, $3)",
                    "none",
                    PersonalText(nil as String?),
                    PersonalBytes([])
                )
            }
            let raw = try await bare.read {
                try $0.query("SELECT phone, found, bytes, plain FROM sample_row WHERE id = 'a'")
            }
            let row = try #require(raw.first)
            #expect(try row.text(0).contains("138") == false)
            #expect(try row.text(1).contains("13800000001") == false)
            #expect(try String(decoding: row.blob(2), as: UTF8.self).contains("138") == false)
            #expect(try row.text(3) == "public")
            let key = LookupKey("phone", "13800000001")
            let asked = try await database.ask([
                Question("SELECT phone, bytes FROM sample_row WHERE found = $1", key)
            ])
            #expect(
                asked.map { $0.map(\.values) } == [
                    [[.text("13800000001"), .blob(Array("13800000001".utf8))]]
                ]
            )
            try await database.read { reader in
                let found = try #require(
                    try reader.first(
                        "SELECT phone, bytes FROM sample_row WHERE found = $1",
                        LookupKey("phone", "13800000001")
                    )
                )
                #expect(try found.text(0) == "13800000001")
                #expect(try found.blob(1) == Array("13800000001".utf8))
                let none = try reader.first("SELECT phone, bytes FROM sample_row WHERE id = 'none'")
                #expect(none?.isNull(0) == true)
                #expect(try none?.blob(1) == [])
            }
        }
    }

    @Test(
        "rows of before are read in clear; a foreign key opens nothing; nobody writes what only looks sealed"
    )
    func edges() async throws {
        try await forEachEngine([Self.table]) { bare in
            let database = SealedDatabase(bare, seal: Turned(key: 0x5A))
            try await bare.write {
                try $0.execute("INSERT INTO sample_row (id, phone) VALUES ('old', '13800000002')")
            }
            let old = try await database.read { try $0.first("SELECT phone FROM sample_row")?.text(0) }
            #expect(old == "13800000002")
            try await database.write {
                try $0.execute("UPDATE sample_row SET phone = $1", PersonalText("13800000003"))
            }
            let foreign = SealedDatabase(bare, seal: Turned(key: 0x33))
            await #expect(throws: Turned.Foreign.self) {
                try await foreign.read { try $0.first("SELECT phone FROM sample_row")?.text(0) }
            }
            let stolen = try await bare.read { try $0.first("SELECT phone FROM sample_row")?.text(0) }
            #expect(StorageError.looksSealed.status == .unacceptable)
            let marked = stolen ?? ""
            for value: any Bindable & Sendable in [
                marked, Array(marked.utf8), ColumnValue.text(marked), ColumnValue.blob(Array(marked.utf8)),
            ] {
                await #expect(throws: StorageError.looksSealed) {
                    try await database.write { try $0.execute("UPDATE sample_row SET plain = $1", value) }
                }
                await #expect(throws: StorageError.looksSealed) {
                    try await database.read {
                        try $0.first("SELECT id FROM sample_row WHERE plain = $1", value)
                    }
                }
            }
            let asItLies = try await database.read {
                try $0.unopened.first("SELECT phone FROM sample_row")?.text(0)
            }
            #expect(asItLies == stolen)
        }
    }
}
