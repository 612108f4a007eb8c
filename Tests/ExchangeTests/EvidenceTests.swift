import Exchange
import Foundation
import Kernel
import Simulators
import Storage
import TestSupport
import Testing

@Suite("evidence")
struct EvidenceTests {
    @Test("S6: an exported message verifies with openssl alone, and a changed one does not")
    func openssl() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            _ = await world.ask("police-id", "verify", Sample.person)
            let exchange = world.exchange
            let files = try await database.read { reader in
                let message = try ExchangeStore.messages(party: "police-id", in: reader).first?.message ?? ""
                return try exchange.evidence(of: message, in: reader)
            }
            #expect(files.contains { $0.name.hasSuffix("question.signature.der") })
            #expect(files.contains { $0.name.hasSuffix("answer.signature.der") })
            try await withTemporaryFolder { folder in
                for file in files {
                    try Data(file.bytes).write(to: URL(fileURLWithPath: "\(folder)/\(file.name)"))
                }
                #expect(try run("check.sh", in: folder) == 0)
                let body = try #require(files.first { $0.name.hasSuffix(".body.json") })
                try Data(body.bytes + [0x20]).write(to: URL(fileURLWithPath: "\(folder)/\(body.name)"))
                #expect(try run("check.sh", in: folder) != 0)
                try Data(body.bytes).write(to: URL(fileURLWithPath: "\(folder)/\(body.name)"))
                let text = try #require(files.first { $0.name.hasSuffix(".signed.txt") })
                try Data(text.bytes.dropLast()).write(to: URL(fileURLWithPath: "\(folder)/\(text.name)"))
                #expect(try run("check.sh", in: folder) != 0)
            }
            await #expect(throws: ExchangeError.noSuchMessage) {
                _ = try await database.read { try exchange.evidence(of: "nothing", in: $0) }
            }
        }
    }

    private func run(_ script: String, in folder: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = Pipe()
        process.standardError = Pipe()
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
