import Audit
import Credentials
import Kernel
import Standards
import Storage
import TestSupport
import Testing

/// What officials do with licences where no case does it.
@Suite("the desk of the licence library")
struct LicenceDeskTests {
    private func by(_ official: String, _ minutes: Int64 = 0) -> Occasion {
        Occasion(
            now: start + minutes * Instant.minute,
            actor: Actor(.staff, id: official, role: "registrar"),
            request: "\(official)\(minutes)"
        )
    }

    private func decision(_ number: String = "包市监许〔2026〕1号") throws -> LicenceDecision {
        try LicenceDecision(number: number, reason: "依申请")
    }

    private func code(_ work: () async throws -> Void) async -> String? {
        do {
            try await work()
            return nil
        } catch { return (error as? any Refusal)?.code ?? "\(error)" }
    }

    /// A desk, a type that it keeps, and a licence of it that two officials issued.
    private func issued(on database: any Database) async throws -> (LicenceDesk, LicenceType, Credential) {
        let authority = try authority(on: database)
        let desk = LicenceDesk(authority: authority, database: database)
        let type = try #require(authority.types.licences["food-operation"])
        let wish = try await desk.propose(issuing: sample(of: type), try decision(), occasion: by("a"))
        let made = try await desk.decide(wish.id, isConfirmed: true, occasion: by("b"))
        return (desk, type, try #require(made))
    }

    @Test("a licence is issued, changed and withdrawn by two officials; none confirms what he proposed")
    func two() async throws {
        try await forEachEngine(migrations) { database in
            let (desk, type, first) = try await issued(on: database)
            #expect(first.state == .valid && first.record.identifier.version == 1)
            var draft = sample(of: type)
            draft = draft.with(fields: draft.fields.with("premises", "包头市昆都仑区新址"))
            let change = try await desk.propose(
                changing: first.id,
                expecting: 1,
                to: draft,
                try decision(),
                occasion: by("a", 1)
            )
            #expect(
                await code { try await desk.decide(change.id, isConfirmed: true, occasion: by("a", 2)) }
                    == "licence-desk.four-eyes"
            )
            let second = try #require(
                try await desk.decide(change.id, isConfirmed: true, occasion: by("b", 2))
            )
            #expect(second.record.identifier.version == 2 && second.record.fields["premises"] == "包头市昆都仑区新址")
            #expect(
                await code { try await desk.decide(change.id, isConfirmed: true, occasion: by("b", 3)) }
                    == "licence-desk.decided"
            )
            let versions = try await database.read {
                try LicenceLibrary.versions(of: second.record, on: start.date, in: $0)
            }
            #expect(versions.map(\.state) == [.replaced, .valid])
            let end = try await desk.propose(
                .withdraw,
                try decision("包市监撤〔2026〕2号"),
                on: second.id,
                expecting: 1,
                occasion: by("b", 4)
            )
            let other = try await desk.propose(
                .revoke,
                try decision(),
                on: second.id,
                expecting: 1,
                occasion: by("b", 4)
            )
            #expect(
                try await desk.decide(end.id, isConfirmed: true, occasion: by("a", 5))?.state == .withdrawn
            )
            #expect(
                await code { try await desk.decide(other.id, isConfirmed: true, occasion: by("a", 6)) }
                    == "credential.stale",
                "what was proposed for another state is not done"
            )
            // A refusal needs no second pair of eyes, and does nothing.
            #expect(try await desk.decide(other.id, isConfirmed: false, occasion: by("b", 7)) == nil)
            let step = try await database.read { try Credentials.history(of: second.id, in: $0).last }
            #expect(step?.decision == "包市监撤〔2026〕2号" && step?.by == "staff a")
        }
    }

    @Test(
        "a suspension holds at once, by one; so does state 99 with its cause, and what ends for good does not"
    )
    func one() async throws {
        try await forEachEngine(migrations) { database in
            let (desk, _, licence) = try await issued(on: database)
            let moved = try await desk.carryOut(
                .setAside,
                try LicenceDecision(number: "函1号", reason: "因机构改革暂停使用"),
                on: licence.id,
                expecting: 1,
                occasion: by("a", 1)
            )
            #expect(moved.state == .other && moved.state.code == "99")
            let step = try await database.read { try Credentials.history(of: licence.id, in: $0).last }
            #expect(step?.reason == "因机构改革暂停使用")
            #expect(
                await code {
                    try await desk.carryOut(
                        .resume,
                        try decision(),
                        on: licence.id,
                        expecting: 1,
                        occasion: by("a", 2)
                    )
                } == "credential.stale"
            )
            #expect(
                try await desk.carryOut(
                    .resume,
                    try decision(),
                    on: licence.id,
                    expecting: 2,
                    occasion: by("a", 2)
                )
                .state == .valid
            )
            #expect(
                await code {
                    try await desk.carryOut(
                        .revoke,
                        try decision(),
                        on: licence.id,
                        expecting: 3,
                        occasion: by("a", 3)
                    )
                } == "licence-desk.needs-two"
            )
            #expect(LicenceAct.offered(in: .suspended) == [.resume, .setAside, .cancel, .withdraw, .revoke])
            #expect(LicenceAct.offered(in: .replaced) == [])
        }
    }

    @Test("a number is given once for a type and a body, also when two are confirmed at the same moment")
    func numbers() async throws {
        try await forEachEngine(migrations) { database in
            let (desk, type, _) = try await issued(on: database)
            #expect(
                await code {
                    try await desk.propose(issuing: sample(of: type), try decision(), occasion: by("a", 1))
                } == "licence-desk.number-taken"
            )
            let twice = sample(of: type, number: "A-2")
            let one = try await desk.propose(issuing: twice, try decision(), occasion: by("a", 2))
            let two = try await desk.propose(issuing: twice, try decision(), occasion: by("a", 2))
            async let first = code { try await desk.decide(one.id, isConfirmed: true, occasion: by("b", 3)) }
            async let second = code { try await desk.decide(two.id, isConfirmed: true, occasion: by("c", 3)) }
            let codes = await [first, second]
            #expect(codes.filter { $0 == nil }.count == 1)
            #expect(codes.compactMap(\.self) == ["licence-desk.number-taken"])
        }
    }

    @Test("every type has an administration that keeps it; a licence that follows a register is refused")
    func elsewhere() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let desk = LicenceDesk(authority: authority, database: database)
            #expect(authority.types.licences.all.filter { $0.agency == nil }.map(\.key) == [])
            let type = try #require(authority.types.licences["business-licence"])
            let wish = sample(of: type)
            #expect(
                await code { try await desk.propose(issuing: wish, try decision(), occasion: by("a")) }
                    == "licence-desk.not-here"
            )
            let licence = try await issue(draft(), by: authority, on: database)
            #expect(
                await code {
                    try await desk.carryOut(
                        .suspend,
                        try decision(),
                        on: licence.id,
                        expecting: 1,
                        occasion: by("a")
                    )
                } == "licence-desk.not-here"
            )
        }
    }
}

extension JSON {
    fileprivate func with(_ key: String, _ value: JSON) -> JSON {
        var changed = self
        changed[key] = value
        return changed
    }
}
