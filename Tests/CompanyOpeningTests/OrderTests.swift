import CompanyNames
import CompanyOpening
import Credentials
import Exchange
import Identity
import Kernel
import Registers
import Server
import Standards
import Storage
import Testing

@Suite("a firm is ordered to put something right", .serialized)
struct OrderTests {
    @Test("a broken promise of the address: order, list after the term, removal, each published and noted")
    func address() async throws {
        try await Opened.onEachEngine { opened in
            let corrections = opened.corrections
            var matter = try await corrections.orderPromise(
                opened.code,
                .address,
                facts: "登记的住所无法联系",
                occasion: opened.occasion()
            )
            await #expect(throws: CorrectionError.openAlready) {
                _ = try await corrections.orderPromise(
                    opened.code,
                    .permit,
                    facts: "无证经营",
                    occasion: opened.occasion()
                )
            }
            #expect(try await opened.publications().map(\.what) == ["establish"])
            let (id, version) = (matter.id, matter.version)
            let until = try #require(LocalDate(parsing: "2026-04-01"))
            await #expect(throws: CorrectionError.termRunning(until: until)) {
                _ = try await corrections.list(
                    id,
                    of: opened.code,
                    version: version,
                    reason: "逾期",
                    occasion: opened.occasion()
                )
            }
            try await opened.pass(days: 31)
            matter = try await corrections.list(
                id,
                of: opened.code,
                version: version,
                reason: "逾期未改正",
                occasion: opened.occasion()
            )
            #expect(matter.state == .listed)
            #expect(try await notes(opened) == [.abnormal, .brokenPromise])
            #expect(try await opened.entry().state == .active)
            #expect(try await drawnMoreOften(opened))
            // What is published in one moment has no order of its own.
            try await opened.pass(days: 1)
            matter = try await corrections.comply(
                matter.id,
                of: opened.code,
                version: matter.version,
                reason: "已办理住所变更",
                occasion: opened.occasion()
            )
            #expect(matter.state == .complied)
            #expect(try await notes(opened).isEmpty)
            #expect(try await !drawnMoreOften(opened))
            try await opened.pass(days: 1)
            let publications = try await opened.publications()
            #expect(publications.map(\.what) == ["establish", "abnormal-listed", "abnormal-removed"])
            #expect(publications.allSatisfy { !$0.isOpen })
        }
    }

    private func notes(_ opened: Opened) async throws -> Set<RegisterNote.Kind> {
        let (code, now) = (opened.code, opened.town.clock.now)
        return try await opened.database.read { reader in
            Set(try NoteStore.standing(on: code, at: now, in: reader).map(\.kind))
        }
    }

    /// Whether the representative carries the mark by which his next firm is drawn at the higher rate.
    private func drawnMoreOften(_ opened: Opened) async throws -> Bool {
        let person = opened.data["legalRepresentative"]
        let key = opened.town.platform.personKeys.person(
            idKind: person["idKind"].text ?? "",
            idNumber: person["idNumber"].text ?? ""
        )
        let now = opened.town.clock.now
        return try await opened.database.read { reader in
            try NoteStore.standing(on: "person:\(key)", at: now, in: reader).contains {
                $0.kind == .brokenPromise
            }
        }
    }

    @Test("put right within the term nothing is listed; an order in error is taken back")
    func within() async throws {
        try await Opened.onEachEngine { opened in
            let corrections = opened.corrections
            var matter = try await corrections.orderPromise(
                opened.code,
                .permit,
                facts: "未取得许可从事食品经营",
                occasion: opened.occasion()
            )
            matter = try await corrections.comply(
                matter.id,
                of: opened.code,
                version: matter.version,
                reason: "已取得许可",
                occasion: opened.occasion()
            )
            #expect(matter.state == .complied)
            matter = try await corrections.orderPromise(
                opened.code,
                .address,
                facts: "无法联系",
                occasion: opened.occasion()
            )
            matter = try await corrections.dismiss(
                matter.id,
                of: opened.code,
                version: matter.version,
                reason: "核查有误",
                occasion: opened.occasion()
            )
            #expect(matter.state == .dismissed)
            #expect(try await notes(opened).isEmpty)
            #expect(try await opened.publications().map(\.what) == ["establish"])
        }
    }

    @Test("for a name that must go the credit code stands until the firm has another one")
    func name() async throws {
        try await Opened.onEachEngine { opened in
            let representative = try await Opened.know(opened.data["legalRepresentative"], in: opened.town)
            let corrections = opened.corrections
            let old = try await opened.licence()
            var matter = try await corrections.orderName(
                opened.code,
                facts: "人民法院判决停止使用",
                occasion: opened.occasion()
            )
            // Nothing changes before a second person has looked at it.
            #expect(matter.state == .proposed)
            #expect(try await opened.entry().items["name"].text != opened.code)
            matter = try await opened.confirm(matter)
            #expect(matter.state == .ordered)
            #expect(try await opened.entry().name == opened.code)
            #expect(try await opened.entry().items["name"].text == opened.code)
            let standIn = try await opened.licence()
            #expect(standIn.record.holder.name == opened.code)
            #expect(standIn.record.replaces == old.record.identifier.description)
            #expect(try await opened.names().map(\.state) == [.renamed])
            #expect(try await opened.acting(representative)?.name == opened.code)
            let (id, version) = (matter.id, matter.version)
            await #expect(throws: CorrectionError.wrongKind(.name)) {
                _ = try await corrections.comply(
                    id,
                    of: opened.code,
                    version: version,
                    reason: "x",
                    occasion: opened.occasion()
                )
            }
            await #expect(throws: CorrectionError.wrongKind(.name)) {
                _ = try await corrections.dismiss(
                    id,
                    of: opened.code,
                    version: version,
                    reason: "x",
                    occasion: opened.occasion()
                )
            }
            let reserved = try await Opened.reserve("启元", like: opened.data, in: opened.town)
            matter = try await corrections.rename(
                id,
                of: opened.code,
                version: version,
                reservation: reserved.id,
                occasion: opened.occasion()
            )
            #expect(matter.state == .complied)
            let name = "包头市昆都仑区启元商贸有限公司"
            #expect(try await opened.entry().name == name)
            let renewed = try await opened.licence()
            #expect(renewed.record.holder.name == name)
            #expect(renewed.record.fields["name"].text == name)
            #expect(try await opened.names().map(\.state) == [.renamed, .registered])
            #expect(try await opened.acting(representative)?.name == name)
            let code = opened.code
            #expect(try await opened.database.read { try Register.firstBrokenEntry(of: code, in: $0) } == nil)
            let notices = try await opened.lines().filter { $0.order.operation == "registration-changed" }
            #expect(Set(notices.compactMap { $0.order.fields["kind"].text }) == ["name-ordered", "name"])
        }
    }
}
