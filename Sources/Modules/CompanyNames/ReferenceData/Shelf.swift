import Synchronization

/// What is in force now, for everybody who holds the shelf: tables are replaced while the platform runs.
public final class Shelf<Value: Sendable>: Sendable {
    private let kept: Mutex<Value>

    public init(_ value: Value) { kept = Mutex(value) }

    public var current: Value { kept.withLock { $0 } }

    public func replace(by value: Value) { kept.withLock { $0 = value } }
}
