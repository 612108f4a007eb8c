import Audit
import Correspondence
import Foundation
import Jobs
import Kernel
import Storage
import TestSupport
import Testing

let home = Home(
    root: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
)
let migrations = AuditMigrations.all + JobsMigrations.all + CorrespondenceMigrations.all

func occasion(_ text: String = "2026-11-20 10:00", seed: UInt64 = 7) throws -> Occasion {
    Occasion(
        now: try #require(Instant(parsing: text)),
        actor: Actor(.staff, id: "clerk-1", role: "registrar"),
        request: "test",
        entropy: SeededEntropy(seed: seed)
    )
}

let refusal: JSON = [
    "applicant": "王小明", "caseNumber": "BT2026000001", "companyName": "包头市青山商贸有限公司", "matter": "设立登记",
    "facts": "拟任监事同时担任财务负责人", "reason": "高级管理人员不得兼任监事", "law": "《中华人民共和国公司法》第七十六条",
    "reviewBody": "包头市人民政府", "court": "包头市昆都仑区人民法院", "agencyName": "包头市市场监督管理局",
]

@Suite("papers")
struct PaperTests {
    let library: PaperLibrary
    let office: Correspondence
    let date: LocalDate

    init() throws {
        library = try PaperLibrary(home: home)
        office = Correspondence(library: library)
        date = try #require(LocalDate(parsing: "2026-11-20"))
    }

    @Test("every paper of the journey is there, in Chinese and with an English title")
    func kinds() throws {
        let wanted = [
            "name-reservation-notice", "materials-receipt", "return-notice", "extension-notice",
            "registration-notice", "refusal-notice", "business-licence", "business-licence-duplicate",
            "articles",
            "articles-sole", "shareholders-resolution", "shareholder-decision", "appointment", "commitment",
            "no-supervisor-consent", "permit-notice", "filing-notice", "opening-result", "archive-catalogue",
            "revocation-decision", "correction-order", "jurisdiction-notice", "application",
        ]
        for kind in wanted {
            let title = try library.title(of: kind)
            #expect(title.zh.unicodeScalars.contains { $0.value > 0x4E00 }, "\(kind)")
            #expect(title.en.utf8.count == title.en.count, "\(kind)")
        }
        #expect(library.kinds.count >= wanted.count)
    }

    @Test("every paper can be written from its own list of fields, and leaves no bare tag")
    func allKindsRender() throws {
        for kind in library.kinds {
            let fields = try PaperSample.fields(of: kind, in: library)
            let document = try office.render(kind, fields: fields, on: date, agencyWord: "包市监")
            #expect(!document.text.contains("{{"), "\(kind)")
            #expect(document.text.count > 40, "\(kind)")
            #expect(document.html.hasPrefix("<article"), "\(kind)")
        }
    }

    @Test("a refusal names reason, law, review and suit")
    func refusalNotice() throws {
        let document = try office.render("refusal-notice", fields: refusal, on: date, agencyWord: "包市监")
        for part in ["六十日", "六个月", "包头市人民政府", "高级管理人员不得兼任监事", "第七十六条", "2026年11月20日"] {
            #expect(document.text.contains(part), "\(part)")
        }
    }

