import Cases
import CompanyNames
import CompanyOpening
import Credentials
import Exchange
import Identity
import Kernel
import Registers
import Server
import Simulators
import Standards
import Storage
import Testing

@Suite("a registration is withdrawn", .serialized)
struct WithdrawalTests {
    @Test(
        "everybody who was told is told again, the name is blocked for a year, nobody acts for the firm, the complaint is closed"
    )
    func whole() async throws {
        try await Opened.onEachEngine { opened in
            let representative = try await Opened.know(opened.data["legalRepresentative"], in: opened.town)
            #expect(try await opened.acting(representative)?.isLegalRepresentative == true)
            let told = Set(try await opened.lines().filter { $0.state == .done }.map(\.order.party))
            #expect(told.isSuperset(of: ["tax", "police-seal", "engraver", "social-insurance", "publicity"]))
            #expect(!told.contains("bank") && !told.contains("housing-fund"))
            try await object(opened)
            let matter = try await opened.investigated()
            try await opened.withdraw(matter)
            let notices = try await opened.lines().filter { line in
                line.order.operation == "registration-changed" || line.order.fields["kind"] == "withdraw"
            }
            #expect(Set(notices.map(\.order.party)) == told.union(["national-collection"]))
            #expect(notices.first { $0.order.party == "tax" }?.order.fields["state"] == "withdrawn")
            #expect(
                notices.first { $0.order.party == "police-seal" }?.order.fields["seals"].elements.count == 3
            )
            try await opened.pass(days: 1)
            let after = try await opened.lines().filter { line in notices.contains { $0.id == line.id } }
            #expect(after.allSatisfy { $0.state == .done })
            try await afterwards(opened, representative)
        }
    }

    /// The objection of a named person, put down as the page does it.
    private func object(_ opened: Opened) async throws {
        let link = SigningLink.make(for: "", entropy: opened.town.platform.settings.entropy)
        let id = opened.subject.id
        try await opened.database.write { tx throws in
            var signer = try #require(try SignerStore.state(of: id, in: tx).active.first { $0.name == "李文博" })
            signer.link = SigningLink.digest(link.secret)
            try SignerStore.update(signer, in: tx)
        }
        try await opened.town.platform.desk.object(
            link.secret,
            text: "本人毫不知情",
            occasion: opened.occasion(.anonymous)
        )
    }

    private func afterwards(_ opened: Opened, _ representative: ID<Person>) async throws {
        let name = try #require(try await opened.names().first)
        #expect(name.state == .revoked)
        #expect(name.lastDay == LocalDate(parsing: "2027-03-02"))
        await #expect(throws: NameTaken.self) {
            _ = try await Opened.reserve("晨博", like: opened.data, in: opened.town)
        }
        #expect(try await opened.acting(representative) == nil)
        let id = opened.subject.id
        let objections = try await opened.database.read { try ObjectionStore.of(id, in: $0) }
        #expect(objections.map(\.state) == [.accepted])
        #expect(objections.first?.closedAt != nil)
        let publication = try #require(try await opened.publications().first { $0.what == "withdraw" })
        #expect(publication.publishedAt != nil && publication.receipt != nil)
        #expect(Set(try await opened.credentials().values) == [.withdrawn])
    }

    @Test("lines still under way are set aside with the withdrawal and go on when it is undone")
    func setAside() async throws {
        try await Opened.onEachEngine(before: { try $0.town.party("tax").set("down") }) { opened in
            #expect(try await opened.lines().first { $0.order.party == "tax" }?.state.isEnd == false)
            var matter = try await opened.investigated()
            matter = try await opened.withdraw(matter)
            func tax() async throws -> LineState? {
                try await opened.lines().first {
                    $0.order.party == "tax" && $0.order.operation == "register"
                }?.state
            }
            #expect(try await tax() == .later)
            try opened.town.town.party("tax").set("up")
            _ = try await opened.decide(
                .restore,
                matter,
                CorrectionFinding(facts: "", evidence: "", reason: "撤销有误")
            )
            try await opened.pass(days: 2)
            #expect(try await tax() == .done)
        }
    }

    @Test("a withdrawal undone gives the name back; one that others have by then is replaced by the code")
    func restored() async throws {
        try await Opened.onEachEngine { opened in
            let representative = try await Opened.know(opened.data["legalRepresentative"], in: opened.town)
            var matter = try await opened.investigated()
            matter = try await opened.withdraw(matter)
            try await opened.pass(days: 400)
            #expect(try await opened.names().map(\.state) == [.lapsed])
            let other = Actor(.person, id: "somebody-else", role: "person")
            _ = try await Opened.reserve("晨博", like: opened.data, in: opened.town, by: other)
            matter = try await opened.decide(
                .restore,
                matter,
                CorrectionFinding(facts: "", evidence: "", reason: "撤销有误")
            )
            #expect(matter.state == .restored)
            #expect(try await opened.entry().state == .active)
            #expect(try await opened.entry().name == opened.code)
            #expect(try await opened.acting(representative)?.isLegalRepresentative == true)
            let code = opened.code
            let matters = try await opened.database.read { try CorrectionStore.of(code, in: $0) }
            #expect(matters.map(\.kind) == [.falsity, .name])
            #expect(matters.last?.state == .ordered)
        }
        try await Opened.onEachEngine { opened in
            var matter = try await opened.investigated()
            matter = try await opened.withdraw(matter)
            _ = try await opened.decide(
                .restore,
                matter,
                CorrectionFinding(facts: "", evidence: "", reason: "撤销有误")
            )
            #expect(try await opened.names().map(\.state) == [.registered])
            #expect(try await opened.names().first?.until == nil)
            #expect(try await opened.entry().name == "包头市昆都仑区晨博商贸有限公司")
        }
    }

    @Test("a false item goes alone: the licence that showed it gets its next version, its rights end")
    func item() async throws {
        try await Opened.onEachEngine { opened in
            let representative = try await Opened.know(opened.data["legalRepresentative"], in: opened.town)
            let before = try await opened.licence()
            let matter = try await opened.investigated(item: "legalRepresentative")
            let done = try await opened.decide(.withdrawItem, matter, Opened.finding)
            #expect(done.state == .itemWithdrawn)
            let after = try await opened.licence()
            #expect(after.state == .valid)
            #expect(after.record.replaces == before.record.identifier.description)
            #expect(after.record.fields["legalRepresentative"].isNull)
            #expect(after.record.fields["address"] == before.record.fields["address"])
            #expect(try await opened.acting(representative) == nil)
            let states = try await opened.credentials()
            #expect(states["seal-legal-representative"] == .withdrawn)
            #expect(states["seal-official"] == .valid)
            #expect(try await opened.entry().state == .active)
        }
    }

    @Test("a filed person falls away alone, without a new licence; nobody of that name is refused")
    func filing() async throws {
        try await Opened.onEachEngine { opened in
            let (code, today) = (opened.code, opened.town.clock.now.date)
            await #expect(throws: CorrectionError.unknownItem("colour")) {
                _ = try await opened.investigated(item: "colour")
            }
            let before = try await opened.licence()
            let matter = try await opened.investigated(item: "supervisor")
            await #expect(throws: CorrectionError.unknownItem("无此人")) {
                _ = try await opened.decide(.withdrawItem, matter, Opened.finding("无此人"))
            }
            _ = try await opened.decide(.withdrawItem, matter, Opened.finding("李文博"))
            try await opened.database.read { reader throws in
                #expect(
                    try RegisterStore.filings("supervisor", of: code, on: today.adding(days: 1), in: reader)
                        .isEmpty
                )
                #expect(
                    try RegisterStore.filings("director", of: code, on: today.adding(days: 1), in: reader)
                        .count == 1
                )
            }
            #expect(try await opened.licence().id == before.id)
        }
    }

    private func withdrawn(_ item: String, _ value: JSON, of opened: Opened) async throws -> Correction {
        let matter = try await opened.investigated(item: item)
        return try await opened.decide(
            .withdrawItem,
            matter,
            CorrectionFinding(
                facts: "冒名",
                evidence: "笔迹鉴定",
                reason: "条例第四十条",
                responsible: ["张晓晨"],
                value: value
            )
        )
    }

    @discardableResult
    private func restored(_ matter: Correction, of opened: Opened) async throws -> Correction {
        try await opened.decide(.restore, matter, CorrectionFinding(facts: "", evidence: "", reason: "撤销有误"))
    }

    @Test("a representative withdrawn by mistake has his right and seal again, and a licence that shows him")
    func representativeRestored() async throws {
        try await Opened.onEachEngine { opened in
            let representative = try await Opened.know(opened.data["legalRepresentative"], in: opened.town)
            let before = try await opened.licence().record.fields
            let seals = try await opened.credentials()
            let matter = try await withdrawn("legalRepresentative", .null, of: opened)
            #expect(try await opened.acting(representative) == nil)
            let bans = matter.decision["bans"].elements.count
            #expect(bans == 1 && matter.decision["responsible"] == ["张晓晨"])
            #expect(try await restored(matter, of: opened).state == .restored)
            #expect(try await opened.acting(representative)?.isLegalRepresentative == true)
            #expect(try await opened.licence().record.fields == before)
            #expect(try await opened.credentials() == seals)
            let barred = try #require(opened.data["shareholders"].elements.first { $0["name"] == "张晓晨" })
            let key = opened.town.platform.personKeys.person(
                idKind: barred["idKind"].text ?? "resident-id",
                idNumber: barred["idNumber"].text ?? ""
            )
            let (code, now) = (opened.code, opened.town.clock.now)
            let (bars, acts) = try await opened.database.read { reader in
                (
                    try NoteStore.standing(on: "person:\(key)", at: now, in: reader).filter {
                        $0.kind == .ban
                    },
                    try RegisterStore.entries(of: code, in: reader).map(\.act)
                )
            }
            #expect(bars.isEmpty)
            #expect(acts == [.establish, .withdrawItem, .restore])
        }
    }

    @Test("a filed person withdrawn by mistake stands filed again; a row comes back to its place in the list")
    func rowsRestored() async throws {
        try await Opened.onEachEngine { opened in
            let (code, today) = (opened.code, opened.town.clock.now.date)
            let rows = try await opened.entry().items["shareholders"]
            #expect(rows.elements.count == 2)
            let filed = try await withdrawn("supervisor", "李文博", of: opened)
            try await restored(filed, of: opened)
            let supervisors = try await opened.database.read {
                try RegisterStore.filings("supervisor", of: code, on: today, in: $0)
            }
            #expect(supervisors.compactMap { $0.value["name"].text } == ["李文博"])
            #expect(supervisors.allSatisfy { !$0.isConfidential })
            let first = try await withdrawn("shareholders", .array([rows.elements[1]]), of: opened)
            let second = try await withdrawn("shareholders", [], of: opened)
            try await restored(first, of: opened)
            #expect(try await opened.entry().items["shareholders"] == .array([rows.elements[0]]))
            try await restored(second, of: opened)
            let whole = try await opened.entry().items["shareholders"].elements
            #expect(whole.count == 2 && rows.elements.allSatisfy(whole.contains))
        }
    }

    @Test("what was changed again after it fell away does not come back by itself")
    func changedSince() async throws {
        try await Opened.onEachEngine { opened in
            let matter = try await withdrawn("legalRepresentative", .null, of: opened)
            let (code, id) = (opened.code, opened.subject.id.rawValue)
            try await opened.database.write { tx in
                try Register.act(
                    .change,
                    on: code,
                    changes: ["legalRepresentative": "李文博"],
                    caseID: id,
                    occasion: opened.occasion(),
                    in: tx
                )
            }
            await #expect(throws: CorrectionError.changedSince("legalRepresentative")) {
                try await restored(matter, of: opened)
            }
            #expect(try await opened.entry().items["legalRepresentative"] == "李文博")
        }
    }

    @Test("of two clerks who confirm one proposal at once one decides, the other is told that it changed")
    func twoClerks() async throws {
        try await Opened.onEachEngine { opened in
            let taken = try await opened.investigated()
            let matter = try await opened.propose(.withdraw, taken, Opened.finding)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for name in ["first", "second"] {
                    group.addTask {
                        do {
                            try await opened.confirm(matter, by: Actor(.staff, id: name, role: "corrector"))
                            return true
                        } catch {
                            #expect(error as? CorrectionError == .changedMeanwhile)
                            return false
                        }
                    }
                }
                return await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(outcomes.count { $0 } == 1)
            let code = opened.code
            let acts = try await opened.database.read {
                try RegisterStore.entries(of: code, in: $0).map(\.act)
            }
            #expect(acts == [.establish, .withdraw])
        }
    }

    @Test("a proposal has no effect, is nobody's to confirm who made it, and is void when the entry moved on")
    func twoPersons() async throws {
        try await Opened.onEachEngine { opened in
            let taken = try await opened.investigated()
            let matter = try await opened.propose(.withdraw, taken, Opened.finding)
            #expect(try await opened.entry().state == .active)
            await #expect(throws: CorrectionError.secondPersonNeeded) {
                try await opened.confirm(matter, by: Opened.staff)
            }
            let slip = try await opened.propose([
                "address": "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室"
            ])
            try await opened.confirm(slip)
            await #expect(throws: CorrectionError.proposalOutdated) { try await opened.confirm(matter) }
            let dropped = try await opened.corrections.drop(
                matter.id,
                of: opened.code,
                version: matter.version,
                reason: "登记簿已更正",
                occasion: opened.occasion(Opened.head)
            )
            #expect(dropped.state == .investigating)
            #expect(try await opened.withdraw(dropped).state == .withdrawn)
        }
    }

    @Test("who says that his identity was used does not answer for it")
    func victim() async throws {
        try await Opened.onEachEngine { opened in
            let matter = try await opened.investigated()
            let finding = CorrectionFinding(
                facts: "冒名",
                evidence: "笔迹鉴定",
                reason: "条例第四十条",
                responsible: ["李文博"]
            )
            await #expect(throws: CorrectionError.applicantResponsible("李文博")) {
                try await opened.propose(.withdraw, matter, finding)
            }
        }
    }
}
