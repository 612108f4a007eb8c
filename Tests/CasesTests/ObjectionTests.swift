import Kernel
import Server
import Simulators
import Storage
import Testing

@testable import Cases

@Suite("an objection is the objector's, not the applicant's", .serialized)
struct ObjectionTests {
    private static let named = "150203199003030023"

    /// The form with something else said of one person, wherever he stands.
    private func changed(_ data: JSON, _ changes: [String: String]) -> JSON {
        func walk(_ value: JSON) -> JSON {
            switch value {
            case .array(let elements): return .array(elements.map(walk))
            case .object(var members):
                if members["idNumber"]?.text == Self.named {
                    for (key, text) in changes where members[key] != nil { members[key] = .string(text) }
                }
                return .object(members.mapValues(walk))
            case .null, .bool, .number, .string: return value
            }
        }
        return walk(data)
    }

    /// Somebody else in his place.
    private func without(_ data: JSON) -> JSON {
        changed(data, ["name": "赵青", "idNumber": "150203197506060014", "phone": "13800007777"])
    }

    private func asked(_ town: GuardTown, _ data: JSON? = nil) async throws -> (Case, [String: SigningLink]) {
        let draft = try await town.start(data ?? town.data)
        let links = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
        return (draft, try await byNumber(links, of: draft, town))
    }

    /// Links by the document of whom they were sent.
    private func byNumber(_ links: [SigningLink], of draft: Case, _ town: GuardTown) async throws -> [String:
        SigningLink]
    {
        let numbers = try await town.state(draft).signers.map { ($0.key, $0.idNumber) }
        let byKey = Dictionary(uniqueKeysWithValues: numbers)
        return Dictionary(uniqueKeysWithValues: links.map { (byKey[$0.signer] ?? "", $0) })
    }

    private func object(_ link: SigningLink, _ town: GuardTown) async throws {
        try await town.desk.object(
            link.secret,
            text: "我没有同意",
            occasion: town.occasion(GuardTown.anyone)
        )
    }

