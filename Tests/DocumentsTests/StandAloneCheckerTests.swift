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
        "Tools/verify-seal.py finds the same class in each sample, and Tools/verify-by-hand.sh refuses it",
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
        let (byHand, words) = try run(
            "/usr/bin/env",
            [
                "bash", "\(tools)/verify-by-hand.sh",
                SampleTests.samples.appendingPathComponent("seals/\(name)").path,
                SampleTests.samples.appendingPathComponent("sm2/sm2-issuing.pem").path, "20261122020000Z",
            ]
        )
        #expect(byHand == (expected == nil ? 0 : 1), "\(words)")
        #expect(words.contains("Every step holds.") == (expected == nil), "\(words)")
    }

    /// The same entries with room made at `place`, which the directory and its end know of.
    private func inserting(_ more: [UInt8], at place: Int, into zip: [UInt8]) throws -> [UInt8] {
        func number(_ at: Int, _ count: Int) -> Int {
            (0..<count).reversed().reduce(0) { $0 << 8 | Int(zip[at + $1]) }
        }
        let end = zip.count - 22
        var bytes = zip
        func raise(_ at: Int) {
            let sum = number(at, 4) + more.count
            for byte in 0..<4 { bytes[at + byte] = UInt8(truncatingIfNeeded: sum >> (8 * byte)) }
        }
        var entry = number(end + 16, 4)
        while entry < end {
            if number(entry + 42, 4) >= place { raise(entry + 42) }
            entry += 46 + number(entry + 28, 2) + number(entry + 30, 2) + number(entry + 32, 2)
        }
        raise(end + 16)
        bytes.insert(contentsOf: more, at: place)
        return bytes
    }

    @Test("bytes of a package that no entry owns are refused: gaps, a comment, an extra field with a file")
    func polyglots() throws {
        let good = try SampleTests.bytes("sm2ca-licence-1sig.ofd")
        let other = Array("%PDF-1.4 another document".utf8)
        let header: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
        let second = try #require(
            good.indices.dropFirst(4).dropLast(4).first { Array(good[$0..<$0 + 4]) == header }
        )
        let directory = (0..<4).reversed().reduce(0) { $0 << 8 | Int(good[good.count - 6 + $1]) }
        var extra = try inserting(
            [0xFE, 0xCA, UInt8(other.count), 0] + other,
            at: 30 + Int(good[26]) + Int(good[28]),
            into: good
        )
        extra[28] += UInt8(4 + other.count)
        var times = try inserting(
            [0x55, 0x54, 14, 0] + Array(other.prefix(14)),
            at: 30 + Int(good[26]) + Int(good[28]),
            into: good
        )
        times[28] += 18
        var comment = good + other
        comment[good.count - 2] = UInt8(other.count)
        let files: [(String, [UInt8])] = [
            ("between entries", try inserting(other, at: second, into: good)),
            ("before the directory", try inserting(other, at: directory, into: good)),
            ("an extra field", extra), ("times that are too long", times), ("a comment", comment),
            ("behind the end", good + other),
            ("before the first entry", Array(good.prefix(4)) + other + good),
        ]
        try inFolder { folder in
            for (what, bytes) in files {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/a.ofd"))
                let (status, text) = try run(
                    "/usr/bin/env",
                    [
                        "python3", "\(tools)/verify-seal.py", "\(folder)/a.ofd", "--trust",
                        SampleTests.samples.appendingPathComponent("sm2/sm2-issuing.pem").path,
                        "--at", "2026-11-22T02:00:00Z",
                    ]
                )
                #expect(status == 1 && text.hasPrefix("bad: PKG_FORMAT"), "\(what): \(text)")
            }
        }
    }

    @Test(
        "a damaged file gets a verdict, never a traceback",
        arguments: [
            ("verify-seal.py", "seals/sm2ca-licence-1sig.ofd", "sm2/sm2-issuing.pem"),
            ("verify-seal.py", "seals/sm2ca-company.esl", "sm2/sm2-issuing.pem"),
            ("verify-pdf.py", "p256/p256-pades-ok.pdf", "p256/p256-root.pem"),
        ]
    )
    func damaged(tool: String, file: String, root: String) throws {
        let samples = SampleTests.samples.path
        let seed = UInt32.random(in: 0 ... .max)
        let (status, text) = try run(
            "/usr/bin/env",
            [
                "python3", "\(samples)/../Fuzzing/flip.py", "\(tools)/\(tool)", "\(seed)", "150",
                "\(samples)/\(file)", "FILE", "--trust", "\(samples)/\(root)", "--at", "2026-11-22T02:00:00Z",
            ]
        )
        #expect(status == 0 && text.contains("150 files"), "seed \(seed): \(text)")
    }

    @Test("both checkers agree on what we seal, from the root alone, and on a changed file")
    func ours() throws {
        let world = try StampWorld()
        let licence = try Package(
            reading: SampleTests.bytes("licence-unsigned.ofd"),
            limits: SampleTests.limits
        )
        // A firm may seal what it likes, but no licence.
        let unsigned = Package(
            licence.entries.map { entry in
                guard entry.name == "OFD.xml" else { return entry }
                let text = String(decoding: entry.bytes, as: UTF8.self).replacing(
                    " Name=\"",
                    with: " Name=\"X-"
                )
                return PackageEntry(entry.name, Array(text.utf8))
            }
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
            let forged = try write(try world.seal(licence, isLocking: true).zipped(), "forged.ofd")
            let (refused, why) = try run(
                "/usr/bin/env",
                [
                    "python3", "\(tools)/verify-seal.py", forged, "--trust", root, "--at",
                    "2026-02-17T03:00:00Z",
                ]
            )
            #expect(refused == 1 && why.hasPrefix("bad: credential.issuer"), "\(why)")
            for (package, isGood) in [(sealed, true), (Package(changed), false)] {
                let file = try write(try package.zipped(), "licence.ofd")
                let script = ["python3", "\(tools)/verify-seal.py", file, "--trust", root]
                let (status, text) = try run("/usr/bin/env", script + ["--at", "2026-02-17T03:00:00Z"])
                #expect(status == (isGood ? 0 : 1), "\(text)")
                let (byHand, words) = try run(
                    "/usr/bin/env",
                    ["bash", "\(tools)/verify-by-hand.sh", file, issuing, "20260217030000Z"]
                )
                #expect((byHand == 0) == isGood, "\(words)")
                #expect(words.contains("Every step holds.") == isGood)
            }
            let (status, text) = try run(
                "/usr/bin/env",
                ["python3", "\(tools)/verify-seal.py", seal, "--trust", root, "--at", "2026-02-17T03:00:00Z"]
            )
            #expect(status == 0 && text.contains("内蒙古丰苒商贸有限公司"), "\(text)")
            for (trust, at) in [(root, "garbage"), (seal, "2026-02-17T03:00:00Z")] {
                let script = ["python3", "\(tools)/verify-seal.py", seal, "--trust", trust, "--at", at]
                #expect(try run("/usr/bin/env", script).0 == 2, "\(trust) \(at)")
            }
        }
    }
}
