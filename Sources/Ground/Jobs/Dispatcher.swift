import Kernel
import Storage
import Synchronization

/// Gives events their sequence and tells them to the subscribers.
struct Dispatcher: Sendable {
    let database: any Database
    let clock: any Clock
    let subscribers: [Subscriber]
    /// Events told in one transaction, as long as nobody objects.
    var batchMax = 64
    /// Events that do not concern a subscriber, passed over in one go.
    var passMax = 1_000
    /// How long telling may hold the database's only writer before somebody else's write gets its turn: a batch ends with
    /// the event over which that passes.
    var holdMax: Duration = .milliseconds(20)

    /// What a round over everybody came to.
    struct Round: Sendable {
        /// Whether anything was told, or got its sequence.
        var isBusy = false
        /// Who could not be told, nor that be written down. The others were.
        var failures: [(subscriber: String, error: any Error)] = []
    }

    /// One round over everybody. Who cannot be told holds up nobody else.
    /// - Throws: when nobody can be told: the database is not at hand.
    func round() async throws -> Round {
        var round = Round(isBusy: try await sequence())
        if try await pass() { round.isBusy = true }
        // One look for everybody: usually there is nothing to tell to most of them.
        let (head, cursors, postponed) = try await database.read { reader in
            (
                try OutboxStore.head(in: reader), try OutboxStore.cursors(in: reader),
                try OutboxStore.nextPostponed(in: reader)
            )
        }
        for subscriber in subscribers {
            let cursor = cursors[subscriber.name]
            do {
                if cursor == nil {
                    try await database.write { try OutboxStore.addCursor(subscriber.name, in: $0) }
                }
                if let due = postponed[subscriber.name], due <= clock.now, try await tellAgain(subscriber) {
                    round.isBusy = true
                }
                if cursor ?? 0 < head, try await tell(subscriber) { round.isBusy = true }
            } catch let error where !isOutage(error) {
                round.failures.append((subscriber.name, error))
            }
        }
        return round
    }

    /// The earliest moment at which something is to be told, or nil.
    func nextDue() async throws -> Instant? {
        let now = clock.now
        return try await database.read { reader in
            if try OutboxStore.hasUnsequenced(in: reader) { return now }
            let head = try OutboxStore.head(in: reader)
            let cursors = try OutboxStore.cursors(in: reader)
            let postponed = try OutboxStore.nextPostponed(in: reader)
            var next: Instant?
            for subscriber in subscribers {
                if (cursors[subscriber.name] ?? 0) < head { return now }
                guard let due = postponed[subscriber.name] else { continue }
                next = next.map { min($0, due) } ?? due
            }
            return next
        }
    }

    private func sequence() async throws -> Bool {
        guard try await database.read({ try OutboxStore.hasUnsequenced(in: $0) }) else { return false }
        return try await database.write { try OutboxStore.sequence(countMax: 1_000, in: $0) } > 0
    }

    private struct Step: Sendable {
        let subscriber: String
        let from: Int64
        let to: Int64
    }

    /// Moves on everybody whom the next events do not concern, looking beside the writer and in one short write for all.
    private func pass() async throws -> Bool {
        let steps = try await database.read { reader in
            let head = try OutboxStore.head(in: reader)
            let cursors = try OutboxStore.cursors(in: reader)
            var known: [Int64: [OutboxStore.Heading]] = [:]
            return try subscribers.compactMap { subscriber -> Step? in
                guard let cursor = cursors[subscriber.name], cursor < head else { return nil }
                let next =
                    try known[cursor]
                    ?? OutboxStore.headings(after: cursor, countMax: passMax, in: reader)
                known[cursor] = next
                let last = next.prefix { !subscriber.events.contains($0.name) }.last
                return last.map { Step(subscriber: subscriber.name, from: cursor, to: $0.sequence) }
            }
        }
        guard !steps.isEmpty else { return false }
        return try await database.write { tx in
            var isMoved = false
            for step in steps where try OutboxStore.lockCursor(step.subscriber, in: tx) == step.from {
                try OutboxStore.setCursor(step.subscriber, to: step.to, in: tx)
                isMoved = true
            }
            return isMoved
        }
    }

    private func tell(_ subscriber: Subscriber) async throws -> Bool {
        do {
            return try await tell(subscriber, countMax: batchMax) > 0
        } catch let error where !isOutage(error) {
            // One of them objects: one by one, until the batch is through.
            var told = 0
            while told < batchMax {
                let count = try await tellOne(subscriber)
                guard count > 0 else { break }
                told += count
            }
            return told > 0
        }
    }

