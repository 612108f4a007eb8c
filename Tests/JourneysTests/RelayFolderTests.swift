import Foundation
import Kernel
import TestSupport
import Testing

@testable import Server

/// The files of the relay: what may lie there, who may work there, and what is known after a crash.
@Suite("the relay's files", .serialized)
struct RelayFolderTests {
    private let now = Instant(milliseconds: 1_772_400_000_000)

    private func message(_ name: Int, at: Instant) -> RelayMessage {
        RelayMessage(
            kind: .request,
            id: String(name).replacing("-", with: "N"),
            at: at,
            content: [:],
            headers: [],
            body: []
        )
    }

    @Test("links, pipes, folders, others' files are taken away unread, and nobody waits for them")
    func strange() async throws {
        try await withTemporaryFolder { folder in
            let zones = try Zones.alone(folder)
            let rounds = try zones.rounds()
            let inner = "\(folder)/inner/requests"
            let outside = "\(folder)/outside"
            #expect(FileManager.default.createFile(atPath: outside, contents: Data("kept".utf8)))
            var count = 4
            #expect(symlink(outside, "\(inner)/1.msg") == 0)
            #expect(link(outside, "\(inner)/2.msg") == 0)
            #expect(mkfifo("\(inner)/3.msg", 0o600) == 0)
            #expect(mkdir("\(inner)/4.msg", 0o700) == 0)
            #expect(FileManager.default.createFile(atPath: "\(inner)/4.msg/inside", contents: Data()))
            if geteuid() == 0 {
                #expect(FileManager.default.createFile(atPath: "\(inner)/5.msg", contents: Data("x".utf8)))
                #expect(chown("\(inner)/5.msg", 12_345, 12_345) == 0)
                count += 1
            }
            // Names that no text of ours can open: more of them than a round takes, before all others.
            for number in 0..<100 {
                let name = Array("\(inner)/!".utf8) + [0xFF] + Array("\(number).msg".utf8) + [0]
                let file = name.withUnsafeBufferPointer { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { $0.baseAddress.map { creat($0, 0o600) } ?? -1 }
                }
                #expect(file >= 0 && close(file) == 0)
            }
            let told = try await zones.refusals(of: rounds) {}
            #expect(told == Array(repeating: "relay.not-a-file", count: count))
            #expect(zones.files("inner", "requests").isEmpty)
            #expect(FileManager.default.contents(atPath: outside) == Data("kept".utf8))
            #expect(try await zones.refusals(of: rounds) {} == [], "it is told once")
        }
    }

    @Test("a folder into which others may write, or that is a link, is refused")
    func open() async throws {
        try await withTemporaryFolder { folder in
            for (mode, isGood): (mode_t, Bool) in [
                (0o700, true), (0o755, true), (0o770, false), (0o777, false),
            ] {
                let path = "\(folder)/\(mode)"
                #expect(mkdir(path, 0o700) == 0 && chmod(path, mode) == 0)
                if isGood {
                    _ = try RelayFolder(path)
                } else {
                    #expect(throws: RelayStart.self) { _ = try RelayFolder(path) }
                }
            }
            #expect(symlink("\(folder)/\(0o700)", "\(folder)/link") == 0)
            #expect(throws: RelayStart.self) { _ = try RelayFolder("\(folder)/link") }
        }
    }

