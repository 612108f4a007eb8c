import Credentials
import Cryptography
import ElectronicSeals
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// What bodies signed whose certificates were taken back afterwards. Nothing stamps a record or an extract: whoever has the
/// key writes any day into it.
@Suite("records of a body whose certificate was revoked")
struct RevokedIssuerTests {
    private static let revokedAt = start + 40 * Instant.day

    private func list(_ certificate: Certificate, _ authority: CredentialAuthority) throws -> [UInt8] {
        try authority.keys.revocationList(
            of: "sm2-1",
            [.init(serial: certificate.serial, revokedAt: Self.revokedAt, reason: .keyCompromise)],
            number: 1,
            thisUpdate: Self.revokedAt,
            nextUpdate: Self.revokedAt + 40 * Instant.day
        )
    }

    @Test("good until that day, refused from then on, in each way in which it is asked")
    func revoked() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let licence = try await issue(draft(), by: authority, on: database)
            let signer = try authority.identity(of: registrar, now: start).certificate
            let lists = try Revocations(
                reading: [try list(signer, authority)],
                limits: LicenceFileTests.limits.lists
            )
            let code = "credential.certificate.revoked"
            let verifier = CredentialVerifier(anchors: authority.anchors, revocation: lists.national)
            let (before, after) = (Self.revokedAt + -Instant.day, Self.revokedAt + Instant.day)
            #expect(verifier.verify(licence.file, at: before).isValid)
            #expect(verifier.verify(licence.file, at: after).problems == [.certificate(.revoked)])
            let online = try await database.read { try verifier.verify(licence.file, at: after, in: $0) }
            #expect(online.problems == [.certificate(.revoked)])
            let text = try authority.sign(["code": "1"], by: registrar, now: start)
            #expect(verifier.verify(text, at: before).isValid)
            #expect(verifier.verify(text, at: after).problems == [.certificate(.revoked)])
            func codes(_ file: [UInt8], _ lists: Revocations, _ moment: Instant) -> [String] {
                FileVerifier(
                    anchors: authority.trust,
                    revocation: lists,
                    moment: moment,
                    limits: LicenceFileTests.limits
                ).verify(file).problems.map(\.code)
            }
            for file in [licence.file, text.json.canonicalBytes] {
                #expect(codes(file, lists, before) == [])
                #expect(codes(file, lists, after) == [code])
                #expect(codes(file, Revocations(), after) == [], "nobody told")
            }
            // Recognised elsewhere by the same root.
            let types = authority.types.licences
            let food = try #require(types["food-operation"])
            let theirs = try await issue(sample(of: food), by: authority, on: database)
            let root = try ForeignRoots.Root(
                yaml: RecognitionTests.yaml(authority.keys.root.pem),
                file: "some.yaml",
                types: types
            )
            let recognition = Recognition(types: types, roots: ForeignRoots([root]))
            _ = try recognition.verify(theirs.file, at: before, revocation: lists)
            #expect(throws: RecognitionError.notProven(code)) {
                try recognition.verify(theirs.file, at: after, revocation: lists)
            }
        }
    }

    @Test("a record from the future is refused, but for what clocks differ by")
    func future() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let licence = try await issue(draft(), by: authority, on: database)
            func problems(_ tolerance: Int64) -> [CredentialProblem] {
                CredentialVerifier(anchors: authority.anchors, toleranceMilliseconds: tolerance)
                    .verify(licence.file, at: start + -Instant.minute).problems
            }
            #expect(problems(0) == [.future])
            #expect(problems(59_999) == [.future])
            #expect(problems(Instant.minute) == [])
        }
    }

    @Test("a signature beside a file says when nobody here has a list of its issuer")
    func unlisted() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let signer = try authority.identity(of: company, now: start)
            let stamps = authority.stamps(at: start)
            let beside = try SignedEnvelope.sign([1, 2], by: signer, at: start) {
                value throws(CryptographyError) in
                try stamps.token(for: SM3.digest(value), .sm3, now: start)
            }
            let other = try authority.identity(of: registrar, now: start).certificate
            let known = try Revocations(
                reading: [try list(other, authority)],
                limits: LicenceFileTests.limits.lists
            )
            func claims(_ lists: Revocations) -> [VerdictLine] {
                let verdict = FileVerifier(
                    anchors: authority.trust,
                    revocation: lists,
                    moment: start + Instant.day,
                    limits: LicenceFileTests.limits
                ).verify([1, 2], signature: beside)
                #expect(verdict.problems == [])
                return verdict.claimed
            }
            #expect(claims(known) == [])
            let issuer = authority.keys.issuing.certificate.subject.commonName
            #expect(claims(Revocations()) == [VerdictLine("signature.no-list", ["issuer": issuer])])
        }
    }

    @Test("attributes that somebody signed are no content that he signed")
    func confused() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let signer = try authority.identity(of: company, now: start)
            let stamps = authority.stamps(at: start)
            let whole = try SignedEnvelope.sign([1, 2], by: signer, at: start) {
                value throws(CryptographyError) in
                try stamps.token(for: SM3.digest(value), .sm3, now: start)
            }
            // ContentInfo, [0], SignedData; the last of its parts holds the one SignerInfo.
            let info = try DERTree(whole).at([1, 0, -1, 0])
            let attributes = try #require(info.parts.first { $0.tag == 0xA0 })
            let content = DERTree(tag: 0x31, parts: attributes.parts).bytes
            let bare = try DERTree(whole).replacing(
                [1, 0, -1, 0],
                with: DERTree(tag: 0x30, parts: info.parts.filter { ![0xA0, 0xA1].contains($0.tag) })
            ).bytes
            let verifier = FileVerifier(
                anchors: authority.trust,
                moment: start + Instant.minute,
                limits: LicenceFileTests.limits
            )
            #expect(verifier.verify([1, 2], signature: whole).problems == [])
            #expect(verifier.verify(content, signature: bare).problems.map(\.classCode) == ["FORMAT"])
            // Without attributes as such, a signature is good.
            let text = Array("1. 合同".utf8)
            let plain = try DERTree(bare).replacing(
                [1, 0, -1, 0, -1],
                with: DERTree(tag: 0x04, content: try signer.key.sign(text))
            ).bytes
            #expect(verifier.verify(text, signature: plain).problems == [])
        }
    }
}

