public import Kernel

/// Where a job stands. Raw values are stored: never rename, only add.
public enum JobState: String, Sendable, CaseIterable {
    /// Waits for its moment.
    case waiting
    /// A node holds its lease; when the lease runs out, another may take it.
    case running
    case done
    /// Failed at its last attempt; a person has to look at it.
    case dead
    case cancelled
}

/// A job as its runner sees it.
public struct Job: Sendable, Equatable {
    public let kind: String
    public let key: String
    public let payload: JSON
    public let state: JobState
    /// When it is due; for one that came again, the moment it asked for.
    public let due: Instant
    /// Attempts begun, including the present one: 1 at the first run.
    public let attempt: Int
    /// Why the last attempt failed or asked to come again; a stable code, never personal data.
    public let why: String?
}

/// How an attempt ended, when it did not throw.
public enum JobOutcome: Sendable, Equatable {
    case done
    /// Not a failure: something is not ready yet. The attempts start again from none.
    case again(at: Instant, why: String)
}

/// A kind of work.
public struct JobKind: Sendable {
    public let name: String
    public let retry: RetryPolicy
    /// Does the work outside any transaction, at least once: after a crash it runs again, so what it does must
    /// bear repetition. An error it throws is retried as `retry` says.
    public let run: @Sendable (Job) async throws -> JobOutcome

    public init(
        _ name: String,
        retry: RetryPolicy = .standard,
        run: @escaping @Sendable (Job) async throws -> JobOutcome
    ) {
        self.name = name
        self.retry = retry
        self.run = run
    }
}

/// The pauses after failed attempts. After the last pause's attempt has failed too, the job is dead.
public struct RetryPolicy: Sendable, Equatable {
    /// Milliseconds, one for each repetition; 0...100 of them.
    public let pauses: [Int64]

    public init(pauses: [Int64]) {
        precondition(pauses.count <= 100 && pauses.allSatisfy { $0 >= 0 }, "0...100 pauses, none negative")
        self.pauses = pauses
    }

    /// Pauses in milliseconds that begin with `first` and grow by `factor` up to `longest`; `attempts` counts the
    /// first run, too: 1...101.
    public init(attempts: Int, first: Int64, factor: Int64, longest: Int64) {
        var pauses: [Int64] = []
        var pause = first
        for _ in 1..<max(attempts, 2) where attempts > 1 {
            pauses.append(min(pause, longest))
            pause = min(pause.multipliedReportingOverflow(by: factor).partialValue, longest)
        }
        self.init(pauses: pauses)
    }

    /// What a kind uses that names nothing else: 10 attempts over about a day.
    public static let standard = RetryPolicy(
        attempts: 10,
        first: 5_000,
        factor: 4,
        longest: 6 * Instant.hour
    )

    public static let never = RetryPolicy(pauses: [])

    /// - Returns: the pause after failed attempt number `attempt` (1…), or nil when it was the last.
    public func pause(after attempt: Int) -> Int64? {
        pauses.indices.contains(attempt - 1) ? pauses[attempt - 1] : nil
    }
}

/// What is refused about jobs.
public enum JobError: Refusal, Equatable {
    /// The key is empty or longer than 400 bytes, or the kind's name is.
    case badKey
    case payloadTooLarge
    case notDead
    /// Nothing of this kind has stopped; `kinds` has.
    case noneDead(kind: String, kinds: [String])
    /// The node that held the job's lease did not come back, each time until the last.
    case leaseLost
    /// A job whose kind this program does not know.
    case unknownKind(String)
    /// `runUntilQuiet` still found work after a hundred thousand steps: something enqueues itself for ever.
    case neverQuiet

    public var code: String {
        switch self {
        case .badKey: "job.bad-key"
        case .payloadTooLarge: "job.payload-too-large"
        case .notDead: "job.not-dead"
        case .noneDead: "job.none-dead"
        case .leaseLost: "job.lease-lost"
        case .unknownKind: "job.unknown-kind"
        case .neverQuiet: "job.never-quiet"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownKind(let kind): ["kind": kind]
        case .noneDead(let kind, let kinds):
            ["kind": kind, "kinds": kinds.isEmpty ? "-" : kinds.joined(separator: ", ")]
        case .badKey, .payloadTooLarge, .notDead, .leaseLost, .neverQuiet: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .badKey: .malformed
        case .payloadTooLarge: .tooLarge
        case .notDead, .noneDead: .notAllowedNow
        case .unknownKind: .unsupported
        case .leaseLost, .neverQuiet: .unavailable
        }
    }
}
