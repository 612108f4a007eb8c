import Foundation
import Kernel
import Testing

@testable import Cryptography

/// A P-256 root, an authority and those who sign below it.
struct Papers {
    let root: P256Authority
    let issuing: P256Authority
    let signer: P256Identity
    let stamper: P256Identity

    init() throws {
        root = try P256Authority.root(CertificateTests.request("P-256 根"))
        issuing = try root.authority(CertificateTests.request("P-256 签发"))
        signer = try issuing.identity(CertificateTests.request("文件"), for: .documents)
        stamper = try issuing.identity(CertificateTests.request("时间戳"), for: .timestamps)
    }

    var trust: DocumentTrust { DocumentTrust(anchors: [root.certificate]) }
    var stamps: TimestampAuthority { TimestampAuthority(stamper, policy: testPolicy) }
}

func sample(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: folder.appendingPathComponent("Samples/p256/\(name)")))
}

@Suite("P-256 certificates")
struct P256Tests {
    @Test("the marks are those that readers of PDF and time-stamping clients ask for")
    func marks() throws {
        let papers = try Papers()
        #expect(papers.signer.certificate.isFor(.documents) && !papers.signer.certificate.isFor(.timestamps))
        #expect(
            papers.stamper.certificate.isFor(.timestamps) && !papers.stamper.certificate.isFor(.documents)
        )
        #expect(
            papers.signer.certificate.check(
                others: papers.signer.issuers,
                anchors: [papers.root.certificate],
                at: moment
            ).isTrusted
        )
        let folder = try Folder()
        try folder.write(papers.root.certificate.pem, to: "root.pem")
        try folder.write(papers.issuing.certificate.pem, to: "issuing.pem")
        try folder.write(papers.signer.certificate.pem, to: "signer.pem")
        try folder.write(papers.stamper.certificate.pem, to: "stamper.pem")
        let time = String(moment.milliseconds / 1_000 + 60)
        for (purpose, file) in [("smimesign", "signer.pem"), ("timestampsign", "stamper.pem")] {
            #expect(
                try folder.run([
                    "verify", "-attime", time, "-purpose", purpose, "-x509_strict", "-CAfile", "root.pem",
                    "-untrusted", "issuing.pem", file,
                ]) == 0,
                "\(purpose)"
            )
        }
    }

    @Test("neither scheme reads keys or certificates of the other")
    func apart() throws {
        let national = try CertificateAuthority.root(CertificateTests.request("根"))
        let papers = try Papers()
        #expect(throws: CryptographyError.badCertificate) {
            try P256Certificate(der: national.certificate.der)
        }
        #expect(throws: CryptographyError.badCertificate) {
            try Certificate(der: papers.root.certificate.der)
        }
        #expect(throws: CryptographyError.badKey) { try SM2PrivateKey(pem: papers.signer.key.pem) }
        #expect(throws: CryptographyError.badKey) {
            try PrivateKey<P256>(pem: SM2PrivateKey.generate().pem)
        }
        let pem = national.certificate.pem + papers.root.certificate.pem
        #expect(try P256Certificate.all(pem: pem, skippingOthers: true) == [papers.root.certificate])
    }

    @Test("a weaker digest and a constraint that nobody keeps lead to no trust")
    func foreignCertificates() throws {
        let folder = try Folder()
        try folder.write(try PrivateKey<P256>.generate().pem, to: "key.pem")
        func root(_ digest: String, _ more: [String] = []) throws -> ChainProblem? {
            let made = try folder.run(
                [
                    "req", "-new", "-x509", "-\(digest)", "-key", "key.pem", "-subj", "/CN=root", "-out",
                    "root.pem",
                ]
                    + more
            )
            #expect(made == 0)
            let root = try P256Certificate(pem: String(contentsOf: folder.url("root.pem"), encoding: .utf8))
            #expect(root.isSigned(by: root.publicKey) == (digest == "sha256"))
            let verdict = root.check(
                others: [],
                anchors: [root],
                at: root.validFrom,
                usage: .keyCertSign
            )
            if case .broken(let problem) = verdict { return problem }
            return nil
        }
        #expect(try root("sha256") == nil)
        _ = try root("sha384")
        _ = try root("sha1")
        let names = ["-addext", "nameConstraints=critical,permitted;DNS:example.com"]
        #expect(try root("sha256", names) == .unknownDemand)
    }

    @Test("a signature about a text is good for it alone, and openssl agrees")
    func detached() throws {
        let papers = try Papers()
        let content = Array("营业执照".utf8)
        let signature = try DetachedSignature.make(over: content, by: papers.signer, at: moment)
        func verdict(_ bytes: [UInt8], _ trust: DocumentTrust, at time: Instant = moment)
            -> DetachedSignatureVerdict?
        {
            DetachedSignature(der: bytes)?.verify(
                contentDigest: SHA256.digest(content),
                trust: trust,
                at: time,
                tolerance: 0
            )
        }
        let good = try #require(verdict(signature, papers.trust))
        #expect(good.problem == nil && good.claimed == moment && good.proven == nil)
        #expect(good.signer == papers.signer.certificate)
        #expect(verdict(signature, DocumentTrust(anchors: [try Papers().root.certificate]))?.problem != nil)
        let ahead = try DetachedSignature.make(over: content, by: papers.signer, at: moment + 5_000)
        #expect(verdict(ahead, papers.trust)?.problem == .timestamp)
        let late = moment + 400 * Instant.day
        #expect(verdict(signature, papers.trust, at: late)?.problem == .certificate(.expired))
        #expect(
            DetachedSignature(der: signature)?.verify(
                contentDigest: SHA256.digest(content + [0]),
                trust: papers.trust,
                at: moment,
                tolerance: 0
            ).problem == .digest
        )
        #expect(DetachedSignature(der: signature + [0]) == nil)
        let folder = try Folder()
        try Data(content).write(to: folder.url("content"))
        try Data(signature).write(to: folder.url("signature"))
        try folder.write(papers.root.certificate.pem, to: "root.pem")
        let time = String(moment.milliseconds / 1_000 + 60)
        #expect(
            try folder.run([
                "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", "signature", "-content",
                "content", "-CAfile", "root.pem", "-attime", time, "-out", "out",
            ]) == 0
        )
    }

    @Test("a time stamp proves when a signature was there, also after its certificate ran out")
    func stamped() throws {
        let papers = try Papers()
        let content = Array("营业执照".utf8)
        let signature = try DetachedSignature.make(
            over: content,
            by: papers.signer,
            at: moment,
            stampedBy: papers.stamps
        )
        let late = moment + 400 * Instant.day
        func verdict(_ bytes: [UInt8], _ trust: DocumentTrust, at time: Instant = late)
            -> DetachedSignatureVerdict?
        {
            DetachedSignature(der: bytes)?.verify(
                contentDigest: SHA256.digest(content),
                trust: trust,
                at: time,
                tolerance: 0
            )
        }
        let good = try #require(verdict(signature, papers.trust))
        #expect(good.problem == nil && good.proven == moment)
        func list(revokedAt: Instant) throws -> RevocationList<P256> {
            try RevocationList(
                der: papers.issuing.revocationList(
                    [
                        .init(
                            serial: papers.signer.certificate.serial,
                            revokedAt: revokedAt,
                            reason: .keyCompromise
                        )
                    ],
                    number: 1,
                    thisUpdate: revokedAt,
                    nextUpdate: revokedAt + 30 * Instant.day
                ),
                limits: RevocationTests.limits
            )
        }
        let anchors = [papers.root.certificate]
        let before = DocumentTrust(anchors: anchors, revocation: [try list(revokedAt: moment)])
        let after = DocumentTrust(anchors: anchors, revocation: [try list(revokedAt: moment + Instant.day)])
        #expect(verdict(signature, before)?.problem == .certificate(.revoked))
        #expect(verdict(signature, after)?.problem == nil)
        // A stamp by a certificate for documents, and a signature by one for stamps, prove nothing.
        let wrong = TimestampAuthority(papers.signer, policy: testPolicy)
        let mixed = try DetachedSignature.make(
            over: content,
            by: papers.signer,
            at: moment,
            stampedBy: wrong
        )
        #expect(verdict(mixed, papers.trust, at: moment)?.problem == .timestamp)
        let usurped = try DetachedSignature.make(over: content, by: papers.stamper, at: moment)
        #expect(
            DetachedSignature(der: usurped)?.verify(
                contentDigest: SHA256.digest(content),
                trust: papers.trust,
                at: moment,
                tolerance: 0
            ).problem == .usage
        )
    }

    @Test("no changed byte of a signature passes")
    func changed() throws {
        let papers = try Papers()
        let content = Array("营业执照".utf8)
        let good = try DetachedSignature.make(
            over: content,
            by: papers.signer,
            at: moment,
            stampedBy: papers.stamps
        )
        var accepted: [Int] = []
        for index in stride(from: 0, to: good.count, by: 3) {
            var bytes = good
            bytes[index] ^= 0x01
            let verdict = DetachedSignature(der: bytes)?.verify(
                contentDigest: SHA256.digest(content),
                trust: papers.trust,
                at: moment,
                tolerance: 0
            )
            if let verdict, verdict.problem == nil, verdict.proven != nil { accepted.append(index) }
        }
        // CMS signs neither its version numbers nor the list of digests in front, of signature and token each.
        #expect(accepted.count <= 10, "\(accepted)")
    }
}

let testPolicy = TimestampPolicy(identifier: "1.2.3.4.5", accuracyMilliseconds: 1_000)
