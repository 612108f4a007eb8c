import Cases
import CompanyNames
import CompanyOpening
import Correspondence
import Credentials
import Cryptography
import Exchange
import Kernel
import Registers
import Server
import Storage
import Testing

@Suite("papers that follow a case", .serialized)
struct FollowingPaperTests {
    private static func papers(_ kind: String? = nil, of opened: Opened) async throws -> [Paper] {
        let id = opened.subject.id.rawValue
        let all = try await opened.database.read { try CorrespondenceStore.papers(of: id, in: $0) }
        return all.filter { $0.state == .filed && (kind == nil || $0.kind == kind) }
    }

    @Test("with the licence come its duplicates as ordered, what was filed, and a notice for each department")
    func granted() async throws {
        try await Opened.onEachEngine(
            change: { data in
                data["scope"] = ["F0003", "A0023", "A0024"]
                data["joined"]["paperLicence"] = ["choice": "counter", "duplicates": 2]
            }
        ) { opened in
            let licence = try await opened.licence().record
            let duplicates = try await Self.papers("business-licence-duplicate", of: opened).map(\.text)
            #expect(duplicates.count == 2)
            #expect(try await Self.papers("business-licence", of: opened).count == 1)
            for number in ["2-1", "2-2"] {
                let copy = try #require(duplicates.first { $0.contains("副本编号\t\(number)\n") })
                for key in ["type", "legalRepresentative", "capitalText", "address", "scope"] {
                    #expect(copy.contains("\t\(try #require(licence.fields[key].text))\n"), "\(key)")
                }
                #expect(
                    copy.contains(opened.code) && copy.contains("http") && copy.contains(licence.code.path)
                )
            }
            let filed = try await Self.papers("filing-notice", of: opened)
            let notice = try #require(filed.first)
            #expect(filed.count == 1 && notice.number?.contains("备字〔") == true)
            for line in ["公司章程\t", "董事\t张晓晨\n", "登记联络员\t", "受益所有人信息\t已备案（不公示）\n"] {
                #expect(notice.text.contains(line), "\(line)")
            }
            #expect(!notice.text.contains(opened.data["legalRepresentative"]["idNumber"].text ?? "-"))
            let permits = try await Self.papers("permit-notice", of: opened).map(\.text)
            #expect(permits.count == 2)
            #expect(permits.contains { $0.contains("种畜禽生产经营\t种畜禽生产经营许可\t农牧主管部门\n") })
            #expect(permits.contains { $0.contains("林木种子生产经营\t林草种子生产经营许可\t林业和草原主管部门\n") })
        }
    }

    @Test("a licence of the next version brings the next version of its duplicate")
    func reissued() async throws {
        try await Opened.onEachEngine { opened in
            let before = try #require(try await Self.papers("business-licence-duplicate", of: opened).first)
            let address = "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼201室"
            try await opened.confirm(try await opened.propose(["address": .string(address)]))
            try await opened.pass(days: 1)
            let after = try await Self.papers("business-licence-duplicate", of: opened)
            #expect(after.count == 1 && after.first?.supersedes == before.id)
            #expect(after.first?.text.contains("\t\(address)\n") == true)
        }
    }

    @Test("each joined party that is done has one receipt with what it gave; national systems have none")
    func receipts() async throws {
        try await Opened.onEachEngine { opened in
            let receipts = try await Self.papers("party-receipt", of: opened).map(\.text)
            let done = try await opened.lines().filter { $0.state == .done }
            let joined = ["police-seal", "engraver", "tax", "social-insurance", "medical-insurance"]
            #expect(receipts.count == joined.count)
            for party in joined {
                let line = try #require(done.first { $0.order.party == party }, "\(party)")
                let given = ["unitNumber", "taxOffice", "receipt", "orderNumber"].compactMap {
                    line.answer[$0].text
                }
                let value = try #require(given.first, "\(party)")
                #expect(receipts.count { $0.contains("\t\(value)\n") } == 1, "\(party)")
            }
        }
    }

    @Test("what was served has its proof, and the catalogue lists every paper of the file by its digest")
    func catalogued() async throws {
        try await Opened.onEachEngine { opened in
            let papers = try await Self.papers(of: opened)
            let id = opened.subject.id
            let (served, signed) = try await opened.database.read { reader in
                (
                    try papers.filter {
                        try !CorrespondenceStore.services(of: $0.id, in: reader).isEmpty
                    },
                    try SignerStore.state(of: id, in: reader).papers
                )
            }
            let proofs = papers.filter { $0.kind == "service-proof" }
            #expect(served.contains { $0.kind == "registration-notice" })
            #expect(served.contains { $0.kind == "opening-result" } && proofs.count == served.count)
            for paper in served {
                let title = paper.titleZh + (paper.number.map { "（\($0)）" } ?? "")
                #expect(proofs.contains { $0.text.contains("送达文书\t\(title)\n") }, "\(title)")
            }
            #expect(proofs.allSatisfy { $0.text.contains("受送达人\t张晓晨\n送达文书") })
            let catalogues = papers.filter { $0.kind == "archive-catalogue" }
            let catalogue = try #require(catalogues.first?.text)
            #expect(catalogues.count == 1)
            let digests =
                signed.map(\.digest)
                + papers.filter { $0.kind != "archive-catalogue" }.map { Hex.encode($0.digest) }
            for digest in digests { #expect(catalogue.contains("\t\(digest)\n")) }
            #expect(
                catalogue.contains("\n\(digests.count)\t") && !catalogue.contains("\n\(digests.count + 1)\t")
            )
        }
    }

    @Test("a form that takes a reserved name gets the notice; another name brings the next version")
    func reserved() async throws {
        try await Opened.inTown { town, _ in
            var data = try Opened.form("demo/llc.json")
            func take(_ brand: String) async throws {
                let kept = try await Opened.reserve(brand, like: data, in: town)
                data["name"]["brand"] = .string(brand)
                data["name"]["reservation"] = .string(kept.id.rawValue)
                data["name"]["full"] = .string(kept.parts.text)
            }
            let desk = town.platform.desk
            try await take("晨博")
            let draft = try await desk.start(
                system: "company-opening",
                item: "llc",
                region: "150203",
                channel: .online,
                data: data,
                occasion: Opened.occasion(town, Opened.founder)
            )
            let first = try await Opened.paper("name-reservation-notice", of: draft.id, in: town)
            #expect(first.contains("企业名称\t包头市昆都仑区晨博商贸有限公司\n") && first.contains("\n张晓晨：\n"))
            #expect(first.contains("昆都仑区市场监督管理局") && !first.contains("按一年计算"))
            _ = try await desk.save(
                draft.id,
                data: data,
                version: draft.version,
                occasion: Opened.occasion(town, Opened.founder)
            )
            try await take("旭远")
            let same = try await desk.read(draft.id)
            _ = try await desk.save(
                draft.id,
                data: data,
                version: same.version,
                occasion: Opened.occasion(town, Opened.founder)
            )
            let all = try await town.platform.database.read {
                try CorrespondenceStore.papers(of: draft.id.rawValue, in: $0)
            }.filter { $0.kind == "name-reservation-notice" }
            #expect(all.count == 2 && all.count { $0.state == .filed } == 1)
            #expect(all.first { $0.state == .filed }?.text.contains("旭远") == true)
        }
    }
}
