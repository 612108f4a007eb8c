import Credentials
import Kernel
import Storage
import TestSupport
import Testing

@Suite("a certified text that is no credential")
struct SignedTextTests {
    private static let content: JSON = ["code": "91150203MA0P1234X5", "items": ["name": "包头市某某商贸有限公司"]]

    @Test("verifies as handed out, says who certified it, and no changed byte passes")
    func verify() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let handed = try authority.sign(Self.content, by: registrar, now: start).json
            let verifier = CredentialVerifier(anchors: authority.anchors)
            let signed = try #require(SignedText(json: handed))
            let verdict = verifier.verify(signed, at: start + Instant.day)
            #expect(verdict.isValid)
            #expect(verdict.content == Self.content)
            #expect(verdict.issuer?.code == registrar.code)
            #expect(verdict.issuer?.name == registrar.name)
            let text = try #require(handed["text"].text)
            for index in stride(from: 0, to: text.utf8.count, by: 3) {
                var bytes = Array(text.utf8)
                bytes[index] ^= 0x01
                var forged = handed
                forged["text"] = .string(String(decoding: bytes, as: UTF8.self))
                let changed = try #require(SignedText(json: forged))
                #expect(!verifier.verify(changed, at: start).isValid)
            }
        }
    }

    @Test("another root, another format, a missing chain: no proof")
    func foreign() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let handed = try authority.sign(Self.content, by: registrar, now: start).json
            let signed = try #require(SignedText(json: handed))
            #expect(!CredentialVerifier(anchors: []).verify(signed, at: start).isValid)
            var other = handed
            other["format"] = "suban-credential-1"
            #expect(SignedText(json: other) == nil)
            other = handed
            other["certificates"] = []
            #expect(SignedText(json: other) == nil)
            other["certificates"] = ["AAAA"]
            let broken = try #require(SignedText(json: other))
            #expect(
                CredentialVerifier(anchors: authority.anchors).verify(broken, at: start).problems == [.format]
            )
        }
    }
}
