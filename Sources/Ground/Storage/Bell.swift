import Synchronization

/// Wakes the loops of this process that wait for work of a database, so that they need not look all the time.
package final class Bell: Sendable {
    private let listeners = Mutex<(next: Int, all: [Int: AsyncStream<Void>.Continuation])>((0, [:]))

    package init() {}

    package func ring() {
        listeners.withLock { listeners in
            for listener in listeners.all.values { listener.yield() }
        }
    }

    /// A stream that keeps at most one unheard ring.
    package func listen() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let number = listeners.withLock { listeners in
                listeners.next += 1
                listeners.all[listeners.next] = continuation
                return listeners.next
            }
            continuation.onTermination = { [weak self] _ in
                self?.listeners.withLock { _ = $0.all.removeValue(forKey: number) }
            }
        }
    }
}
