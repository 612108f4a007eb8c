import Synchronization

/// A value that several threads change.
final class Locked<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    func with<Answer: Sendable>(_ body: (inout Value) throws -> Answer) rethrows -> Answer {
        try mutex.withLock { value in try body(&value) }
    }
}
