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
        age: 300_000,
        wait: 0,
        look: 5_000,
        keep: 120_000,
        lost: 900_000,
        silent: 30_000,
        open: 4,
        openOfAddress: 4,
        memory: 4 << 20,
        memoryOfAddress: 3 << 20,
        memoryReserve: 1 << 20,
        disk: 64 << 20,
        parallel: 16,
        answer: 30_000
    )
    let told = (outer: Told(), inner: Told())
    let limits: RelayLimits
    let desk: FrontDesk
    let platform: String

    var keys: ExchangeKeyFolder { ExchangeKeyFolder(path: "\(folder)/keys") }

    init(_ folder: String, platform: String, limits: RelayLimits = Zones.limits) throws {
        self.folder = folder
        self.platform = platform
        self.limits = limits
        clock = ManualClock(try #require(Instant(parsing: "2026-03-02 10:00")))
        let (clock, told) = (clock, told)
        // As in service: the first start of the one side makes its keys and asks for those of the other.
        #expect(throws: RelayStart.self) {
            _ = try Self.end(.relay, folder, limits, clock, told.inner)
        }
        desk = FrontDesk(end: try Self.end(.front, folder, limits, clock, told.outer))
    }

    /// Against a platform that has no time to answer: whatever is taken fails after it was taken.
    static func alone(_ folder: String) throws -> Zones {
        var limits = limits
        limits.answer = 1
        return try Zones(folder, platform: "http://127.0.0.1:9", limits: limits)
    }

    static func end(
        _ side: RelaySide,
        _ folder: String,
        _ limits: RelayLimits,
        _ clock: any Clock,
        _ told: Told
    ) throws -> RelayEnd {
        try RelayEnd(
            side,
            relay: "\(folder)/\(side == .front ? "outer" : "inner")",
            keys: "\(folder)/keys",
            limits: limits,
            clock: clock,
            entropy: SystemEntropy(),
            logger: told.logger
        )
    }

    func rounds() throws -> RelayRounds {
        try RelayRounds(end: Self.end(.relay, folder, limits, clock, told.inner), platform: platform)
    }

    /// The relay after a restart: once the threads of the one before have let go of its folders.
    func restarted() async throws -> RelayRounds {
        while true {
            do { return try rounds() } catch RelayStart.inUse { await Task.yield() }
        }
    }

    /// A round of the inner side, and all that it began.
    func settle(_ rounds: RelayRounds) async {
        await withDiscardingTaskGroup { group in
            do { try await rounds.round(in: &group) } catch { Issue.record(error) }
        }
    }

    /// What the inner side refused in the round after `body`, as codes.
    func refusals(of rounds: RelayRounds, after body: () async throws -> Void) async throws -> [String] {
        let before = told.inner.all.count
        try await body()
        await settle(rounds)
        return told.inner.all.dropFirst(before).filter { !["relay.slow", "relay.unreachable"].contains($0) }
    }

    @discardableResult
    func send(
        _ target: String = "/my",
        method: String = "GET",
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        from block: String = "203.0.113.9"
    ) async throws -> String {
        let id = try await desk.take(block: block, owner: [1], bytes: body.count)
        try await desk.send(
            id,
            content: ["address": .string(block), "method": .string(method), "target": .string(target)],
            headers: headers,
            body: body
        )
        return id
    }

    /// Files that wait at one end of a direction.
    func files(_ zone: String, _ direction: String) -> [String] {
        let all =
            (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(zone)/\(direction)")) ?? []
        return all.filter { $0.hasSuffix(".msg") }.sorted()
    }

    func bytes(_ zone: String, _ direction: String, _ file: String) throws -> Data {
        try #require(FileManager.default.contents(atPath: "\(folder)/\(zone)/\(direction)/\(file)"))
    }

    /// Carries the files of a direction over, under other names where the gate gives them.
    func carry(_ direction: String, as name: (String) -> [String] = { [$0] }) throws {
        let (from, to) = direction == "requests" ? ("outer", "inner") : ("inner", "outer")
        for file in files(from, direction) {
            let bytes = try bytes(from, direction, file)
            for other in name(file) {
                try bytes.write(to: URL(fileURLWithPath: "\(folder)/\(to)/\(direction)/\(other)"))
            }
            try FileManager.default.removeItem(atPath: "\(folder)/\(from)/\(direction)/\(file)")
        }
    }
}
