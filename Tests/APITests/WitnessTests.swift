import Audit
import Cryptography
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// A second party that keeps the heads it was shown, with a program that shares no line with ours.
@Suite("the witness of the log")
struct WitnessTests {
    /// What the platform told, laid down as files, which the witness reads as it reads answers.
    private struct Told {
        let folder: String

        func put(_ path: String, _ json: JSON) throws {
            let place = URL(fileURLWithPath: folder + path)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(json.canonicalBytes).write(to: place)
        }

        /// The heads that the platform tells now, and others beside them; and the proofs between all that are shown or
        /// were kept.
        func tell(_ town: FaceTown, beside others: [SignedHead] = []) async throws -> [Int64] {
            let answer = try await town.call("GET", "/api/v1/log/heads").json
            let heads = answer["heads"].elements + others.map(\.json)
            try put(
                "/api/v1/log/heads",
                ["certificates": answer["certificates"], "heads": .array(heads), "log": answer["log"]]
            )
            let sizes = try Set((heads + kept()).compactMap { $0["size"].int }).sorted()
            for (from, to) in zip(sizes, sizes.dropFirst()) {
                let query = "/api/v1/log/consistency?from=\(from)&to=\(to)"
                try put(query, try await town.call("GET", query).json)
            }
            return sizes
        }

        /// What the witness has kept, in its order.
        func kept() throws -> [JSON] {
            guard let text = try? String(contentsOfFile: "\(folder)/heads.jsonl", encoding: .utf8) else {
                return []
            }
            return try text.split(separator: "\n").map { try JSON.read(Array($0.utf8)) }
        }

