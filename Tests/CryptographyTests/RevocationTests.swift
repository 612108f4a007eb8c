import Foundation
import Kernel
import Testing

@testable import Cryptography

@Suite("revocation lists")
struct RevocationTests {
    static let limits = RevocationLimits(bytes: 1_000_000, entries: 10_000)

    private func chain() throws -> (
        root: CertificateAuthority, issuing: CertificateAuthority, leaf: Certificate
    ) {
        let root = try CertificateAuthority.root(CertificateTests.request("根"))
        let issuing = try root.authority(CertificateTests.request("签发"))
        let leaf = try issuing.identity(CertificateTests.request("甲"), for: .licences).certificate
        return (root, issuing, leaf)
    }

    private func list(
        _ issuing: CertificateAuthority,
        _ entries: [RevocationList<SM2>.Entry],
        number: Int64 = 7
    ) throws -> RevocationList<SM2> {
        try RevocationList(
            der: issuing.revocationList(
                entries,
                number: number,
                thisUpdate: moment,
                nextUpdate: moment + Instant.day
            ),
            limits: Self.limits
        )
    }

    @Test("a certificate is good before its revocation and revoked from then on")
    func status() throws {
        let (root, issuing, leaf) = try chain()
        let other = try issuing.identity(CertificateTests.request("乙"), for: .licences).certificate
        let at = moment + Instant.hour
        let list = try list(issuing, [.init(serial: leaf.serial, revokedAt: at, reason: .keyCompromise)])
        #expect(list.number == 7 && list.count == 1 && list.isSigned(by: issuing.certificate))
        #expect(!list.isSigned(by: root.certificate) && !list.isSigned(by: leaf))
        #expect(list.status(of: leaf, at: at + -1_000) == .good)
        #expect(list.status(of: leaf, at: at) == .revoked(at: at, .keyCompromise))
        #expect(list.status(of: leaf, at: at + 100 * Instant.day) == .revoked(at: at, .keyCompromise))
        #expect(list.status(of: other, at: at) == .good)
        #expect(list.status(of: other, at: moment + Instant.day) == .unknown(.outOfDate))
        #expect(list.status(of: issuing.certificate, at: at) == .unknown(.otherIssuer))
        func verdict(_ certificate: Certificate, at time: Instant) -> ChainVerdict {
            certificate.check(
                others: [issuing.certificate],
                anchors: [root.certificate],
                at: time,
                revocation: [list]
            )
        }
        #expect(verdict(leaf, at: at + -1_000).isTrusted)
        #expect(verdict(leaf, at: at) == .broken(.revoked))
        #expect(verdict(other, at: at).isTrusted)
        #expect(verdict(other, at: moment + 2 * Instant.day) == .broken(.revocationUnknown))
    }

    @Test("a revoked authority takes those below it along, and a stranger's list counts for nothing")
    func authorities() throws {
        let (root, issuing, leaf) = try chain()
        func verdict(_ lists: [RevocationList<SM2>]) -> ChainVerdict {
            leaf.check(
                others: [issuing.certificate],
                anchors: [root.certificate],
                at: moment,
                revocation: lists
            )
        }
        let above = try list(
            root,
            [.init(serial: issuing.certificate.serial, revokedAt: moment, reason: .authorityCompromise)]
        )
        #expect(verdict([above]) == .broken(.revoked))
        let twin = try CertificateAuthority.root(CertificateTests.request("根"))
            .authority(CertificateTests.request("签发"))
        let forged = try list(
            twin,
            [.init(serial: leaf.serial, revokedAt: moment, reason: .unspecified)]
        )
        #expect(verdict([forged]).isTrusted)
    }

    @Test("limits, changed bytes and bytes behind")
    func hostile() throws {
        let (_, issuing, leaf) = try chain()
        let entries = (0..<50).map {
            RevokedCertificate(
                serial: [0x41, UInt8($0)],
                revokedAt: moment,
                reason: RevocationReason.allCases[$0 % RevocationReason.allCases.count]
            )
        }
        let good = try list(issuing, entries)
        #expect(good.count == 50)
        for limits in [
            RevocationLimits(bytes: good.der.count - 1, entries: 50),
            RevocationLimits(bytes: good.der.count, entries: 49),
        ] {
            #expect(throws: CryptographyError.badList) {
                try RevocationList<SM2>(der: good.der, limits: limits)
            }
        }
        #expect(throws: CryptographyError.badList) {
            try RevocationList<SM2>(der: good.der + [0], limits: Self.limits)
        }
        #expect(throws: CryptographyError.badList) {
            try RevocationList<P256>(der: good.der, limits: Self.limits)
        }
        for index in good.der.indices {
            var bytes = good.der
            bytes[index] ^= 0x01
            guard let changed = try? RevocationList<SM2>(der: bytes, limits: Self.limits) else { continue }
            let isSigned = changed.isSigned(by: issuing.certificate)
            #expect(!isSigned, "byte \(index)")
        }
        #expect(good.status(of: leaf, at: moment) == .good)
    }

    @Test("openssl reads the list, and checks it with nothing but its own commands")
    func openssl() throws {
        let (_, issuing, leaf) = try chain()
        let list = try list(issuing, [.init(serial: leaf.serial, revokedAt: moment, reason: .superseded)])
        let folder = try Folder()
        try Data(list.der).write(to: folder.url("list.crl"))
        try folder.write(issuing.certificate.pem, to: "issuing.pem")
        #expect(try folder.run(["crl", "-inform", "DER", "-in", "list.crl", "-text", "-out", "text"]) == 0)
        let text = try String(contentsOf: folder.url("text"), encoding: .utf8)
        #expect(text.contains("X509v3 CRL Number") && text.contains("Superseded"))
        #expect(text.contains(Hex.encode(leaf.serial).uppercased()))
        // The signed part is the first element inside; its signature is the last BIT STRING.
        #expect(try folder.run(["asn1parse", "-inform", "DER", "-in", "list.crl"], output: "parsed") == 0)
        let lines = try String(contentsOf: folder.url("parsed"), encoding: .utf8).split(separator: "\n")
        let rows = lines.map { line in Int(line.prefix { $0 != ":" }.filter { $0 != " " }) ?? 0 }
        let (signed, signature) = (String(rows[1]), String(rows[rows.count - 1]))
        for (offset, name) in [(signed, "signed"), (signature, "signature")] {
            #expect(
                try folder.run([
                    "asn1parse", "-inform", "DER", "-in", "list.crl", "-strparse", offset, "-noout", "-out",
                    name,
                ]) == 0
            )
        }
        #expect(
            try folder.run(["x509", "-in", "issuing.pem", "-noout", "-pubkey"], output: "key.pem") == 0
        )
        #expect(
            try folder.run([
                "dgst", "-sm3", "-verify", "key.pem", "-sigopt", "distid:1234567812345678", "-signature",
                "signature", "signed",
            ]) == 0
        )
    }
}
