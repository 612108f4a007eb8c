import Storage

/// A write that waits for its turn, whatever its answer's type.
protocol PendingWrite: Sendable {
    /// Runs the body and keeps its answer or error for later.
    func run(in tx: SQLiteTransaction) -> MemberResult
    func answer(_ result: MemberResult)
}

/// What a body returned or threw. An answer that is kept is handed out only after the durable commit.
enum MemberResult {
    case answer(any Sendable)
    case failure(any Error)

    var isAnswer: Bool { if case .answer = self { true } else { false } }
}

struct Write<Answer: Sendable>: PendingWrite {
    private let body: @Sendable (any Transaction) throws -> Answer
    private let continuation: CheckedContinuation<Answer, any Error>

    init(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer,
        _ continuation: CheckedContinuation<Answer, any Error>
    ) {
        self.body = body
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
