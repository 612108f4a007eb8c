import Kernel
import Storage
import StorageSQLite
import Synchronization
import TestSupport
import Testing

@Suite("writes that share a commit on SQLite")
struct GroupTests {
    /// Opens a database with `shopMigrations`, holds the writer until `writes` are all in the line, and lets them go
    /// together: they are one group.
    private func together(
        _ writes: [@Sendable (any Transaction) throws -> String],
        in database: SQLiteDatabase
    ) async throws -> [Result<String, any Error>] {
        let gate = Gate()
        return try await withThrowingTaskGroup(of: (Int, Result<String, any Error>).self) { group in
            group.addTask {
                try await database.write { _ in gate.wait() }
                return (-1, .success(""))
            }
            await gate.untilReached()
            for (index, write) in writes.enumerated() {
                group.addTask {
                    do { return (index, .success(try await database.write(write))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            // The writer is inside the gate: nothing can be answered, so all of them will be in the line.
            while database.waitingCount < writes.count { await Task.yield() }
            gate.open()
            var results: [Int: Result<String, any Error>] = [:]
            for try await (index, result) in group { results[index] = result }
            return try (0..<writes.count).map { try #require(results[$0]) }
        }
    }

    @Test("2,000 writes at once are all there, in far fewer commits")
    func many() async throws {
        try await withShop { database in
            let before = database.commitCount
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<2_000 {
                    group.addTask {
                        try await database.write { tx in
                            try addThing("t\(number)", amount: number, in: tx)
                            return "t\(number)"
                        }
                    }
                }
                var answers: Set<String> = []
                for try await answer in group { answers.insert(answer) }
                #expect(answers.count == 2_000)
            }
            let sum = try await database.read { try $0.number("SELECT SUM(amount) FROM shop_thing") }
            #expect(sum == 1_999_000)
            #expect(database.commitCount - before < 1_000)
        }
    }

    @Test("a member that throws is undone alone; each gets its own answer")
    func memberThrows() async throws {
        try await withShop { database in
            let before = database.commitCount
            let results = try await together(
                (0..<10).map { number in
                    { tx in
                        try addThing("t\(number)", in: tx)
                        if number % 3 == 1 { throw Refused() }
                        return "t\(number)"
                    }
                },
                in: database
            )
            for (number, result) in results.enumerated() {
                switch result {
                case .success(let answer): #expect(answer == "t\(number)" && number % 3 != 1)
                case .failure(let error): #expect(error is Refused && number % 3 == 1)
                }
            }
            let kept = try await database.read { try things(in: $0) }
            #expect(kept == (0..<10).filter { $0 % 3 != 1 }.map { "t\($0)" })
            #expect(database.commitCount - before <= 2)
        }
    }

    @Test("a member that fails before it changes anything makes nobody run again")
    func failsUnwritten() async throws {
        try await withShop { database in
            let runs = Heard()
            _ = try await together(
                (0..<8).map { number in
                    { tx in
                        runs.note("\(number)")
                        if number == 4 { throw Refused() }
                        try addThing("t\(number)", in: tx)
                        return ""
                    }
                },
                in: database
            )
            #expect(runs.all.count == 8)
            #expect(try await database.read { try things(in: $0) }.count == 7)
        }
    }

    @Test(
        "after a member that had to be undone the next failures cost their neighbours nothing",
        arguments: [0, 100]
    )
    func careful(count: Int) async throws {
        var settings = SQLiteSettings()
        settings.carefulCount = count
        try await withShop(settings) { database in
            var repeated: [Int] = []
            for round in 0..<3 {
                let runs = Heard()
                let results = try await together(
                    (0..<8).map { number in
                        { tx in
                            runs.note("\(number)")
                            try addThing("t\(round)-\(number)", in: tx)
                            if number == 4 { throw Refused() }
                            return ""
                        }
                    },
                    in: database
                )
                #expect(results.filter { (try? $0.get()) == nil }.count == 1)
                repeated.append(runs.all.count - 8)
            }
            #expect(repeated.map { $0 > 0 } == (count == 0 ? [true, true, true] : [true, false, false]))
            #expect(try await database.read { try things(in: $0) }.count == 21)
        }
    }

    @Test("a member that fails after it changed the schema alone is undone, too")
    func failsAfterSchema() async throws {
        try await withShop { database in
            _ = try await together(
                (0..<8).map { number in
                    { tx in
                        if number == 4 {
                            try tx.execute("CREATE TABLE stray (id TEXT)")
                            throw Refused()
                        }
                        try addThing("t\(number)", in: tx)
                        return ""
                    }
                },
                in: database
            )
            let strays = try await database.read {
                try $0.number("SELECT COUNT(*) FROM sqlite_master WHERE name = 'stray'")
            }
            #expect(strays == 0)
            #expect(try await database.read { try things(in: $0) }.count == 7)
        }
    }

    @Test("a member that breaks a constraint is undone alone")
    func memberBreaksConstraint() async throws {
        try await withShop { database in
            // They come in any order: of those with the same key, exactly one is kept.
            let results = try await together(
                (0..<6).map { number in
                    { tx in
                        try addThing("key", amount: number, in: tx)
                        return "\(number)"
                    }
                },
                in: database
            )
            let kept = results.compactMap { try? $0.get() }
            #expect(kept.count == 1)
            for case .failure(let error) in results {
                #expect(error as? StorageError == .constraint(name: "shop_thing.id"))
            }
            let amount = try await database.read { try $0.number("SELECT amount FROM shop_thing") }
            #expect(kept == ["\(amount)"])
        }
    }

    @Test("when the commit itself fails, members run again one by one and only the guilty one is refused")
    func commitFails() async throws {
        try await withShop { database in
            try await database.migrate([
                Migration(
                    "late",
                    1,
                    """
                    CREATE TABLE late_part (
                        id TEXT PRIMARY KEY, thing TEXT REFERENCES shop_thing (id) DEFERRABLE INITIALLY DEFERRED)
                    """
                )
            ])
            let runs = Heard()
            let results = try await together(
                (0..<8).map { number in
                    { tx in
                        runs.note("\(number)")
                        try addThing("t\(number)", in: tx)
                        if number == 4 {
                            try tx.execute("INSERT INTO late_part VALUES ($1, $2)", "p", "nobody")
                        }
                        return "t\(number)"
                    }
                },
                in: database
            )
            for (number, result) in results.enumerated() {
                switch result {
                case .success(let answer): #expect(answer == "t\(number)" && number != 4)
                case .failure(let error):
                    #expect(number == 4)
                    #expect(error as? StorageError == .constraint(name: "foreign-key"))
                }
            }
            #expect(runs.all.count == 16)
            #expect(try await database.read { try things(in: $0) }.count == 7)
        }
    }

    @Test("a full disk refuses those that do not fit, and nothing runs outside a transaction")
    func fullDisk() async throws {
        try await withShop { database in
            try await database.write { try addThing("before", in: $0) }
            let pages = try await database.write { try $0.number("PRAGMA page_count") }
            #expect(pages < 40)
            _ = try await database.write { try $0.query("PRAGMA max_page_count = 60") }
            let big = [UInt8](repeating: 7, count: 400_000)
            let results = try await together(
                (0..<9).map { number in
                    { tx in
                        try addThing("a\(number)", in: tx)
                        if number % 3 == 2 {
                            // Swallowed on purpose: the statement after it must not be kept by itself.
                            _ = try? tx.execute(
                                "INSERT INTO shop_thing (id, bytes) VALUES ($1, $2)",
                                "big\(number)",
                                big
                            )
                            _ = try? tx.execute("INSERT INTO shop_thing (id) VALUES ($1)", "stray\(number)")
                        }
                        return "a\(number)"
                    }
                },
                in: database
            )
            for (number, result) in results.enumerated() {
                switch result {
                case .success(let answer): #expect(answer == "a\(number)" && number % 3 != 2)
                case .failure(let error):
                    #expect(error as? StorageError == .full && number % 3 == 2, "\(number)")
                }
            }
            let kept = try await database.read { try things(in: $0) }
            #expect(kept == ["a0", "a1", "a3", "a4", "a6", "a7", "before"])
            _ = try await database.write { try $0.query("PRAGMA max_page_count = 100000") }
            try await database.write { try addThing("room again", in: $0) }
            let check = try await database.read {
                try $0.query("PRAGMA integrity_check").map { try $0.text(0) }
            }
            #expect(check == ["ok"])
        }
    }

    @Test("when a member loses the whole transaction, its neighbours run again and are kept")
    func transactionLost() async throws {
        try await withShop { database in
            let runs = Heard()
            let results = try await together(
                (0..<6).map { number in
                    { tx in
                        runs.note("\(number)")
                        try addThing("t\(number)", in: tx)
                        if number == 2 {
                            // What SQLite does by itself when it runs out of disk, memory or a lock.
                            _ = try tx.query("ROLLBACK")
                            try tx.execute("INSERT INTO shop_thing (id) VALUES ('outside')")
                        }
                        return "t\(number)"
                    }
                },
                in: database
            )
            for (number, result) in results.enumerated() {
                switch result {
                case .success(let answer): #expect(answer == "t\(number)" && number != 2)
                case .failure(let error): #expect(error as? StorageError == .full && number == 2)
                }
            }
            #expect(try await database.read { try things(in: $0) } == ["t0", "t1", "t3", "t4", "t5"])
        }
    }

    @Test("nobody is answered before the commit")
    func durableFirst() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/test.db"
            let database = try SQLiteDatabase(path: path)
            try await database.migrate(shopMigrations)
            let other = try SQLiteDatabase(path: path)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await database.write { try addThing("t\(number)", in: $0) }
                        // A connection of another database object sees only what is committed.
                        let count = try await other.read {
                            try $0.number("SELECT COUNT(*) FROM shop_thing WHERE id = $1", "t\(number)")
                        }
                        #expect(count == 1)
                    }
                }
                try await group.waitForAll()
            }
            await other.close()
            await database.close()
        }
    }

    @Test("work at the end of a group sees all members and is in the same commit")
    func endOfGroup() async throws {
        try await withShop { database in
            database.atEndOfGroup { tx in
                try tx.execute(
                    """
                    INSERT INTO shop_part (thing, number, word)
                    SELECT id, 1, 'sealed' FROM shop_thing WHERE id NOT IN (SELECT thing FROM shop_part)
                    """
                )
            }
            _ = try await together(
                (0..<20).map { number in
                    { tx in
                        try addThing("t\(number)", in: tx)
                        if number % 5 == 0 { throw Refused() }
                        return ""
                    }
                },
                in: database
            )
            let (made, sealed) = try await database.read { reader in
                (
                    try reader.number("SELECT COUNT(*) FROM shop_thing"),
                    try reader.number("SELECT COUNT(*) FROM shop_part")
                )
            }
            #expect(made == 16 && sealed == 16)
            #expect(database.endOfGroupFailures.count == 0)
        }
    }

    @Test("failing work at the end of a group undoes itself only, is counted, and has its next chance later")
    func endOfGroupFails() async throws {
        try await withShop { database in
            let broken = Mutex(true)
            database.atEndOfGroup { tx in
                try tx.execute(
                    "INSERT INTO shop_part SELECT id, 1, 'x' FROM shop_thing WHERE true ON CONFLICT DO NOTHING"
                )
                if broken.withLock({ $0 }) { throw Refused() }
            }
            try await database.write { try addThing("a", in: $0) }
            #expect(try await database.read { try $0.number("SELECT COUNT(*) FROM shop_part") } == 0)
            #expect(database.endOfGroupFailures.count == 1)
            #expect(database.endOfGroupFailures.last is Refused)
            broken.withLock { $0 = false }
            try await database.write { try addThing("b", in: $0) }
            #expect(try await database.read { try $0.number("SELECT COUNT(*) FROM shop_part") } == 2)
        }
    }

    @Test("a member that takes too long is ended, and its neighbours are kept", arguments: [true, false])
    func slowMember(writes: Bool) async throws {
        var settings = SQLiteSettings()
        settings.memberMilliseconds = 20
        try await withShop(settings) { database in
            let runs = Heard()
            let results = try await together(
                (0..<6).map { number in
                    { tx in
                        try addThing("t\(number)", in: tx)
                        guard number == 3 else { return "t\(number)" }
                        runs.note("slow")
                        // Without end: only a limit stops it.
                        if writes {
                            try tx.execute(
                                """
                                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                                INSERT INTO shop_thing (id) SELECT 'endless' || i FROM n
                                """
                            )
                        } else {
                            _ = try tx.query(
                                """
                                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                                SELECT COUNT(*) FROM n
                                """
                            )
                        }
                        return "never"
                    }
                },
                in: database
            )
            for (number, result) in results.enumerated() {
                switch result {
                case .success(let answer): #expect(answer == "t\(number)" && number != 3)
                case .failure(let error):
                    guard number == 3, case .tooLong(let why)? = error as? StorageError else {
                        Issue.record("\(number): \(error)")
                        continue
                    }
                    #expect(why.contains("20 ms"))
                }
            }
            #expect(runs.all == ["slow"])
            #expect(try await database.read { try things(in: $0) } == ["t0", "t1", "t2", "t4", "t5"])
        }
    }

    @Test("a line that is full refuses the next one clearly")
    func bounded() async throws {
        var settings = SQLiteSettings()
        settings.waitingMax = 3
        try await withShop(settings) { database in
            let gate = Gate()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await database.write { _ in gate.wait() }
                    return true
                }
                await gate.untilReached()
                for number in 0..<3 {
                    group.addTask {
                        try await database.write { try addThing("t\(number)", in: $0) }
                        return true
                    }
                }
                while database.waitingCount < 3 { await Task.yield() }
                await #expect(throws: StorageError.unavailable("")) {
                    do { try await database.write { try addThing("late", in: $0) } } catch StorageError
                        .unavailable
                    {
                        throw StorageError.unavailable("")
                    }
                }
                gate.open()
                try await group.waitForAll()
            }
            #expect(try await database.read { try things(in: $0) } == ["t0", "t1", "t2"])
        }
    }
}

/// Holds the writer inside a body until the test lets it go on.
private final class Gate: Sendable {
    private let state = Mutex((isReached: false, isOpen: false))

    func wait() {
        state.withLock { $0.isReached = true }
        while !state.withLock({ $0.isOpen }) { pauseThread() }
    }

    func open() { state.withLock { $0.isOpen = true } }

    func untilReached() async { while !state.withLock({ $0.isReached }) { await Task.yield() } }
}
