import Cases
import Credentials
import FaceSupport
import Kernel
import Server
import Storage
import Testing

/// A licence taken away as a file, and what the public is told when it is handed in.
@Suite("copies of licences and the verification of files", .serialized)
struct CopyTests {
    private let founder = "zhangsan"
    private let wish = ["whom": "包头某银行", "purpose": "开立账户", "case": "K-1"]

    private func verified(_ bytes: [UInt8], _ name: String, _ town: FaceTown) async throws -> String {
        let page = try await town.upload(
            "/verify/file",
            [:],
            files: [("file", name, bytes)],
            as: founder
        )
        #expect(page.status == 200)
        return page.text
    }

    @Test("OFD and PDF say for whom and until when; changed, unknown and withdrawn ones are told as such")
    func copies() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: founder)
            try await town.lead(granted, as: founder)
            let code = try #require(granted.result)
            let wallet = try await town.get("/wallet/\(code)", as: founder).text
            let path = String(
                try #require(wallet.firstMatch(of: /href="(\/wallet\/[^"]+\/files\/[^"]+\/copy)"/)).output.1
            )
            #expect(try await town.get(path, as: founder).text.contains("加注件"))
            #expect(try await town.get(path, as: "lisi").status == 404)
            let today = town.town.clock.now.date
            for (format, words) in [("ofd", "盖章"), ("pdf", "签名")] {
                var form = wish
                form["format"] = format
                form["until"] = today.adding(days: 5).description
                let file = try await town.post(path, form, as: founder)
                #expect(file.status == 200 && file.headers["content-type"] == "application/\(format)")
                let page = try await verified(file.bytes, "licence.\(format)", town)
                #expect(page.contains("文件有效") && page.contains(words) && page.contains("时间戳证明"))
                #expect(page.contains("包头某银行") && page.contains("开立账户") && page.contains(granted.title))
                var changed = file.bytes
                changed[changed.count / 2] ^= 1
                #expect(try await verified(changed, "licence.\(format)", town).contains("文件无效"))
            }
            var form = wish
            form["format"] = "ofd"
            form["until"] = today.adding(days: -1).description
            #expect(try await town.post(path, form, as: founder).status == 422)
            form["until"] = today.adding(days: 5).description
            #expect(
                try await town.post(path, form.merging(["purpose": ""]) { $1 }, as: founder).status == 422
            )
            let file = try await town.post(path, form, as: founder)
            let uses = try await town.get("/wallet/\(code)/uses", as: founder).text
            #expect(uses.contains("本人下载加注件") && uses.contains("包头某银行"))
            // A company's licence names no operator of a sole trader, and the page names the firm.
            #expect(!uses.contains("组成形式") && uses.contains("href=\"/wallet/\(code)\">\(granted.title)<"))
            // The licence is withdrawn: its copies say so from then on.
            let database = town.platform.database
            let held = try await database.read { try Credentials.held(by: code, in: $0) }
            let licence = try #require(held.first { $0.record.type == "business-licence" })
            let occasion = try await town.occasion(of: founder)
            try await database.write { tx in
                _ = try Credentials.apply(.withdraw, to: licence.id, reason: "1", occasion: occasion, in: tx)
            }
            let gone = try await verified(file.bytes, "licence.ofd", town)
            #expect(gone.contains("LICENCE_STATE") && gone.contains("文件无效"))
            // What nobody signed is no forgery.
            #expect(try await verified(Array("合同".utf8), "a.txt", town).contains("这种文件不能在这里核验"))
            let lone = try await verified([0x30, 0x00], "a.p7s", town)
            #expect(lone.contains("只有签名，没有被签名的文件") && !lone.contains("不具效力的原因"))
            #expect(try await town.post(path, form, as: founder).status == 409)
        }
    }

    @Test("files that are nothing of the kind are told as such, and none is kept")
    func strangers() async throws {
        try await FaceTown.open { town in
            #expect(try await town.get("/verify/file").text.contains("拖"))
            #expect(try await town.upload("/verify/file", [:], files: [], as: founder).status == 422)
            for (bytes, word) in [
                (Array("%PDF-1.7 nonsense".utf8), "PDF_FORMAT"),
                (Array("PK\u{3}\u{4}nonsense".utf8), "PKG_FORMAT"),
                ([0x30, 0x03, 0x02, 0x01, 0x01], "FORMAT"), (Array("{}".utf8), "不是本平台的"),
            ] {
                #expect(try await verified(bytes, "x", town).contains(word), "\(word)")
            }
            let kept = try await town.platform.database.read {
                try $0.number("SELECT COUNT(*) FROM attachment_file")
            }
            #expect(kept == 0)
        }
    }
}