    /// - Returns: how far the cursor moved, in events.
    private func tell(_ subscriber: Subscriber, countMax: Int, tried: Tried? = nil) async throws -> Int {
        try await database.write { tx in
            guard let cursor = try OutboxStore.lockCursor(subscriber.name, in: tx) else { return 0 }
            let next = try OutboxStore.headings(after: cursor, countMax: countMax, in: tx)
            guard var last = next.first else { return 0 }
            tried?.sequence.store(last.sequence, ordering: .relaxed)
            // The real time, not the platform's: it decides nothing but where the batch ends.
            let begun = ContinuousClock.now
            var told = 0
            for heading in next {
                // One at least, or nobody would ever get on.
                if told > 0, begun.duration(to: .now) >= holdMax { break }
                told += 1
                last = heading
                guard subscriber.events.contains(heading.name) else { continue }
                let event = try OutboxStore.whole(heading.sequence, in: tx)
                if try OutboxStore.isBlocked(subscriber.name, object: event.object, in: tx) {
                    try OutboxStore.postpone(
                        event,
                        subscriber.name,
                        state: .waiting,
                        due: event.at,
                        attempts: 0,
                        why: nil,
                        in: tx
                    )
                } else {
                    try subscriber.handle(event, tx)
                }
            }
            try OutboxStore.setCursor(subscriber.name, to: last.sequence, in: tx)
            return told
        }
    }

    private func tellOne(_ subscriber: Subscriber) async throws -> Int {
        let tried = Tried()
        do {
            return try await tell(subscriber, countMax: 1, tried: tried)
        } catch let error where !isOutage(error) {
            let now = clock.now
            let why = reason(error)
            return try await database.write { tx in
                guard let cursor = try OutboxStore.lockCursor(subscriber.name, in: tx),
                    let event = try OutboxStore.events(after: cursor, countMax: 1, in: tx).first,
                    event.sequence == tried.sequence.load(ordering: .relaxed)
                else { return 0 }
                try postpone(event, subscriber, attempts: 1, why: why, now: now, in: tx)
                try OutboxStore.setCursor(subscriber.name, to: event.sequence, in: tx)
                return 1
            }
        }
    }

    /// What failed before and is due again.
    private func tellAgain(_ subscriber: Subscriber) async throws -> Bool {
        var told = 0
        while told < batchMax {
            let now = clock.now
            let tried = Tried()
            do {
                let isTold = try await database.write { tx in
                    guard let postponed = try OutboxStore.lockPostponed(subscriber.name, now: now, in: tx)
                    else {
                        return false
                    }
                    tried.sequence.store(postponed.event.sequence, ordering: .relaxed)
                    try OutboxStore.settlePostponed(postponed.event.sequence, subscriber.name, in: tx)
                    try subscriber.handle(postponed.event, tx)
                    return true
                }
                guard isTold else { break }
            } catch let error where !isOutage(error) {
                let why = reason(error)
                try await database.write { tx in
                    guard let postponed = try OutboxStore.lockPostponed(subscriber.name, now: now, in: tx),
                        postponed.event.sequence == tried.sequence.load(ordering: .relaxed)
                    else { return }
                    try postpone(
                        postponed.event,
                        subscriber,
                        attempts: postponed.attempts + 1,
                        why: why,
                        now: now,
                        in: tx
                    )
                }
            }
            told += 1
        }
        return told > 0
    }

    private func postpone(
        _ event: Event,
        _ subscriber: Subscriber,
        attempts: Int,
        why: String,
        now: Instant,
        in tx: any Transaction
    ) throws {
        let pause = subscriber.retry.pause(after: attempts)
        try OutboxStore.postpone(
            event,
            subscriber.name,
            state: pause == nil ? .dead : .waiting,
            due: now + max(pause ?? 0, 1),
            attempts: attempts,
            why: why,
            in: tx
        )
    }
}

/// Which event an attempt was made at. Its failure is noted of no other one: the attempt may have been kept although its
/// commit was not heard, and another node may have told the event meanwhile.
private final class Tried: Sendable {
    let sequence = Atomic<Int64>(-1)
}

/// The database itself is in trouble, for everybody: nobody's attempt is counted. Of an error that one piece of work may
/// bring about by itself, such as a time-out, a page that cannot be read or a lost connection, the note of it decides:
/// when the database takes that, it was the work; when not, nothing is counted either.
func isOutage(_ error: any Error) -> Bool {
    switch error as? StorageError {
    case .unreachable, .closed, .full, .schema: true
    case .constraint, .stale, .noRow, .unexpectedColumn, .unavailable, .tooLong, .damaged, .looksSealed,
        .statement, nil:
        false
    }
}

/// What may be kept about an error: its code, or its kind. Never its text, which may hold personal data.
func reason(_ error: any Error) -> String {
    (error as? any Refusal)?.code ?? String(reflecting: type(of: error))
}
