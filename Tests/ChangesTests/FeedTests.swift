import Audit
import Changes
import Jobs
import Kernel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Identity

@Suite("the change feed")
struct FeedTests {
    @Test("many writers on several nodes, readers meanwhile: no gap, no repeat, in the order of commits")
    func order() async throws {
        try await withNodes { nodes in
            let isOver = Flag()
            let readers = try await withThrowingTaskGroup(of: [Change]?.self) { group in
                for (place, node) in nodes.enumerated() {
                    group.addTask { try await follow(node, until: isOver) }
                    for writer in 0..<6 {
                        group.addTask {
                            try await write(40, as: "\(place)-\(writer)", on: node)
                            return nil
                        }
                    }
                }
                var (found, writing) = ([[Change]](), nodes.count * 6)
                for try await seen in group {
                    if let seen { found.append(seen) } else { writing -= 1 }
                    if writing == 0 { isOver.set() }
                }
                return found
            }
            let written = nodes.count * 6 * 40 / 5 * 4
            for seen in readers {
                // The counter's row was held until each commit: its numbers are the order of commits.
                let order = seen.compactMap { $0.facts["sequence"].int }
                #expect(order == (1...Int64(written)).map(\.self), "\(nodes[0].engine)")
                #expect(Set(seen.map(\.id)).count == written)
                #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
            }
            #expect(readers.count == nodes.count && readers.allSatisfy { $0 == readers[0] })
            #expect(try await nodes[0].all() == readers[0])
        }
    }

    /// Seals and reads beside the writers, to the end of what they wrote.
    private func follow(_ node: any Database, until isOver: Flag) async throws -> [Change] {
        var (seen, cursor) = ([Change](), Int64(-1))
        while true {
            let wasOver = isOver.isSet
            if node.engine == .postgres { try await node.seal() }
            // While another node seals, this one does not, and sees less than was written.
            let isSealed = try await node.read { try AuditLog.oldestUnsealed(in: $0) } == nil
            let page = try await node.page(after: cursor, countMax: 5, lookMax: 11)
            seen += page.changes
            cursor = page.next
            if wasOver, isSealed, page.next == page.latest { return seen }
        }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    /// Changes beside entries that are none, and every fifth undone. The moment is that of the request, which lies
    /// anywhere before the commit, as when a node's clock is behind.
    private func write(_ count: Int, as writer: String, on node: any Database) async throws {
        for round in 0..<count {
            do {
                try await node.write { tx in
                    _ = try AuditLog.append(
                        "test.looked",
                        object: "thing:\(writer)",
                        occasion: occasion(),
                        in: tx
                    )
                    let number = try tx.count()
                    try tx.change(
                        object: "thing:\(writer)",
                        payload: ["sequence": JSON(number), "name": "张三"],
                        at: start + (number * 7_919) % 1_000
                    )
                    if round % 5 == 4 { throw Undone() }
                }
            } catch is Undone {}
        }
    }

    private struct Undone: Error {}

    @Test("each reader is told of what lies in his reach, and the cursor moves over the rest")
    func reach() async throws {
        try await withNodes { nodes in
            let database = nodes[0]
            for region in ["150203", "150204", "150700", "110000", nil] {
                try await database.write { try $0.change(object: "thing:\(region ?? "-")", region: region) }
            }
            if database.engine == .postgres { try await database.seal() }
            func told(_ reach: ChangeReach) async throws -> [String] {
                try await database.all(reach: reach, lookMax: 1).map(\.region)
            }
            #expect(try await told(ChangeReach(region: "150203")) == ["150203"])
            #expect(try await told(ChangeReach(region: "150200")) == ["150203", "150204"])
            #expect(try await told(everywhere) == ["150203", "150204", "150700"])
            #expect(try await told(ChangeReach(.everything, authority: "A")).count == 4)
            #expect(try await told(ChangeReach(.nothing, authority: "A")) == [])
            #expect(try await told(ChangeReach(scope("B"), authority: "A")) == [])
            #expect(try await told(ChangeReach(scope("A"), authority: "A")) == ["150203", "150204"])
            #expect(try await told(ChangeReach(scope(""), authority: "A")) == ["150203", "150204"])
        }
    }

    private func scope(_ agency: String) -> Scope {
        Scope(
            all: false,
            regionLow: "150200",
            regionHigh: "1502:",
            agency: agency,
            person: "",
            enterprise: ""
        )
    }

    @Test("what goes out are identifiers, codes and states")
    func facts() async throws {
        try await withNodes { nodes in
            let payload: JSON = [
                "case": "01J", "state": "done", "year": 2026, "name": "张三", "reason": "x", "code": "王 五",
                "item": ["a": "b"], "by": "",
            ]
            try await nodes[0].write { try $0.change(payload: payload) }
            if nodes[0].engine == .postgres { try await nodes[0].seal() }
            let told = try #require(try await nodes[0].all().first)
            #expect(told.facts == ["case": "01J", "state": "done", "year": 2026])
            #expect(told.json["sequence"].int == 0 && told.json["name"].text == "test.changed")
        }
    }

    @Test("a cursor before what is kept, or behind the end, is refused with the one to go on from")
    func cursors() async throws {
        try await withNodes { nodes in
            let database = nodes[0]
            #expect(try await database.page() == ChangePage(changes: [], next: -1, latest: -1))
            for day in 0..<10 {
                let at = start + Int64(day) * Instant.day
                try await database.write { try $0.change(object: "thing:\(day)", at: at) }
                if database.engine == .postgres { try await database.seal() }
            }
            await #expect(throws: ChangesError.ahead(latest: 9)) { try await database.page(after: 10) }
            // Nobody subscribed, so that nothing goes: then one hears everything, and what is old goes.
            let runner = JobRunner(
                database: database,
                clock: ManualClock(start),
                kinds: [],
                subscribers: [Subscriber("s", events: []) { _, _ in }]
            )
            try await runner.runUntilQuiet()
            let gone = try await database.write {
                try ChangeFeed.forget(toldBefore: start + 4 * Instant.day, countMax: 100, in: $0)
            }
            #expect(gone == 4)
            await #expect(throws: ChangesError.forgotten(from: 4)) { try await database.page(after: 0) }
            // Within an hour of what has gone nobody can be sure, so that reading begins one later.
            #expect(try await database.all().map(\.object) == (5..<10).map { "thing:\($0)" })
            #expect(try await database.all(after: 4).count == 5)
            #expect(try await database.all(after: 9).isEmpty)
        }
    }
}
