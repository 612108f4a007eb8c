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

extension Opened {
    static let clerk = Actor(.staff, id: "clerk", role: "registrar")

    /// A case of the founder, signed by everybody and handed in.
    static func handedIn(_ town: DemoTown, change: (inout JSON) -> Void) async throws -> Case {
        var data = try form("demo/llc.json")
        change(&data)
        let kept = try await reserve(data["name"]["brand"].text ?? "", like: data, in: town)
        data["name"]["reservation"] = .string(kept.id.rawValue)
        data["name"]["full"] = .string(kept.parts.text)
        let desk = town.platform.desk
        let draft = try await desk.start(
            system: "company-opening",
            item: "llc",
            region: "150203",
            channel: .online,
            data: data,
            occasion: occasion(town, founder)
        )
        for link in try await desk.askSignatures(draft.id, occasion: occasion(town, founder)) {
            let check = try await desk.verifyFace(
                link.secret,
                sample: "score:950",
                occasion: occasion(town, .anonymous)
            )
            try await desk.sign(link.secret, proof: check.proof, occasion: occasion(town, .anonymous))
        }
        return try await desk.submit(draft.id, occasion: occasion(town, founder))
    }

    /// The clerk takes the case.
    static func claimed(_ subject: Case, in town: DemoTown) async throws -> Case {
        try #require(subject.state == .review)
        let desk = town.platform.desk
        try await desk.claim(
            subject.id,
            step: "review",
            version: subject.version,
            occasion: occasion(town, clerk)
        )
        return try await desk.read(subject.id)
    }

    static func paper(_ kind: String, of id: ID<Case>, in town: DemoTown) async throws -> String {
        let papers = try await town.platform.database.read {
            try CorrespondenceStore.papers(of: id.rawValue, in: $0)
        }
        return try #require(papers.last { $0.kind == kind }?.text, "\(kind)")
    }
}

@Suite("words of the scope beside the catalogue", .serialized)
struct FreeScopeTests {
    private let words = ("草原研学旅行策划（含马背文化体验）", "牧区直播带货培训")

    @Test(
        "a person accepts or strikes each before he grants; what he accepts stands wherever the scope stands"
    )
    func settled() async throws {
        try await Opened.inTown { town, _ in
            let (first, second) = words
            let handed = try await Opened.handedIn(town) { $0["scopeFree"] = .string("\(first)；\(second)。") }
            let review = try await Opened.claimed(handed, in: town)
            let signed = try await town.platform.database.read {
                try SignerStore.state(of: review.id, in: $0)
            }
            let application = try #require(signed.papers.first { $0.kind == "application" }?.content)
            #expect(application.contains(first) && application.contains(second))
            #expect(application.contains("认缴60万元") && !application.contains("万元万元"))
            let desk = town.platform.desk
            for settled in [[:], ["scope-1": "accept"], ["scope-1": "accept", "scope-2": "perhaps"]]
                as [[String: String]]
            {
                await #expect(throws: CaseError.unsettled(settled.isEmpty ? first : second)) {
                    _ = try await desk.grant(
                        review.id,
                        version: review.version,
                        reason: "表述规范",
                        settled: settled,
                        occasion: Opened.occasion(town, Opened.clerk)
                    )
                }
            }
            let granted = try await desk.grant(
                review.id,
                version: review.version,
                reason: "表述规范",
                settled: ["scope-1": "accept", "scope-2": "strike"],
                occasion: Opened.occasion(town, Opened.clerk)
            )
            let code = try #require(granted.result)
            let (entry, held, lines) = try await town.platform.database.read { reader in
                (
                    try RegisterStore.find(code, in: reader), try Credentials.held(by: code, in: reader),
                    try ExchangeStore.lines(of: granted.id.rawValue, in: reader)
                )
            }
            let licence = try #require(held.last { $0.record.type == "business-licence" })
            let tax = try #require(lines.first { $0.order.party == "tax" }).order.fields["scope"].canonical
            for scope in [entry?.items["scope"].text ?? "", licence.record.fields["scope"].text ?? "", tax] {
                #expect(scope.contains(first) && !scope.contains(second), "\(scope)")
            }
            let notice = try await Opened.paper("registration-notice", of: granted.id, in: town)
            #expect(notice.contains("未予登记：\(second)") && !notice.contains(first))
        }
    }

    @Test("words alone are judged by a person; struck, nothing is left to grant")
    func alone() async throws {
        try await Opened.inTown { town, _ in
            let handed = try await Opened.handedIn(town) { data in
                data["scope"] = .null
                data["scopeFree"] = .string(words.0)
            }
            let review = try await Opened.claimed(handed, in: town)
            func grant(_ answer: String) async throws -> Case {
                try await town.platform.desk.grant(
                    review.id,
                    version: review.version,
                    reason: "表述规范",
                    settled: ["scope-1": answer],
                    occasion: Opened.occasion(town, Opened.clerk)
                )
            }
            await #expect(
                throws: CaseError.moduleRefused(
                    code: "case.scope-empty",
                    arguments: [:],
                    status: .notAllowedNow
                )
            ) { _ = try await grant("strike") }
            let code = try #require(try await grant("accept").result)
            let entry = try await town.platform.database.read { try RegisterStore.find(code, in: $0) }
            #expect(entry?.items["scope"].text?.hasPrefix("一般项目：\(words.0)。") == true)
        }
    }
}

