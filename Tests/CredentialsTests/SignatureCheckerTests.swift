import Credentials
import Cryptography
import ElectronicSeals
import Foundation
import Identity
import Kernel
import Storage
import TestSupport
import Testing

/// `Tools/verify-signature.sh`: nothing but the openssl command.
@Suite("checking a signature by openssl alone")
struct SignatureCheckerTests {
    private func run(_ arguments: [String]) throws -> (status: Int32, said: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let said = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    @Test("a signature holds step by step, for its file only; the list says what was revoked")
    func checked() async throws {
        let tool = try Home.find().root + "/Tools/verify-signature.sh"
        try await withDatabase(.sqlite, sealMigrations + CertificateMigrations.all) { database in
            let world = try await CertificateWorld(database)
            let one = try await world.issue(by: world.seals.boss)
            let document = Array("合同正文".utf8)
            let signature = try await world.office.sign(
                document,
                named: "合同",
                with: one.id,
                by: world.seals.boss,
                occasion: occasion(5)
            )
            try await database.write { [boss = world.seals.boss] tx in
                try Certificates.revoke(one.id, .keyCompromise, by: boss, occasion: occasion(9), in: tx)
            }
            try await world.runJobs(at: occasion(9).now)
            let list = try await world.list()
            try await withTemporaryFolder { folder in
                let files: [(String, [UInt8])] = [
                    ("a", document), ("a.p7s", signature), ("sm2-1.crl", list.kept.der),
                    ("issuing.pem", Array(world.keys.issuing.certificate.pem.utf8)),
                    ("root.pem", Array(world.keys.documentRoot.pem.utf8)), ("b", document + [0x0A]),
                ]
                for (name, bytes) in files {
                    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                }
                func check(_ name: String) throws -> (status: Int32, said: String) {
                    try run(
                        [tool]
                            + [name, "a.p7s", "issuing.pem", "root.pem", "sm2-1.crl"].map {
                                "\(folder)/\($0)"
                            } + ["2027-02-01"]
                    )
                }
                let good = try check("a")
                #expect(good.status == 0, "\(good.said)")
                #expect(
                    good.said.contains("Verified OK") && good.said.contains("Verification: OK"),
                    "\(good.said)"
                )
                #expect(good.said.contains("revoked:"), "\(good.said)")
                #expect(try check("b").status == 1)
                // Revoked before the stamp; and a list that had run out by then.
                let serial = try Certificate(der: one.der).serial
                for (revoked, until, words) in [
                    (2, 100, "revoked before it was stamped"), (9, 100, nil), (nil, 100, nil),
                    (nil, 3, "had run out"),
                ] as [(Int64?, Int64, String?)] {
                    let lines = revoked.map {
                        [RevokedCertificate(serial: serial, revokedAt: occasion($0).now, reason: .superseded)]
                    }
                    let list = try world.keys.issuing.revocationList(
                        lines ?? [],
                        number: 9,
                        thisUpdate: occasion(0).now,
                        nextUpdate: occasion(until).now
                    )
                    try Data(list).write(to: URL(fileURLWithPath: "\(folder)/sm2-1.crl"))
                    let (status, said) = try check("a")
                    #expect(status == (words == nil ? 0 : 1), "\(said)")
                    if let words { #expect(said.contains(words), "\(said)") }
                }
                try refusesOthers(world, document, tool, folder)
            }
        }
    }

    /// Stamped when the certificate had run out, and by one that is for something else.
    private func refusesOthers(
        _ world: CertificateWorld,
        _ document: [UInt8],
        _ tool: String,
        _ folder: String
    ) throws {
        let day = start + 40 * Instant.day
        for (purpose, days, words) in [
            (CertificatePurpose.signatures, 90, nil), (.signatures, 30, "expired"),
            (.log, 90, "for something else"), (.licences, 90, "for something else"),
        ] as [(CertificatePurpose, Int64, String?)] {
            let signer = try world.keys.issuing.identity(
                .init(
                    subject: DistinguishedName(commonName: "张三"),
                    serial: SystemEntropy().bytes(16),
                    validFrom: start,
                    validUntil: start + days * Instant.day
                ),
                for: purpose
            )
            let stamps = world.seals.workshop.authority.stamps(at: start)
            let signature = try SignedEnvelope.sign(document, by: signer, at: day) {
                value throws(CryptographyError) in
                try stamps.token(for: SM3.digest(value), .sm3, now: day)
            }
            try Data(signature).write(to: URL(fileURLWithPath: "\(folder)/a.p7s"))
            let (status, said) = try run(
                [tool] + ["a", "a.p7s", "issuing.pem", "root.pem"].map { "\(folder)/\($0)" } + [
                    "", "2027-02-01",
                ]
            )
            #expect(status == (words == nil ? 0 : 1), "\(said)")
            if let words { #expect(said.contains(words), "\(said)") }
            #expect(words != nil || said.contains("nothing is said of revocation"), "\(said)")
        }
    }
}
