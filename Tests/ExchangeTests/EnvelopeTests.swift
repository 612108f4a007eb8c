import Cryptography
import Exchange
import Foundation
import Kernel
import Testing

@Suite("the envelope")
struct EnvelopeTests {
    let signer: EnvelopeSigner
    let peer: PeerKey
    let limits: EnvelopeLimits
    let now: Instant

    init() throws {
        signer = try TestKeys.signer("tax")
        peer = try TestKeys.peer("tax")
        limits = try TestKeys.parties.get().limits
        now = try moment("2026-11-20 10:00")
    }

    func request(_ number: Int = 0) throws -> WireRequest {
        try signer.sign(
            path: Exchange.reportPath,
            body: ["number": JSON(number), "name": "青山"],
            message: "m-\(number)",
            at: now,
            nonce: Hex.encode(SeededEntropy(seed: UInt64(number)).bytes(16))
        )
    }

    func verify(_ request: WireRequest, at moment: Instant? = nil) throws(EnvelopeError) -> Envelope.Verified
    {
        try Envelope.verify(request, now: moment ?? now, limits: limits) { $0 == peer.keyID ? peer : nil }
    }

    @Test("bytes there and back are the same message, and it verifies")
    func roundTrip() throws {
        let request = try request()
        #expect(WireRequest(bytes: request.bytes) == request)
        let verified = try verify(try #require(WireRequest(bytes: request.bytes)))
        #expect(verified.owner == "tax" && verified.message == "m-0" && verified.body["name"] == "青山")
    }

    @Test("S3: a request with any byte changed is not accepted", arguments: 0..<4)
    func flippedRequest(number: Int) throws {
        let bytes = try request(number).bytes
        let entropy = SeededEntropy(seed: UInt64(number))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= UInt8(1 << entropy.number(below: 8))
            guard let request = WireRequest(bytes: changed) else { continue }
            #expect(throws: EnvelopeError.self, "byte \(index)") { try verify(request) }
        }
    }

    @Test("an answer with any byte changed is not accepted")
    func flippedResponse() throws {
        let response = try signer.sign(
            status: 200,
            body: ["ok": true],
            answering: "m-1",
            at: now,
            nonce: String(repeating: "a", count: 32)
        )
        let bytes = response.bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x20
            guard let response = WireResponse(bytes: changed) else { continue }
            #expect(throws: EnvelopeError.self, "byte \(index)") {
                try Envelope.verify(response, answering: "m-1", now: now, limits: limits) {
                    $0 == peer.keyID ? peer : nil
                }
            }
        }
        #expect(throws: EnvelopeError.otherMessage) {
            try Envelope.verify(response, answering: "m-2", now: now, limits: limits) { _ in peer }
        }
    }

    @Test(
        "S2: 300 s are accepted on either side, 301 s are not",
        arguments: [
            (-301_000, false), (-300_000, true), (-299_000, true), (0, true), (299_000, true),
            (300_000, true),
            (300_001, false), (301_000, false),
        ]
    )
    func skew(offset: Int, accepted: Bool) throws {
        let request = try request()
        if accepted {
            _ = try verify(request, at: now + Int64(offset))
        } else {
            #expect(throws: EnvelopeError.skew) { try verify(request, at: now + Int64(offset)) }
        }
    }

    @Test("S4: an unknown, revoked, expired or future key does not count; two valid ones overlap")
    func keys() throws {
        let request = try request()
        func error(_ key: PeerKey?) -> EnvelopeError? {
            do throws(EnvelopeError) {
                _ = try Envelope.verify(request, now: now, limits: limits) { _ in key }
                return nil
            } catch { return error }
        }
        func key(from: Instant, until: Instant? = nil, revoked: Instant? = nil) -> PeerKey {
            PeerKey(
                keyID: peer.keyID,
                owner: "tax",
                key: peer.key,
                validFrom: from,
                validUntil: until,
                revokedAt: revoked
            )
        }
        #expect(error(nil) == .keyUnknown)
        #expect(error(key(from: now + 1)) == .keyNotValid)
        #expect(error(key(from: now + -10, until: now)) == .keyNotValid)
        #expect(error(key(from: now + -10, revoked: now)) == .keyNotValid)
        #expect(error(key(from: now, until: now + 1)) == nil)
        let other = PeerKey(
            keyID: peer.keyID,
            owner: "tax",
            key: try SM2PrivateKey.generate().publicKey,
            validFrom: now
        )
        #expect(error(other) == .signature)
    }

    @Test(
        "headers that can be written in two ways, or hold too much, are refused",
        arguments: [
            ("suban-time", "01732068000000"), ("suban-time", "+1732068000000"), ("suban-time", "-1"),
            ("suban-nonce", "short"),
            ("suban-signature", "zz"), ("suban-message", ""),
            ("suban-key", String(repeating: "k", count: 129)),
        ]
    )
    func malformed(name: String, value: String) throws {
        var request = try request()
        request.headers[name] = value
        #expect(throws: EnvelopeError.headerMalformed) { try verify(request) }
        request.headers[name] = nil
        #expect(throws: EnvelopeError.headerMissing) { try verify(request) }
    }

    @Test("a body over the limit is refused before anything is computed")
    func tooLarge() throws {
        var request = try request()
        request.body = [UInt8](repeating: 0x20, count: limits.bodyBytesMax + 1)
        #expect(throws: EnvelopeError.tooLarge) { try verify(request) }
    }
}
