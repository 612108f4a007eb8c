import Synchronization

/// Wakes the loops of this process that wait for work of a database, so that they need not look all the time.
package final class Bell: Sendable {
    private struct State {
        var next = 0
        var isClosed = false
        var all: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let listeners = Mutex(State())

    package init() {}

    package func ring() {
        listeners.withLock { listeners in
            for listener in listeners.all.values { listener.yield() }
        }
    }

    /// Nothing rings any more: every stream ends.
    package func close() {
        let all = listeners.withLock { listeners in
            listeners.isClosed = true
            defer { listeners.all = [:] }
            return listeners.all
        }
        for listener in all.values { listener.finish() }
    }

    /// A stream that keeps at most one unheard ring.
    package func listen() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let number = listeners.withLock { listeners in
                listeners.next += 1
                if !listeners.isClosed { listeners.all[listeners.next] = continuation }
                return listeners.isClosed ? nil : listeners.next
            }
            guard let number else { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                self?.listeners.withLock { _ = $0.all.removeValue(forKey: number) }
            }
        }
    }
}
