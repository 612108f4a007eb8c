import Kernel
import Server
import Simulators
import Storage
import Testing

@testable import Cases

@Suite("an objection is the objector's, not the applicant's", .serialized)
struct ObjectionTests {
    @Test(
        "another telephone, another spelling: he objects still, and his old link says so",
        arguments: [["phone": "13900000001"], ["name": "李文驳"]]
    )
    func edited(change: [String: String]) async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.data))
            let own = try #require(links[GuardTown.named])
            try await town.object(own)
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, town.changed(data, change))
            try await town.requireStopped(draft)
            let again = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            #expect(again.count == 1)
            for link in again {
                let proof = try await town.pass(link.secret)
                let anyone = town.occasion(GuardTown.anyone)
                await #expect(throws: CaseError.objected) {
                    try await town.desk.sign(link.secret, proof: proof, occasion: anyone)
                }
            }
            try await town.requireStopped(draft)
            let objector = try await town.desk.objector(own.secret)
            #expect(objector.isNamed && objector.last?.state == .open)
        }
    }

    @Test("a link that was replaced is still good for objecting")
    func pastLink() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.data))
            let own = try #require(links[GuardTown.named])
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, town.changed(data, ["phone": "13900000001"]))
            _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            try await town.object(own)
            try await town.requireStopped(draft)
        }
    }

    @Test("dropped and named again he objects still; without him it is granted, and he reads what came of it")
    func dropped() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.data))
            let own = try #require(links[GuardTown.named])
            try await town.object(own)
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, town.without(data))
            _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            let out = try await town.desk.objector(own.secret)
            #expect(!out.isNamed && out.last?.state == .open)
            await #expect(throws: CaseError.linkUnknown) { try await town.object(own) }
            _ = try await town.save(draft, data)
            try await town.requireStopped(draft)
            _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            try await town.requireStopped(draft)
            _ = try await town.save(draft, town.without(data))
            _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            try await town.signMissing(of: draft)
            let granted = try await town.desk.submit(draft.id, occasion: town.occasion())
            #expect(granted.state == .granted)
            let after = try await town.desk.objector(own.secret)
            #expect(!after.isNamed && after.last?.state == .accepted)
            #expect(after.last?.outcome == ObjectionStore.notNamed)
        }
    }

    @Test("of a firm the place goes to another with another representative, and comes back with him")
    func representative() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.withFirm())
            let own = try #require(links["91150203MA0DEM013P"])
            try await town.object(own)
            _ = try await town.save(draft, town.withFirm(signer: "李文博", number: GuardTown.named))
            let standing = {
                try await town.database.read { try ObjectionStore.standing(of: draft.id, in: $0) }
            }
            #expect(try await standing().isEmpty)
            await #expect(throws: CaseError.linkUnknown) { try await town.object(own) }
            #expect(try await town.desk.objector(own.secret).last?.state == .open)
            _ = try await town.save(draft, town.withFirm())
            #expect(try await standing().count == 1)
            try await town.requireStopped(draft)
        }
    }

    @Test(
        "the same name under another number, the same telephone, the same firm through another: for a person to judge, and not over with it",
        arguments: [
            ["idNumber": "150203198803030019", "phone": "13900000001"],
            ["name": "赵青", "idNumber": "150203197506060014"],
        ]
    )
    func resembling(change: [String: String]) async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.data))
            let own = try #require(links[GuardTown.named])
            try await town.object(own)
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, town.changed(data, change))
            try await judged(draft, own, town)
        }
    }

    @Test("a firm that objected through one human is not granted through another by the rules alone")
    func firm() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.withFirm()))
            let own = try #require(links["91150203MA0DEM013P"])
            try await town.object(own)
            var data = try await town.desk.read(draft.id).data
            var holders = data["shareholders"].elements
            holders[1]["signerName"] = "钱远"
            holders[1]["signerIdNumber"] = "150203198803030019"
            data["shareholders"] = .array(holders)
            _ = try await town.save(draft, data)
            let (standing, doubtful) = try await town.database.read {
                try ObjectionStore.concerning(draft.id, in: $0)
            }
            #expect(standing.isEmpty && doubtful.count == 1)
            let module = try #require(town.desk.modules["company-opening"])
            let facts = try await module.facts(
                for: try await town.desk.read(draft.id),
                signing: try await town.state(draft),
                limits: try await town.desk.definition(of: draft).limits("150203", town.occasion().now.date),
                occasion: town.occasion()
            )
            #expect(facts.values["disputes"]["complaints"] == 1)
            try await town.database.write {
                try ObjectionStore.closeUnnamed(of: draft.id, at: town.town.clock.now, in: $0)
            }
            #expect(try await town.desk.objector(own.secret).last?.state == .open)
        }
    }

    /// Everybody signs; the rules leave it to a person, and he grants nothing before he looked into the objection.
    private func judged(_ draft: Case, _ own: SigningLink, _ town: GuardTown) async throws {
        try await town.sign(try await town.desk.askSignatures(draft.id, occasion: town.occasion()))
        try await town.signMissing(of: draft)
        let handed = try await town.desk.submit(draft.id, occasion: town.occasion())
        #expect(handed.state == .review)
        let last = try #require(try await town.desk.objector(own.secret).last)
        let listed = try await town.database.read {
            try ObjectionStore.open(in: ("150203", "150204"), limit: 10, $0)
        }
        #expect(listed.map(\.objection.id) == [last.id] && listed.first?.code == nil)
        await #expect(throws: CaseError.objectionOpen(last.number)) {
            try await town.grant(handed, on: town.desk)
        }
        let settled = try await town.settle(handed, last.number, as: .unfounded)
        let granted = try await town.grant(settled, on: town.desk, isClaimed: true)
        #expect(granted.state == .granted)
        let after = try await town.desk.objector(own.secret).last
        #expect(after?.state == .dismissed && after?.outcome == "review.unfounded")
    }

    @Test("who objects while the parties are asked is in time: nothing is granted")
    func raceOfSubmit() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.data))
            try await town.sign(Array(links.values))
            let own = try #require(links[GuardTown.named])
            let slow = town.desk.with(
                modules: town.desk.modules.values.map { module in
                    Interrupted(inner: module) { try await town.object(own) }
                }
            )
            await #expect(throws: CaseError.objected) {
                try await slow.submit(draft.id, occasion: town.occasion())
            }
            #expect(try await town.desk.read(draft.id).state == .signing)
            try await town.requireStopped(draft)
        }
    }

    @Test("who objects while a person decides is in time: what nobody has seen is not granted over")
    func raceOfGrant() async throws {
        try await GuardTown.each { town in
            let (handed, links) = try await town.inReview()
            let own = try #require(links[GuardTown.named])
            let slow = town.desk.with(
                modules: town.desk.modules.values.map { module in
                    Interrupted(inner: module) { try await town.object(own) }
                }
            )
            await #expect(throws: CaseError.changedMeanwhile(act: "changed", at: town.occasion().now)) {
                try await town.grant(handed, on: slow)
            }
            let seen = try await town.desk.read(handed.id)
            #expect(seen.state == .review && seen.version > handed.version)
            let number = try #require(try await town.desk.objector(own.secret).last).number
            await #expect(throws: CaseError.objectionOpen(number)) {
                try await town.grant(seen, on: town.desk, isClaimed: true)
            }
        }
    }

    @Test("who objects while his signatures are made has signed nothing")
    func raceOfSign() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.data))
            let own = try #require(links[GuardTown.named])
            let anyone = town.occasion(GuardTown.anyone)
            let proof = try await town.pass(own.secret)
            var ports = town.desk.ports
            let sign = ports.sign
            ports.sign = { signer, paper, occasion in
                let made = try await sign(signer, paper, occasion)
                try await town.object(own)
                return made
            }
            let slow = town.desk.with(ports: ports)
            await #expect(throws: CaseError.objected) {
                try await slow.sign(own.secret, proof: proof, occasion: anyone)
            }
            #expect(try await town.state(draft).signatures.isEmpty)
        }
    }

    @Test("the officers' list has registrations of their region only, longest waiting first, page by page")
    func list() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked()
            for link in links.values { try await town.object(link) }
            let (other, more) = try await town.asked(town.reserve(town.data))
            try await town.sign(Array(more.values))
            let granted = try await town.desk.submit(other.id, occasion: town.occasion())
            #expect(granted.state == .granted && draft.id != granted.id)
            let several = try #require(more.values.count >= 2 ? Array(more.values) : nil)
            for link in several {
                try await town.town.move(to: town.town.clock.now + Instant.minute)
                try await town.object(link)
            }
            let all = try await town.database.read {
                try ObjectionStore.open(in: ("150203", "150204"), limit: 100, $0)
            }
            #expect(all.count == several.count && all.allSatisfy { $0.objection.caseID == granted.id })
            #expect(all.map(\.objection.at) == all.map(\.objection.at).sorted())
            #expect(all.first?.code == granted.result && all.first?.caseNumber == granted.number)
            var paged: [ID<Objection>] = []
            var after: (Instant, String)?
            for _ in 0...several.count {
                let mark = after
                let page = try await town.database.read {
                    try ObjectionStore.open(in: ("15", "15:"), after: mark, limit: 1, $0)
                }
                paged += page.map(\.objection.id)
                guard let last = page.last?.objection else { break }
                after = (last.at, last.id.rawValue)
            }
            #expect(paged == all.map(\.objection.id))
            let elsewhere = try await town.database.read {
                try ObjectionStore.open(in: ("150102", "150103"), limit: 100, $0)
            }
            #expect(elsewhere.isEmpty)
        }
    }
}

