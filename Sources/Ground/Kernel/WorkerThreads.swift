import Foundation
import Synchronization

/// A few threads with a queue that refuses when it is full, for C libraries that block. They live as long as the
/// process.
public final class WorkerThreads: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var started = 0
        public var taken = 0
    }

    private let state = Mutex(State())
    private let ready = DispatchSemaphore(value: 0)
    private let count: Int
    private let queueMax: Int
    private let name: String

    public init(count: Int, queueMax: Int, name: String) {
        self.count = count
        self.queueMax = queueMax
        self.name = name
    }

    /// How much work was accepted up to now.
    public var taken: Int { state.withLock { $0.taken } }

    /// - Returns: false when the queue is full; `work` is then not run.
    public func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let (accepted, another) = state.withLock { state in
            guard state.waiting.count < queueMax else { return (false, false) }
            state.waiting.append(work)
            state.taken += 1
            guard state.started < count else { return (true, false) }
            state.started += 1
            return (true, true)
        }
        guard accepted else { return false }
        if another {
            let thread = Thread { [self] in
                while true {
                    ready.wait()
                    let work = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
                    work?()
                }
            }
            thread.name = name
            thread.start()
        }
        ready.signal()
        return true
    }
}
