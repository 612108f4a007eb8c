import Foundation
import Kernel
import Standards
import TestSupport
import Testing

@testable import Deadlines

@Suite("terms of keeping")
struct RetentionTests {
    private func read(_ own: String, least: String) async throws -> Retention {
        try await withTemporaryFolder { folder in
            let standards = "\(folder)/Resources/standards"
            try FileManager.default.createDirectory(atPath: standards, withIntermediateDirectories: true)
            for (name, rows) in [("retention", own), ("retention-least", least)] {
                let text = "what\tfrom\tkeep\n" + rows.split(separator: ";").map { "\($0)\n" }.joined()
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(standards)/\(name).tsv"))
            }
            return try Retention(home: Home(root: folder))
        }
    }

    @Test("the log that ships is kept for three years at least")
    func shipped() throws {
        let retention = try Retention(home: .find())
        let now = try #require(Instant(parsing: "2026-11-22T10:00"))
        let limit = try #require(retention.limit("log", at: now))
        #expect(limit <= Instant(now.date.adding(months: -36)))
    }

    @Test("less than the law wants is refused, of every term that is in force then or later")
    func least() async throws {
        let law = "log\t2017-06-01\t6 mo;log\t2021-11-01\t3 y"
        _ = try await read("log\t2017-01-01\t200 d;log\t2021-01-01\t1096 d", least: law)
        await #expect(throws: RetentionError.tooShort(what: "log", keep: "170 d", least: "6 mo")) {
            _ = try await read("log\t2017-01-01\t170 d;log\t2021-01-01\t3 y", least: law)
        }
        await #expect(throws: RetentionError.tooShort(what: "log", keep: "200 d", least: "3 y")) {
            _ = try await read("log\t2017-01-01\t200 d", least: law)
        }
        await #expect(throws: RetentionError.tooShort(what: "log", keep: "2 y", least: "3 y")) {
            _ = try await read("log\t2017-01-01\t3 y;log\t2030-01-01\t2 y", least: law)
        }
        await #expect(throws: RetentionError.notKept(what: "log")) {
            _ = try await read("jobs\t2017-01-01\t90 d", least: law)
        }
        #expect(RetentionError.notKept(what: "log").code == "retention.not-kept")
    }
}