extension CaseDesk {
    /// The same desk with other modules or ports.
    fileprivate func with(modules: [any CaseModule]? = nil, ports: CasePorts? = nil) -> CaseDesk {
        CaseDesk(
            database: database,
            clock: clock,
            calendars: calendars,
            ports: ports ?? self.ports,
            modules: modules ?? Array(self.modules.values),
            definitions: definitions,
            codes: codes,
            ladders: ladders
        )
    }
}

/// A module during whose questions to the outside parties something else happens.
private struct Interrupted: CaseModule {
    let inner: any CaseModule
    let between: @Sendable () async throws -> Void

    var name: String { inner.name }
    func applicantPhone(in data: JSON) -> String { inner.applicantPhone(in: data) }
    func title(of data: JSON) -> String { inner.title(of: data) }

    func authority(for data: JSON, on date: LocalDate) throws -> (region: String, agency: String) {
        try inner.authority(for: data, on: date)
    }

    func papers(for subject: Case, limits: JSON, on date: LocalDate) throws -> [PaperDraft] {
        try inner.papers(for: subject, limits: limits, on: date)
    }

    func facts(for subject: Case, signing: SigningState, limits: JSON, occasion: Occasion) async throws
        -> Facts
    {
        let facts = try await inner.facts(for: subject, signing: signing, limits: limits, occasion: occasion)
        try await between()
        return facts
    }

    func grant(_ subject: Case, facts: Facts, limits: JSON, occasion: Occasion) async throws -> GrantWork {
        try await inner.grant(subject, facts: facts, limits: limits, occasion: occasion)
    }

    func messages(
        for steps: [String],
        of subject: Case,
        in reader: any Reader
    ) throws -> [String: [PartyOrder]] {
        try inner.messages(for: steps, of: subject, in: reader)
    }

    func context(for subject: Case) -> JSON { inner.context(for: subject) }

    func issue(_ kind: String, for subject: Case, details: JSON, occasion: Occasion, in tx: any Transaction)
        throws
    {
        try inner.issue(kind, for: subject, details: details, occasion: occasion, in: tx)
    }

    func law(of rule: String) -> String { inner.law(of: rule) }

    func bodyName(_ code: String) -> String { inner.bodyName(code) }

    func bodies(besides code: String) -> [(code: String, name: String)] { inner.bodies(besides: code) }

    func released(_ subject: Case, by event: CaseEvent, occasion: Occasion, in tx: any Transaction) throws {
        try inner.released(subject, by: event, occasion: occasion, in: tx)
    }

    func received(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws {
        try inner.received(subject, occasion: occasion, in: tx)
    }
}