    private func requireStopped(_ draft: Case, _ town: GuardTown) async throws {
        await #expect(throws: CaseError.objected) {
            try await town.desk.submit(draft.id, occasion: town.occasion())
        }
        let all = try await town.database.read { try ObjectionStore.of(draft.id, in: $0) }
        #expect(all.map(\.state) == [.open])
    }

    @Test(
        "another telephone, another spelling: he objects still, and his old link says so",
        arguments: [["phone": "13900000001"], ["name": "李文驳"]]
    )
    func edited(change: [String: String]) async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await asked(town, town.reserve(town.data))
            let own = try #require(links[Self.named])
            try await object(own, town)
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, changed(data, change))
            try await requireStopped(draft, town)
            let again = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            #expect(again.count == 1)
            for link in again {
                _ = try await town.desk.verifyFace(
                    link.secret,
                    sample: "score:950",
                    occasion: town.occasion(GuardTown.anyone)
                )
                await #expect(throws: CaseError.objected) {
                    try await town.desk.sign(link.secret, occasion: town.occasion(GuardTown.anyone))
                }
            }
            try await requireStopped(draft, town)
            let objector = try await town.desk.objector(own.secret)
            #expect(objector.isNamed && objector.last?.state == .open)
        }
    }

    @Test("a link that was replaced is still good for objecting")
    func pastLink() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await asked(town, town.reserve(town.data))
            let own = try #require(links[Self.named])
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, changed(data, ["phone": "13900000001"]))
            _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            try await object(own, town)
            try await requireStopped(draft, town)
        }
    }

    @Test("dropped and named again he objects still; without him it is granted, and he reads what came of it")
    func dropped() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await asked(town, town.reserve(town.data))
            let own = try #require(links[Self.named])
            try await object(own, town)
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, without(data))
            _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            let out = try await town.desk.objector(own.secret)
            #expect(!out.isNamed && out.last?.state == .open)
            await #expect(throws: CaseError.linkUnknown) { try await object(own, town) }
            _ = try await town.save(draft, data)
            try await requireStopped(draft, town)
            _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            try await requireStopped(draft, town)
            _ = try await town.save(draft, without(data))
            _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            for signer in try await town.state(draft).missing {
                let link = try await town.desk.renewLink(
                    draft.id,
                    signer: signer.key,
                    occasion: town.occasion()
                )
                try await town.sign([link])
            }
            let granted = try await town.desk.submit(draft.id, occasion: town.occasion())
            #expect(granted.state == .granted)
            let after = try await town.desk.objector(own.secret)
            #expect(!after.isNamed && after.last?.state == .accepted)
            #expect(after.last?.outcome == ObjectionStore.notNamed)
        }
    }

    @Test("it is taken back with one's own face only, and only before anything is registered")
    func takenBack() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await asked(town, town.reserve(town.data))
            let own = try #require(links[Self.named])
            let anyone = town.occasion(GuardTown.anyone)
            await #expect(throws: CaseError.linkUnknown) {
                try await town.desk.takeBackObjection(own.secret, sample: "score:950", occasion: anyone)
            }
            try await town.sign(Array(links.values))
            try await object(own, town)
            #expect(
                try await town.desk.takeBackObjection(own.secret, sample: "score:300", occasion: anyone)
                    == .otherFace
            )
            try await requireStopped(draft, town)
            #expect(
                try await town.desk.takeBackObjection(own.secret, sample: "score:950", occasion: anyone)
                    == .done
            )
            let granted = try await town.desk.submit(draft.id, occasion: town.occasion())
            #expect(granted.state == .granted)
            let last = try await town.database.read { try ObjectionStore.of(draft.id, in: $0).last }
            #expect(last?.state == .retracted)
        }
    }

    @Test("three faces that are not his are all the tries there are")
    func tries() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await asked(town, town.reserve(town.data))
            let own = try #require(links[Self.named])
            let anyone = town.occasion(GuardTown.anyone)
            try await object(own, town)
            for _ in 0..<3 {
                _ = try await town.desk.takeBackObjection(own.secret, sample: "score:300", occasion: anyone)
            }
            await #expect(throws: CaseError.notVerified) {
                try await town.desk.takeBackObjection(own.secret, sample: "score:950", occasion: anyone)
            }
            try await requireStopped(draft, town)
        }
    }

    @Test("of a firm the place goes to another with another representative, and comes back with him")
    func representative() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await asked(town, town.withFirm())
            let own = try #require(links["91150203MA0DEM013P"])
            try await object(own, town)
            _ = try await town.save(draft, town.withFirm(signer: "李文博", number: Self.named))
            let standing = {
                try await town.database.read { try ObjectionStore.standing(of: draft.id, in: $0) }
            }
            #expect(try await standing().isEmpty)
            await #expect(throws: CaseError.linkUnknown) { try await object(own, town) }
            #expect(try await town.desk.objector(own.secret).last?.state == .open)
            _ = try await town.save(draft, town.withFirm())
            #expect(try await standing().count == 1)
            try await requireStopped(draft, town)
        }
    }

    @Test("who objects while the parties are asked is in time: nothing is granted")
    func raceOfSubmit() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await asked(town, town.reserve(town.data))
            try await town.sign(Array(links.values))
            let own = try #require(links[Self.named])
            let slow = town.desk.with(
                modules: town.desk.modules.values.map { module in
                    Interrupted(inner: module) { try await object(own, town) }
                }
            )
            await #expect(throws: CaseError.objected) {
                try await slow.submit(draft.id, occasion: town.occasion())
            }
            #expect(try await town.desk.read(draft.id).state == .signing)
            try await requireStopped(draft, town)
        }
    }

    @Test("who objects while his signatures are made has signed nothing")
    func raceOfSign() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await asked(town, town.reserve(town.data))
            let own = try #require(links[Self.named])
            let anyone = town.occasion(GuardTown.anyone)
            _ = try await town.desk.verifyFace(own.secret, sample: "score:950", occasion: anyone)
            var ports = town.desk.ports
            let sign = ports.sign
            ports.sign = { signer, paper, occasion in
                let made = try await sign(signer, paper, occasion)
                try await object(own, town)
                return made
            }
            let slow = town.desk.with(ports: ports)
            await #expect(throws: CaseError.objected) { try await slow.sign(own.secret, occasion: anyone) }
            #expect(try await town.state(draft).signatures.isEmpty)
        }
    }

    @Test("the officers' list has registrations of their region only, longest waiting first, page by page")
    func list() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await asked(town)
            for link in links.values { try await object(link, town) }
            let (other, more) = try await asked(town, town.reserve(town.data))
            try await town.sign(Array(more.values))
            let granted = try await town.desk.submit(other.id, occasion: town.occasion())
            #expect(granted.state == .granted && draft.id != granted.id)
            let several = try #require(more.values.count >= 2 ? Array(more.values) : nil)
            for link in several {
                try await town.town.move(to: town.town.clock.now + Instant.minute)
                try await object(link, town)
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

    func messages(for step: String, of subject: Case, in reader: any Reader) throws -> [PartyOrder] {
        try inner.messages(for: step, of: subject, in: reader)
    }

    func context(for subject: Case) -> JSON { inner.context(for: subject) }

    func released(_ subject: Case, by event: CaseEvent, occasion: Occasion, in tx: any Transaction) throws {
        try inner.released(subject, by: event, occasion: occasion, in: tx)
    }

    func received(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws {
        try inner.received(subject, occasion: occasion, in: tx)
    }
}
