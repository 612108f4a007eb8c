import Foundation
import Storage
import Synchronization

/// The one thread that writes. Writes that wait together share one durable commit.
///
/// Most of them succeed, and a savepoint costs a copy of every page that a member touches: so members run one after the
/// other in the open. When one fails after it changed something, the group is undone and runs again, each member in a
/// savepoint of its own, and so do the writes after it for a while.
///
/// After each member it checks that the transaction is still open: when the disk is full, SQLite may undo the whole
/// of it, and the next statement would run outside any transaction. When it is not open, or the commit fails, the
/// members run again one by one and each gets its own answer. Nobody is answered before a commit.
final class GroupWriter: Sendable {
    typealias EndWork = @Sendable (any Transaction) throws -> Void

    private struct Ending {
        var works: [EndWork] = []
        var failureCount = 0
        var lastFailure: (any Error)?
    }

    private struct Member {
        let write: any PendingWrite
        var result: MemberResult
        var works: [@Sendable () -> Void]
        /// What it changed stands beside what its neighbours wrote, and must not.
        var leftSomething = false
    }

    private let connection: SQLiteConnection
    private let settings: SQLiteSettings
    private let line: Line<any PendingWrite>
    private let ending = Mutex(Ending())
    private let commits = Atomic(0)
    /// Writes that still run in savepoints.
    private let careful = Atomic(0)
    private let gone = Mutex<(isGone: Bool, waiting: [CheckedContinuation<Void, Never>])>((true, []))

    init(connection: SQLiteConnection, settings: SQLiteSettings) {
        self.connection = connection
        self.settings = settings
        line = Line(lengthMax: settings.waitingMax)
    }

    func start() {
        gone.withLock { $0.isGone = false }
        let thread = Thread { self.serve() }
        thread.name = "sqlite-write"
        thread.start()
    }

    func add(_ write: some PendingWrite) {
        do { try line.add(write) } catch { write.answer(.failure(error)) }
    }

    func atEndOfGroup(_ work: @escaping EndWork) { ending.withLock { $0.works.append(work) } }

    var endOfGroupFailures: (count: Int, last: (any Error)?) {
        ending.withLock { ($0.failureCount, $0.lastFailure) }
    }

    var commitCount: Int { commits.load(ordering: .relaxed) }
    var waitingCount: Int { line.count }

    func close() async {
        line.close()
        await withCheckedContinuation { continuation in
            let isGone = gone.withLock { gone in
                if !gone.isGone { gone.waiting.append(continuation) }
                return gone.isGone
            }
            if isGone { continuation.resume() }
        }
    }

