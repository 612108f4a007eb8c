import Exchange
import FaceSupport
import Foundation
import Kernel
import TestSupport
import Testing
import Web

@testable import Server

/// The portal in an outer zone: no connection goes inside, only files. The gate between is the test.
@Suite("the relay between the zones", .serialized)
struct RelayTests {
    @Test("the portal's pages are open to the outer zone, and nothing else that the platform answers")
    func paths() async throws {
        try await FaceTown.open { town in
            var wrong: [String] = []
            for route in town.site.table.routes where route.path != "/components" {
                let isPortal = route.face == .page && !route.path.hasPrefix("/desk")
                let isOpen =
                    PublicPaths.isOpen(route.path) && PublicPaths.methods.contains(route.method.rawValue)
                if isPortal != isOpen { wrong.append("\(route.method) \(route.path)") }
            }
            #expect(wrong == [])
            #expect(town.site.table.has(.post, PublicPaths.signOut))
            for path in [Exchange.reportPath, MetricsPage.path, "/DESK", "//desk", "/%64esk", "desk", ""] {
                #expect(!PublicPaths.isOpen(path), "\(path)")
            }
        }
    }

    @Test("what was changed by a byte or comes again is not taken, over a restart either")
    func changedOrRepeated() async throws {
        try await withTemporaryFolder { folder in
            let zones = try Zones.alone(folder)
            var rounds: RelayRounds? = try zones.rounds()
            let inner = "\(folder)/inner/requests"
            // Changed by one byte, at the head, the signature and the end.
            for place in [10, 700, -1] {
                let told = try await zones.refusals(of: #require(rounds)) {
                    try await zones.send("/my", method: "POST", body: Array("a=b".utf8))
                    try zones.carry("requests")
                    let path = "\(inner)/\(try #require(zones.files("inner", "requests").first))"
                    var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
                    bytes[place < 0 ? bytes.count + place : place] ^= 1
                    try Data(bytes).write(to: URL(fileURLWithPath: path))
                }
                // A changed byte of the signature may no longer be one of its letters.
                #expect(told == ["relay.unreadable"] || told == ["relay.not-signed"], "byte \(place)")
            }
            // Twice by the gate under another name, and once more after a restart of the relay.
            var kept = Data()
            let twice = try await zones.refusals(of: #require(rounds)) {
                try await zones.send()
                try zones.carry("requests") { ["1-\($0)", "2-\($0)"] }
                kept = try zones.bytes("inner", "requests", #require(zones.files("inner", "requests").first))
            }
            #expect(twice == ["relay.replayed"])
            let again = try await zones.refusals(of: #require(rounds)) {
                try kept.write(to: URL(fileURLWithPath: "\(inner)/3.msg"))
            }
            #expect(again == ["relay.replayed"])
            rounds = nil
            let restarted = try await zones.restarted()
            let later = try await zones.refusals(of: restarted) {
                try kept.write(to: URL(fileURLWithPath: "\(inner)/4.msg"))
            }
            #expect(later == ["relay.replayed"])
            #expect(zones.files("inner", "requests").isEmpty && zones.files("inner", "answers").count == 1)
        }
    }

    /// Written as the outer side writes it.
    private func write(_ message: RelayMessage, by keys: ExchangeKeyFolder, _ zones: Zones) throws {
        let bytes = try message.bytes(
            from: RelayKeys(.front, in: keys),
            to: RelayPeer(.relay, in: zones.keys),
            entropy: SystemEntropy()
        )
        let path = "\(zones.folder)/inner/requests/\(message.fileName)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func message(_ method: String = "GET", id: String = "A", at: Instant) -> RelayMessage {
        RelayMessage(
            kind: .request,
            id: String(repeating: id, count: 32),
            at: at,
            content: ["address": "a", "method": .string(method), "target": "/my"],
            headers: [],
            body: []
        )
    }

    @Test("what is not for outside, too old, too far ahead, too large or signed by another is not taken")
    func refused() async throws {
        try await withTemporaryFolder { folder in
            let zones = try Zones.alone(folder)
            let rounds = try zones.rounds()
            for target in ["/desk", "/metrics", "/api/v1/cases", Exchange.reportPath, "my"] {
                // What was asked before is forgotten by now.
                zones.clock.set(zones.clock.now + 1_000_000)
                let told = try await zones.refusals(of: rounds) {
                    try await zones.send(target)
                    try zones.carry("requests")
                }
                #expect(told == ["relay.not-public"], "\(target)")
            }
            let late = try await zones.refusals(of: rounds) {
                try await zones.send()
                try zones.carry("requests")
                zones.clock.set(zones.clock.now + 300_001)
            }
            #expect(late == ["relay.expired"])
            let large = try await zones.refusals(of: rounds) {
                try Data(count: (1 << 20) + 1)
                    .write(to: URL(fileURLWithPath: "\(folder)/inner/requests/9.msg"))
            }
            #expect(large == ["relay.too-large"])
            let stranger = try await zones.refusals(of: rounds) {
                try write(
                    message(at: zones.clock.now),
                    by: ExchangeKeyFolder(path: "\(folder)/other"),
                    zones
                )
            }
            #expect(stranger == ["relay.not-signed"])
            // One that is far ahead shuts nobody out: it is refused, and the next counts.
            let ahead = try await zones.refusals(of: rounds) {
                try write(message(at: zones.clock.now + 300_001), by: zones.keys, zones)
                try write(message("DELETE", id: "B", at: zones.clock.now), by: zones.keys, zones)
            }
            #expect(ahead.sorted() == ["relay.bad-method", "relay.expired"])
            #expect(zones.files("inner", "requests").isEmpty && zones.files("inner", "answers").isEmpty)
            try write(message(id: "C", at: zones.clock.now), by: zones.keys, zones)
            await zones.settle(rounds)
            #expect(zones.files("inner", "answers").count == 1, "the next is taken")
        }
    }

    @Test("nothing of a request or an answer can be read in the folders")
    func sealed() async throws {
        try await withTemporaryFolder { folder in
            let zones = try Zones.alone(folder)
            try await zones.send(
                "/sign-in?next=quiet-place",
                method: "POST",
                headers: [("cookie", "suban-session=open-sesame")],
                body: Array("login=zhangsan&password=very-secret".utf8)
            )
            let file = try #require(zones.files("outer", "requests").first)
            let bytes = try zones.bytes("outer", "requests", file)
            for word in ["very-secret", "zhangsan", "open-sesame", "quiet-place", "sign-in", "203.0.113.9"] {
                #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)")
            }
            // It opens for the inner side alone.
            let (own, peer) = (
                try RelayKeys(.relay, in: zones.keys), try RelayPeer(.front, in: zones.keys)
            )
            let opened = try RelayMessage(Array(bytes), kind: .request, for: own, from: peer)
            #expect(String(decoding: opened.body, as: UTF8.self).hasSuffix("very-secret"))
            let other = try RelayKeys(.relay, in: ExchangeKeyFolder(path: "\(folder)/other"))
            #expect(throws: RelayRefusal.unreadable) {
                _ = try RelayMessage(Array(bytes), kind: .request, for: other, from: peer)
            }
        }
    }

