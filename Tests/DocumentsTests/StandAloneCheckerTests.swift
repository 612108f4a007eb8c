import Cryptography
import ElectronicSeals
import Foundation
import Kernel
import Testing

@testable import Documents

/// Written in another language with another parser, so that both must have understood the standards alike.
@Suite("the stand-alone checkers of seals and sealed files")
struct StandAloneCheckerTests {
    private let tools = SampleTests.samples.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Tools").path

    private func run(_ program: String, _ arguments: [String]) throws -> (Int32, String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test(
        "Tools/verify-seal.py finds the same class in each sample",
        arguments: [
            "sm2ca-hello-v4.ofd", "sm2ca-licence-1sig.ofd", "sm2ca-licence-2sig.ofd", "01-page.ofd",
            "02-stamp.ofd", "03-sealswap.ofd", "04-refdrop.ofd", "05-extra.ofd", "06-nosig.ofd",
            "07-trunc.ofd", "08-xxe.ofd", "10-dup.ofd", "12-sigbit.ofd", "13-garbage-trailing.ofd",
            "14-notinseal.ofd", "15-noid.ofd", "15-wrongid.ofd", "16-foreignca.ofd", "17-expiredcert.ofd",
            "21-transplant.ofd",
        ]
    )
    func samples(name: String) throws {
        let expected = try SampleTests.verifier().verify(SampleTests.bytes(name)).problems.first?.kind
        let (status, text) = try run(
            "/usr/bin/env",
            [
                "python3", "\(tools)/verify-seal.py",
                SampleTests.samples.appendingPathComponent("seals/\(name)").path,
                "--trust", SampleTests.samples.appendingPathComponent("sm2/sm2-issuing.pem").path,
                "--at", "2026-11-22T02:00:00Z",
            ]
        )
        #expect(status == (expected == nil ? 0 : 1), "\(text)")
        if let expected { #expect(text.hasPrefix("bad: \(expected.rawValue)"), "\(text)") }
    }

    @Test("both checkers agree on what we seal, from the root alone, and on a changed file")
    func ours() throws {
        let world = try StampWorld()
        let unsigned = try Package(
            reading: SampleTests.bytes("licence-unsigned.ofd"),
            limits: SampleTests.limits
        )
        let sealed = try world.seal(unsigned, isLocking: true)
        var changed = sealed.entries
        let page = try #require(changed.firstIndex { $0.name.hasSuffix("Content.xml") })
        changed[page].bytes += Array(" ".utf8)
        try inFolder { folder in
            func write(_ bytes: [UInt8], _ name: String) throws -> String {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                return "\(folder)/\(name)"
            }
            let root = try write(Array(world.root.certificate.pem.utf8), "root.pem")
            let issuing = try write(Array((world.signer.issuers.first?.pem ?? "").utf8), "issuing.pem")
            let seal = try write(world.seal.bytes, "company.esl")
            for (package, isGood) in [(sealed, true), (Package(changed), false)] {
                let file = try write(try package.zipped(), "licence.ofd")
                let script = ["python3", "\(tools)/verify-seal.py", file, "--trust", root]
                let (status, text) = try run("/usr/bin/env", script + ["--at", "2026-02-17T03:00:00Z"])
                #expect(status == (isGood ? 0 : 1), "\(text)")
                let (byHand, words) = try run(
                    "/usr/bin/env",
                    ["bash", "\(tools)/verify-by-hand.sh", file, issuing]
                )
                #expect((byHand == 0) == isGood, "\(words)")
                #expect(words.contains("Every step holds.") == isGood)
            }
            let (status, text) = try run(
                "/usr/bin/env",
                ["python3", "\(tools)/verify-seal.py", seal, "--trust", root, "--at", "2026-02-17T03:00:00Z"]
            )
            #expect(status == 0 && text.contains("内蒙古丰苒商贸有限公司"), "\(text)")
        }
    }
}
