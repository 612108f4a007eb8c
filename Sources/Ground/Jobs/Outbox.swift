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

/// What makes an event one of the change feed, which other systems read.
public struct FeedPlace: Sendable {
    /// The log's entry of the same act, written in the same transaction: its number is the event's place in the feed.
    let entry: String
    /// Six digits of the division whose officials are told of it.
    let region: String

    /// - Parameter entry: one event at most for each.
    public init<Entry>(_ entry: ID<Entry>, region: String) {
        self.entry = entry.rawValue
        self.region = region
    }
}

/// One that wants to know. It hears each event once and in order, beginning with the oldest.
public struct Subscriber: Sendable {
    public let name: String
    public let events: Set<String>
    public let retry: RetryPolicy
    /// Runs in one transaction with the note that this event was heard. When it throws, what it wrote is undone, the
    /// event is kept for a retry, later events of the *same object* wait for it, and those of other objects go on.
    /// After the last retry the delivery is dead and listed, and the object's later events go on.
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

/// An event that a subscriber could not take.
public struct DeadDelivery: Sendable, Equatable {
    public let subscriber: String
    public let sequence: Int64
    public let object: String
    public let attempts: Int
    /// The code of the last refusal, or the kind of the last error.
    public let why: String?
    /// When the last attempt failed.
    public let since: Instant
}

/// Events, written in the transaction of the change they tell of.
public enum Outbox {
    /// Tells that something happened: `name` in the past tense, such as `case.decided`; `object` as `case:<id>`;
    /// `payload` the identifiers and facts that subscribers need, and no personal text. Without `feed` it stays inside
    /// the platform.
    public static func emit(
        _ name: String,
        object: String,
        payload: JSON,
        feed: FeedPlace? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try OutboxStore.add(name, object: object, payload: payload, feed: feed, occasion: occasion, in: tx)
        tx.ring()
    }

    /// Takes away events from before a moment that every subscriber has heard; nothing while nobody subscribed.
    /// - Returns: how many.
    @discardableResult
    public static func forget(toldBefore moment: Instant, countMax: Int, in tx: any Transaction) throws -> Int
    {
        try OutboxStore.forget(toldBefore: moment, countMax: countMax, in: tx)
    }

    /// Events in the order in which subscribers hear them, after a cursor. It shows what has its sequence already, which
    /// the runner gives within moments of the commit. Other systems read the change feed instead (`ChangeFeed`).
    public static func events(
        after sequence: Int64,
        countMax: Int = 200,
        in reader: any Reader
    ) throws -> [Event] {
        try OutboxStore.events(after: sequence, countMax: countMax, in: reader)
    }

    /// What subscribers could not take, and nobody tells them again until it is revived.
    public static func dead(countMax: Int = 200, in reader: any Reader) throws -> [DeadDelivery] {
        try OutboxStore.dead(countMax: countMax, in: reader)
    }

    /// Tells a dead delivery again, with all its retries.
    /// - Throws: `JobError.notDead` when there is no such dead delivery.
    public static func revive(
        subscriber: String,
        sequence: Int64,
        at: Instant,
        in tx: any Transaction
    ) throws {
        guard try OutboxStore.revive(subscriber: subscriber, sequence: sequence, at: at, in: tx) else {
            throw JobError.notDead
        }
        tx.ring()
    }
}
