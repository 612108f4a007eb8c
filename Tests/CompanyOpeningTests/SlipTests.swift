import Cases
import CompanyNames
import CompanyOpening
import Correspondence
import Credentials
import Exchange
import Kernel
import Registers
import Server
import Storage
import Testing

@Suite("a slip is put right only to what could have been granted", .serialized)
struct SlipRuleTests {
    @Test("what is no slip is refused, each by the rule that stands against it")
    func refused() async throws {
        try await Opened.onEachEngine { opened in
            try await other("天骄", like: opened)
            func refusal(_ item: String, _ value: JSON) async -> (any Refusal)? {
                do {
                    try await opened.propose([item: value])
                    return nil
                } catch { return error as? any Refusal }
            }
            for (item, value, code, rule) in [
                ("type", "股份有限公司", "correction.change-registration", nil),
                ("legalRepresentative", "不存在的人", "correction.unknown-person", nil),
                ("legalRepresentative", "李文博", "correction.rule-forbids", "R12"),
                ("scope", "烟草批发；卷烟零售", "correction.rule-forbids", "R09"),
                ("address", "北京市朝阳区建国路1号", "correction.rule-forbids", "R10"),
                ("address", "内蒙古自治区包头市昆都仑区无此路1号", "correction.bad-value", nil),
                ("capitalFen", 90_000_000, "correction.rule-forbids", "R11"),
                ("name", "包头市昆都仑区天骄商贸有限公司", "name.same-registered", nil),
                ("nameMongolian", "abc", "correction.unknown-item", nil),
            ] as [(String, JSON, String, String?)] {
                let found = await refusal(item, value)
                #expect(found?.code == code, "\(item) \(value.canonical): \(found?.arguments ?? [:])")
                if let rule { #expect(found?.arguments["rule"] == rule, "\(item) \(value.canonical)") }
            }
            let limited = await refusal("name", "包头市昆都仑区国家级商贸有限公司")
            #expect(limited?.code.hasPrefix("name.") == true)
            #expect(try await opened.entry().version == 1)
        }
    }

    /// Another live firm of the same library.
    private func other(_ brand: String, like opened: Opened) async throws {
        var wish = opened.data
        wish["name"]["brand"] = .string(brand)
        let platform = opened.town.platform
        let proposal = platform.opening.proposal(
            for: CompanyForm(wish),
            applicant: "",
            on: opened.town.clock.now.date
        )
        let occasion = opened.occasion()
        try await opened.database.write { tx in
            try NameLibrary.record(
                proposal.parts,
                subject: proposal.subject,
                scope: proposal.scope,
                region: proposal.region,
                enterprise: "91150203MA0DEM013P",
                industry: proposal.industry,
                under: platform.nameRules,
                occasion: occasion,
                in: tx
            )
        }
    }

    @Test("rules are asked again when the second person confirms: what has become forbidden since is refused")
    func again() async throws {
        try await Opened.onEachEngine { opened in
            let matter = try await opened.propose(["name": "包头市昆都仑区天骄商贸有限公司"])
            try await other("天骄", like: opened)
            do {
                try await opened.confirm(matter)
                Issue.record("it was confirmed")
            } catch let refusal as any Refusal {
                #expect(refusal.code == "name.same-registered")
            }
            #expect(try await opened.entry().version == 1)
        }
    }

    @Test("with a corrected name come new seals, the old ones end, and the library knows the name")
    func seals() async throws {
        try await Opened.onEachEngine { opened in
            func seals() async throws -> [Credential] {
                let code = opened.code
                return try await opened.database.read { try Credentials.held(by: code, in: $0) }
                    .filter { $0.record.sealCode != nil }
            }
            let before = try await seals()
            #expect(!before.isEmpty && before.allSatisfy { $0.state == .valid })
            let name = "包头市昆都仑区晨泽商贸有限公司"
            try await opened.confirm(opened.propose(["name": .string(name)]))
            let after = try await seals()
            #expect(after.count == 2 * before.count)
            for old in before {
                #expect(after.first { $0.id == old.id }?.state == .replaced)
                let new = try #require(
                    after.first { $0.record.type == old.record.type && $0.state == .valid }
                )
                #expect(new.record.fields["name"].text == name && new.record.holder.name == name)
                #expect(new.record.sealCode != old.record.sealCode)
            }
            #expect(
                try await opened.names().map(\.state).sorted { $0.rawValue < $1.rawValue } == [
                    .registered, .renamed,
                ]
            )
            let paper = try await Opened.paper("slip-correction", of: opened.subject.id, in: opened.town)
            #expect(paper.contains("名称\t原：包头市昆都仑区晨博商贸有限公司\t更正为：\(name)"))
        }
    }
}

@Suite("a slip between its two persons", .serialized)
struct ProposedSlipTests {
    private let right = "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室"

    @Test("nothing is entered but what was proposed: when something else would follow, it is proposed anew")
    func outdated() async throws {
        try await Opened.onEachEngine { opened in
            let matter = try await opened.propose(["address": .string(right)])
            // What was seen then, had the scope followed from it too.
            let seen: JSON = ["changes": ["address": .string(right), "scopeCodes": ["F0001"]]]
            try await opened.database.write { tx in
                try tx.execute(
                    "UPDATE opening_correction SET decision = $2 WHERE id = $1",
                    matter.id,
                    PersonalText(seen)
                )
            }
            await #expect(throws: CorrectionError.proposalOutdated) { try await opened.confirm(matter) }
            #expect(try await opened.entry().items["address"].text != right)
        }
    }

    @Test("with the registration its open slip ends")
    func withdrawn() async throws {
        try await Opened.onEachEngine { opened in
            let slip = try await opened.propose(["address": .string(right)])
            let matter = try await opened.investigated()
            try await opened.withdraw(matter)
            let code = opened.code
            let all = try await opened.database.read { try CorrectionStore.of(code, in: $0) }
            #expect(all.first { $0.id == slip.id }?.state == .dismissed)
            #expect(all.first { $0.id == slip.id }?.decidedAt != nil)
            let open = try await opened.database.read {
                try CorrectionStore.open(in: ("15", "15:"), limit: 100, $0)
            }
            #expect(open.isEmpty)
        }
    }

    @Test("open matters are listed for their region only, longest waiting first, page by page")
    func list() async throws {
        try await Opened.onEachEngine { opened in
            let slip = try await opened.propose(["address": .string(right)])
            try await opened.pass(days: 1)
            let matter = try await opened.investigated()
            let first = try await opened.database.read {
                try CorrectionStore.open(in: ("150203", "150204"), limit: 1, $0)
            }
            #expect(first.map(\.matter.id) == [slip.id])
            let name = try await opened.entry().name
            #expect(first.first?.name == name)
            let next = try await opened.database.read {
                try CorrectionStore.open(
                    in: ("150203", "150204"),
                    after: (slip.openedAt, slip.id.rawValue),
                    limit: 9,
                    $0
                )
            }
            #expect(next.map(\.matter.id) == [matter.id])
            let elsewhere = try await opened.database.read {
                try CorrectionStore.open(in: ("150102", "150103"), limit: 9, $0)
            }
            #expect(elsewhere.isEmpty)
        }
    }
}
