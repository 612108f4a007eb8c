import Foundation
import Synchronization

/// Tells who reads a body that its time is over. One thread looks at all of them once a second, as long as there are any:
/// a timer for each request would cost more than the reading.
final class SlowBodies: Sendable {
    static let shared = SlowBodies()

    private struct State {
        var next: UInt64 = 0
        var waiting: [UInt64: (end: ContinuousClock.Instant, reader: CheckedContinuation<Void, any Error>)] =
            [:]
        var isLooking = false
    }

    private let state = Mutex(State())

    /// Returns when so many seconds are over.
    /// - Throws: `CancellationError` when nobody waits for that any more.
    func wait(seconds: Int) async throws {
        let turn = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in
                let begins = state.withLock { state in
                    state.waiting[turn] = (ContinuousClock.now + .seconds(seconds), reader)
                    defer { state.isLooking = true }
                    return !state.isLooking
                }
                if begins { look() }
                // It may have been cancelled before it was put there.
                if Task.isCancelled { forget(turn) }
            }
        } onCancel: {
            forget(turn)
        }
    }

    private func forget(_ turn: UInt64) {
        state.withLock { $0.waiting.removeValue(forKey: turn) }?.reader.resume(throwing: CancellationError())
    }

    private func look() {
        let thread = Thread {
            var isNeeded = true
            while isNeeded {
                Thread.sleep(forTimeInterval: 1)
                let now = ContinuousClock.now
                let late = self.state.withLock { state in
                    let late = state.waiting.filter { $0.value.end <= now }
                    for turn in late.keys { state.waiting[turn] = nil }
                    return late.values.map(\.reader)
                }
                for reader in late { reader.resume() }
                isNeeded = self.state.withLock { state in
                    state.isLooking = !state.waiting.isEmpty
                    return state.isLooking
                }
            }
        }
        thread.name = "slow-bodies"
        thread.start()
    }
}
