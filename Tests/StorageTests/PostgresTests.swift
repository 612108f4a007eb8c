import Foundation
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

    @Test("a write is answered after it was flushed, however the server is set")
    func durable() async throws {
        guard let url = postgresURL() else { return }
        // The server of the tests answers before it flushes.
        let connection = try PostgresConnection(url: url, schema: nil, settings: PostgresSettings())
        let set: StaticString = """
            SELECT current_setting('synchronous_commit'), reset_val FROM pg_settings WHERE name = 'synchronous_commit'
            """
        connection.beginReading()
        let row = try #require(try connection.query(set, []).first)
        #expect(try row.text(0) == "on")
        #expect(try row.text(1) == "off")
        connection.endReading()
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

    @Test(
        "a connection that the server ended unseen costs a write nothing of which nobody waits for an answer"
    )
    func staleSends() throws {
        guard let url = postgresURL() else { return }
        func link() -> Link { Link(url: url, schema: "pg_temp", settings: PostgresSettings()) }
        let (writer, killer) = (link(), link())
        func pid(_ link: Link) throws -> Int64 {
            try link.read { try $0.number("SELECT CAST(pg_backend_pid() AS BIGINT)") }
        }
        func end(_ pid: Int64) throws {
            // It waits until the other is gone.
            _ = try killer.read {
                try $0.query("SELECT pg_terminate_backend(CAST($1 AS INTEGER), 60000)", pid)
            }
        }
        let sent: StaticString = "SELECT set_config('suban.sent', $1, FALSE)"
        // What is prepared already is sent without a word of the server.
        try writer.write { try $0.send(sent, "0") }
        try end(try pid(writer))
        try writer.write { try $0.send(sent, "1") }
        let first = try pid(writer)
        var runs = 0
        try writer.write { tx in
            runs += 1
            try tx.send(sent, "2")
            // Now between its beginning and its end.
            if runs == 1 { try end(first) }
        }
        #expect(try pid(writer) != first && runs == 2)
        let kept = try writer.read { try $0.query("SELECT current_setting('suban.sent')") }
        #expect(kept.map(\.values) == [[.text("2")]])
    }

    @Test("a write whose place cannot be learned stands, and no replica is thought to have it")
    func unknownPlace() async throws {
        guard let url = postgresURL() else { return }
        try await withDatabase(.postgres, shopMigrations) { database in
            guard let schema = (database as? PostgresDatabase)?.schema else { return }
            let link = Link(url: url, schema: schema, settings: PostgresSettings())
            var places: [UInt64] = []
            try link.write(position: { places.append($0) }) { try addThing("a", in: $0) }
            try link.write(position: { places.append($0) }) { tx in
                try addThing("b", in: tx)
                try tx.execute("DEALLOCATE \"position\"")
            }
            #expect(places.count == 2 && places[0] < .max && places[1] == .max)
            #expect(try await database.read { try things(in: $0) } == ["a", "b"])
        }
    }

    @Test("a command outside transactions that fails leaves a connection that only reads")
    func failedCommand() throws {
        guard let url = postgresURL() else { return }
        let link = Link(url: url, schema: nil, settings: PostgresSettings())
        #expect(throws: StorageError.self) { try link.command("CREATE SCHEMA pg_catalog") }
        #expect(throws: StorageError.self) {
            try link.read { try $0.execute("CREATE TABLE public.of_a_read (id BIGINT)") }
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
        await #expect(throws: StorageError.tooLong("PostgreSQL did not answer in time")) {
            try await database.read { try $0.query("SELECT pg_sleep(20)") }
        }
        #expect(try await database.read { try $0.number("SELECT 1 + 1") } == 2)
        await database.close()
    }

    @Test("a wrong address, a missing server and a missing database are told by what is wrong")
    func wrongAddress() async throws {
        #expect(throws: StorageError.unreachable(.address)) {
            try PostgresDatabase(url: "mysql://127.0.0.1/x")
        }
        let urls: [(String, Unreachable)] = [
            ("postgres://nobody@127.0.0.1:1/none", .server), ("postgres://127.0.0.1:notaport/x", .address),
            ("postgres://%zz", .address), ("postgres://nobody:secret@[::1", .address),
            ("postgres://nobody:secret@[::1]x/y", .address), ("postgres://nobody:secret@h/d?x", .address),
            ("postgres://nobody@no-such-host.invalid/x", .host),
        ]
        let missing = postgresURL().map { [($0 + "_not_there", Unreachable.database)] } ?? []
        for (url, why) in urls + missing {
            let database = try PostgresDatabase(url: url)
            await #expect(throws: StorageError.unreachable(why), "\(url)") {
                try await database.read { try $0.number("SELECT 1 + 1") }
            }
            await database.close()
        }
    }

    @Test("a lock that is held too long ends the one who waits, and not the holder")
    func lockTime() async throws {
        guard let url = postgresURL() else { return }
        try await withDatabase(.postgres, shopMigrations) { holder in
            guard let holder = holder as? PostgresDatabase else { return }
            var settings = PostgresSettings()
            settings.lockMilliseconds = 50
            let waiter = try PostgresDatabase(
                url: url,
                schema: holder.schema,
                connectionsMax: 1,
                settings: settings
            )
            try await holder.write { try addThing("a", amount: 0, in: $0) }
            let (asked, ask) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            async let held: Void = holder.write { tx in
                try tx.execute("UPDATE shop_thing SET amount = amount + 1 WHERE id = 'a'")
                asked.signal()
                ask.wait()
            }
            try await holder.read { _ in asked.wait() }
            await #expect(
                throws: StorageError.tooLong("PostgreSQL: another transaction holds the row too long")
            ) {
                try await waiter.write { try $0.execute("UPDATE shop_thing SET amount = 9 WHERE id = 'a'") }
            }
            ask.signal()
            try await held
            let amount = try await waiter.read { try $0.number("SELECT amount FROM shop_thing") }
            #expect(amount == 1)
            await waiter.close()
        }
    }

    @Test("what was sent without asking is kept with its write, in order, however much it is")
    func sent() async throws {
        try await withDatabase(.postgres, shopMigrations) { database in
            try await database.write { tx in
                for number in 0..<500 {
                    try tx.send("INSERT INTO shop_thing (id, amount) VALUES ($1, $2)", "t\(number)", number)
                }
                try tx.send("UPDATE shop_thing SET amount = amount + 1 WHERE amount < $1", 100)
            }
            let sum = try await database.read { try $0.number("SELECT SUM(amount) FROM shop_thing") }
            #expect(sum == 124_850)
        }
    }

    @Test("numbers of every width, bytes, flags and missing values come as they are, beside sums and words")
    func kinds() async throws {
        guard let url = postgresURL() else { return }
        let database = try PostgresDatabase(url: url, connectionsMax: 1)
        let rows = try await database.read { reader in
            [
                try reader.query(
                    """
                    SELECT CAST(-2 AS SMALLINT), CAST(-3 AS INTEGER), CAST(-4 AS BIGINT), CAST(0.5 AS REAL),
                        CAST(-0.25 AS DOUBLE PRECISION), TRUE, CAST('\\x00ff' AS BYTEA), CAST(NULL AS TEXT),
                        CAST('速办' AS VARCHAR)
                    """
                ),
                try reader.query(
                    "SELECT CAST(-4 AS NUMERIC), CAST(0.5 AS REAL), CAST('\\x00ff' AS BYTEA), TRUE, CAST(7 AS INTEGER)"
                ),
            ].map { $0.map(\.values) }
        }
        #expect(
            rows == [
                [
                    [
                        .integer(-2), .integer(-3), .integer(-4), .double(0.5), .double(-0.25), .integer(1),
                        .blob([0, 255]), .null, .text("速办"),
                    ]
                ],
                [[.integer(-4), .double(0.5), .blob([0, 255]), .integer(1), .integer(7)]],
            ]
        )
        await database.close()
    }

    @Test("a value that does not fit is refused without being repeated")
    func notRepeated() async throws {
        try await withDatabase(.postgres, shopMigrations) { database in
            let error = await #expect(throws: StorageError.self) {
                try await database.write { tx in
                    try tx.execute("UPDATE shop_thing SET amount = CAST($1 AS BIGINT)", "张三")
                    _ = try tx.number("SELECT CAST($1 AS BIGINT)", "张三")
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
