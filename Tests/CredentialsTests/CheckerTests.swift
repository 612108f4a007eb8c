import Audit
import Credentials
import Cryptography
import Foundation
import Jobs
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@Suite("the stand-alone checker of credentials")
struct CredentialScriptTests {
    /// A list of the issuing authority that names the certificate which signed a licence.
    private static func list(of authority: CredentialAuthority, revoking file: [UInt8], at moment: Instant)
        throws -> [UInt8]
    {
        let signed = try #require(SignedRecord(file: file))
        let signer = try Certificate(der: try #require(signed.certificates.first))
        return try authority.keys.issuing.revocationList(
            [.init(serial: signer.serial, revokedAt: moment, reason: .keyCompromise)],
            number: 1,
            thisUpdate: start,
            nextUpdate: start + 900 * Instant.day
        )
    }

    private static func check(_ file: [UInt8], in folder: String, _ arguments: [String]) throws -> (
        Int32, String
    ) {
        let path = "\(folder)/licence.json"
        try Data(file).write(to: URL(fileURLWithPath: path))
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["\(try Home.find().root)/Tools/verify-licence.py", path] + arguments
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test("Tools/verify-licence.py agrees, with the standard library and openssl alone")
    func script() async throws {
        let home = try Home.find()
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let licence = try await issue(draft(), by: authority, on: database)
            let file = licence.file
            let anchors = authority.anchors
            let day = licence.record.validFrom.description
            try await withTemporaryFolder { folder in
                try Data(anchors.map(\.pem).joined().utf8).write(
                    to: URL(fileURLWithPath: "\(folder)/root.pem")
                )
                func run(_ file: [UInt8], day: String, _ more: [String] = []) throws -> (Int32, String) {
                    let trust = ["--trust", "\(folder)/root.pem", "--day", day]
                    return try Self.check(file, in: folder, trust + more)
                }
                let (status, text) = try run(file, day: day)
                #expect(status == 0 && text.hasPrefix("good:"), "\(text)")
                #expect(try run(file, day: "2020-01-01").0 == 1)
                #expect(try run(file, day: "garbage").0 == 2)
                let told = try JSON.read(file)
                let twice = told["certificates"].elements + told["certificates"].elements.suffix(1)
                let (leftOver, words) = try run(
                    JSON.object([
                        "certificates": .array(twice), "format": told["format"], "record": told["record"],
                        "signature": told["signature"],
                    ]).canonicalBytes,
                    day: day
                )
                #expect(leftOver == 1 && words.contains("left over"), "\(words)")
                for (days, isGood) in [(-1, false), (30, false), (500, true)] as [(Int64, Bool)] {
                    let revokedAt = licence.record.issuedAt + days * Instant.day
                    let list = try Self.list(of: authority, revoking: file, at: revokedAt)
                    let path = "\(folder)/\(days).crl"
                    try Data(list).write(to: URL(fileURLWithPath: path))
                    let later = licence.record.validFrom.adding(days: 90).description
                    let (status, text) = try run(file, day: later, ["--crl", path])
                    #expect(status == (isGood ? 0 : 1), "\(days): \(text)")
                    #expect(isGood || text.contains("revoked"), "\(days): \(text)")
                }
                let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
                let within = JSON.object([
                    "certificates": [], "format": "suban-credential-1", "record": .string(deep),
                    "signature": "",
                ]).canonicalBytes
                for file in [Array(deep.utf8), within] {
                    let (status, text) = try run(file, day: day)
                    #expect(status == 1 && text.hasPrefix("invalid:"), "\(text.prefix(200))")
                }
                let seed = UInt32.random(in: 0 ... .max)
                let path = "\(folder)/good.json"
                try Data(file).write(to: URL(fileURLWithPath: path))
                let flipped = Process()
                flipped.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
                flipped.arguments = [
                    "\(home.root)/Tests/Fuzzing/flip.py", "\(home.root)/Tools/verify-licence.py", "\(seed)",
                    "150",
                    path, "FILE", "--trust", "\(folder)/root.pem", "--day", day,
                ]
                try flipped.run()
                flipped.waitUntilExit()
                #expect(flipped.terminationStatus == 0, "seed \(seed)")
                for index in stride(from: 3, to: file.count, by: file.count / 30) {
                    var changed = file
                    changed[index] ^= 1
                    let (status, text) = try run(changed, day: day)
                    #expect(status == 1, "byte \(index): \(text)")
                }
            }
        }
    }
}
