import Credentials
import Kernel
import Storage
import TestSupport
import Testing

@Suite("verifying by a printed number")
struct NumberLookUpTests {
    private func asked(_ minutes: Int64) -> Occasion {
        Occasion(now: start + minutes * Instant.minute, actor: .anonymous, request: "n\(minutes)")
    }

    private static let policy = PresentationPolicy(
        life: 60_000,
        openMax: 5,
        guessesMax: 3,
        shortGuessesMax: 200,
        window: 15 * Instant.minute,
        keep: Instant.day
    )

    @Test(
        "a seal's code tells its state and owner, a licence's number as little",
        arguments: DatabaseEngine.allCases
    )
    func found(engine: DatabaseEngine) async throws {
        try await withDatabase(engine, sealMigrations) { database in
            let world = try await SealWorld(database)
            let looks = NumberLookUps(database: database) { _ in Self.policy }
            let seal = try await world.activeSeal()
            let code = try #require(seal.code)
            func one(_ number: String, _ minutes: Int64) async throws -> NumberFinding? {
                try await looks.find(number, from: "192.0.2.1", occasion: asked(minutes)).first
            }
            let active = try #require(try await one(code, 10))
            #expect(
                active.thing == .seal(.active, isStopped: false) && active.isInForce
                    && active.holderName == company.name
            )
            try await world.move(seal.id, .suspend, minutes: 20)
            let suspended = try #require(try await one(code, 21))
            #expect(suspended.thing == .seal(.suspended, isStopped: true) && !suspended.isInForce)
            let plain = draft()
            let numbered = CredentialDraft(
                type: plain.type,
                holder: plain.holder,
                issuer: plain.issuer,
                region: plain.region,
                fields: ["creditCode": .string(company.code), "name": .string(company.name)]
            )
            _ = try await issue(numbered, by: world.workshop.authority, on: database)
            let known = try #require(try await one(company.code, 22))
            #expect(known.thing == .licence(.valid) && known.issuer == registrar.name)
            #expect(known.holderName != company.name && known.holderName.contains("＊"))
        }
    }

    @Test("after wrong ones one has to wait, also with a right one", arguments: DatabaseEngine.allCases)
    func locked(engine: DatabaseEngine) async throws {
        try await withDatabase(engine, sealMigrations) { database in
            let world = try await SealWorld(database)
            let looks = NumberLookUps(database: database) { _ in Self.policy }
            let code = try #require(try await world.activeSeal().code)
            for guess in 0..<3 {
                #expect(
                    try await looks.find("9999990000000\(guess)", from: "192.0.2.1", occasion: asked(30))
                        == []
                )
            }
            await #expect(throws: PresentationError.locked(minutes: 15)) {
                _ = try await looks.find(code, from: "192.0.2.1", occasion: asked(31))
            }
            #expect(try await looks.find(code, from: "198.51.100.1", occasion: asked(31)).count == 1)
            #expect(try await looks.find(code, from: "192.0.2.1", occasion: asked(46)).count == 1)
        }
    }

    @Test("a wrong number waits for the one that is counted at the same moment")
    func parallel() async throws {
        try await withDatabase(.postgres, sealMigrations) { database in
            let looks = NumberLookUps(database: database) { _ in Self.policy }
            @Sendable func guess(_ number: String) async throws -> [NumberFinding] {
                try await looks.find(number, from: "192.0.2.1", occasion: asked(30))
            }
            #expect(try await guess("99999900000001") == [])
            let (held, hold) = AsyncStream.makeStream(of: Void.self)
            async let counting: Void = database.write { tx in
                // The last wrong one that is allowed, and the next comes before it is committed.
                try tx.execute("UPDATE licence_guess SET misses = 3")
                hold.yield()
                for _ in 0..<100_000 {
                    let waiting = try tx.number(
                        """
                        SELECT COUNT(*) FROM pg_locks
                        WHERE NOT granted AND transactionid = pg_current_xact_id()::xid
                        """
                    )
                    if waiting > 0 { return }
                }
                Issue.record("nobody waited")
            }
            for await _ in held { break }
            await #expect(throws: PresentationError.locked(minutes: 15)) {
                _ = try await guess("99999900000002")
            }
            try await counting
        }
    }
}
