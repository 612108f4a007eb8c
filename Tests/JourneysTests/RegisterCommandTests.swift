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
}
