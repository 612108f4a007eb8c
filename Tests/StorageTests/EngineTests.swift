import Kernel
import Storage
import TestSupport
import Testing

@Suite("what both engines do alike")
struct EngineTests {
    @Test("every kind of value comes back as it went in")
    func values() async throws {
        try await forEachEngine(shopMigrations) { database in
            let texts = ["", "速办", "a'b\"c\\d", "🏛️ e\u{301}", String(repeating: "长", count: 50_000)]
            let blobs: [[UInt8]] = [[], [0], Array(0...255), Array(repeating: 0, count: 100_000)]
            let numbers: [Int64] = [0, 7, .max]
            let ratios: [Double] = [0, -1.5, 1e-300, 0.1, .greatestFiniteMagnitude]
            for text in texts {
                let back = try await database.write { tx in
                    try tx.execute("DELETE FROM shop_thing")
                    try tx.execute("INSERT INTO shop_thing (name, id) VALUES ($2, $1)", "x", text)
                    return try tx.query("SELECT id, name, amount, ratio, bytes FROM shop_thing")
                }
                #expect(back.map(\.values) == [[.text("x"), .text(text), .null, .null, .null]])
            }
            for (index, blob) in blobs.enumerated() {
                let (number, ratio) = (numbers[index % 3], ratios[index])
                let back = try await database.write { tx in
                    try tx.execute(
                        "INSERT INTO shop_thing (id, amount, ratio, bytes) VALUES ($1, $2, $3, $4)",
                        "b\(index)",
                        number,
                        ratio,
                        blob
                    )
                    return try tx.query(
                        "SELECT amount, ratio, bytes FROM shop_thing WHERE id = $1",
                        "b\(index)"
                    )
                }
                #expect(back.map(\.values) == [[.integer(number), .double(ratio), .blob(blob)]])
            }
        }
    }

    @Test("values stand where their numbers say, in any order and repeatedly")
    func places() async throws {
        try await forEachEngine(shopMigrations) { database in
            let row = try await database.write { tx in
                try tx.execute(
                    "INSERT INTO shop_thing (id, name, amount) VALUES ($3, $1, $2)",
                    "name",
                    5,
                    "id"
                )
                return try tx.query(
                    "SELECT id, name, '$1' FROM shop_thing WHERE ($1 = name OR $1 = id) AND amount = $2",
                    "name",
                    5
                )
            }
            #expect(row.map(\.values) == [[.text("id"), .text("name"), .text("$1")]])
        }
    }

    @Test("a value may be missing anywhere, and a condition may ask for that")
    func missing() async throws {
        try await forEachEngine(shopMigrations) { database in
            try await database.write { tx in
                try addThing("a", amount: 1, in: tx)
                try addThing("b", in: tx)
            }
            for (wanted, found) in [(nil, 2), (1, 1), (9, 0)] as [(Int?, Int64)] {
                let count = try await database.read { reader in
                    try reader.number(
                        "SELECT COUNT(*) FROM shop_thing WHERE $1 IS NULL OR amount = $1",
                        wanted
                    )
                }
                #expect(count == found, "\(database.engine)")
            }
            let sum = try await database.read {
                try $0.query("SELECT SUM(amount), MAX(name) FROM shop_thing")
            }
            #expect(sum.map(\.values) == [[.integer(1), .null]])
        }
    }