        func witness() throws -> (Int32, String) {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "python3", "\(try Home.find().root)/Tools/witness.py", "file://\(folder)", "--trust",
                "\(folder)/root.pem", "--keep", "\(folder)/heads.jsonl",
            ]
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, text)
        }
    }

    private func grow(_ town: FaceTown, by count: Int) async throws {
        let occasion = town.platform.occasion("test")
        try await town.platform.database.write { tx in
            for index in 0..<count {
                try AuditLog.append("test.done", object: "test:\(index)", occasion: occasion, in: tx)
            }
        }
        try await town.platform.keeper.round()
        let size = try await town.platform.database.read { try LogTree($0).size }
        _ = try await town.platform.keeper.head(covering: size - 1)
    }

    @Test("keeps what only grows; objects to a fork, to a lost tail and to a head that nobody signed")
    func witness() async throws {
        try await FaceTown.open { town in
            try await withTemporaryFolder { folder in
                let told = Told(folder: folder)
                try Data(try await town.get("/trust/root.pem").text.utf8).write(
                    to: URL(fileURLWithPath: "\(folder)/root.pem")
                )
                try await grow(town, by: 7)
                let first = try await town.call("GET", "/api/v1/log/heads").json
                _ = try await told.tell(town)
                let begun = try told.witness()
                #expect(begun.0 == 0, "\(begun.1)")
                let old = try #require(first["heads"].elements.first?["size"].int)
                for count in [1, 30] {
                    try await grow(town, by: count)
                    let size = try #require(try await told.tell(town).last)
                    let (status, text) = try told.witness()
                    #expect(status == 0 && text.contains("good: \(size) entries"), "\(text)")
                    #expect(try told.kept().last?["size"].int == size)
                }
                // The tail was cut off: what is shown now has fewer entries than what was kept.
                try told.put("/api/v1/log/heads", first)
                let cut = try told.witness()
                #expect(
                    cut.0 == 1 && cut.1 == "objection: the log has fewer entries than it had\n",
                    "\(cut.1)"
                )
                let kept = "\(folder)/heads.jsonl"
                let sound = try String(contentsOfFile: kept, encoding: .utf8)
                // Others were shown another tree over the same entries.
                try sound.replacingOccurrences(
                    of: "\"root\": \"[0-9a-f]{8}",
                    with: "\"root\": \"00000000",
                    options: .regularExpression
                ).replacingOccurrences(
                    of: "\"root\":\"[0-9a-f]{8}",
                    with: "\"root\":\"00000000",
                    options: .regularExpression
                ).write(toFile: kept, atomically: true, encoding: .utf8)
                let fork = try told.witness()
                #expect(fork.0 == 1 && fork.1 == "objection: two roots over \(old) entries\n", "\(fork.1)")
                let objections = try String(contentsOfFile: kept + ".objection", encoding: .utf8)
                #expect(objections.split(separator: "\n").count == 2)
                // A head whose root somebody changed is not the log's.
                try FileManager.default.removeItem(atPath: kept)
                let forged = String(decoding: first.canonicalBytes, as: UTF8.self).replacingOccurrences(
                    of: "\"root\":\"[0-9a-f]{8}",
                    with: "\"root\":\"00000000",
                    options: .regularExpression
                )
                try told.put("/api/v1/log/heads", try JSON.read(Array(forged.utf8)))
                let (status, text) = try told.witness()
                #expect(status == 1 && text.contains("is not signed by the log"), "\(text)")
                // Heads without the certificate that signed them are no answer.
                try told.put(
                    "/api/v1/log/heads",
                    ["certificates": [], "heads": first["heads"], "log": first["log"]]
                )
                let bare = try told.witness()
                #expect(bare.0 == 2 && bare.1.hasPrefix("not reached:"), "\(bare.1)")
            }
        }
    }

    @Test("a wrong proof of consistency is an objection")
    func proof() async throws {
        try await FaceTown.open { town in
            try await withTemporaryFolder { folder in
                let told = Told(folder: folder)
                try Data(try await town.get("/trust/root.pem").text.utf8).write(
                    to: URL(fileURLWithPath: "\(folder)/root.pem")
                )
                try await grow(town, by: 5)
                _ = try await told.tell(town)
                let begun = try told.witness()
                #expect(begun.0 == 0, "\(begun.1)")
                let from = try await town.platform.database.read { try LogTree($0).size }
                try await grow(town, by: 9)
                let to = try await town.platform.database.read { try LogTree($0).size }
                _ = try await told.tell(town)
                let query = "/api/v1/log/consistency?from=\(from)&to=\(to)"
                let answer = try await town.call("GET", query).json
                var path = answer["path"].elements
                path[path.count - 1] = .string(String(repeating: "0", count: 64))
                try told.put(query, ["from": JSON(from), "to": JSON(to), "path": .array(path)])
                let (status, text) = try told.witness()
                #expect(status == 1 && text.contains("does not extend"), "\(text)")
            }
        }
    }

    @Test(
        "a head of another tree is an objection at any size, also at the first look; each is proven and kept"
    )
    func fork() async throws {
        try await FaceTown.open { town in
            try await withTemporaryFolder { folder in
                let told = Told(folder: folder)
                try Data(try await town.get("/trust/root.pem").text.utf8).write(
                    to: URL(fileURLWithPath: "\(folder)/root.pem")
                )
                for _ in 0..<3 { try await grow(town, by: 4) }
                let honest = try await told.tell(town)
                let size = try #require(honest.last)
                // Signed by the log, between two heads that hold and at a size that none of them has.
                let forged = try SignedHead(
                    size: size - 1,
                    root: [UInt8](repeating: 7, count: 32),
                    at: Instant(milliseconds: 1_795_238_000_000),
                    by: town.platform.keeper.identity.key
                )
                _ = try await told.tell(town, beside: [forged])
                let first = try told.witness()
                #expect(first.0 == 1 && first.1.contains("does not extend"), "\(first.1)")
                #expect(try told.kept().isEmpty)
                _ = try await told.tell(town)
                let good = try told.witness()
                #expect(good.0 == 0, "\(good.1)")
                #expect(try told.kept().compactMap { $0["size"].int } == honest)
                try await grow(town, by: 2)
                _ = try await told.tell(town, beside: [forged])
                let later = try told.witness()
                #expect(later.0 == 1 && later.1.contains("does not extend"), "\(later.1)")
                let lines = try String(contentsOfFile: "\(folder)/heads.jsonl.objection", encoding: .utf8)
                let shown = try lines.split(separator: "\n").map { try JSON.read(Array($0.utf8))["shown"] }
                #expect(shown.count == 2 && shown.allSatisfy { $0 == forged.json })
                #expect(try told.kept().compactMap { $0["size"].int } == honest)
            }
        }
    }

    @Test("sizes that no head has are refused")
    func refused() async throws {
        try await FaceTown.open { town in
            for query in [
                "", "?from=1", "?from=0&to=1", "?from=2&to=1", "?from=1&to=999999999", "?from=x&to=1",
            ] {
                let answer = try await town.call("GET", "/api/v1/log/consistency\(query)")
                #expect(answer.status == 422, "\(query)")
            }
        }
    }
}
