import Audit
import Credentials
import Forms
import Kernel
import Standards
import Storage
import TestSupport
import Testing

/// Showing a licence by a code that counts once and for a minute.
@Suite("presentation")
struct PresentationTests {
    private static let policy = PresentationPolicy(
        life: Instant.minute,
        openMax: 2,
        guessesMax: 3,
        shortGuessesMax: 5,
        window: 15 * Instant.minute,
        keep: Instant.day
    )

    private struct Shown {
        let database: any Database
        let presentations: Presentations
        let licence: Credential

        func make(
            _ fields: [String] = ["number", "scope"],
            showsName: Bool = false,
            at seconds: Int64 = 0
        ) async throws -> PresentationCode {
            try await presentations.make(
                PresentationWish(
                    credential: licence.id,
                    holder: licence.record.holder.code,
                    fields: fields,
                    showsName: showsName,
                    purpose: "办理供货合同"
                ),
                occasion: Self.occasion(seconds)
            )
        }

        func redeem(
            _ code: String,
            at seconds: Int64 = 1,
            from address: String = "192.0.2.1",
            as actor: Actor = .anonymous
        ) async -> Result<PresentedLicence, PresentationError> {
            let verifier = PresentationVerifier(
                organisation: "包头某某超市",
                operatorName: "李四",
                address: address
            )
            do {
                return .success(
                    try await presentations.redeem(
                        code,
                        by: verifier,
                        occasion: Self.occasion(seconds).by(actor)
                    )
                )
            } catch let error as PresentationError { return .failure(error) } catch {
                Issue.record(error)
                return .failure(.unknown)
            }
        }

        static func occasion(_ seconds: Int64) -> Occasion {
            Occasion(
                now: start + seconds * 1_000,
                actor: Actor(.person, id: "p1", role: "founder"),
                request: "r\(seconds)"
            )
        }
    }

