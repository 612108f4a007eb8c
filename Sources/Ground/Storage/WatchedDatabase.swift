import Kernel
import Synchronization

/// What a database tells of its work, for figures and for the operator: how long and how much, never a value.
public struct DatabaseWatch: Sendable {
    public enum Kind: String, Sendable { case read, write }

    /// A read or a write that has ended.
    public struct Run: Sendable {
        public let kind: Kind
        /// Until a connection, or the writer, was free for it.
        public let waited: Duration
        /// In its body.
        public let worked: Duration
        /// From the end of the body until it was answered: of a write, the durable commit.
        public let ended: Duration
        /// Nil when it was kept; otherwise the stable code of what went wrong, or `other`.
        public let failure: String?
    }

    /// A statement that took long.
    public struct Slow: Sendable {
        /// As it stands in the program, without values.
        public let statement: String
        public let duration: Duration
        public let rows: Int
        /// The request that asked, where one did.
        public let request: String?
    }

    public var slowAfter: Duration
    public var began: @Sendable (Kind) -> Void
    public var ended: @Sendable (Run) -> Void
    public var slow: @Sendable (Slow) -> Void
    /// So many writes shared a commit. Told by an engine that groups them.
    public var grouped: @Sendable (Int) -> Void

    public init(
        slowAfter: Duration,
        began: @escaping @Sendable (Kind) -> Void,
        ended: @escaping @Sendable (Run) -> Void,
        slow: @escaping @Sendable (Slow) -> Void,
        grouped: @escaping @Sendable (Int) -> Void
    ) {
        self.slowAfter = slowAfter
        self.began = began
        self.ended = ended
        self.slow = slow
        self.grouped = grouped
    }
}

/// The same database, watched: on both engines at one place.
public final class WatchedDatabase: Database {
    private let base: any Database
    private let watch: DatabaseWatch
    /// Bodies of writes that ran since the last group ended.
    private let group = Atomic(0)

    public init(_ base: any Database, watch: DatabaseWatch) {
        self.base = base
        self.watch = watch
        base.atEndOfGroup { [group = self.counted] _ in
            let count = group()
            if count > 0 { watch.grouped(count) }
        }
    }

    public var engine: DatabaseEngine { base.engine }

    /// Weakly: the database under this one outlives nothing, and keeps this closure.
    private var counted: @Sendable () -> Int {
        { [weak self] in self?.group.exchange(0, ordering: .relaxed) ?? 0 }
    }

    public func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        let (stamps, request, watch) = (Stamps(), RequestTag.current, watch)
        return try await told(.read, stamps) {
            try await self.base.read { reader in
                stamps.begin()
                defer { stamps.end() }
                return try body(WatchedReader(base: reader, watch: watch, request: request))
            }
        }
    }

    public func browse<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        let (stamps, request, watch) = (Stamps(), RequestTag.current, watch)
        return try await told(.read, stamps) {
            try await self.base.browse { reader in
                stamps.begin()
                defer { stamps.end() }
                return try body(WatchedReader(base: reader, watch: watch, request: request))
            }
        }
    }

    /// What was asked together was answered together: a slow one shows as all of them.
    public func ask(_ questions: [Question]) async throws -> [[Row]] {
        let start = ContinuousClock.now
        watch.began(.read)
        do {
            let answers = try await base.ask(questions)
            let duration = ContinuousClock.now - start
            watch.ended(.asked(duration, failure: nil))
            if duration >= watch.slowAfter {
                let statement = questions.map(\.sql.description).joined(separator: "; ")
                let rows = answers.reduce(0) { $0 + $1.count }
                let request = RequestTag.current
                watch.slow(.init(statement: statement, duration: duration, rows: rows, request: request))
            }
            return answers
        } catch {
            watch.ended(.asked(ContinuousClock.now - start, failure: Self.code(of: error)))
            throw error
        }
    }

    public func rings() -> AsyncStream<Void> { base.rings() }

    @discardableResult
    public func write<Answer: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer
    ) async throws -> Answer {
        let (stamps, request, watch) = (Stamps(), RequestTag.current, watch)
        return try await told(.write, stamps) {
            try await self.base.write { tx in
                stamps.begin()
                defer {
                    stamps.end()
                    self.group.add(1, ordering: .relaxed)
                }
                return try body(WatchedTransaction(base: tx, watch: watch, request: request))
            }
        }
    }

    private func told<Answer: Sendable>(
        _ kind: DatabaseWatch.Kind,
        _ stamps: Stamps,
        _ work: @Sendable () async throws -> Answer
    ) async throws -> Answer {
        watch.began(kind)
        do {
            let answer = try await work()
            watch.ended(stamps.run(kind, failure: nil))
            return answer
        } catch {
            watch.ended(stamps.run(kind, failure: Self.code(of: error)))
            throw error
        }
    }

    private static func code(of error: any Error) -> String { (error as? any Refusal)?.code ?? "other" }

    public func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {
        let watch = watch
        base.atEndOfGroup { try work(WatchedTransaction(base: $0, watch: watch, request: nil)) }
    }

    public func sealed(_ rows: Rows) throws -> Rows { try base.sealed(rows) }

    public func migrate(_ migrations: [Migration]) async throws { try await base.migrate(migrations) }

    public func keepMonths(of table: StaticString, _ months: [TableMonth], isDividing: Bool) async throws
        -> TableMonths
    {
        try await base.keepMonths(of: table, months, isDividing: isDividing)
    }

    public func close() async { await base.close() }
}

