import Foundation
import Kernel
import Testing

@testable import Cryptography

@Suite("time stamps")
struct TimestampTests {
    @Test("the sample reply made with the openssl command verifies")
    func sampleReply() throws {
        let token = try #require(TimestampToken(response: try sample("p256-tsa-reply.tsr")))
        let root = try P256Certificate(pem: String(decoding: try sample("p256-root.pem"), as: UTF8.self))
        let digest = SHA256.digest(try sample("p256-tsa-data.txt"))
        let trust = DocumentTrust(anchors: [root])
        #expect(token.problem(of: digest, .sha256, trust: trust) == nil)
        #expect(token.problem(of: SHA256.digest([1]), .sha256, trust: trust) == .imprint)
        #expect(token.problem(of: digest, .sm3, trust: trust) == .imprint)
        #expect(
            token.problem(of: digest, .sha256, trust: DocumentTrust(anchors: [try Papers().root.certificate]))
                == .certificate(.untrusted)
        )
    }

    @Test("openssl asks and accepts the answer", arguments: ["sha256", "sm3"])
    func openssl(digest: String) throws {
        let papers = try Papers()
        let folder = try Folder()
        try folder.write("一次办好", to: "data")
        try folder.write(papers.root.certificate.pem, to: "root.pem")
        #expect(
            try folder.run(["ts", "-query", "-data", "data", "-\(digest)", "-cert", "-out", "q.tsq"]) == 0
        )
        let query = [UInt8](try Data(contentsOf: folder.url("q.tsq")))
        let answer = papers.stamps.answer(query, now: moment)
        try Data(answer).write(to: folder.url("r.tsr"))
        let time = String(moment.milliseconds / 1_000 + 60)
        #expect(
            try folder.run([
                "ts", "-verify", "-in", "r.tsr", "-queryfile", "q.tsq", "-CAfile", "root.pem", "-attime",
                time,
            ]) == 0
        )
        #expect(
            try folder.run([
                "ts", "-verify", "-in", "r.tsr", "-data", "root.pem", "-CAfile", "root.pem", "-attime", time,
            ]) != 0
        )
        let token = try #require(TimestampToken(response: answer))
        #expect(token.time == moment && token.accuracy == 1_000 && token.nonce?.isEmpty == false)
        #expect(token.policy == testPolicy.identifier)
        let message = Array("一次办好".utf8)
        let (imprint, algorithm): ([UInt8], ImprintAlgorithm) =
            digest == "sm3" ? (SM3.digest(message), .sm3) : (SHA256.digest(message), .sha256)
        #expect(token.problem(of: imprint, algorithm, trust: papers.trust) == nil)
    }

    @Test("a query without wish for certificates gets none, and each stamp a number of its own")
    func bare() throws {
        let papers = try Papers()
        let folder = try Folder()
        try folder.write("甲", to: "data")
        #expect(
            try folder.run(["ts", "-query", "-data", "data", "-sha256", "-no_nonce", "-out", "q.tsq"]) == 0
        )
        let query = [UInt8](try Data(contentsOf: folder.url("q.tsq")))
        let (one, two) = (papers.stamps.answer(query, now: moment), papers.stamps.answer(query, now: moment))
        #expect(one != two && one.count < 700)
        #expect(TimestampToken(response: one) == nil, "without a certificate nobody is named")
        try Data(one).write(to: folder.url("r.tsr"))
        try folder.write(papers.root.certificate.pem, to: "root.pem")
        let chain = papers.stamper.certificate.pem + papers.issuing.certificate.pem
        try folder.write(chain, to: "chain.pem")
        #expect(
            try folder.run([
                "ts", "-verify", "-in", "r.tsr", "-data", "data", "-CAfile", "root.pem", "-untrusted",
                "chain.pem", "-attime", String(moment.milliseconds / 1_000 + 60),
            ]) == 0
        )
    }

    @Test("what cannot be stamped is refused with its reason")
    func refusals() throws {
        let papers = try Papers()
        let folder = try Folder()
        try folder.write("甲", to: "data")
        func query(_ more: [String]) throws -> [UInt8] {
            #expect(try folder.run(["ts", "-query", "-data", "data", "-out", "q.tsq"] + more) == 0)
            return [UInt8](try Data(contentsOf: folder.url("q.tsq")))
        }
        let good = try query(["-sha256"])
        func refused(_ query: [UInt8]) -> [UInt8] {
            Array(papers.stamps.answer(query, now: moment).suffix(7))
        }
        // PKIStatus 2, then the bit of PKIFailureInfo.
        #expect(refused(try query(["-sha1"])).suffix(4) == [0x03, 0x02, 0x07, 0x80])
        #expect(refused(try query(["-sha512"])).suffix(4) == [0x03, 0x02, 0x07, 0x80])
        let policy = try query(["-sha256", "-tspolicy", "1.2.3"])
        #expect(refused(policy).suffix(4) == [0x03, 0x00, 0x00, 0x01])
        #expect(
            TimestampToken(response: papers.stamps.answer(good, now: moment)) == nil,
            "no certificate asked for"
        )
        #expect(refused(good + [0]).suffix(4) == [0x03, 0x02, 0x02, 0x04])
        #expect(refused([]).suffix(4) == [0x03, 0x02, 0x02, 0x04])
        #expect(refused([UInt8](repeating: 0x30, count: 5_000)).suffix(4) == [0x03, 0x02, 0x02, 0x04])
        #expect(TimestampToken(response: papers.stamps.answer([], now: moment)) == nil)
    }
}
