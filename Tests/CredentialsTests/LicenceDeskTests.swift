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
            let issue = try await database.read { try Credentials.history(of: first.id, in: $0).first }
            #expect(issue?.decision == "包市监许〔2026〕1号" && issue?.reason == "依申请", "by which decision and why")
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
            let replaced = try await database.read { try Credentials.history(of: first.id, in: $0).last }
            #expect(replaced?.decision == "包市监许〔2026〕1号")
        }
    }

    @Test(
        "one proposal about a licence waits at a time; it is done for the state it was made for, or refused with a reason"
    )
    func waiting() async throws {
        try await forEachEngine(migrations) { database in
            let (desk, _, licence) = try await issued(on: database)
            func propose(_ act: LicenceAct, _ version: Int64, _ minutes: Int64) async throws
                -> LicenceProposal
            {
                try await desk.propose(
                    act,
                    try decision("包市监撤〔2026〕2号"),
                    on: licence.id,
                    expecting: version,
                    occasion: by("b", minutes)
                )
            }
            let old = try await propose(.revoke, 1, 1)
            #expect(
                await code { _ = try await propose(.cancel, 1, 2) } == "licence-desk.already-proposed"
            )
            try await desk.carryOut(
                .suspend,
                try decision(),
                on: licence.id,
                expecting: 1,
                occasion: by("a", 3)
            )
            #expect(
                await code { try await desk.decide(old.id, isConfirmed: true, occasion: by("a", 4)) }
                    == "credential.stale",
                "what was proposed for another state is not done"
            )
            let end = try await propose(.withdraw, 2, 5)
            let open = try await database.read { try LicenceDesk.waiting(on: licence.id, in: $0) }
            #expect(open.map(\.id) == [old.id, end.id])
            #expect(
                await code { try await desk.decide(old.id, isConfirmed: false, occasion: by("a", 6)) }
                    == "licence-desk.answer"
            )
            #expect(
                try await desk.decide(old.id, isConfirmed: false, because: "已暂扣", occasion: by("a", 6)) == nil
            )
            // What is one's own is taken back without words.
            #expect(try await desk.decide(end.id, isConfirmed: false, occasion: by("b", 7)) == nil)
            let last = try await propose(.withdraw, 2, 8)
            #expect(
                try await desk.decide(last.id, isConfirmed: true, occasion: by("a", 9))?.state == .withdrawn
            )
            let step = try await database.read { try Credentials.history(of: licence.id, in: $0).last }
            #expect(step?.decision == "包市监撤〔2026〕2号" && step?.by == "staff a")
            let decided = try await database.read {
                try LicenceDesk.decided(of: "", reach: LibraryReach(from: "", upTo: "~"), limit: 9, in: $0)
            }
            let told = try #require(decided.first { $0.id == old.id })
            #expect(told.answer == "已暂扣" && told.decidedBy == "a" && told.state == .refused)
            #expect(decided.first { $0.id == end.id }?.answer == nil)
        }
    }

    @Test(
        "a licence that is over on the day of its issue is neither proposed nor confirmed, nor suspended later"
    )
    func over() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let desk = LicenceDesk(authority: authority, database: database)
            let type = try #require(authority.types.licences["food-operation"])
            guard case .years(let years) = type.validity else { throw LicenceDeskError.unknown }
            func draft(_ number: String, lasting days: Int) -> LicenceDraft {
                let one = sample(of: type, number: number)
                return LicenceDraft(
                    type: one.type,
                    holder: one.holder,
                    issuer: one.issuer,
                    region: one.region,
                    fields: one.fields,
                    validFrom: start.date.adding(months: -12 * years).adding(days: days)
                )
            }
            #expect(
                await code {
                    try await desk.propose(
                        issuing: draft("A-1", lasting: 0),
                        try decision(),
                        occasion: by("a")
                    )
                } == "licence-desk.over"
            )
            let day = Instant.day / Instant.minute
            let late = try await desk.propose(
                issuing: draft("A-2", lasting: 2),
                try decision(),
                occasion: by("a")
            )
            #expect(
                await code { try await desk.decide(late.id, isConfirmed: true, occasion: by("b", 3 * day)) }
                    == "licence-desk.over"
            )
            let made = try #require(
                try await desk.decide(late.id, isConfirmed: true, occasion: by("b", day))
            )
            #expect(
                await code {
                    try await desk.carryOut(
                        .suspend,
                        try decision(),
                        on: made.id,
                        expecting: 1,
                        occasion: by("a", 3 * day)
                    )
                } == "credential.not-allowed"
            )
            #expect(LicenceAct.offered(in: .valid, isOver: true).allSatisfy { $0.needsTwo })
            let end = try await desk.propose(
                .cancel,
                try decision(),
                on: made.id,
                expecting: 1,
                occasion: by("a", 3 * day)
            )
            #expect(
                try await desk.decide(end.id, isConfirmed: true, occasion: by("b", 3 * day))?.state
                    == .cancelled,
                "what is over can be ended"
            )
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
            let (desk, type, licence) = try await issued(on: database)
            #expect(
                await code {
                    try await desk.propose(issuing: sample(of: type), try decision(), occasion: by("a", 1))
                } == "licence-desk.number-taken"
            )
            let twice = sample(of: type, number: "A-2")
            let one = try await desk.propose(issuing: twice, try decision(), occasion: by("a", 2))
            #expect(
                await code {
                    try await desk.propose(issuing: twice, try decision(), occasion: by("c", 2))
                } == "licence-desk.number-proposed"
            )
            let two = try await desk.propose(
                changing: licence.id,
                expecting: 1,
                to: twice,
                try decision(),
                occasion: by("a", 2)
            )
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
