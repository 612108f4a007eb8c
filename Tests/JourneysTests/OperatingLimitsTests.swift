import Audit
import Cryptography
import Foundation
import Kernel
import Standards
import TestSupport
import Testing
import Web

@testable import Server

/// What the running program takes and how long it waits, as dated data.
@Suite("operating limits")
struct OperatingLimitsTests {
    private func limits(_ change: (inout [String]) -> Void) async throws -> OperatingLimits {
        let shipped = try String(
            contentsOfFile: Home.find().resource("standards/operating-limits.tsv"),
            encoding: .utf8
        )
        return try await withTemporaryFolder { folder in
            for part in ["Resources/standards", "Systems"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(part)",
                    withIntermediateDirectories: true
                )
            }
            let ends = "standards/stamp-algorithms.tsv"
            try FileManager.default.copyItem(
                atPath: Home.find().resource(ends),
                toPath: "\(folder)/Resources/\(ends)"
            )
            var lines = shipped.split(separator: "\n").map(String.init)
            change(&lines)
            let file = "\(folder)/Resources/standards/operating-limits.tsv"
            try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            return try OperatingLimits(home: Home.find(named: folder))
        }
    }

    @Test("a number counts from its day on, and the shipped ones are those of trust.md")
    func dated() async throws {
        let (before, after) = (LocalDate(dayNumber: 21_000), LocalDate(dayNumber: 21_001))
        let limits = try await limits { lines in
            lines.append("upload.documents\t\(after)\t1000\tbytes\ttest")
            lines.append("requests.burst\t\(after)\t1\trequests\ttest")
            lines.append("keys.signer\t\(after)\t3\tyears\ttest")
            lines.append("keys.act\t\(after)\t15\tminutes\ttest")
        }
        #expect(limits.keys(on: before).signer == 5 && limits.keys(on: after).signer == 3)
        #expect(limits.keys(on: before).act == 60 && limits.keys(on: after).act == 15)
        #expect(limits.keys(on: after).root == 20 && limits.keys(on: after).issuing == 10)
        #expect(limits.uploadBytesMax(.documents, on: before) == 22 * 1_048_576)
        #expect(limits.uploadBytesMax(.documents, on: after) == 1_000)
        #expect(limits.uploadBytesMax(.sample, on: after) == 8 * 1_048_576)
        let pace = limits.pace(on: before)
        #expect(pace.ageMax == 10 * Instant.minute && pace.unsignedMax == 4 * Instant.hour)
        #expect(pace.lookMax == Instant.minute)
        let relay = limits.relay(on: before)
        #expect(relay.parallel > relay.openOfAddress, "one address never holds all places inside")
        #expect(relay.lost > 2 * relay.age + relay.answer, "what is given up can count no more")
        let limiters = limits.limiters
        #expect(limiters.wait(address: "a", account: nil, now: Instant(before)) == nil)
        #expect(limiters.wait(address: "a", account: nil, now: Instant(after)) == nil)
        #expect(limiters.wait(address: "a", account: nil, now: Instant(after)) != nil)
    }

    @Test("requests are counted by account from wherever it asks, and by address whoever asks from it")
    func requests() async throws {
        let limits = try await limits { lines in
            lines.append("requests.burst\t2026-01-01\t10\trequests\ttest")
            lines.append("requests.address-burst\t2026-01-01\t25\trequests\ttest")
        }
        let now = try #require(Instant(parsing: "2026-03-02 10:00"))
        func person(_ id: String) -> Actor { Actor(.person, id: id, role: "person") }
        func taken(_ limiters: RequestLimiters, _ address: (Int) -> String, _ account: (Int) -> Actor?) -> Int
        {
            (0..<100).count { limiters.wait(address: address($0), account: account($0), now: now) == nil }
        }
        #expect(taken(limits.limiters, { "192.0.2.\($0)" }, { _ in person("a") }) == 10)
        #expect(taken(limits.limiters, { _ in "192.0.2.1" }, { person("\($0)") }) == 25)
        #expect(taken(limits.limiters, { _ in "192.0.2.1" }, { _ in nil }) == 10)
        #expect(taken(limits.limiters, { "2001:db8::\($0)" }, { _ in nil }) == 10, "one /64 is one asker")
        // An address whose strangers have asked enough has nothing read on the strength of a token alone.
        let strangers = limits.limiters
        #expect(strangers.mayStrangers(ask: "192.0.2.1", now: now))
        _ = taken(strangers, { _ in "192.0.2.1" }, { _ in nil })
        #expect(strangers.mayStrangers(ask: "192.0.2.1", now: now) == false)
        #expect(strangers.mayStrangers(ask: "192.0.2.2", now: now))
        #expect(strangers.wait(address: "192.0.2.1", account: person("c"), now: now) == nil)
        // Whoever stays below his own limit is not held up by a neighbour who does not.
        let limiters = limits.limiters
        _ = taken(limiters, { "192.0.2.\($0)" }, { _ in person("a") })
        #expect(limiters.wait(address: "192.0.2.1", account: person("b"), now: now) == nil)
    }

    @Test("a limit that is missing, unknown or no number stops the start")
    func wrong() async throws {
        for change: (inout [String]) -> Void in [
            { $0.removeAll { $0.hasPrefix("log.unsigned\t") } },
            { $0.append("log.colour\t2022-01-01\t1\t-\t-") },
            { $0.append("log.head\t2026-01-01\tsoon\t-\t-") },
            { $0.append("log.head\t2026-01-01\t0\t-\t-") },
        ] {
            await #expect(throws: StandardsError.self) { _ = try await limits(change) }
        }
    }
}
