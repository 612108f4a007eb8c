import Storage
import StoragePostgres
import TestSupport
import Testing

@Suite("questions asked together")
struct GlanceTests {
    private static func amount(of id: String) -> Glance<Int64?> {
        Glance(Question("SELECT amount FROM shop_thing WHERE id = $1", id)) {
            try $0.first?.optionalInteger(0)
        }
    }

    private static func words(of id: String) -> Glance<[String]> {
        let question = Question("SELECT word FROM shop_part WHERE thing = $1 ORDER BY number", id)
        return Glance(question) { try $0.map { try $0.text(0) } }
    }

    private static func fill(_ database: any Database, count: Int) async throws {
        try await database.write { tx in
            for number in 0..<count {
                try addThing("t\(number)", amount: number, in: tx)
                try tx.execute("INSERT INTO shop_part VALUES ($1, 2, 'b'), ($1, 1, $1)", "t\(number)")
            }
        }
    }

    @Test("each question has its own rows, in its place, alone and within a read")
    func places() async throws {
        try await forEachEngine(shopMigrations) { database in
            try await Self.fill(database, count: 3)
            let both = Self.amount(of: "t2").with(Self.words(of: "t1")).with(Self.words(of: "none"))
            let answer = try await database.look(both)
            #expect(answer.0.0 == 2 && answer.0.1 == ["t1", "b"] && answer.1.isEmpty, "\(database.engine)")
            let within = try await database.read { try $0.look(both) }
            #expect(within.0.0 == 2 && within.0.1 == ["t1", "b"] && within.1.isEmpty)
            #expect(throws: StorageError.noRow) { try both.answer([[]]) }
        }
    }

    @Test("of many callers at once each gets what is his, and sees what he has written")
    func manyCallers() async throws {
        try await forEachEngine(shopMigrations) { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let id = "t\(number)"
                        #expect(try await database.look(Self.amount(of: id)) == nil)
                        try await database.write { tx in
                            try addThing(id, amount: number, in: tx)
                            try tx.execute("INSERT INTO shop_part VALUES ($1, 1, $1)", id)
                        }
                        let (words, amount) = try await database.look(
                            Self.words(of: id).with(Self.amount(of: id))
                        )
                        #expect(amount == Int64(number) && words == [id], "\(database.engine)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(
        "a question that fails is its caller's alone, and a place with another kind of value is asked for again"
    )
    func failures() async throws {
        try await forEachEngine(shopMigrations) { database in
            try await Self.fill(database, count: 100)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let id = "t\(number)"
                        switch number % 10 {
                        case 3:
                            await #expect(throws: StorageError.self) {
                                try await database.ask([
                                    Question("SELECT id FROM shop_thing WHERE id = $1", id),
                                    Question("SELECT nothing FROM shop_thing WHERE id = $1", id),
                                ])
                            }
                        case 7:
                            let cut = Question(
                                "SELECT substr(id, $1, $2) FROM shop_thing WHERE id = $3",
                                2,
                                9,
                                id
                            )
                            let rows = try await database.ask([cut])
                            #expect(rows.map { $0.map(\.values) } == [[[.text("\(number)")]]])
                        default:
                            #expect(try await database.look(Self.amount(of: id)) == Int64(number))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("writers and askers get their turns on a single connection, also when it is lost under them")
    func oneConnection() async throws {
        guard let url = postgresURL() else { return }
        try await withDatabase(.postgres, shopMigrations) { owner in
            var settings = PostgresSettings()
            settings.preparedMax = 2
            guard let schema = (owner as? PostgresDatabase)?.schema else { return }
            let database = try PostgresDatabase(
                url: url,
                schema: schema,
                connectionsMax: 1,
                settings: settings
            )
            try await Self.fill(database, count: 50)
            let number = try await database.read { try $0.number("SELECT pg_backend_pid()") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for turn in 0..<200 {
                    let id = "t\(turn % 50)"
                    group.addTask {
                        if turn == 100 {
                            _ = try await owner.read {
                                try $0.query("SELECT pg_terminate_backend($1)", Int(number))
                            }
                        }
                        if turn % 4 == 0 {
                            let name: StaticString = "UPDATE shop_thing SET name = $2 WHERE id = $1"
                            // Lost while committing, nobody knows; that is told, and is not what is tried here.
                            _ = try? await database.write { tx in try tx.execute(name, id, "n") }
                        }
                        let (amount, words) = try await database.look(
                            Self.amount(of: id).with(Self.words(of: id))
                        )
                        #expect(amount == Int64(turn % 50) && words == [id, "b"])
                    }
                }
                try await group.waitForAll()
            }
            await database.close()
            await #expect(throws: StorageError.closed) { try await database.look(Self.amount(of: "t1")) }
        }
    }
}