/// When a transaction was asked for, began and ended. A body that runs more than once counts from its first beginning.
private final class Stamps: Sendable {
    private let asked = ContinuousClock.now
    private let marks = Mutex<(begun: ContinuousClock.Instant?, ended: ContinuousClock.Instant?)>((nil, nil))

    func begin() { marks.withLock { $0.begun = $0.begun ?? .now } }
    func end() { marks.withLock { $0.ended = .now } }

    func run(_ kind: DatabaseWatch.Kind, failure: String?) -> DatabaseWatch.Run {
        let now = ContinuousClock.now
        let (begun, ended) = marks.withLock { ($0.begun ?? now, $0.ended ?? now) }
        return DatabaseWatch.Run(
            kind: kind,
            waited: begun - asked,
            worked: ended - begun,
            ended: now - ended,
            failure: failure
        )
    }
}

extension DatabaseWatch.Run {
    /// Of questions: how long each waited is not told.
    fileprivate static func asked(_ duration: Duration, failure: String?) -> DatabaseWatch.Run {
        DatabaseWatch.Run(kind: .read, waited: .zero, worked: duration, ended: .zero, failure: failure)
    }
}

extension DatabaseWatch {
    fileprivate func timed<Answer>(
        _ sql: StaticString,
        _ request: String?,
        rows: (Answer) -> Int,
        _ work: () throws -> Answer
    ) rethrows -> Answer {
        let start = ContinuousClock.now
        let answer = try work()
        let duration = ContinuousClock.now - start
        if duration >= slowAfter {
            slow(Slow(statement: sql.description, duration: duration, rows: rows(answer), request: request))
        }
        return answer
    }
}

private struct WatchedReader: Reader {
    let base: any Reader
    let watch: DatabaseWatch
    let request: String?

    var unopened: any Reader { WatchedReader(base: base.unopened, watch: watch, request: request) }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        try watch.timed(sql, request, rows: \.count) { try base.query(sql, values) }
    }
}

private struct WatchedTransaction: Transaction {
    let base: any Transaction
    let watch: DatabaseWatch
    let request: String?

    var writesAlone: Bool { base.writesAlone }

    var unopened: any Reader { WatchedReader(base: base.unopened, watch: watch, request: request) }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        try watch.timed(sql, request, rows: \.count) { try base.query(sql, values) }
    }

    func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int {
        try watch.timed(sql, request, rows: { $0 }) { try base.execute(sql, values) }
    }

    func send(_ sql: StaticString, _ values: [any Bindable]) throws {
        try watch.timed(sql, request, rows: { 0 }) { try base.send(sql, values) }
    }

    func insert(_ rows: Rows) throws {
        try watch.timed(rows.insert, request, rows: { rows.count }) { try base.insert(rows) }
    }

    func afterCommit(_ work: @escaping @Sendable () -> Void) { base.afterCommit(work) }

    func ring() { base.ring() }
}
