public import Kernel
public import Storage

/// Something that happened, told to whoever subscribed.
public struct Event: Sendable, Equatable {
    /// Its place in the order in which transactions were committed: 1, 2, 3 … without gaps.
    public let sequence: Int64
    public let id: String
    /// Such as `case.decided`.
    public let name: String
    /// Such as `case:<id>`.
    public let object: String
    public let payload: JSON
    public let actor: Actor
    public let request: String
    /// When it happened.
    public let at: Instant
}

/// One that wants to know. It hears each event once and in order.
public struct Subscriber: Sendable {
    public let name: String
    public let events: Set<String>
    public let retry: RetryPolicy
    /// Runs in a transaction of its own together with the note that this event was heard. When it throws, what it
    /// wrote is undone, the event is kept for a retry, later events of the *same object* wait for it, and those of
    /// other objects go on. After the last retry the delivery is dead and listed.
    public let handle: @Sendable (Event, any Transaction) throws -> Void

    public init(
        _ name: String,
        events: Set<String>,
        retry: RetryPolicy = .standard,
        handle: @escaping @Sendable (Event, any Transaction) throws -> Void
    ) {
        self.name = name
        self.events = events
        self.retry = retry
        self.handle = handle
    }
}

/// Events, written in the transaction of the change they tell of.
public enum Outbox {
    /// - Parameters:
    ///   - name: what happened, in the past tense, such as `case.decided`.
    ///   - object: whom it concerns, such as `case:<id>`.
    ///   - payload: identifiers and facts that subscribers need; no personal text.
    public static func emit(
        _ name: String,
        object: String,
        payload: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try OutboxStore.add(name, object: object, payload: payload, occasion: occasion, in: tx)
        tx.afterCommit { Bell.ring() }
    }

    /// Events in order, after a cursor: the change feed.
    public static func events(
        after sequence: Int64,
        countMax: Int = 200,
        in reader: any Reader
    ) throws -> [Event] {
        try OutboxStore.events(after: sequence, countMax: countMax, in: reader)
    }
}
