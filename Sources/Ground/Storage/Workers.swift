import Foundation
import Synchronization

/// A few threads of their own for calls that block, such as a database over a socket: the cooperative pool of
/// Swift's concurrency must never wait for one of those.
///
/// Each thread makes a `Tool` for itself (a connection) and is the only one that ever touches it. Threads are
/// started when there is work and nobody idle, up to `countMax`.
package final class Workers<Tool>: Sendable {
    private typealias Work = @Sendable (Tool) -> Void

    private struct State {
        var threads = 0
        var isClosed = false
        var whenGone: [CheckedContinuation<Void, Never>] = []
    }

    private let name: String
    private let countMax: Int
    private let makeTool: @Sendable () -> Tool
    private let dropTool: @Sendable (Tool) -> Void
    private let line: Line<Work>
    private let state = Mutex(State())

    /// Up to `countMax` threads (1...256), and up to `lengthMax` pieces of work that wait.
    package init(
        name: String,
        countMax: Int,
        lengthMax: Int,
        makeTool: @escaping @Sendable () -> Tool,
        dropTool: @escaping @Sendable (Tool) -> Void
    ) {
        precondition((1...256).contains(countMax), "between one and 256 threads")
        self.name = name
        self.countMax = countMax
        self.makeTool = makeTool
        self.dropTool = dropTool
        line = Line(lengthMax: lengthMax)
    }

    /// Runs `body` on one of the threads.
    /// - Throws: what `body` throws; `closed`; `unavailable` when too much is waiting.
    package func run<Answer: Sendable>(
        _ body: @escaping @Sendable (Tool) throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Answer, any Error>) in
            do {
                try add { tool in continuation.resume(with: Result { try body(tool) }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// The same for work that nobody waits for here.
    package func add(_ work: @escaping @Sendable (Tool) -> Void) throws(StorageError) {
        if try line.add(work) { startThread() }
    }

    /// Whether work waits for a thread.
    package var isAwaited: Bool { line.count > 0 }

    /// Serves what is waiting, ends the threads and returns when they are gone.
    package func close() async {
        line.close()
        await withCheckedContinuation { continuation in
            let isGone = state.withLock { state in
                state.isClosed = true
                if state.threads > 0 { state.whenGone.append(continuation) }
                return state.threads == 0
            }
            if isGone { continuation.resume() }
        }
    }

    private func startThread() {
        let starts = state.withLock { state in
            guard state.threads < countMax else { return false }
            state.threads += 1
            return true
        }
        guard starts else { return }
        let thread = Thread { self.serve() }
        thread.name = name
        thread.start()
    }

    private func serve() {
        let tool = makeTool()
        while let work = line.take(countMax: 1).first { work(tool) }
        dropTool(tool)
        let waiting = state.withLock { state in
            state.threads -= 1
            guard state.threads == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.whenGone = [] }
            return state.whenGone
        }
        for continuation in waiting { continuation.resume() }
    }
}
