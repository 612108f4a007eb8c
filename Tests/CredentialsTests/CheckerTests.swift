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
                func run(_ file: [UInt8], day: String) throws -> (Int32, String) {
                    let path = "\(folder)/licence.json"
                    try Data(file).write(to: URL(fileURLWithPath: path))
                    let process = Process()
                    let output = Pipe()
                    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
                    process.arguments = [
                        "\(home.root)/Tools/verify-licence.py", path, "--trust", "\(folder)/root.pem",
                        "--day", day,
                    ]
                    process.standardOutput = output
                    try process.run()
                    let text = String(
                        decoding: output.fileHandleForReading.readDataToEndOfFile(),
                        as: UTF8.self
                    )
                    process.waitUntilExit()
                    return (process.terminationStatus, text)
                }
                let (status, text) = try run(file, day: day)
                #expect(status == 0 && text.hasPrefix("good:"), "\(text)")
                #expect(try run(file, day: "2020-01-01").0 == 1)
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
