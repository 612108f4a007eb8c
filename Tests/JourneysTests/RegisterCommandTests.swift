import Credentials
import Cryptography
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// `verify --register`: a good file, asked about where it was never issued.
@Suite("a file is compared with the register at hand")
struct RegisterCommandTests {
    @Test("a licence that the register does not know is invalid there, and valid by itself")
    func unknown() async throws {
        try await withTemporaryFolder { folder in
            let town = try await DemoTown(home: Home.find(), folder: folder, at: SystemClock().now)
            await town.platform.database.close()
            let samples = try Home.find().root + "/Tests/Samples"
            let arguments = [
                "verify", "\(samples)/seals/sm2ca-licence-1sig.ofd", "--trust",
                "\(samples)/sm2/sm2-issuing.pem", "--at", "2026-11-22T10:00", "--json",
            ]
            let alone = try Program.run(arguments)
            #expect(alone.exit == 0, "\(alone.out)\(alone.error)")
            let asked = try Program.run(arguments + ["--register", "--data", folder])
            let json = try JSON.read(Array(asked.out.utf8.dropLast()))
            #expect(asked.exit == 1, "\(asked.out)\(asked.error)")
            let codes = json["problems"].elements.map { $0["code"].text }
            #expect(codes == ["credential.not-in-register"])
        }
    }

    @Test("what the installation revoked counts when its register is asked")
    func revoked() async throws {
        try await withTemporaryFolder { folder in
            let now = SystemClock().now
            let town = try await DemoTown(home: Home.find(), folder: folder, at: now)
            let authority = town.platform.credentials
            let body = IssuingBody(code: "150102", name: "呼和浩特市新城区市场监督管理局")
            let text = try authority.sign(["code": "1"], by: body, now: now)
            let certificate = try Certificate(der: try #require(text.certificates.first))
            try await town.platform.database.write { tx in
                try tx.execute(
                    "INSERT INTO certificate_revoked (issuer, serial, at, reason, object) VALUES ($1, $2, $3, $4, $5)",
                    "sm2-1",
                    Hex.encode(certificate.serial),
                    now,
                    RevocationReason.keyCompromise.rawValue,
                    "test"
                )
                try tx.execute("DELETE FROM certificate_list")
            }
            await town.platform.database.close()
            let files: [(String, [UInt8])] = [
                ("text.json", text.json.canonicalBytes), ("root.pem", Array(authority.trust.pem.utf8)),
            ]
            for (name, bytes) in files {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            let arguments = ["verify", "\(folder)/text.json", "--trust", "\(folder)/root.pem", "--json"]
            #expect(try Program.run(arguments).exit == 0)
            let asked = try Program.run(arguments + ["--register", "--data", folder])
            let json = try JSON.read(Array(asked.out.utf8.dropLast()))
            #expect(asked.exit == 1, "\(asked.out)\(asked.error)")
            let codes = json["problems"].elements.map { $0["code"].text }
            #expect(codes == ["credential.certificate.revoked"])
        }
    }
}
