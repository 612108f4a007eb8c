import Cryptography
import Exchange
import FaceSupport
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import Synchronization
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
                let isOpen = PublicPaths.isOpen(route.method.rawValue, route.path)
                if isPortal != isOpen { wrong.append("\(route.method) \(route.path)") }
            }
            #expect(wrong == [])
            for path in [Exchange.reportPath, MetricsPage.path, "/DESK", "//desk", "/%64esk", "desk", ""] {
                #expect(!PublicPaths.isOpen("GET", path), "\(path)")
            }
            #expect(!PublicPaths.isOpen("DELETE", "/my"))
        }
    }

    @Test("a number is good once, in any order inside the window, also over a restart")
    func numbers() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/taken"
            let first = try RelayNumbers(path: path, window: 4)
            for number: Int64 in [1, 3, 2, 7] { try first.take(number) }
            let again = try RelayNumbers(path: path, window: 4)
            for (number, refusal): (Int64, RelayRefusal) in [
                (7, .replayed), (3, .tooFarBehind), (1, .tooFarBehind),
            ] {
                #expect(throws: refusal) { try again.take(number) }
            }
            try again.take(5)
            for number: Int64 in 8...60 { try again.take(number) }
            #expect(throws: RelayRefusal.replayed) { try again.take(60) }
            let counter = try RelayCounter(path: "\(folder)/number")
            let given = try (0..<300).map { _ in try counter.next() }
            #expect(given == given.sorted() && Set(given).count == 300)
            #expect(try RelayCounter(path: "\(folder)/number").next() > given[299])
        }
    }

    @Test("what was changed by a byte or comes again is not taken, over a restart either")
    func changedOrRepeated() async throws {
        try await withTemporaryFolder { folder in
            // Nobody answers there: what is taken fails after it was taken, and is told so.
            let zones = try Zones(folder, platform: "http://127.0.0.1:9")
            var rounds = try zones.rounds()
            let inner = "\(folder)/inner/requests"
            // Changed by one byte, at the head, the signature and the end.
            for place in [10, 600, -1] {
                let told = try await zones.refusals(of: rounds) {
                    _ = try await zones.desk.send(
                        content: ["address": "a", "method": "POST", "target": "/my"],
                        headers: [("x", String(repeating: "y", count: 300))],
                        body: Array("a=b".utf8),
                        owner: [1]
                    )
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
            let twice = try await zones.refusals(of: rounds) {
                _ = try await zones.send("/my")
                try zones.carry("requests") { ["1-\($0)", "2-\($0)"] }
                let name = try #require(zones.files("inner", "requests").first)
                kept = try #require(FileManager.default.contents(atPath: "\(inner)/\(name)"))
            }
            #expect(twice.count(where: { $0 == "relay.replayed" }) == 1 && twice.count == 2)
            rounds = try zones.rounds()
            let restarted = try await zones.refusals(of: rounds) {
                try kept.write(to: URL(fileURLWithPath: "\(inner)/3.msg"))
            }
            #expect(restarted == ["relay.replayed"])
            #expect(zones.files("inner", "requests").isEmpty && zones.files("inner", "answers").isEmpty)
        }
    }

    @Test("what is not for outside, too old, too large or signed by another is not taken")
    func refused() async throws {
        try await withTemporaryFolder { folder in
            let zones = try Zones(folder, platform: "http://127.0.0.1:9")
            let rounds = try zones.rounds()
            let inner = "\(folder)/inner/requests"
            for target in ["/desk", "/metrics", "/api/v1/cases", Exchange.reportPath] {
                // What was asked before is forgotten by now.
                zones.clock.set(zones.clock.now + 1_000_000)
                let told = try await zones.refusals(of: rounds) {
                    _ = try await zones.send(target)
                    try zones.carry("requests")
                }
                #expect(told == ["relay.not-public"], "\(target)")
            }
            let late = try await zones.refusals(of: rounds) {
                _ = try await zones.send("/my")
                try zones.carry("requests")
                zones.clock.set(zones.clock.now + 300_001)
            }
            #expect(late == ["relay.expired"])
            let large = try await zones.refusals(of: rounds) {
                try Data(count: (1 << 20) + 1).write(to: URL(fileURLWithPath: "\(inner)/9.msg"))
            }
            #expect(large == ["relay.too-large"])
            let stranger = try await zones.refusals(of: rounds) {
                let message = RelayMessage(
                    kind: .request,
                    number: 900,
                    id: "x",
                    at: zones.clock.now,
                    content: ["address": "a", "method": "GET", "target": "/"],
                    headers: [],
                    body: []
                )
                let bytes = try message.bytes(
                    signedBy: ExchangeKeyFolder(path: "\(folder)/other").key(of: "front"),
                    named: zones.keys.peer("front").keyID
                )
                try Data(bytes).write(to: URL(fileURLWithPath: "\(inner)/900.msg"))
            }
            #expect(stranger == ["relay.not-signed"])
            #expect(zones.files("inner", "requests").isEmpty && zones.files("inner", "answers").isEmpty)
        }
    }
}
