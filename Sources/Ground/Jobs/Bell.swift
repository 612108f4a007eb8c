import Synchronization

/// Wakes the loops of this process when something was put on the list, so that they need not look all the time.
/// Other nodes find out by looking.
enum Bell {
    private static let listeners = Mutex<(next: Int, all: [Int: AsyncStream<Void>.Continuation])>((0, [:]))

    static func ring() {
        listeners.withLock { listeners in
            for listener in listeners.all.values { listener.yield() }
        }
    }

    /// A stream that keeps at most one unheard ring.
    static func listen() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let number = listeners.withLock { listeners in
                listeners.next += 1
                listeners.all[listeners.next] = continuation
                return listeners.next
            }
            continuation.onTermination = { _ in
                listeners.withLock { _ = $0.all.removeValue(forKey: number) }
            }
        }
    }
}
