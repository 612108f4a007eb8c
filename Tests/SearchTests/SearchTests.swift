import Kernel
import Search
import Storage
import TestSupport
import Testing

@Suite("finding by part of a name")
struct SearchTests {
    private static let start = Instant(milliseconds: 1_770_000_000_000)

    private func fill(_ database: any Database) async throws {
        let names = [
            ("a", "晨博商贸", "150203"), ("b", "晨光商贸", "150203"), ("c", "博雅文化", "150102"),
            ("d", "KM 物流", "150203"),
        ]
        try await database.write { tx in
            for (number, (object, name, region)) in names.enumerated() {
                try Search.put(
                    name,
                    kind: "thing",
                    object: object,
                    region: region,
                    at: Self.start + Int64(number),
                    in: tx
                )
            }
            try Search.put("晨博商贸", kind: "other", object: "z", region: "150203", at: Self.start, in: tx)
        }
    }

    @Test(
        "two characters are enough; the rarest pair decides, what was not put in is passed over, the newest come first",
        arguments: [
            ("晨博", ["a"]), ("商贸", ["b", "a"]), ("晨博商贸有限公司", ["a"]), ("km", ["d"]), ("km物", ["d"]), ("晨", []),
            ("没有", []), ("", []),
        ]
    )
    func words(_ words: String, _ wanted: [String]) async throws {
        try await forEachEngine(SearchMigrations.all) { database in
            try await fill(database)
            let found = try await database.read {
                try Search.find(words, kind: "thing", regionPrefix: "15", in: $0)
            }
            #expect(found == wanted)
        }
    }

    @Test("only what lies in the division, and one put in twice is there once")
    func divisions() async throws {
        try await forEachEngine(SearchMigrations.all) { database in
            try await fill(database)
            try await fill(database)
            var rows = SearchRows(kind: "thing")
            rows.put("博学教育", object: "e", region: "150221", at: Self.start)
            let more = rows.all
            try await database.write { tx in for rows in more { try tx.insert(rows) } }
            func found(_ prefix: String, _ words: String) async throws -> [String] {
                try await database.read {
                    try Search.find(words, kind: "thing", regionPrefix: prefix, in: $0)
                }
            }
            #expect(try await found("150203", "晨博") == ["a"])
            #expect(try await found("150102", "晨博") == [])
            #expect(try await found("1502", "博学") == ["e"])
            #expect(try await found("1502", "商贸") == ["b", "a"])
        }
    }
}
