import Audit
import Cryptography
import Foundation
import Kernel
import Storage
import StorageSQLite
import TestSupport
import Testing

/// Inclusion and consistency proofs of ten thousand entries, checked by a program of a hundred lines that shares none with
/// ours (trust T2): among the tests a few hundred of them.
@Suite("proofs of many entries")
struct ManyProofsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func check(_ folder: String) throws -> (Int32, String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "\(Self.root.path)/Tools/verify-proofs.py", "\(folder)/extract.json", "--trust",
            "\(folder)/root.pem", "--heads", "\(folder)/heads.jsonl", "--consistency",
            "\(folder)/proofs.jsonl",
        ]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test("Tools/verify-proofs.py, of a hundred lines, proves each entry and head, and finds a changed one")
    func proven() async throws {
        let count = drilled(400, full: 10_000)
        let (batch, heads) = (count / 40, 40)
        let source = try String(
            contentsOf: Self.root.appendingPathComponent("Tools/verify-proofs.py"),
            encoding: .utf8
        )
        #expect(source.split(separator: "\n").count <= 100)
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/log.sqlite")
            try await database.migrate(AuditMigrations.all)
            let keeper = try keeper(of: database, mirror: HeadMirror(path: "\(folder)/heads.jsonl"))
            var sizes: [Int64] = []
            for turn in 0..<heads {
                try await fill(database, keeper, count: batch, from: Int64(turn * batch))
                let size = Int64((turn + 1) * batch)
                sizes.append(try #require(try await keeper.head(covering: size - 1)).size)
            }
            #expect(sizes.last == Int64(count))
            let extract = try await keeper.extract(
                about: (0..<count).map { "case:\($0)" },
                until: start + Int64(count),
                disclosing: [:]
            )
            #expect(extract.lines.count == count && extract.head.size == Int64(count))
            let proofs = try await database.read { [sizes] reader in
                let tree = try LogTree(reader)
                return try zip(sizes, sizes.dropFirst() + [Int64(count)]).map { from, to in
                    let path = try tree.consistency(from: from, to: to)
                    return JSON.object([
                        "from": JSON(from), "to": JSON(to),
                        "path": .array(path.map { .string(Hex.encode($0)) }),
                    ]).canonical
                }
            }
            func write(_ bytes: [UInt8], _ name: String) throws {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            try write(Array(try Keys.shared.get().root.certificate.pem.utf8), "root.pem")
            try write(extract.file, "extract.json")
            try write(Array(proofs.joined(separator: "\n").utf8), "proofs.jsonl")
            let (status, text) = try check(folder)
            #expect(
                status == 0 && text.hasPrefix("good: \(count) entries of \(count), \(proofs.count) proofs"),
                "\(text)"
            )
            // One entry among all, then one proof of growth.
            let victim = Array("case:\(count / 3)\\\"".utf8)
            var changed = extract.file
            let place = try #require(changed.firstRange(of: victim))
            changed[place.lowerBound] = UInt8(ascii: "C")
            try write(changed, "extract.json")
            let lied = try check(folder)
            #expect(lied.0 == 1 && lied.1.hasPrefix("bad: entry \(count / 3): "), "\(lied.1)")
            try write(extract.file, "extract.json")
            var forked = proofs
            forked[20] = forked[21]
            let other = try JSON.read(Array(forked[20].utf8))
            let (from, to) = (sizes[20], sizes[21])
            forked[20] = JSON.object(["from": JSON(from), "to": JSON(to), "path": other["path"]]).canonical
            try write(Array(forked.joined(separator: "\n").utf8), "proofs.jsonl")
            let fork = try check(folder)
            #expect(fork.0 == 1 && fork.1.hasPrefix("bad: "), "\(fork.1)")
            await database.close()
        }
    }
}
