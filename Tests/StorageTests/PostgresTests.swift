import Kernel
import Storage
@testable import StoragePostgres
import Synchronization
import TestSupport
import Testing

@Suite("what only PostgreSQL does")
struct PostgresTests {
    @Test("transactions in each other's way run again until both are kept")
    func deadlock() async throws {
        try await withDatabase(.postgres, shopMigrations) { database in
            try await database.write { tx in
                try addThing("a", amount: 0, in: tx)
                try addThing("b", amount: 0, in: tx)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    let (first, second) = number % 2 == 0 ? ("a", "b") : ("b", "a")
                    group.addTask {
                        try await database.write { tx in
                            for id in [first, second] {
                                try tx.execute("UPDATE shop_thing SET amount = amount + 1 WHERE id = $1", id)
                                pauseThread()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.read { try $0.number("SELECT SUM(amount) FROM shop_thing") } == 16)
        }
    }

    @Test("a server that vanishes is noticed in seconds, unless the address says otherwise")
    func patience() throws {
        guard let url = postgresURL() else { return }
        let plain = try PostgresConnection(url: url, schema: nil, settings: PostgresSettings())
        #expect(plain.option("connect_timeout") == "10" && plain.option("tcp_user_timeout") == "30000")
        #expect(plain.option("keepalives_idle") == "30")
        let own = url + (url.contains("?") ? "&" : "?") + "connect_timeout=7"
        let other = try PostgresConnection(url: own, schema: nil, settings: PostgresSettings())
        #expect(other.option("connect_timeout") == "7" && other.option("keepalives") == "1")
    }

    @Test("a connection that the server ended is made again")
    func reconnect() async throws {
        try await withDatabase(.postgres, shopMigrations) { database in
            for round in 0..<4 {
                await #expect(throws: (any Error).self) {
                    // Each connection of the pool is ended by itself.
                    try await database.write { tx in
                        try addThing("lost\(round)", in: tx)
                        _ = try tx.query("SELECT pg_terminate_backend(pg_backend_pid())")
                        try addThing("lost too", in: tx)
                    }
                }
                try await database.write { try addThing("t\(round)", in: $0) }
            }
            #expect(try await database.read { try things(in: $0) } == ["t0", "t1", "t2", "t3"])
        }
    }

    @Test("many more tasks than connections are all served")
    func crowd() async throws {
        try await withDatabase(.postgres, shopMigrations) { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        try await database.write { try addThing("t\(number)", amount: number, in: $0) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(
                try await database.read { try $0.number("SELECT SUM(amount) FROM shop_thing") } == 124_750
            )
        }
    }

    @Test("a statement that takes too long is ended and told so")
    func tooLong() async throws {
        guard let url = postgresURL() else { return }
        var settings = PostgresSettings()
        settings.statementMilliseconds = 50
        let database = try PostgresDatabase(url: url, connectionsMax: 1, settings: settings)
        await #expect(throws: StorageError.unavailable("PostgreSQL did not answer in time")) {
            try await database.read { try $0.query("SELECT pg_sleep(20)") }
        }
        #expect(try await database.read { try $0.number("SELECT 1 + 1") } == 2)
        await database.close()
    }

    @Test("a wrong address, a missing server and a missing database are told in one line")
    func wrongAddress() async throws {
        #expect(throws: StorageError.self) { try PostgresDatabase(url: "mysql://127.0.0.1/x") }
        let urls = [
            "postgres://nobody@127.0.0.1:1/none", "postgres://127.0.0.1:notaport/x", "postgres://%zz",
            "postgres://nobody:secret@[::1", "postgres://nobody:secret@[::1]x/y",
            "postgres://nobody:secret@h/d?x",
        ]
        let missing = postgresURL().map { [$0 + "_not_there"] } ?? []
        for url in urls + missing {
            let database = try PostgresDatabase(url: url)
            let error = await #expect(throws: StorageError.self) {
                try await database.read { try $0.number("SELECT 1 + 1") }
            }
            guard case .unavailable(let line) = error else {
                Issue.record("\(url): \(String(describing: error))")
                continue
            }
            #expect(line.hasPrefix("PostgreSQL cannot be reached") && !line.contains("\n"), "\(line)")
            #expect(!line.contains("secret"), "\(line)")
            await database.close()
        }
    }

    @Test("a value that does not fit is refused without being repeated")
    func notRepeated() async throws {
        try await withDatabase(.postgres, shopMigrations) { database in
            let error = await #expect(throws: StorageError.self) {
                try await database.write { tx in
                    try tx.execute("UPDATE shop_thing SET amount = CAST($1 AS BIGINT)", "张三")
                    try tx.number("SELECT CAST($1 AS BIGINT)", "张三")
                }
            }
            #expect(error == .statement("22P02 a value does not fit its column"))
        }
    }

    @Test("a statement is prepared again for other types, and survives a full store of prepared ones")
    func prepared() async throws {
        guard let url = postgresURL() else { return }
        var settings = PostgresSettings()
        settings.preparedMax = 2
        let database = try PostgresDatabase(url: url, connectionsMax: 1, settings: settings)
        for _ in 0..<3 {
            let row = try await database.write { tx in
                [
                    try tx.query("SELECT substr('abcdef', $1, $2)", 2, 3),
                    try tx.query("SELECT COALESCE($1, 5)", Int?.none),
                    try tx.query("SELECT COALESCE($1, 5)", Int64.max),
                    try tx.query(
                        "SELECT CAST(AVG(n) AS DOUBLE PRECISION), SUM(n) FROM (VALUES (1), (2)) AS v (n)"
                    ),
                ].map { $0.map(\.values) }
            }
            #expect(
                row == [
                    [[.text("bcd")]], [[.integer(5)]], [[.integer(.max)]], [[.double(1.5), .integer(3)]],
                ]
            )
        }
        await database.close()
    }
}
