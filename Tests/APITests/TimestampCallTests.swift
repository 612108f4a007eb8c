import Cryptography
import FaceSupport
import Foundation
import Kernel
import Server
import TestSupport
import Testing

import Web

/// The address that gives time stamps, asked by `openssl ts`.
@Suite("time stamps for everybody", .serialized)
struct TimestampCallTests {
    private func openssl(_ arguments: String...) throws -> (status: Int32, said: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let said = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    @Test(
        "openssl makes the query and believes the answer, for this file and no other",
        arguments: ["-sha256", "-sm3"]
    )
    func stamped(digest: String) async throws {
        try await FaceTown.open { town in
            try await withTemporaryFolder { folder in
                let (file, query, reply, root) = (
                    "\(folder)/a", "\(folder)/q", "\(folder)/r", "\(folder)/root.pem"
                )
                try Data("甲".utf8).write(to: URL(fileURLWithPath: file))
                try Data(town.platform.keys.documentRoot.pem.utf8).write(to: URL(fileURLWithPath: root))
                _ = try openssl("ts", "-query", "-data", file, digest, "-cert", "-out", query)
                let asked = try Data(contentsOf: URL(fileURLWithPath: query))
                let answer = try await town.send(
                    "POST",
                    "/api/v1/timestamps",
                    Array(asked),
                    headers: ["content-type": "application/timestamp-query"]
                )
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "application/timestamp-reply")
                try Data(answer.bytes).write(to: URL(fileURLWithPath: reply))
                let moment = String(town.town.clock.now.milliseconds / 1_000)
                let good = try openssl(
                    "ts",
                    "-verify",
                    "-data",
                    file,
                    "-in",
                    reply,
                    "-CAfile",
                    root,
                    "-attime",
                    moment
                )
                #expect(good.said.contains("Verification: OK"), "\(good.said)")
                let text = try openssl("ts", "-reply", "-in", reply, "-text").said
                #expect(text.contains("2.25.105254178158062080046343932006327755974"), "\(text)")
                try Data("乙".utf8).write(to: URL(fileURLWithPath: file))
                let bad = try openssl(
                    "ts",
                    "-verify",
                    "-data",
                    file,
                    "-in",
                    reply,
                    "-CAfile",
                    root,
                    "-attime",
                    moment
                )
                #expect(bad.status != 0)
            }
        }
    }

    @Test("what is no query is refused by the standard's own words, another type by ours")
    func refused() async throws {
        try await FaceTown.open { town in
            func ask(_ bytes: [UInt8], _ type: String) async throws -> FaceTown.Answer {
                try await town.send("POST", "/api/v1/timestamps", bytes, headers: ["content-type": type])
            }
            let nonsense = try await ask([1, 2, 3], "application/timestamp-query")
            // PKIStatus rejection with badDataFormat.
            #expect(
                nonsense.status == 200
                    && nonsense.bytes == [0x30, 0x09, 0x30, 0x07, 0x02, 0x01, 0x02, 0x03, 0x02, 0x02, 0x04]
            )
            #expect(try await ask([1], "application/octet-stream").code == "web.unsupported-body")
            let long = [UInt8](repeating: 0x30, count: 5_000)
            #expect(try await ask(long, "application/timestamp-query").status == 413)
        }
    }
}