    @Test(
        "a gate of its own user moves messages by its group, and the folder of keys is shut to everybody else"
    )
    func gate() async throws {
        try await withTemporaryFolder { folder in
            let gate = RelayGate(name: "gate", user: 12_345, group: getegid())
            let path = "\(folder)/requests"
            let relay = try RelayFolder(path, gate: gate)
            func rights(_ path: String) throws -> mode_t {
                var found = stat()
                try #require(lstat(path, &found) == 0)
                return found.st_mode & 0o7777
            }
            #expect(try rights(path) == 0o2770)
            try relay.put([1], as: "1.msg")
            #expect(try rights("\(path)/1.msg") == 0o640)
            for mode: mode_t in [0o700, 0o770, 0o2775, 0o2777] {
                #expect(chmod(path, mode) == 0)
                #expect(throws: RelayStart.self, "\(mode)") { _ = try RelayFolder(path, gate: gate) }
            }
            #expect(chmod(path, 0o2770) == 0)
            #expect(throws: RelayStart.self, "without a gate the group writes nothing") {
                _ = try RelayFolder(path)
            }
            #expect(throws: RelayStart.self, "of another group") {
                _ = try RelayFolder(path, gate: RelayGate(name: "gate", user: 12_345, group: 54_321))
            }
            if geteuid() == 0 {
                #expect(chown("\(path)/1.msg", gate.user, gate.group) == 0)
                #expect(try relay.read("1.msg", most: 10) == [1])
                #expect(chown("\(path)/1.msg", 12_346, gate.group) == 0)
                #expect(throws: RelayRefusal.notAFile) { _ = try relay.read("1.msg", most: 10) }
            }
            let keys = "\(folder)/keys"
            try RelayFolder.keys(keys)
            #expect(try rights(keys) == 0o700)
            for mode: mode_t in [0o750, 0o705, 0o711, 0o2770] {
                #expect(chmod(keys, mode) == 0)
                #expect(throws: RelayStart.self, "\(mode)") { try RelayFolder.keys(keys) }
            }
        }
    }

    @Test(
        "a gate that is nobody, or this program's own user, is refused in one line",
        arguments: ["front", "relay"]
    )
    func gateUser(side: String) async throws {
        try await withTemporaryFolder { folder in
            let own = try #require(getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) })
            for name in ["no-such-user", own] {
                let answer = try Program.run([
                    side, "--relay", "\(folder)/r", "--keys", "\(folder)/k", "--gate", name,
                ])
                #expect(answer.exit != 0 && answer.error.contains("--gate \(name)"), "\(answer)")
                #expect(!FileManager.default.fileExists(atPath: "\(folder)/k"))
            }
        }
    }

    @Test("two programs of one side on one folder, or with one folder of keys, are kept apart")
    func locked() async throws {
        try await withTemporaryFolder { folder in
            let zones = try Zones.alone(folder)
            var first: RelayRounds? = try zones.rounds()
            #expect(first != nil)
            do {
                _ = try zones.rounds()
                Issue.record("a second one began")
            } catch let refusal as RelayStart {
                #expect("\(refusal)".contains("process \(getpid())"), "\(refusal)")
            }
            // Elsewhere, but with the same keys.
            #expect(throws: RelayStart.self) {
                try RelayEnd(
                    .relay,
                    relay: "\(folder)/elsewhere",
                    keys: "\(folder)/keys",
                    limits: zones.limits,
                    clock: zones.clock,
                    entropy: SystemEntropy(),
                    logger: zones.told.inner.logger
                )
            }
            first = nil
            _ = try zones.rounds()
        }
    }

    @Test(
        "the first start of a side makes its keys and says which of the other's to bring",
        arguments: ["front", "relay"]
    )
    func keys(side: String) async throws {
        try await withTemporaryFolder { folder in
            let answer = try Program.run([side, "--relay", "\(folder)/files", "--keys", "\(folder)/keys"])
            let other = side == "front" ? "relay" : "front"
            #expect(answer.exit == 2 && answer.error.contains("\(folder)/keys/\(other).pub.pem"), "\(answer)")
            for key in [side, "\(side)-seal"] {
                #expect(answer.error.contains("\(key).pub.pem"))
                #expect(FileManager.default.fileExists(atPath: "\(folder)/keys/\(key).pub.pem"))
            }
        }
    }

    @Test("what nobody carries or takes is swept on both sides when it counts no more, drafts too")
    func swept() async throws {
        try await withTemporaryFolder { folder in
            let zones = try Zones.alone(folder)
            _ = try zones.rounds()
            func put(_ place: String, age: Int64) throws {
                let date = Date(
                    timeIntervalSince1970: Double((zones.clock.now + -age).milliseconds) / 1_000
                )
                #expect(
                    FileManager.default.createFile(
                        atPath: "\(folder)/\(place)",
                        contents: Data("x".utf8),
                        attributes: [.modificationDate: date]
                    )
                )
            }
            for zone in ["outer", "inner"] {
                for direction in ["requests", "answers"] {
                    try put("\(zone)/\(direction)/1.msg", age: 301_000)
                    try put("\(zone)/\(direction)/.draft", age: 301_000)
                    try put("\(zone)/\(direction)/2.msg", age: 299_000)
                }
            }
            let front = try zones.desk.end.sweep()
            #expect(front.unsent == ["1.msg"] && front.waiting == 4_096)
            _ = try Zones.end(.relay, folder, zones.limits, zones.clock, zones.told.inner).sweep()
            for zone in ["outer", "inner"] {
                for direction in ["requests", "answers"] {
                    let left = try FileManager.default.contentsOfDirectory(
                        atPath: "\(folder)/\(zone)/\(direction)"
                    )
                    #expect(left == ["2.msg"], "\(zone) \(direction)")
                }
            }
            #expect(zones.told.outer.all == ["relay.swept"] && zones.told.inner.all == ["relay.swept"])
        }
    }

    @Test(
        "a message is good once, for as long as it counts, also over a restart and a clock that is set back"
    )
    func taken() async throws {
        try await withTemporaryFolder { folder in
            let (path, told) = ("\(folder)/taken", Told())
            try RelayTaken.begin(at: path)
            func open(at moment: Instant) throws -> RelayTaken {
                try RelayTaken(path: path, age: 300_000, now: moment, logger: told.logger)
            }
            let first = try open(at: now)
            let messages = (0..<5).map { message($0, at: now + Int64($0)) }
            #expect(
                try first.take(messages + [messages[0]], now: now) == [nil, nil, nil, nil, nil, .replayed]
            )
            let again = try open(at: now)
            let more = messages.reversed() + [message(5, at: now + -200_000)]
            #expect(
                try again.take(Array(more), now: now)
                    == Array(repeating: RelayRefusal.replayed, count: 5) + [nil]
            )
            // Those that count no more are forgotten, and do not count again when the clock is set back.
            #expect(try again.take([message(6, at: now + 300_004)], now: now + 300_004) == [nil])
            _ = try open(at: now + 300_004)
            let back = try open(at: now)
            #expect(
                try back.take([messages[0], messages[3], messages[4]], now: now)
                    == [.forgotten, .forgotten, .replayed]
            )
            #expect(told.all == [])
        }
    }

    @Test(
        "a file that is torn at its end is read, a damaged or missing one is noticed and nothing old is taken"
    )
    func damaged() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/taken"
            let good = try {
                try RelayTaken.begin(at: path)
                let taken = try RelayTaken(path: path, age: 300_000, now: now, logger: Told().logger)
                for name in 1...2 { _ = try taken.take([message(name, at: now)], now: now) }
                return try #require(FileManager.default.contents(atPath: path))
            }()
            func take(_ bytes: Data?, _ message: RelayMessage, at moment: Instant) throws -> (
                RelayRefusal?, [String]
            ) {
                let told = Told()
                try? FileManager.default.removeItem(atPath: path)
                if let bytes { try bytes.write(to: URL(fileURLWithPath: path)) }
                let taken = try RelayTaken(path: path, age: 300_000, now: moment, logger: told.logger)
                return (try taken.take([message], now: moment)[0], told.all)
            }
            // The last line has no end: it was never acted on.
            #expect(try take(good.dropLast(), message(2, at: now), at: now) == (nil, []))
            #expect(try take(good, message(2, at: now), at: now) == (.replayed, []))
            for place in good.indices.dropLast() {
                var bytes = good
                bytes[place] ^= 1
                let verdict = try take(bytes, message(9, at: now + 300_000), at: now)
                #expect(verdict == (.forgotten, ["relay.lost-count"]), "byte \(place)")
            }
            for lost in [nil, Data(), Data(good.dropFirst(10))] {
                let verdict = try take(lost, message(2, at: now), at: now)
                #expect(verdict == (.forgotten, ["relay.lost-count"]))
                let later = try RelayTaken(path: path, age: 300_000, now: now, logger: Told().logger)
                #expect(try later.take([message(3, at: now + 300_001)], now: now + 300_001) == [nil])
            }
        }
    }

    @Test("a clock that was far ahead is told, and the file's removal lets messages in again")
    func ahead() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/taken"
            let year = 365 * Instant.day
            try RelayTaken.begin(at: path)
            let wrong = try RelayTaken(path: path, age: 300_000, now: now + year, logger: Told().logger)
            #expect(try wrong.take([message(1, at: now + year)], now: now + year) == [nil])
            _ = try RelayTaken(path: path, age: 300_000, now: now + year + 400_000, logger: Told().logger)
            let told = Told()
            let right = try RelayTaken(path: path, age: 300_000, now: now, logger: told.logger)
            #expect(told.all == ["relay.clock"])
            #expect(try right.take([message(3, at: now)], now: now) == [.forgotten])
            try FileManager.default.removeItem(atPath: path)
            let again = try RelayTaken(path: path, age: 300_000, now: now, logger: told.logger)
            #expect(try again.take([message(4, at: now + 300_001)], now: now + 300_001) == [nil])
        }
    }
}
