import Kernel
import Storage

/// Nodes of one database start one after the other: what a start writes (reference tables, systems, keys of parties,
/// accounts of a demonstration) is written by the first, and found by the others.
struct StartTurn: Sendable {
    let database: any Database
    let clock: any Clock
    private let holder = ID<StartTurn>.new(at: SystemClock().now, entropy: SystemEntropy()).rawValue

    init(database: any Database, clock: any Clock) {
        self.database = database
        self.clock = clock
    }

    /// A node that died in its turn holds up the others for so long.
    private static let milliseconds = Instant.minute / 2
    private static let look: Duration = .milliseconds(200)

    /// Waits for its turn, does the work, and gives the turn away.
    func run<Answer: Sendable>(_ work: @escaping @Sendable () async throws -> Answer) async throws
        -> Answer
    {
        while try await !take() { try await Task.sleep(for: Self.look) }
        let answer: Answer
        do {
            answer = try await withThrowingTaskGroup(of: Answer?.self) { group in
                group.addTask { try await work() }
                group.addTask {
                    while true {
                        try await Task.sleep(for: .milliseconds(Self.milliseconds / 3))
                        _ = try await take()
                    }
                }
                defer { group.cancelAll() }
                while let ended = try await group.next() { if let ended { return ended } }
                throw CancellationError()
            }
        } catch {
            // The turn runs out by itself where it cannot be given away.
            try? await give()
            throw error
        }
        try await give()
        return answer
    }

    /// - Returns: whether it is this node's turn, from now on or again.
    func take() async throws -> Bool {
        let now = clock.now
        return try await database.write { tx in
            try InstallationStore.takeTurn(holder, now: now, until: now + Self.milliseconds, in: tx)
        }
    }

    func give() async throws {
        try await database.write { try InstallationStore.giveTurn(holder, in: $0) }
    }
}
