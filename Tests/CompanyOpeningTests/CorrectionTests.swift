import Cases
import CompanyOpening
import Credentials
import Foundation
import Kernel
import Registers
import Server
import Storage
import Testing

@Suite("the states of a correction")
struct CorrectionStateTests {
    @Test(
        "a matter that is at an end stays there, but a withdrawal can be undone",
        arguments: CorrectionState.allCases
    )
    func ends(state: CorrectionState) throws {
        guard !state.isOpen else { return }
        let isWithdrawn = state == .withdrawn || state == .itemWithdrawn
        for event in CorrectionEvent.allCases
        where !(isWithdrawn && (event == .restore || event == .propose)) {
            #expect(throws: CorrectionError.notAllowed(event: event, in: state)) { try state.after(event) }
        }
    }

    @Test("nothing is withdrawn before the matter was taken up")
    func order() throws {
        #expect(throws: CorrectionError.notAllowed(event: .withdraw, in: .asked)) {
            try CorrectionState.asked.after(.withdraw)
        }
        #expect(try CorrectionState.asked.after(.accept).after(.withdraw).after(.restore) == .restored)
        #expect(try CorrectionState.asked.after(.accept).after(.withdrawItem).after(.restore) == .restored)
        #expect(throws: CorrectionError.notAllowed(event: .keep, in: .suspended)) {
            try CorrectionState.suspended.after(.keep)
        }
    }
}

@Suite("putting a registration right", .serialized)
struct CorrectionTests {
    private let staff = Actor(.staff, id: "corrector", role: "corrector")

    @Test(
        "a slip keeps the code and gives the licence its next version; a false registration ends and can be restored"
    )
    func whole() async throws {
        try await Opened.onEachEngine { opened in
            try await slip(opened.code, opened.town)
            try await falsity(
                opened.code,
                opened.town,
                responsible: try #require(opened.data["legalRepresentative"]["name"].text)
            )
        }
    }

    /// One proposes, another confirms.
    private func decide(
        _ event: CorrectionEvent,
        _ matter: Correction,
        _ finding: CorrectionFinding,
        _ town: DemoTown
    ) async throws -> Correction {
        let proposed = try await town.platform.corrections.propose(
            event,
            matter.id,
            of: matter.code,
            version: matter.version,
            finding: finding,
            occasion: occasion(town)
        )
        return try await town.platform.corrections.confirm(
            proposed.id,
            of: matter.code,
            version: proposed.version,
            occasion: occasion(town, head)
        )
    }

    private let head = Actor(.staff, id: "head", role: "head")

    private func occasion(_ town: DemoTown, _ actor: Actor? = nil) -> Occasion {
        Occasion(
            now: town.clock.now,
            actor: actor ?? staff,
            request: "test",
            entropy: town.platform.settings.entropy
        )
    }

    private func states(_ code: String, _ town: DemoTown) async throws -> Set<CredentialState> {
        let held = try await town.platform.database.read { try Credentials.held(by: code, in: $0) }
        return Set(held.filter { $0.state != .replaced }.map(\.state))
    }