@Suite("what a person tells whose case does not go on", .serialized)
struct ToldTests {
    /// - Parameter wanting: what lacks something, and how each is refused.
    private func turnBack(
        _ event: CaseEvent,
        _ told: Told,
        wanting: [(Told, CaseError)],
        in town: DemoTown
    ) async throws -> Case {
        let handed = try await Opened.handedIn(town) { $0["scopeFree"] = "牧区直播带货培训" }
        let review = try await Opened.claimed(handed, in: town)
        for (wanting, missing) in wanting {
            await #expect(throws: missing) {
                _ = try await town.platform.desk.turnBack(
                    review.id,
                    as: event,
                    version: review.version,
                    reason: "理由如此",
                    told: wanting,
                    occasion: Opened.occasion(town, Opened.clerk)
                )
            }
        }
        let turned = try await town.platform.desk.turnBack(
            review.id,
            as: event,
            version: review.version,
            reason: "理由如此",
            told: told,
            occasion: Opened.occasion(town, Opened.clerk)
        )
        let last = try await town.platform.database.read { try DecisionStore.of(turned.id, in: $0).last }
        #expect(last.flatMap { Told(json: $0.told) } == told)
        return turned
    }

    @Test("a return is a list of what, why and how")
    func returned() async throws {
        try await Opened.inTown { town, _ in
            let told = Told(points: [
                .init(what: "经营范围第三项不规范", why: "细则第十二条", how: "改用规范表述"),
                .init(what: "补充住所证明", why: "细则第二十五条", how: "上传租赁合同"),
            ])
            let wanting: [(Told, CaseError)] = [
                (Told(), .pointsMissing),
                (
                    Told(points: [told.points[0], .init(what: " ", why: "依据", how: "办法")]),
                    .pointIncomplete(number: 2, .what)
                ),
                (
                    Told(points: [.init(what: "内容", why: "", how: "办法")]),
                    .pointIncomplete(number: 1, .why)
                ),
                (
                    Told(points: [.init(what: "内容", why: "依据", how: " ")]),
                    .pointIncomplete(number: 1, .how)
                ),
            ]
            let turned = try await turnBack(.return, told, wanting: wanting, in: town)
            let paper = try await Opened.paper("return-notice", of: turned.id, in: town)
            #expect(paper.contains("· 经营范围第三项不规范（依据：细则第十二条）。补正办法：改用规范表述\n· 补充住所证明（依据：细则第二十五条）。补正办法：上传租赁合同\n"))
            #expect(!paper.contains("：。"))
        }
    }

    @Test("a refusal says facts, reason and law apart")
    func refused() async throws {
        try await Opened.inTown { town, _ in
            let wanting: [(Told, CaseError)] = [
                (Told(law: "《某法》第一条"), .factsMissing), (Told(facts: "事实如此"), .lawMissing),
            ]
            let told = Told(facts: "事实如此", law: "《某法》第一条")
            let turned = try await turnBack(.refuse, told, wanting: wanting, in: town)
            let paper = try await Opened.paper("refusal-notice", of: turned.id, in: town)
            #expect(paper.contains("查明的事实\n事实如此\n不予登记的理由\n理由如此\n依据\n《某法》第一条\n"))
        }
    }

    @Test("a hand-over names the competent body and says nothing that did not happen")
    func transferred() async throws {
        try await Opened.inTown { town, _ in
            let told = Told(body: "包头市青山区市场监督管理局")
            let turned = try await turnBack(.transfer, told, wanting: [(Told(), .reasonMissing)], in: town)
            let paper = try await Opened.paper("jurisdiction-notice", of: turned.id, in: town)
            #expect(paper.contains("请向包头市青山区市场监督管理局办理。\n理由：理由如此\n"))
            #expect(!paper.contains("转送") && !paper.contains("同意"))
        }
    }
}

@Suite("the publication for somebody out of reach, and the authority's own motion", .serialized)
struct NoticeTests {
    @Test("while its last day waits for a calendar nothing is decided, and nothing is published twice")
    func unknownEnd() async throws {
        try await Opened.onEachEngine { opened in
            opened.town.clock.set(try #require(Instant(parsing: "2026-11-21 10:00")))
            var matter = try await opened.investigated()
            matter = try await opened.corrections.publish(
                matter.id,
                of: opened.code,
                version: matter.version,
                occasion: opened.occasion()
            )
            let (id, version) = (matter.id, matter.version)
            #expect(matter.noticeEnds == nil && matter.isNoticed)
            await #expect(throws: CorrectionError.noticeEndUnknown) {
                try await opened.corrections.propose(
                    .withdraw,
                    id,
                    of: opened.code,
                    version: version,
                    finding: Opened.finding,
                    occasion: opened.occasion()
                )
            }
            await #expect(throws: CorrectionError.noticeEndUnknown) {
                try await opened.corrections.propose(
                    .keep,
                    id,
                    of: opened.code,
                    version: version,
                    finding: Opened.finding,
                    occasion: opened.occasion()
                )
            }
            await #expect(throws: CorrectionError.noticeAlready) {
                try await opened.corrections.publish(
                    id,
                    of: opened.code,
                    version: version,
                    occasion: opened.occasion()
                )
            }
        }
    }

    @Test("on its own motion the authority puts the matter on file and answers nobody")
    func ownMotion() async throws {
        try await Opened.onEachEngine { opened in
            let matter = try await opened.corrections.open(
                opened.code,
                words: "住所证明系伪造",
                item: nil,
                applicant: "",
                occasion: opened.occasion()
            )
            try await opened.corrections.accept(
                matter.id,
                of: opened.code,
                version: matter.version,
                occasion: opened.occasion()
            )
            let record = try await Opened.paper(
                "investigation-record",
                of: opened.subject.id,
                in: opened.town
            )
            #expect(record.contains("依职权发现") && record.contains("住所证明系伪造"))
            let id = opened.subject.id.rawValue
            let papers = try await opened.database.read { try CorrespondenceStore.papers(of: id, in: $0) }
            #expect(!papers.contains { $0.kind == "complaint-accepted" })
        }
    }
}