    @Test("text is sorted and compared by its bytes")
    func order() async throws {
        let words = ["b", "B", "a", "ä", "Z", "包头", "阿拉善", "", "a b", "a-b", "_", "é"]
        try await forEachEngine(shopMigrations) { database in
            let sorted = try await database.write { tx in
                for word in words { try addThing(word, in: tx) }
                return try things(in: tx)
            }
            #expect(
                sorted == words.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) },
                "\(database.engine)"
            )
            let above = try await database.read {
                try $0.number("SELECT COUNT(*) FROM shop_thing WHERE id > $1", "b")
            }
            #expect(above == 4, "\(database.engine)")
        }
    }

    @Test("a constraint is told by the same name")
    func constraints() async throws {
        let cases: [(String, @Sendable (any Transaction) throws -> Void)] = [
            ("shop_thing.id", { try addThing("a", in: $0) }),
            ("shop_amount_positive", { try addThing("c", amount: -1, in: $0) }),
            ("foreign-key", { try $0.execute("INSERT INTO shop_part VALUES ($1, $2, $3)", "none", 1, "w") }),
            (
                "shop_part.thing,shop_part.number",
                { tx in
                    for _ in 1...2 {
                        try tx.execute("INSERT INTO shop_part VALUES ($1, $2, $3)", "a", 1, "w")
                    }
                }
            ),
            (
                "shop_part.word",
                { try $0.execute("INSERT INTO shop_part (thing, number) VALUES ($1, $2)", "a", 1) }
            ),
        ]
        try await forEachEngine(shopMigrations) { database in
            try await database.write { try addThing("a", in: $0) }
            for (name, body) in cases {
                await #expect(throws: StorageError.constraint(name: name), "\(database.engine)") {
                    try await database.write { tx in try body(tx) }
                }
            }
            #expect(try await database.read { try things(in: $0) } == ["a"])
        }
    }

    @Test("an error undoes its write, and only that")
    func undone() async throws {
        try await forEachEngine(shopMigrations) { database in
            await #expect(throws: Refused()) {
                try await database.write { tx in
                    try addThing("a", in: tx)
                    throw Refused()
                }
            }
            try await database.write { try addThing("b", in: $0) }
            #expect(try await database.read { try things(in: $0) } == ["b"])
        }
    }

    @Test(
        "a failed statement spoils the write even when its error is swallowed, and may be put into other words"
    )
    func spoiled() async throws {
        try await forEachEngine(shopMigrations) { database in
            try await database.write { try addThing("a", in: $0) }
            await #expect(throws: StorageError.constraint(name: "shop_thing.id")) {
                try await database.write { tx in
                    try addThing("b", in: tx)
                    try? addThing("a", in: tx)
                    try? addThing("c", in: tx)
                }
            }
            await #expect(throws: Refused()) {
                try await database.write { tx in
                    do { try addThing("a", in: tx) } catch StorageError.constraint { throw Refused() }
                }
            }
            #expect(try await database.read { try things(in: $0) } == ["a"])
        }
    }

    @Test("a read cannot write, and sees one snapshot")
    func reading() async throws {
        try await forEachEngine(shopMigrations) { database in
            await #expect(throws: StorageError.self) {
                try await database.read { reader in
                    try reader.query("INSERT INTO shop_thing (id) VALUES ('x') RETURNING id")
                }
            }
            let kept = try await database.read { try things(in: $0) }
            #expect(kept.isEmpty)
        }
    }

    @Test("an own write is there at once, from every task")
    func readYourWrites() async throws {
        try await forEachEngine(shopMigrations) { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        for number in 0..<25 {
                            let id = "\(task)-\(number)"
                            try await database.write { try addThing(id, in: $0) }
                            let count = try await database.read {
                                try $0.number("SELECT COUNT(*) FROM shop_thing WHERE id = $1", id)
                            }
                            #expect(count == 1, "\(database.engine) \(id)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("counters lose no update under 40 writers")
    func counters() async throws {
        try await forEachEngine(shopMigrations) { database in
            try await database.write { try addThing("n", amount: 0, in: $0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        for _ in 0..<5 {
                            try await database.write { tx in
                                let old = try tx.number(
                                    "SELECT amount FROM shop_thing WHERE id = 'n' FOR UPDATE"
                                )
                                try tx.execute("UPDATE shop_thing SET amount = $1 WHERE id = 'n'", old + 1)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.read { try $0.number("SELECT amount FROM shop_thing") } == 200)
        }
    }

    @Test("work after a commit is done once, and never for what was undone")
    func afterCommit() async throws {
        try await forEachEngine(shopMigrations) { database in
            let heard = Heard()
            try await database.write { tx in
                try addThing("a", in: tx)
                tx.afterCommit { heard.note("a") }
            }
            try? await database.write { tx in
                tx.afterCommit { heard.note("b") }
                throw Refused()
            }
            #expect(heard.all == ["a"])
        }
    }

    @Test("what was sent without asking spoils its write when it fails, and leaves nothing")
    func sent() async throws {
        try await forEachEngine(shopMigrations) { database in
            try await database.write { try addThing("a", in: $0) }
            for asksAfterwards in [false, true] {
                await #expect(throws: StorageError.constraint(name: "shop_thing.id")) {
                    try await database.write { tx in
                        try addThing("b", in: tx)
                        try tx.send("INSERT INTO shop_thing (id) VALUES ($1)", "a")
                        try tx.send("INSERT INTO shop_thing (id) VALUES ($1)", "c")
                        if asksAfterwards { _ = try things(in: tx) }
                    }
                }
                try await database.write { tx in
                    try tx.send("INSERT INTO shop_thing (id) VALUES ($1)", "d")
                    #expect(try things(in: tx) == ["a", "d"])
                    try tx.execute("DELETE FROM shop_thing WHERE id = 'd'")
                }
            }
            #expect(try await database.read { try things(in: $0) } == ["a"])
        }
    }

    @Test("a commit that rang wakes who waits, and what was undone does not")
    func rings() async throws {
        try await forEachEngine(shopMigrations) { database in
            var rings = database.rings().makeAsyncIterator()
            try? await database.write { tx in
                tx.ring()
                throw Refused()
            }
            try await database.write { tx in
                try addThing("a", in: tx)
                tx.ring()
            }
            await rings.next()
            #expect(try await database.read { try things(in: $0) } == ["a"])
        }
    }

    @Test("a zero byte in a text is refused by both")
    func zeroByte() async throws {
        try await forEachEngine(shopMigrations) { database in
            await #expect(throws: StorageError.statement("a text may not hold a zero byte")) {
                try await database.write { try addThing("a\0b", in: $0) }
            }
        }
    }

    @Test("after closing everything is refused as closed, and nobody waits for a ring")
    func closed() async throws {
        try await forEachEngine(shopMigrations) { database in
            try await database.write { try addThing("a", in: $0) }
            let rings = database.rings()
            await database.close()
            await #expect(throws: StorageError.closed) { try await database.read { try things(in: $0) } }
            await #expect(throws: StorageError.closed) { try await database.write { try things(in: $0) } }
            await database.close()
            for await _ in rings {}
            for await _ in database.rings() {}
        }
    }

    @Test("a transaction that was kept beyond its write is refused")
    func escaped() async throws {
        try await forEachEngine(shopMigrations) { database in
            let kept = Kept()
            try await database.write { kept.tx = $0 }
            #expect(throws: StorageError.self) { try kept.tx?.execute("DELETE FROM shop_thing") }
            #expect(kept.tx != nil)
        }
    }
}

/// Only the test that made it touches it, and never at the same time as the writer.
private final class Kept: @unchecked Sendable {
    var tx: (any Transaction)?
}
