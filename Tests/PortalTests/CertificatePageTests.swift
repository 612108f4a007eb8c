import Cases
import Credentials
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import Testing

@Suite("pages of certificates", .serialized)
struct CertificatePageTests {
    private let founder = "zhangsan"

    private func apply(_ town: FaceTown) async throws -> String {
        let me = try await town.session(founder).principal.actor.id
        let made = try await town.post("/certificates", ["holder": me], as: founder)
        #expect(made.status == 303 && made.location.hasPrefix("/certificates/"))
        return made.location
    }

    /// Signs a file on the page and verifies both on the public one.
    private func verdict(_ town: FaceTown, _ file: [UInt8], _ signature: [UInt8]) async throws -> String {
        try await town.upload(
            "/verify/file",
            [:],
            files: [("file", "a.txt", file), ("signature", "a.p7s", signature)],
            as: founder
        ).text
    }

    @Test("applied for, used, revoked: what was stamped before stays good, everything after is refused")
    func journey() async throws {
        try await FaceTown.open { town in
            let path = try await apply(town)
            let file = Array("投标文件".utf8)
            let signed = try await town.upload(
                "\(path)/sign",
                [:],
                files: [("file", "a.txt", file)],
                as: founder
            )
            #expect(signed.status == 200 && signed.headers["content-type"] == "application/pkcs7-signature")
            let disposition = signed.headers["content-disposition"] ?? ""
            #expect(disposition.contains("a.txt.p7s"), "the signature names what it signs")
            let page = try await town.get(path, as: founder).text
            #expect(page.contains("a.txt") && page.contains("data-download"))
            let bare = try await town.upload("\(path)/sign", ["name": "合同"], files: [], as: founder)
            #expect(bare.status == 422 && bare.text.contains("href=\"#f-file\""))
            #expect(bare.text.contains("value=\"合同\"") && !bare.text.contains("certificate.nothing"))
            let good = try await verdict(town, file, signed.bytes)
            #expect(good.contains("文件有效") && good.contains("时间戳证明"))
            let other = try await verdict(town, file + [0], signed.bytes)
            #expect(other.contains("签名不是对这个文件作出的") && other.contains("DOC_HASH"))
            #expect(!other.contains("没有时间戳证明"), "it is stamped")
            let pem = try await town.get("\(path)/file", as: founder)
            #expect(pem.text.hasPrefix("-----BEGIN CERTIFICATE-----"))
            #expect(try await town.post("\(path)/revoke", ["reason": "2"], as: founder).status == 422)
            // Lists and stamps count seconds.
            try await town.pass(Instant.minute)
            #expect(try await town.post("\(path)/revoke", ["reason": "1"], as: founder).status == 303)
            let late = try await town.upload(
                "\(path)/sign",
                [:],
                files: [("file", "a.txt", file)],
                as: founder
            )
            #expect(late.status == 409)
            try await town.pass(Instant.minute)
            #expect(try await verdict(town, file, signed.bytes).contains("文件有效"), "stamped before")
            let list = try await town.get("/trust/lists/sm2-1.crl")
            #expect(list.status == 200 && list.headers["content-type"] == "application/pkix-crl")
        }
    }

    @Test("by a number the public sees how a licence or a seal stands, and little else")
    func numbers() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: founder)
            let code = try #require(granted.result)
            let page = try await town.post("/verify", ["code": code])
            #expect(page.status == 200 && page.text.contains("营业执照") && page.text.contains("有效"))
            #expect(!page.text.contains(granted.title) && !page.text.contains("注册资本"))
            try await town.pass(Instant.minute)
            let held = try await town.platform.database.read { try Credentials.held(by: code, in: $0) }
            let seal = try #require(held.compactMap(\.record.sealCode).first)
            #expect(try await town.post("/verify", ["code": seal]).text.contains(granted.title))
            let licence = try #require(held.first { $0.record.sealCode == nil })
            let secret = try await town.post("/verify", ["code": licence.record.code.rawValue])
            #expect(secret.status == 303 && secret.location == licence.record.code.path)
            #expect(try await town.post("/verify", ["code": "9115020300000000XX"]).status == 422)
        }
    }
}
