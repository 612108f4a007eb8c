import Audit
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
                try told.put("/api/v1/log/heads", first)
                let begun = try told.witness()
                #expect(begun.0 == 0, "\(begun.1)")
                let old = try #require(first["heads"].elements.first?["size"].int)
                for count in [1, 30] {
                    try await grow(town, by: count)
                    let heads = try await town.call("GET", "/api/v1/log/heads").json
                    try told.put("/api/v1/log/heads", heads)
                    let size = try #require(heads["heads"].elements.first?["size"].int)
                    let lines = try String(contentsOfFile: "\(folder)/heads.jsonl", encoding: .utf8)
                    let last = try #require(
                        lines.split(separator: "\n").last.flatMap { try? JSON.read(Array($0.utf8)) }?["size"]
                            .int
                    )
                    let query = "/api/v1/log/consistency?from=\(last)&to=\(size)"
                    try told.put(query, try await town.call("GET", query).json)
                    let (status, text) = try told.witness()
                    #expect(status == 0 && text.contains("good: \(size) entries"), "\(text)")
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
                try told.put("/api/v1/log/heads", try await town.call("GET", "/api/v1/log/heads").json)
                let begun = try told.witness()
                #expect(begun.0 == 0, "\(begun.1)")
                let from = try await town.platform.database.read { try LogTree($0).size }
                try await grow(town, by: 9)
                let to = try await town.platform.database.read { try LogTree($0).size }
                try told.put("/api/v1/log/heads", try await town.call("GET", "/api/v1/log/heads").json)
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
