public import Kernel
public import Storage

/// Does the jobs and delivers the events of one database.
public struct JobRunner: Sendable {
    let database: any Database
    let clock: any Clock
    let kinds: [String: JobKind]
    let subscribers: [Subscriber]

    public init(
        database: any Database,
        clock: any Clock,
        kinds: [JobKind],
        subscribers: [Subscriber]
    ) {
        self.database = database
        self.clock = clock
        self.kinds = Dictionary(kinds.map { ($0.name, $0) }) { first, _ in
            preconditionFailure("two kinds of job named \(first.name)")
        }
        self.subscribers = subscribers
    }

    /// Everything due at the clock's now, one after the other and without sleeping: events, jobs, and what they
    /// bring about, until there is nothing left.
    public func runUntilQuiet() async throws {}

    /// The earliest moment at which something is to be done, or nil.
    public func nextDue() async throws -> Instant? { nil }
}