    private func serve() {
        while true {
            let first = line.take(countMax: settings.groupCountMax)
            guard !first.isEmpty else { break }
            runGroup(first)
        }
        connection.close()
        let waiting = gone.withLock { gone in
            gone.isGone = true
            defer { gone.waiting = [] }
            return gone.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private func runGroup(_ first: [any PendingWrite], again: Bool = false) {
        let isCareful = again || careful.load(ordering: .relaxed) > 0
        // What has no bound in time has none in what it sorts either.
        connection.keepScratch(inMemory: first.allSatisfy(\.isBounded))
        do { try connection.run("BEGIN IMMEDIATE") } catch {
            for write in first { write.answer(.failure(error)) }
            return
        }
        let start = ContinuousClock.now
        let end = start + .milliseconds(settings.groupMilliseconds)
        var members: [Member] = []
        var waiting = first[...]
        while true {
            if waiting.isEmpty {
                let room = settings.groupCountMax - members.count
                guard room > 0, ContinuousClock.now < end else { break }
                waiting = line.takeNow(countMax: room)[...]
            }
            guard let write = waiting.popFirst() else { break }
            members.append(isCareful ? runInSavepoint(write) : runInTheOpen(write))
            let isLost = !connection.isInTransaction
            guard isLost || members.last?.leftSomething == true else { continue }
            connection.rollBack()
            // Who took too long would do so again.
            if members.last?.result.isTooSlow == true { answer([members.removeLast()]) }
            let rest = members.map(\.write) + waiting
            guard !isLost else { return runAlone(rest) }
            careful.store(settings.carefulCount, ordering: .relaxed)
            return rest.isEmpty ? () : runGroup(rest, again: true)
        }
        if isCareful {
            careful.subtract(min(members.count, careful.load(ordering: .relaxed)), ordering: .relaxed)
        }
        guard members.contains(where: \.result.isAnswer) else {
            connection.rollBack()
            return answer(members)
        }
        runEndWork()
        do {
            guard connection.isInTransaction else { throw StorageError.full }
            try commit()
        } catch {
            connection.rollBack()
            return runAlone(members.map(\.write))
        }
        answer(members)
    }

    private func commit() throws(StorageError) {
        try connection.run("COMMIT")
        commits.add(1, ordering: .relaxed)
    }

    private func answer(_ members: [Member]) {
        for member in members {
            if member.result.isAnswer { for work in member.works { work() } }
            member.write.answer(member.result)
        }
    }

    private func runInTheOpen(_ write: any PendingWrite) -> Member {
        let tx = SQLiteTransaction(connection)
        defer { tx.end() }
        let before = connection.changeCount
        let result = run(write, in: tx)
        guard connection.isInTransaction else {
            let lost = result.isTooSlow ? result : .failure(tx.failure ?? .full)
            return Member(write: write, result: lost, works: [])
        }
        guard !result.isAnswer else { return Member(write: write, result: result, works: tx.works) }
        let leftSomething = connection.changeCount != before
        return Member(write: write, result: result, works: [], leftSomething: leftSomething)
    }

    private func runInSavepoint(_ write: any PendingWrite) -> Member {
        let tx = SQLiteTransaction(connection)
        defer { tx.end() }
        do {
            try connection.run("SAVEPOINT member")
            var result = run(write, in: tx)
            guard connection.isInTransaction else {
                let lost = result.isTooSlow ? result : .failure(tx.failure ?? .full)
                return Member(write: write, result: lost, works: [])
            }
            if !result.isAnswer { try connection.run("ROLLBACK TO member") }
            do { try connection.run("RELEASE member") } catch { result = .failure(error) }
            return Member(write: write, result: result, works: result.isAnswer ? tx.works : [])
        } catch {
            // The savepoint could be neither made nor undone: nothing of this group may be kept.
            connection.rollBack()
            return Member(write: write, result: .failure(error), works: [])
        }
    }

    /// A write that runs too long is ended, so that its neighbours are not kept waiting without end.
    private func run(_ write: any PendingWrite, in tx: SQLiteTransaction) -> MemberResult {
        let most = settings.memberMilliseconds
        connection.limit(until: write.isBounded ? ContinuousClock.now + .milliseconds(most) : nil)
        let result = write.run(in: tx)
        let isTooSlow = connection.wasInterrupted
        connection.limit(until: nil)
        return isTooSlow ? .tooSlow(milliseconds: most) : result
    }

    /// A transaction and a commit for each.
    private func runAlone(_ writes: [any PendingWrite]) {
        for write in writes { answer([runAlone(write, withEndWork: true)]) }
    }

    private func runAlone(_ write: any PendingWrite, withEndWork: Bool) -> Member {
        let tx = SQLiteTransaction(connection)
        defer { tx.end() }
        do {
            try connection.run("BEGIN IMMEDIATE")
            let result = run(write, in: tx)
            guard result.isAnswer else {
                connection.rollBack()
                return Member(write: write, result: result, works: [])
            }
            guard connection.isInTransaction else { throw StorageError.full }
            if withEndWork {
                runEndWork()
                guard connection.isInTransaction else { return runAlone(write, withEndWork: false) }
            }
            try commit()
            return Member(write: write, result: result, works: tx.works)
        } catch {
            connection.rollBack()
            return Member(write: write, result: .failure(error), works: [])
        }
    }

    /// Each work has a savepoint of its own: when it fails, the members are kept, the failure is remembered, and the
    /// work has its next chance at the end of the next group.
    private func runEndWork() {
        for work in ending.withLock({ $0.works }) {
            let tx = SQLiteTransaction(connection)
            defer { tx.end() }
            do {
                try connection.run("SAVEPOINT ending")
                do {
                    try work(tx)
                    if let failure = tx.failure { throw failure }
                    try connection.run("RELEASE ending")
                } catch {
                    guard connection.isInTransaction else { throw error }
                    try connection.run("ROLLBACK TO ending")
                    try connection.run("RELEASE ending")
                    throw error
                }
            } catch {
                ending.withLock { ending in
                    ending.failureCount += 1
                    ending.lastFailure = error
                }
                guard connection.isInTransaction else { return }
            }
        }
    }
}