    private func each(_ body: @Sendable (Shown) async throws -> Void) async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            let licence = try await issue(sample(of: type), by: authority, on: database)
            try await body(
                Shown(
                    database: database,
                    presentations: Presentations(types: authority.types.licences, database: database) { _ in
                        Self.policy
                    },
                    licence: licence
                )
            )
        }
    }

    @Test("a code shows exactly the chosen fields and the state, once, and its holder sees who looked")
    func once() async throws {
        try await each { shown in
            let code = try await shown.make()
            #expect(code.long.utf8.count == 26 && code.short.utf8.count == 6)
            #expect(code.until == start + Instant.minute)
            let seen = try await shown.redeem(code.long.lowercased()).get()
            #expect(seen.fields.map(\.field.key) == ["number", "scope"])
            #expect(seen.fields.map(\.value) == ["A-1", ["甲", "乙"]])
            #expect(seen.state == .valid && seen.issuer == registrar.name && seen.purpose == "办理供货合同")
            #expect(seen.holderName == "包头＊＊＊有限公司" && seen.type.key == "food-operation")
            #expect(await shown.redeem(code.long) == .failure(.used))
            #expect(await shown.redeem(code.spoken) == .failure(.used))
            let uses = try await shown.database.read {
                try LicenceUses.of(holder: company.code, limit: 9, in: $0)
            }
            #expect(uses.map(\.organisation) == ["包头某某超市"] && uses.map(\.way) == [.presentation])
            #expect(uses.first?.fields == ["number", "scope"] && uses.first?.operatorName == "李四")
            let object = "credential:\(shown.licence.id)"
            let acts = try await shown.database.read { try AuditLog.history(of: object, in: $0).map(\.act) }
            #expect(acts == ["credential.issued", "licence.code-made"])
            let looks = try await shown.database.read {
                try AuditLog.history(of: "licence-use:\(uses[0].id)", in: $0)
            }
            #expect(looks.map(\.act) == ["licence.presented"] && looks.map(\.outcome) == [.read])
            #expect(looks.first?.subject == company.code)
            let of = try await shown.database.read { try LicenceUses.of(licence: object, limit: 9, in: $0) }
            #expect(of == uses)
            // Showing a licence leaves it as it was logged.
            let compared = try await Credentials.compareWithLog(in: shown.database, max: 9)
            #expect(compared.count == 1 && compared.altered.isEmpty)
            func altered() async throws -> [String] {
                try await LicenceUses.compareWithLog(in: shown.database, max: 9).altered
            }
            #expect(try await altered() == [])
            _ = try await shown.database.write { tx in
                try tx.execute("UPDATE licence_use SET organisation = 'x' WHERE id = $1", uses[0].id)
            }
            #expect(try await altered() == ["licence-use:\(uses[0].id)"])
        }
    }

    @Test("only digests are kept: neither form of a code stands in any row")
    func digests() async throws {
        try await each { shown in
            let code = try await shown.make()
            let rows = try await shown.database.read {
                try $0.query("SELECT id, digest, fields, purpose FROM licence_presentation").map(\.values)
            }
            #expect(rows.count == 1 && !"\(rows)".contains(code.long))
        }
    }

    @Test("it counts for sixty seconds, and shows the state of that moment")
    func late() async throws {
        try await each { shown in
            let (first, second) = (try await shown.make(), try await shown.make(showsName: true))
            #expect(await shown.redeem(first.long, at: 60) == .failure(.late))
            try await shown.database.write { tx in
                try Credentials.apply(
                    .suspend,
                    to: shown.licence.id,
                    reason: "1号",
                    occasion: Shown.occasion(30),
                    in: tx
                )
            }
            let seen = try await shown.redeem(second.short, at: 59).get()
            #expect(seen.state == .suspended && seen.holderName == company.name)
        }
    }

    @Test(
        "guessing ends after a few tries at a place, also for the right code, and is counted without naming codes"
    )
    func guesses() async throws {
        try await each { shown in
            let code = try await shown.make()
            for guess in ["000000", "00000000000000000000000000", "not a code"] {
                #expect(await shown.redeem(guess) == .failure(.unknown))
            }
            #expect(await shown.redeem(code.long) == .failure(.locked(minutes: 15)))
            #expect(await shown.redeem(code.short) == .failure(.locked(minutes: 15)))
            // Somebody else is not held up by it, nor this one after a while.
            #expect(await shown.redeem("000000", from: "192.0.2.2") == .failure(.unknown))
            #expect(try await shown.redeem(code.short, from: "192.0.2.2").get().state == .valid)
            #expect(await shown.redeem(code.long, at: 16 * 60) == .failure(.used))
        }
    }

    @Test(
        "many short guesses from many places end short codes for strangers; long ones and known verifiers go on"
    )
    func everywhere() async throws {
        try await each { shown in
            let (first, second) = (try await shown.make(), try await shown.make())
            for place in 0..<5 {
                #expect(await shown.redeem("000000", from: "192.0.2.\(place)") == .failure(.unknown))
            }
            #expect(await shown.redeem(first.short, from: "192.0.2.9") == .failure(.shortLocked))
            #expect(try await shown.redeem(first.long, from: "192.0.2.9").get().state == .valid)
            let known = Actor(.person, id: "v1", role: "founder")
            #expect(try await shown.redeem(second.short, from: "192.0.2.9", as: known).get().state == .valid)
        }
    }

    @Test("of many who take one code at once exactly one is shown the licence")
    func atOnce() async throws {
        try await each { shown in
            let code = try await shown.make()
            let answers = await withTaskGroup(of: Bool.self) { group in
                for place in 0..<12 {
                    group.addTask {
                        let typed = place % 2 == 0 ? code.long : code.short
                        if case .success = await shown.redeem(typed, from: "192.0.2.\(place)") { return true }
                        return false
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count(where: \.self) == 1)
            let uses = try await shown.database.read {
                try LicenceUses.of(holder: company.code, limit: 99, in: $0).count
            }
            #expect(uses == 1)
        }
    }

    @Test("a code is made for something, of one's own licence, for a purpose, and a few at a time")
    func wishes() async throws {
        try await each { shown in
            await #expect(throws: PresentationError.nothingChosen) { _ = try await shown.make([]) }
            await #expect(throws: PresentationError.unknownField("colour")) {
                _ = try await shown.make(["colour"])
            }
            func make(holder: String, purpose: String) async throws {
                _ = try await shown.presentations.make(
                    PresentationWish(
                        credential: shown.licence.id,
                        holder: holder,
                        fields: ["scope"],
                        showsName: true,
                        purpose: purpose
                    ),
                    occasion: Shown.occasion(0)
                )
            }
            await #expect(throws: CredentialError.unknown) { try await make(holder: "other", purpose: "x") }
            await #expect(throws: PresentationError.purpose) {
                try await make(holder: company.code, purpose: "")
            }
            _ = (try await shown.make(), try await shown.make())
            await #expect(throws: PresentationError.tooManyOpen) { _ = try await shown.make() }
            #expect(try await shown.make(at: 61).until == start + 121_000)
        }
    }
}
