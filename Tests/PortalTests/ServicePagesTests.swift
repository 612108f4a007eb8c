import Cases
import Charges
import FaceSupport
import Foundation
import Kernel
import Server
import Standards
import Storage
import Testing

/// How services are found and what their pages lead to.
@Suite("services are found and lead on", .serialized)
struct ServicePagesTests {
    @Test(
        "words that people use find the service, in either language",
        arguments: [
            ("刻章", "/wallet"), ("seal", "/wallet"), ("印章", "/wallet"),
            ("公证", "/guides/systems/notary-online"), ("notary", "/guides/systems/notary-online"),
            ("Notary", "/guides/systems/notary-online"), ("开公司", "/guides/company-opening"),
        ]
    )
    func found(words: String, path: String) async throws {
        try await FaceTown.open { town in
            let query = try #require(words.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let line = "<a href=\"\(path)\"><span class=\"task-title\">"
            let page = try await town.get("/search?q=\(query)")
            #expect(page.status == 200 && page.text.contains(line), "\(words)")
            #expect(try await !town.get("/search?q=%E9%98%BF%E5%B8%83").text.contains(line))
        }
    }

    @Test(
        "every word of the list leads to a page that there is, and English pages name body and charges in English"
    )
    func english() async throws {
        try await FaceTown.open { town in
            for service in town.platform.standards.searchWords.all {
                let status = try await town.get(service.path).status
                #expect(status == 200 || status == 303, "\(service.path): \(status)")
                #expect(!service.titleEN.isEmpty && !service.noteEN.isEmpty && !service.words.isEmpty)
            }
            let english = ["accept-language": "en"]
            let guide = try await town.get("/guides/systems/notary-online", headers: english).text
            for words in ["Notary office", "CNY 80.00", "CNY 10.00 for each copy", "free of charge"] {
                #expect(guide.contains(words), "\(words)")
            }
            let found = try await town.get("/search?q=declaration", headers: english).text
            #expect(found.contains("Notary office") && !found.contains("公证处"))
        }
    }

    @Test("a bill is reached from its case when it is due, and when it is paid; by its applicant alone")
    func bill() async throws {
        try await FaceTown.open { town in
            let who = "zhangsan"
            let begun = try await town.platform.desk.start(
                system: "notary-online",
                item: "declaration",
                region: "150203",
                channel: .online,
                data: [
                    "district": "150203", "applicant": ["phone": "13800000001"],
                    "statement": ["text": "本人自愿放弃对某小区三号楼房产的优先购买权，特此声明。"],
                    "request": ["use": "abroad", "copies": 0, "hardship": false],
                ],
                occasion: try await town.occasion(of: who)
            )
            let paper = try await town.platform.desk.module(of: begun).papers(
                for: begun,
                limits: [:],
                on: begun.createdAt.date
            ).first
            #expect(paper?.content.contains("现申请办理声明书公证（境外使用），") == true)
            try await town.sign(begun.id, of: who)
            let found = try await town.platform.desk.submit(
                begun.id,
                occasion: try await town.occasion(of: who)
            )
            let (case_, bill) = ("/cases/\(found.number)", "\(found.number)-F1")
            func row() async throws -> Bool {
                try await town.get("\(case_)/result", as: who).text.contains("href=\"/bills/\(bill)\"")
            }
            #expect(try await row())
            // What the region promised comes before what the law allows.
            let clock = try await town.get("\(case_)/result", as: who).text
            #expect(clock.contains("法定期限已用 0 / 15 个工作日") || clock.contains("暂停计时"))
            try await town.platform.payments.pay(bill, occasion: try await town.occasion(of: who))
            try await town.pass(5 * Instant.minute)
            #expect(
                try await town.platform.database.read { try Bills.find(number: bill, in: $0)?.state } == .paid
            )
            #expect(try await row())
            let looked = try await town.get("/progress/\(found.number)").text
            #expect(!looked.contains("/bills/\(bill)"))
        }
    }

    @Test("the page of a firm's licences begins with a list that leads to each of them and to its seals")
    func index() async throws {
        try await FaceTown.open { town in
            let firm = try await town.granted("塞外", of: "zhangsan")
            let page = try await town.get("/wallet/\(firm.result ?? "")", as: "zhangsan").text
            let links = page.matches(of: /<li><a href="#(credential-[^"]+)">/).map { String($0.output.1) }
            #expect(links.count >= 4, "the licence and the seals: \(links.count)")
            for link in links { #expect(page.contains("id=\"\(link)\""), "\(link)") }
            #expect(page.contains("href=\"/wallet/\(firm.result ?? "")/seals\""))
        }
    }
}
