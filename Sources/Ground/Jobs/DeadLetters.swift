import Audit
public import Kernel
public import Storage

/// A job or a delivery that came to nothing for the last time and waits for a person.
public struct DeadLetter: Sendable, Equatable {
    /// Raw values go into forms: never rename, only add.
    public enum What: String, Sendable, CaseIterable {
        case job, delivery
    }

    public let what: What
    /// The kind of job, or the subscriber that could not take the event.
    public let kind: String
    /// The job's key, or the event's place.
    public let key: String
    /// What it is about: the key of a job, the object of an event.
    public let object: String
    public let attempts: Int
    /// A stable code, or the kind of the last error; never personal data.
    public let why: String?
    /// When it was due for the last time.
    public let since: Instant
}

/// The list of what came to nothing, and starting it again, in the log.
public enum DeadLetters {
    /// The oldest first of each sort, jobs before deliveries.
    public static func all(countMax: Int, in reader: any Reader) throws -> [DeadLetter] {
        let jobs = try JobStore.dead(countMax: countMax, in: reader).map { job in
            DeadLetter(
                what: .job,
                kind: job.kind,
                key: job.key,
                object: job.key,
                attempts: job.attempt,
                why: job.why,
                since: job.due
            )
        }
        let deliveries = try OutboxStore.dead(countMax: countMax, in: reader).map { delivery in
            DeadLetter(
                what: .delivery,
                kind: delivery.subscriber,
                key: String(delivery.sequence),
                object: delivery.object,
                attempts: delivery.attempts,
                why: delivery.why,
                since: delivery.since
            )
        }
        return Array((jobs + deliveries).prefix(countMax))
    }

    /// Gives one all its attempts again.
    /// - Throws: `JobError.notDead` when it is not there, or somebody has started it already.
    public static func revive(
        _ what: DeadLetter.What,
        kind: String,
        key: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        switch what {
        case .job: try Jobs.revive(kind: kind, key: key, at: occasion.now, in: tx)
        case .delivery:
            guard let sequence = Int64(key) else { throw JobError.notDead }
            try Outbox.revive(subscriber: kind, sequence: sequence, at: occasion.now, in: tx)
        }
        try note(what, kind, ["key": .string(key)], occasion, tx)
    }

    /// The same for all of a kind, or all that one subscriber could not take.
    /// - Returns: how many.
    /// - Throws: `JobError.noneDead`, with the kinds of which there is something.
    @discardableResult
    public static func reviveAll(
        _ what: DeadLetter.What,
        kind: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Int {
        let count =
            switch what {
            case .job: try JobStore.reviveAll(kind: kind, at: occasion.now, in: tx)
            case .delivery: try OutboxStore.reviveAll(subscriber: kind, at: occasion.now, in: tx)
            }
        guard count > 0 else {
            let kinds =
                switch what {
                case .job: try JobStore.deadKinds(in: tx)
                case .delivery: try OutboxStore.deadSubscribers(in: tx)
                }
            throw JobError.noneDead(kind: kind, kinds: kinds)
        }
        tx.ring()
        try note(what, kind, ["count": JSON(count)], occasion, tx)
        return count
    }

    private static func note(
        _ what: DeadLetter.What,
        _ kind: String,
        _ facts: JSON,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        try AuditLog.append(
            "job.revived",
            object: "\(what.rawValue):\(kind)",
            after: facts,
            occasion: occasion,
            in: tx
        )
    }
}
