import Storage
import Synchronization
import TestSupport
import Testing

@Suite("numbers from blocks")
struct NumberBlocksTests {
    private struct Refused: Error {}

    @Test("of many who come at once one takes a block and the others wait: no number is lost or given twice")
    func together() async throws {
        try await forEachEngine([]) { database in
            let taken = Mutex<[String: Int64]>([:])
            let blocks = NumberBlocks(database: database, size: 256) { counter, size, _ in
                taken.withLock { taken in
                    defer { taken[counter, default: 0] += size }
                    return taken[counter, default: 0]
                }
            }
            let given = try await withThrowingTaskGroup(of: (String, Int64).self) { group in
                for place in 0..<40 {
                    let counter = place % 2 == 0 ? "a" : "b"
                    group.addTask { (counter, try await blocks.next(counter)) }
                }
                return try await group.reduce(into: [String: [Int64]]()) { given, one in
                    given[one.0, default: []].append(one.1)
                }
            }
            for counter in ["a", "b"] { #expect(given[counter]?.sorted() == Array(0..<20)) }
            #expect(taken.withLock { $0 } == ["a": 256, "b": 256])
        }
    }

    @Test("a block that cannot be taken holds up nobody for good")
    func failing() async throws {
        try await forEachEngine([]) { database in
            let failures = Mutex(1)
            let blocks = NumberBlocks(database: database, size: 10) { _, _, _ in
                try failures.withLock { left in
                    guard left == 0 else {
                        left -= 1
                        throw Refused()
                    }
                }
                return 100
            }
            let given = await withTaskGroup(of: Int64?.self) { group in
                for _ in 0..<8 { group.addTask { try? await blocks.next("a") } }
                return await group.reduce(into: [Int64?]()) { $0.append($1) }
            }
            #expect(given.compactMap { $0 }.sorted() == Array(100..<107))
        }
    }
}
