import Exchange
import Foundation
import Kernel
import Logging
import Synchronization
import Testing

@testable import Server

/// What the operator of a side was told, as codes.
final class Told: Sendable {
    private let codes = Mutex<[String]>([])
    var all: [String] { codes.withLock { $0 } }

    var logger: Logger {
        Logger(label: "relay") { label in
            JSONLines(label: label, clock: SystemClock()) { line in
                let why = (try? JSON.read(line.dropLast()))?["why"].text
                if let why { self.codes.withLock { $0.append(why) } }
            }
        }
    }
}

/// Two zones and a gate: what the outer one writes reaches the inner one when the test carries it.
struct Zones {
    let folder: String
    let clock: ManualClock
    static let limits = RelayLimits(
        size: 1 << 20,
        window: 8,
        age: 300_000,
        wait: 0,
        keep: 900_000,
        open: 4
    )
    let told = (outer: Told(), inner: Told())
    let desk: FrontDesk
    let keys: ExchangeKeyFolder
    let platform: String

    init(_ folder: String, platform: String) throws {
        self.folder = folder
        self.platform = platform
        clock = ManualClock(try #require(Instant(parsing: "2026-03-02 10:00")))
        keys = ExchangeKeyFolder(path: "\(folder)/keys")
        _ = try keys.key(of: "relay")
        desk = try FrontDesk(
            relay: "\(folder)/outer",
            keys: keys,
            limits: Self.limits,
            clock: clock,
            entropy: SystemEntropy(),
            logger: told.outer.logger
        )
    }

    func rounds() throws -> RelayRounds {
        try RelayRounds(
            relay: "\(folder)/inner",
            keys: keys,
            platform: platform,
            limits: Self.limits,
            clock: clock,
            logger: told.inner.logger
        )
    }

    /// What the inner side refused in the round after `body`, as codes.
    func refusals(of rounds: RelayRounds, after body: () async throws -> Void) async throws -> [String] {
        let before = told.inner.all.count
        try await body()
        _ = try await rounds.round()
        return Array(told.inner.all.dropFirst(before))
    }

    func send(_ target: String = "/health-of-nobody", method: String = "GET") async throws -> Int64? {
        try await desk.send(
            content: ["address": "203.0.113.9", "method": .string(method), "target": .string(target)],
            headers: [],
            body: [],
            owner: [1]
        )
    }

    /// Files that wait at one end of a direction.
    func files(_ zone: String, _ direction: String) -> [String] {
        let all =
            (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(zone)/\(direction)")) ?? []
        return all.filter { $0.hasSuffix(".msg") }.sorted()
    }

    /// Carries the files of a direction over, under other names where the gate gives them.
    func carry(_ direction: String, as name: (String) -> [String] = { [$0] }) throws {
        let (from, to) = direction == "requests" ? ("outer", "inner") : ("inner", "outer")
        let manager = FileManager.default
        for file in files(from, direction) {
            let bytes = try #require(manager.contents(atPath: "\(folder)/\(from)/\(direction)/\(file)"))
            for other in name(file) {
                try bytes.write(to: URL(fileURLWithPath: "\(folder)/\(to)/\(direction)/\(other)"))
            }
            try manager.removeItem(atPath: "\(folder)/\(from)/\(direction)/\(file)")
        }
    }
}
