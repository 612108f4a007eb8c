public import Kernel
public import Storage

/// Does the jobs and tells the events of one database. Several nodes may run on the same one.
public struct JobRunner: Sendable {
    let database: any Database
    let clock: any Clock
    let kinds: [String: JobKind]
    let dispatcher: Dispatcher
    /// How long a node may keep a job without saying that it still works on it.
    let leaseMilliseconds: Int64
    private let stepsMax = 100_000

    /// - Precondition: no two kinds and no two subscribers of the same name.
    public init(
        database: any Database,
        clock: any Clock,
        kinds: [JobKind],
        subscribers: [Subscriber],
        leaseMilliseconds: Int64 = 60_000
    ) {
        self.database = database
        self.clock = clock
        self.kinds = Dictionary(kinds.map { ($0.name, $0) }) { first, _ in
            preconditionFailure("two kinds of job named \(first.name)")
        }
        precondition(
            Set(subscribers.map(\.name)).count == subscribers.count,
            "two subscribers of the same name"
        )
        dispatcher = Dispatcher(database: database, clock: clock, subscribers: subscribers)
        self.leaseMilliseconds = leaseMilliseconds
    }

    /// Who hears events here, by name.
    public var subscribers: [String] { dispatcher.subscribers.map(\.name) }

    /// Everything due at the clock's now, one after the other and without sleeping: events, jobs, and what they
    /// bring about, until there is nothing left.
    /// - Throws: `JobError.neverQuiet` when something enqueues itself for ever; errors of the database. An error of a
    ///   job or a subscriber is noted with it and not thrown.
    public func runUntilQuiet() async throws {
        for _ in 0..<stepsMax {
            let round = try await dispatcher.round()
            if round.isBusy { continue }
            guard let claimed = try await claim(countMax: 1).first else {
                if let failure = round.failures.first { throw failure.error }
                return
            }
            try await attempt(claimed)
        }
        throw JobError.neverQuiet
    }

    /// The earliest moment at which something is to be done: the clock's now when something waits already, nil when
    /// nothing ever will.
    public func nextDue() async throws -> Instant? {
        let told = try await dispatcher.nextDue()
        let done = try await database.read { try JobStore.nextDue(in: $0) }
        return [told, done].compactMap { $0 }.min()
    }

    struct Claimed: Sendable {
        let job: Job
        let lease: String
    }

    func claim(countMax: Int) async throws -> [Claimed] {
        let now = clock.now
        // Looking costs no write, and there is usually nothing.
        guard try await database.read({ try JobStore.isAnythingDue(at: now, in: $0) }) else { return [] }
        let lease = ID<Claimed>.new(at: now, entropy: SystemEntropy()).rawValue
        let until = now + leaseMilliseconds
        let jobs = try await database.write { tx in
            try JobStore.claim(now: now, lease: lease, until: until, countMax: countMax, in: tx)
        }
        return jobs.map { Claimed(job: $0, lease: lease) }
    }

    /// Says that the job is still being worked on.
    /// - Returns: false when the lease is no longer held.
    func prolong(_ claimed: Claimed) async throws -> Bool {
        let until = clock.now + leaseMilliseconds
        return try await database.write { tx in
            try JobStore.prolong(claimed.job, lease: claimed.lease, until: until, in: tx)
        }
    }

    /// Runs the job once and notes how it ended.
    /// - Returns: why it is dead now, or nil.
    @discardableResult
    func attempt(_ claimed: Claimed) async throws -> String? {
        let job = claimed.job
        let policy = kinds[job.kind]?.retry ?? .standard
        do {
            // A job that takes its node down with it each time must come to an end, too.
            guard job.attempt <= policy.pauses.count + 1 else { throw JobError.leaseLost }
            guard let kind = kinds[job.kind] else { throw JobError.unknownKind(job.kind) }
            switch try await kind.run(job) {
            case .done: try await settle(claimed, .done, due: job.due, attempts: job.attempt, why: nil)
            case .again(let at, let why):
                try await settle(claimed, .waiting, due: max(at, clock.now + 1), attempts: 0, why: why)
            }
            return nil
        } catch let error where !(error is SettleFailed) {
            let why = reason(error)
            let pause = error as? JobError == .leaseLost ? nil : policy.pause(after: job.attempt)
            guard let pause else {
                try await settle(claimed, .dead, due: job.due, attempts: job.attempt, why: why)
                return why
            }
            try await settle(
                claimed,
                .waiting,
                due: clock.now + max(pause, 1),
                attempts: job.attempt,
                why: why
            )
            return nil
        }
    }

    /// The answer could not be written down: the lease runs out and the job runs again.
    struct SettleFailed: Error { let cause: any Error }

    private func settle(
        _ claimed: Claimed,
        _ state: JobState,
        due: Instant,
        attempts: Int,
        why: String?
    ) async throws(SettleFailed) {
        do {
            try await database.write { tx in
                try JobStore.settle(
                    claimed.job,
                    lease: claimed.lease,
                    state: state,
                    due: due,
                    attempts: attempts,
                    why: why,
                    in: tx
                )
            }
        } catch {
            throw SettleFailed(cause: error)
        }
    }
}
