import Storage

/// A write that waits for its turn, whatever its answer's type.
protocol PendingWrite: Sendable {
    /// Whether it is ended when it runs too long.
    var isBounded: Bool { get }
    /// Runs the body and keeps its answer or error for later.
    func run(in tx: SQLiteTransaction) -> MemberResult
    func answer(_ result: MemberResult)
}

/// What a body returned or threw. An answer that is kept is handed out only after the durable commit.
enum MemberResult {
    case answer(any Sendable)
    case failure(any Error)
    /// It was ended, because it held the writer for so long.
    case tooSlow(milliseconds: Int)

    var isAnswer: Bool { if case .answer = self { true } else { false } }
    var isTooSlow: Bool { if case .tooSlow = self { true } else { false } }
}

struct Write<Answer: Sendable>: PendingWrite {
    let isBounded: Bool
    private let body: @Sendable (any Transaction) throws -> Answer
    private let continuation: CheckedContinuation<Answer, any Error>

    init(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer,
        isBounded: Bool,
        _ continuation: CheckedContinuation<Answer, any Error>
    ) {
        self.body = body
        self.isBounded = isBounded
        self.continuation = continuation
    }

    func run(in tx: SQLiteTransaction) -> MemberResult {
        do {
            let answer = try body(tx)
            if let failure = tx.failure { return .failure(failure) }
            return .answer(answer)
        } catch {
            return .failure(error)
        }
    }

    func answer(_ result: MemberResult) {
        switch result {
        case .answer(let answer):
            guard let answer = answer as? Answer else { preconditionFailure("an answer of another write") }
            continuation.resume(returning: answer)
        case .failure(let error): continuation.resume(throwing: error)
        case .tooSlow(let milliseconds):
            let why = "a write took longer than \(milliseconds) ms and was undone; do less in one step"
            continuation.resume(throwing: StorageError.tooLong(why))
        }
    }
}

/// The transaction as a body sees it. It is of no use after the body has returned.
final class SQLiteTransaction: Transaction {
    private let connection: SQLiteConnection
    private(set) var failure: StorageError?
    private(set) var works: [@Sendable () -> Void] = []
    private var isOver = false
    private var isRung = false

    let writesAlone = true

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        try check()
        do throws(StorageError) { return try connection.query(sql, values) } catch { throw spoiled(error) }
    }

    func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int {
        try check()
        do throws(StorageError) { return try connection.execute(sql, values) } catch { throw spoiled(error) }
    }

    func insert(_ rows: Rows) throws {
        try check()
        do throws(StorageError) { try connection.insert(rows) } catch { throw spoiled(error) }
    }

    func afterCommit(_ work: @escaping @Sendable () -> Void) { works.append(work) }

    func ring() {
        guard !isRung else { return }
        isRung = true
        afterCommit(connection.bell.ring)
    }

    func end() { isOver = true }

    /// When the transaction was lost under way, a statement would run by itself and be kept: it must not run.
    private func check() throws(StorageError) {
        guard !isOver else { throw .statement("a transaction was used after its write had ended") }
        if let failure { throw failure }
        guard connection.isInTransaction else { throw spoiled(.full) }
    }

    private func spoiled(_ error: StorageError) -> StorageError {
        failure = failure ?? error
        return error
    }
}