    @Test("a missing, malformed or unknown field is refused by name")
    func badFields() {
        var missing = refusal
        missing["court"] = .null
        #expect(throws: CorrespondenceError.fieldMissing(kind: "refusal-notice", field: "court")) {
            try office.render("refusal-notice", fields: missing, on: date)
        }
        var odd = refusal
        odd["court"] = 5
        #expect(throws: CorrespondenceError.fieldMalformed(kind: "refusal-notice", field: "court")) {
            try office.render("refusal-notice", fields: odd, on: date)
        }
        var more = refusal
        more["secret"] = "x"
        #expect(throws: CorrespondenceError.fieldUnknown(kind: "refusal-notice", field: "secret")) {
            try office.render("refusal-notice", fields: more, on: date)
        }
        #expect(throws: CorrespondenceError.unknownKind("love-letter")) {
            try office.render("love-letter", fields: [:], on: date)
        }
    }

    @Test(
        "no value can add a line, a heading, a cell or markup",
        arguments: [
            "甲\n## 准予登记", "甲\u{1}准予", "甲\u{1F}乙", "<script>alert(1)</script>", "{{court}}", "a|b",
            "\u{202E}反写",
        ]
    )
    func injection(value: String) throws {
        var fields = refusal
        fields["facts"] = .string(value)
        let plain = try office.render("refusal-notice", fields: refusal, on: date)
        let document = try office.render("refusal-notice", fields: fields, on: date)
        #expect(document.text.split(separator: "\n").count == plain.text.split(separator: "\n").count)
        #expect(!document.html.contains("<script"))
        #expect(
            document.html.components(separatedBy: "<h2>").count
                == plain.html.components(separatedBy: "<h2>").count
        )
        #expect(!document.text.unicodeScalars.contains { $0.value == 0x202E || $0.value == 1 })
    }

    @Test("the articles follow the structure: board or director, supervisor, audit committee or none")
    func articles() throws {
        var fields = try PaperSample.fields(of: "articles", in: library)
        fields["board"] = true
        fields["boardSize"] = 3
        fields["supervisor"] = false
        fields["noSupervisor"] = true
        fields["auditCommittee"] = false
        fields["capital"] = 100_000_000
        let document = try office.render("articles", fields: fields, on: date)
        #expect(document.text.contains("2031年11月19日前"))
        #expect(document.text.contains("由3名董事组成"))
        #expect(!document.text.contains("不设董事会，设一名董事"))
        #expect(document.text.contains("不设监事。"))
        #expect(document.text.contains("人民币100万元（壹佰万元整）"))
        #expect(!document.text.contains("审计委员会"))
    }

    @Test(
        "numbers of an agency, series and year have no gaps, also when a write is undone and when many file at once"
    )
    func numbers() async throws {
        let document = try office.render("refusal-notice", fields: refusal, on: date, agencyWord: "包市监")
        let office = office
        try await forEachEngine(migrations) { database in
            struct Undone: Error {}
            let base = try occasion()
            _ = try await database.write { tx in
                try office.file(document, caseID: "c1", agency: "a1", occasion: base, in: tx)
            }
            await #expect(throws: Undone.self) {
                try await database.write { tx in
                    _ = try office.file(document, caseID: "c1", agency: "a1", occasion: base, in: tx)
                    throw Undone()
                }
            }
            try await withThrowingTaskGroup { group in
                for index in 0..<20 {
                    let occasion = try occasion(seed: UInt64(100 + index))
                    group.addTask {
                        _ = try await database.write { tx in
                            try office.file(document, caseID: "c1", agency: "a1", occasion: occasion, in: tx)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let other = try await database.write { tx in
                try office.file(document, caseID: "c2", agency: "a2", occasion: base, in: tx)
            }
            #expect(other.number == "（包市监）不登字〔2026〕第1号")
            let next = try occasion("2027-01-01 00:00", seed: 9)
            let newYear = try await database.write { tx in
                try office.file(document, caseID: "c2", agency: "a1", occasion: next, in: tx)
            }
            #expect(newYear.number == "（包市监）不登字〔2027〕第1号")
            let numbers = try await database.read {
                try CorrespondenceStore.papers(of: "c1", in: $0).compactMap(\.number)
            }
            #expect(Set(numbers) == Set((1...21).map { "（包市监）不登字〔2026〕第\($0)号" }))
        }
    }

    @Test("a paper keeps its bytes; a new version supersedes it once; a seal fits only what is on file")
    func versions() async throws {
        let office = office
        let first = try office.render(
            "commitment",
            fields: PaperSample.fields(of: "commitment", in: library),
            on: date
        )
        try await forEachEngine(migrations) { database in
            let occasion = try occasion()
            let paper = try await database.write { tx in
                try office.file(first, caseID: "c1", agency: "", occasion: occasion, in: tx)
            }
            #expect(paper.number == nil)
            #expect(paper.digest == first.digest)
            let found = try await database.read { try CorrespondenceStore.paper(paper.id, in: $0) }
            let kept = try #require(found)
            #expect(kept == paper)
            #expect(kept.canonicalBytes == Array(first.text.utf8))
            let later = try self.occasionLater()
            let second = try await database.write { tx in
                try office.file(
                    first,
                    caseID: "c1",
                    agency: "",
                    supersedes: paper.id,
                    occasion: later,
                    in: tx
                )
            }
            #expect(second.version == 2)
            await #expect(throws: CorrespondenceError.alreadySuperseded) {
                try await database.write { tx in
                    _ = try office.file(
                        first,
                        caseID: "c1",
                        agency: "",
                        supersedes: paper.id,
                        occasion: later,
                        in: tx
                    )
                }
            }
            await #expect(throws: CorrespondenceError.digestDiffers) {
                try await database.write { tx in
                    try office.seal(second.id, digest: [1], with: ["key": "k"], occasion: later, in: tx)
                }
            }
            try await database.write { tx in
                try office.seal(second.id, digest: second.digest, with: ["key": "k"], occasion: later, in: tx)
            }
            await #expect(throws: CorrespondenceError.alreadySealed) {
                try await database.write { tx in
                    try office.seal(
                        second.id,
                        digest: second.digest,
                        with: ["key": "k"],
                        occasion: later,
                        in: tx
                    )
                }
            }
            let valid = try await database.read {
                try CorrespondenceStore.paper(kind: "commitment", of: "c1", in: $0)
            }
            #expect(valid?.id == second.id)
        }
    }

    func occasionLater() throws -> Occasion { try occasion("2026-11-20 11:00", seed: 8) }

    @Test("electronic service needs consent, has a proof, and is read once")
    func service() async throws {
        let office = office
        let document = try office.render("refusal-notice", fields: refusal, on: date, agencyWord: "包市监")
        try await forEachEngine(migrations) { database in
            let occasion = try occasion()
            let paper = try await database.write { tx in
                try office.file(document, caseID: "c1", agency: "a1", occasion: occasion, in: tx)
            }
            await #expect(throws: CorrespondenceError.consentMissing) {
                try await database.write { tx in
                    _ = try office.serve(paper.id, on: "p1", by: .electronic, occasion: occasion, in: tx)
                }
            }
            let service = try await database.write { tx in
                try office.serve(
                    paper.id,
                    on: "p1",
                    by: .electronic,
                    consent: "consent-1",
                    occasion: occasion,
                    in: tx
                )
            }
            #expect(!service.proof.isEmpty)
            let later = try occasionLater()
            for _ in 0..<2 {
                try await database.write { tx in try office.opened(service.id, occasion: later, in: tx) }
            }
            let services = try await database.read { try CorrespondenceStore.services(on: "p1", in: $0) }
            #expect(services.map(\.readAt) == [later.now])
        }
    }

    @Test(
        "a contribution names its unit once, and its share in percent",
        arguments: ["application", "articles", "articles-sole"]
    )
    func contributions(kind: String) throws {
        let text = try String(contentsOfFile: home.resource("papers/zh/\(kind).mustache"), encoding: .utf8)
        #expect(text.contains("{{amount}} |") && text.contains("{{percent}}% |"))
    }
}

/// Something plausible for every field that a kind asks for.
enum PaperSample {
    static func fields(of kind: String, in library: PaperLibrary) throws -> JSON {
        var fields: JSON = [:]
        for name in try library.shapes(of: kind) {
            switch name.shape {
            case "text": fields[name.name] = .string("样例\(name.name)")
            case "bool": fields[name.name] = true
            case "number": fields[name.name] = 3
            case "money": fields[name.name] = 5_000_000
            case "date": fields[name.name] = "2026-12-31"
            default:
                fields[name.name] = [
                    [
                        "name": "张三", "text": "零售", "role": "董事", "what": "住所", "why": "缺少门牌", "how": "补充门牌号",
                        "amount": "50", "form": "货币", "date": "2031-11-19", "percent": "50.00", "item": "住所",
                        "before": "甲", "after": "乙", "value": "丙", "phrase": "食品销售", "permit": "食品经营许可",
                        "department": "市场监督管理局", "link": "https://example.invalid/", "title": "章程",
                        "number": 1,
                        "digest": "ab", "state": "办结", "result": "1501", "next": "无", "term": 3,
                    ]
                ]
            }
        }
        return fields
    }
}