/// DER taken apart and put together again, with definite lengths.
private struct DERTree {
    let tag: UInt8
    var content: [UInt8] = []
    var parts: [DERTree] = []

    init(tag: UInt8, content: [UInt8]) {
        self.tag = tag
        self.content = content
    }

    init(tag: UInt8, parts: [DERTree]) {
        self.tag = tag
        self.parts = parts
    }

    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        self = try Self.next(&rest)
    }

    private static func next(_ rest: inout ArraySlice<UInt8>) throws -> DERTree {
        let head = rest.prefix(2)
        rest = rest.dropFirst(2)
        let tag = try #require(head.first)
        var count = Int(try #require(head.dropFirst().first))
        if count >= 0x80 {
            let digits = rest.prefix(count & 0x7F)
            rest = rest.dropFirst(digits.count)
            count = digits.reduce(0) { $0 << 8 | Int($1) }
        }
        var inside = rest.prefix(count)
        rest = rest.dropFirst(count)
        guard tag & 0x20 != 0 else { return DERTree(tag: tag, content: Array(inside)) }
        var parts: [DERTree] = []
        while !inside.isEmpty { parts.append(try next(&inside)) }
        return DERTree(tag: tag, parts: parts)
    }

    var bytes: [UInt8] {
        let inside = tag & 0x20 != 0 ? parts.flatMap(\.bytes) : content
        guard inside.count >= 0x80 else { return [tag, UInt8(inside.count)] + inside }
        var digits: [UInt8] = []
        var rest = inside.count
        while rest > 0 {
            digits.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(digits.count)] + digits + inside
    }

    /// The part to which a way of numbers leads; -1 is the last.
    func at(_ way: [Int]) -> DERTree {
        guard let first = way.first else { return self }
        return parts[first < 0 ? parts.count + first : first].at(Array(way.dropFirst()))
    }

    func replacing(_ way: [Int], with other: DERTree) -> DERTree {
        guard let first = way.first else { return other }
        var whole = self
        let place = first < 0 ? parts.count + first : first
        whole.parts[place] = parts[place].replacing(Array(way.dropFirst()), with: other)
        return whole
    }
}