    @Test("who is slow holds his own place and nobody else's, and not for ever")
    func slow() async throws {
        try await withTemporaryFolder { folder in
            try await StubPlatform.served { stub, address in
                var limits = Zones.limits
                // Who is held is held for as long as this takes, also on a busy machine.
                (limits.parallel, limits.answer) = (2, 3_600_000)
                let zones = try Zones(folder, platform: address, limits: limits)
                let rounds = try zones.rounds()
                await withDiscardingTaskGroup { group in
                    do {
                        func ask(_ target: String) async throws {
                            try await zones.send(target)
                            try zones.carry("requests")
                            try await rounds.round(in: &group)
                        }
                        // The first is held; the others go on beside it.
                        for (target, count) in [("/my", 0), ("/trust", 1), ("/guides", 2)] {
                            try await ask(target)
                            while zones.files("inner", "answers").count < count {
                                try await rounds.round(in: &group)
                                await Task.yield()
                            }
                        }
                        // Both places are held: what comes now stays in the folder.
                        try await ask("/my")
                        try zones.carry("answers")
                        try await zones.desk.collect()
                        for _ in 0..<2 { try await rounds.round(in: &group) }
                        #expect(zones.files("inner", "answers").isEmpty)
                    } catch { Issue.record(error) }
                    await stub.release()
                }
                #expect(zones.files("inner", "answers").count == 2)
            }
        }
    }

    @Test("while answers wait for the gate on a full disk nothing more is asked, and what waits is not lost")
    func slowGate() async throws {
        try await withTemporaryFolder { folder in
            var limits = Zones.limits
            (limits.answer, limits.disk) = (1, limits.size + 4_096)
            let zones = try Zones(folder, platform: "http://127.0.0.1:9", limits: limits)
            let rounds = try zones.rounds()
            for _ in 0..<3 {
                try await zones.send()
                try zones.carry("requests")
                await zones.settle(rounds)
            }
            #expect(zones.files("inner", "answers").count == 2 && zones.files("inner", "requests").count == 1)
            zones.clock.set(zones.clock.now + 5_000)
            await zones.settle(rounds)
            #expect(zones.files("inner", "answers").count == 2, "counted again, and still full")
            try zones.carry("answers")
            zones.clock.set(zones.clock.now + 5_000)
            await zones.settle(rounds)
            #expect(zones.files("inner", "answers").count == 1 && zones.files("inner", "requests").isEmpty)
            #expect(zones.told.inner.all.contains("relay.gate-full"))
        }
    }

    @Test("one that takes too long is given up, and whoever asked is told that it may have been done")
    func tooSlow() async throws {
        try await withTemporaryFolder { folder in
            try await StubPlatform.served { _, address in
                var limits = Zones.limits
                limits.answer = 1
                let zones = try Zones(folder, platform: address, limits: limits)
                let id = try await zones.send("/my")
                try zones.carry("requests")
                await zones.settle(try zones.rounds())
                try zones.carry("answers")
                try await zones.desk.collect()
                guard case .answered(let answer) = await zones.desk.look(id, owner: [1]) else {
                    Issue.record("no answer")
                    return
                }
                #expect(answer.content["failure"].text == "slow")
            }
        }
    }
}
