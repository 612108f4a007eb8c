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

@Suite("what a grant brings about", .serialized)
struct GrantTests {
    @Test("the legal representative acts for the firm at once, the liaison as far as he was appointed")
    func acting() async throws {
        let people = Known()
        try await Opened.onEachEngine(
            before: { town in
                let data = try Opened.form("demo/llc.json")
                await people.set(
                    try await Opened.know(data["legalRepresentative"], in: town),
                    try await Opened.know(data["liaison"], in: town)
                )
            }
        ) { opened in
            let (representative, liaison) = try await people.get()
            let right = try await opened.acting(representative)
            #expect(right?.isLegalRepresentative == true)
            #expect(right?.name == "包头市昆都仑区晨博商贸有限公司")
            let lent = try await opened.acting(liaison)
            #expect(lent?.isLegalRepresentative == false)
            #expect(lent?.scope == ["case.read", "register.read"])
            let today = opened.town.clock.now.date
            let codes = try await opened.database.read {
                try Enterprises.actable(by: representative, on: today, in: $0).map(\.code)
            }
            #expect(codes == [opened.code])
        }
    }

    private actor Known {
        private var ids: (ID<Person>, ID<Person>)?
        func set(_ first: ID<Person>, _ second: ID<Person>) { ids = (first, second) }
        func get() throws -> (ID<Person>, ID<Person>) { try #require(ids) }
    }

    @Test("a representative who makes himself known later is bound then; somebody else is not")
    func later() async throws {
        try await Opened.onEachEngine { opened in
            let stranger = try await Opened.know(opened.data["liaison"], in: opened.town)
            #expect(try await opened.acting(stranger) == nil)
            let representative = try await Opened.know(opened.data["legalRepresentative"], in: opened.town)
            #expect(try await opened.acting(representative)?.isLegalRepresentative == true)
        }
    }

    @Test("the publication is due after twenty working days and closed by the receipt")
    func published() async throws {
        try await Opened.onEachEngine { opened in
            let publication = try #require(try await opened.publications().first)
            #expect(publication.what == "establish")
            // Twenty working days after Monday 2 March 2026.
            #expect(publication.dueOn == LocalDate(parsing: "2026-03-30"))
            #expect(publication.publishedAt != nil)
            #expect(publication.receipt?.hasPrefix("G") == true)
        }
    }

    @Test("what is not published in time is called overdue once, and closed when it is published after all")
    func overdue() async throws {
        try await Opened.onEachEngine(before: { try $0.town.party("publicity").set("down") }) { opened in
            try await opened.pass(days: 27)
            #expect(try await opened.publications().first?.overdueAt == nil)
            try await opened.pass(days: 3)
            let late = try #require(try await opened.publications().first)
            #expect(late.isOpen)
            #expect(late.overdueAt == Instant(try #require(LocalDate(parsing: "2026-03-31"))))
            #expect(try await opened.database.read { try PublicationStore.open(limit: 9, in: $0) }.count == 1)
            try opened.town.town.party("publicity").set("up")
            try await opened.pass(days: 2)
            #expect(try await opened.publications().first?.isOpen == false)
        }
    }

    @Test("a sole trader registers what he must and no more")
    func soleTrader() async throws {
        try await Opened.onEachEngine("demo/sole-trader.json") { opened in
            let entry = try await opened.entry()
            #expect(entry.register == "sole-trader")
            #expect(
                Set(entry.items.members.keys) == [
                    "name", "type", "address", "scope", "scopeCodes", "operator", "operation",
                ]
            )
            #expect(opened.code.hasPrefix("92"))
            let (code, today) = (opened.code, opened.town.clock.now.date)
            let filings = try await opened.database.read {
                try RegisterStore.filings(of: code, on: today, in: $0)
            }
            #expect(
                Set(filings.map(\.kind)) == ["liaison", "operatorResidence", "funds", "serviceAddress"]
            )
            #expect(filings.allSatisfy { $0.isConfidential })
            let licence = try await opened.licence()
            #expect(licence.record.fields["operator"].text == "张晓晨")
            #expect(licence.record.fields["operation"].text == "个人经营")
            #expect(licence.record.fields["capitalFen"].isNull)
            #expect(licence.record.fields["legalRepresentative"].isNull)
            let tasks = try await opened.database.read { try TaskStore.of(code, in: $0).map(\.kind) }
            #expect(!tasks.contains("social-insurance") && !tasks.contains("contribution"))
            #expect(tasks.contains("annual-report"))
            let operatorPerson = try await Opened.know(opened.data["operator"], in: opened.town)
            #expect(try await opened.acting(operatorPerson)?.isLegalRepresentative == true)
        }
    }

    @Test(
        "a family's business files its members; without a name the entry has none and goes by the operator's"
    )
    func family() async throws {
        try await Opened.onEachEngine(
            "demo/sole-trader.json",
            change: { data in
                data["operation"] = "family"
                data["name"] = ["hasName": false]
                data["familyMembers"] = [
                    [
                        "name": "李文博", "idKind": "resident-id", "idNumber": "150203199003030023",
                        "relation": "spouse",
                    ]
                ]
            }
        ) { opened in
            let entry = try await opened.entry()
            #expect(entry.items["name"].isNull)
            #expect(entry.name == "张晓晨")
            let (code, today) = (opened.code, opened.town.clock.now.date)
            let members = try await opened.database.read {
                try RegisterStore.filings("familyMember", of: code, on: today, in: $0)
            }
            #expect(members.map { $0.value["name"] } == ["李文博"])
            let licence = try await opened.licence()
            #expect(licence.record.fields["name"].isNull)
            #expect(licence.record.fields["operation"].text == "家庭经营")
            #expect(try await opened.names().isEmpty)
            await #expect(throws: CorrectionError.nothingChanges) {
                _ = try await opened.corrections.orderName(code, facts: "x", occasion: opened.occasion())
            }
        }
    }

    @Test(
        "the term of the name follows the scope: a year with an approval that comes first, two months without"
    )
    func term() async throws {
        try await Opened.inTown { town, _ in
            var data = try Opened.form("demo/llc.json")
            let reserved = try await Opened.reserve("晨博", like: data, in: town)
            #expect(reserved.lastDay == LocalDate(parsing: "2026-05-06"))
            data["name"]["reservation"] = .string(reserved.id.rawValue)
            let desk = town.platform.desk
            let founder = Opened.occasion(town, Opened.founder)
            var draft = try await desk.start(
                system: "company-opening",
                item: "llc",
                region: "150203",
                channel: .online,
                data: data,
                occasion: founder
            )
            func term() async throws -> LocalDate? {
                try await town.platform.database.read { try NameLibrary.find(reserved.id, in: $0)?.lastDay }
            }
            #expect(try await term() == LocalDate(parsing: "2026-05-06"))
            data["scope"] = ["F0003", "C0069"]
            draft = try await desk.save(draft.id, data: data, version: draft.version, occasion: founder).saved
            #expect(try await term() == LocalDate(parsing: "2027-03-02"))
            data["scope"] = ["F0003"]
            _ = try await desk.save(draft.id, data: data, version: draft.version, occasion: founder)
            #expect(try await term() == LocalDate(parsing: "2026-05-06"))
        }
    }

    @Test(
        "an application taken back frees the name only when the applicant wishes it",
        arguments: [true, false]
    )
    func freed(freeing: Bool) async throws {
        try await Opened.inTown { town, _ in
            var data = try Opened.form("demo/llc.json")
            let reserved = try await Opened.reserve("晨博", like: data, in: town)
            data["name"]["reservation"] = .string(reserved.id.rawValue)
            let founder = Opened.occasion(town, Opened.founder)
            let draft = try await town.platform.desk.start(
                system: "company-opening",
                item: "llc",
                region: "150203",
                channel: .online,
                data: data,
                occasion: founder
            )
            _ = try await town.platform.desk.withdraw(
                draft.id,
                version: draft.version,
                freeing: freeing,
                occasion: founder
            )
            let state = try await town.platform.database.read {
                try NameLibrary.find(reserved.id, in: $0)?.state
            }
            #expect(state == (freeing ? .released : .reserved))
        }
    }
}