    private func slip(_ code: String, _ town: DemoTown) async throws {
        let corrections = town.platform.corrections
        await #expect(throws: CorrectionError.unknownItem("colour")) {
            try await corrections.proposeSlip(
                code,
                changes: ["colour": "red"],
                reason: "录入笔误",
                occasion: occasion(town)
            )
        }
        for (item, value) in [
            ("shareholders", "文本" as JSON), ("capitalFen", "abc"), ("capitalFen", 0), ("address", " "),
            ("address", 7),
        ] {
            await #expect(throws: CorrectionError.badValue(item)) {
                try await corrections.proposeSlip(
                    code,
                    changes: [item: value],
                    reason: "录入笔误",
                    occasion: occasion(town)
                )
            }
        }
        try await confirmed(code, town)
        let (subject, held) = try await town.platform.database.read { reader in
            (try RegisterStore.find(code, in: reader), try Credentials.held(by: code, in: reader))
        }
        #expect(subject?.items["address"].text == "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室")
        let licences = held.filter { $0.record.type == "business-licence" }
        #expect(licences.map(\.state) == [.replaced, .valid])
        #expect(licences.last?.record.fields["address"].text == "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室")
    }

    /// One proposes, another confirms.
    private func confirmed(_ code: String, _ town: DemoTown) async throws {
        let corrections = town.platform.corrections
        let proposed = try await corrections.proposeSlip(
            code,
            changes: ["address": "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室"],
            reason: "录入笔误",
            occasion: occasion(town)
        )
        let untouched = try await town.platform.database.read { try RegisterStore.find(code, in: $0) }
        #expect(untouched?.items["address"].text != "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室")
        // Who proposed it does not confirm it; nor does anybody by way of another registration.
        await #expect(throws: CorrectionError.secondPersonNeeded) {
            try await corrections.confirm(
                proposed.id,
                of: code,
                version: proposed.version,
                occasion: occasion(town)
            )
        }
        await #expect(throws: CorrectionError.notFound) {
            try await corrections.confirm(
                proposed.id,
                of: "91150203MA0000000X",
                version: proposed.version,
                occasion: occasion(town, head)
            )
        }
        let done = try await corrections.confirm(
            proposed.id,
            of: code,
            version: proposed.version,
            occasion: occasion(town, head)
        )
        #expect(done.state == .corrected && done.decision["confirmedBy"].text == head.id)
    }

    /// Each act takes the matter together with the code it was let to.
    private func refusedUnderAnotherCode(_ matter: Correction, _ town: DemoTown) async {
        await #expect(throws: CorrectionError.notFound) {
            try await town.platform.corrections.accept(
                matter.id,
                of: "91150203MA0000000X",
                version: matter.version,
                occasion: occasion(town)
            )
        }
    }

    private func falsity(_ code: String, _ town: DemoTown, responsible: String) async throws {
        let corrections = town.platform.corrections
        let database = town.platform.database
        func finding(_ names: [String]) -> CorrectionFinding {
            CorrectionFinding(facts: "冒名", evidence: "笔迹鉴定", reason: "条例第四十条", responsible: names)
        }
        var matter = try await corrections.open(
            code,
            words: "冒名",
            item: nil,
            applicant: "李四",
            occasion: occasion(town)
        )
        await #expect(throws: CorrectionError.openAlready) {
            try await corrections.open(
                code,
                words: "冒名",
                item: nil,
                applicant: "李四",
                occasion: occasion(town)
            )
        }
        await refusedUnderAnotherCode(matter, town)
        matter = try await corrections.accept(
            matter.id,
            of: code,
            version: matter.version,
            occasion: occasion(town)
        )
        #expect(matter.investigationEnds == LocalDate(parsing: "2026-06-02"))
        matter = try await corrections.extend(
            matter.id,
            of: code,
            version: matter.version,
            occasion: occasion(town)
        )
        #expect(matter.investigationEnds == LocalDate(parsing: "2026-09-02"))
        let (id, version, taken) = (matter.id, matter.version, matter)
        await #expect(throws: CorrectionError.extendedAlready) {
            try await corrections.extend(id, of: code, version: version, occasion: occasion(town))
        }
        await #expect(throws: CorrectionError.unknownPerson("无此人")) {
            _ = try await decide(.withdraw, taken, finding(["无此人"]), town)
        }
        matter = try await decide(.withdraw, matter, finding([responsible]), town)
        #expect(try await database.read { try RegisterStore.find(code, in: $0)?.state } == .withdrawn)
        #expect(try await states(code, town) == [.withdrawn])
        #expect(matter.decision["bans"].elements.count == 1)
        #expect(matter.decision["banUntil"].text == "2029-03-02")
        matter = try await decide(
            .restore,
            matter,
            CorrectionFinding(facts: "", evidence: "", reason: "撤销有误"),
            town
        )
        #expect(matter.state == .restored)
        #expect(try await database.read { try RegisterStore.find(code, in: $0)?.state } == .active)
        #expect(try await states(code, town) == [.valid])
        let broken = try await database.read { try Register.firstBrokenEntry(of: code, in: $0) }
        #expect(broken == nil)
    }
}
