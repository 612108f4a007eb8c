import Storage
import Synchronization

/// Questions of many callers on few connections: whatever was asked while a trip was under way goes with the next one,
/// so that dozens of callers share its way through the kernel, its wake-ups and its snapshot.
final class PostgresTrips: Sendable {
    private struct Asked {
        let questions: [Question]
        let continuation: CheckedContinuation<[[Row]], any Error>
    }

    private struct State {
        var waiting: [Asked] = []
        /// Threads that are at it.
        var travellers = 0
    }

    private let workers: Workers<Link>
    private let travellersMax: Int
    private let waitingMax: Int
    /// Answers of a trip wait for its last one.
    private let callersMax = 32
    private let state = Mutex(State())

    init(workers: Workers<Link>, travellersMax: Int, waitingMax: Int) {
        self.workers = workers
        self.travellersMax = travellersMax
        self.waitingMax = waitingMax
    }

    func ask(_ questions: [Question]) async throws -> [[Row]] {
        try await withCheckedThrowingContinuation { continuation in
            let (isTaken, starts) = state.withLock { state in
                guard state.waiting.count < waitingMax else { return (false, false) }
                state.waiting.append(Asked(questions: questions, continuation: continuation))
                guard state.travellers < travellersMax else { return (true, false) }
                state.travellers += 1
                return (true, true)
            }
            guard isTaken else {
                let error = StorageError.unavailable(
                    "more than \(waitingMax) questions wait for the database"
                )
                return continuation.resume(throwing: error)
            }
            guard starts else { return }
            do { try workers.add(travel) } catch {
                for asked in leave() { asked.continuation.resume(throwing: error) }
            }
        }
    }

    /// Trip after trip while there are questions; when other work waits for a thread, in turn with it.
    @Sendable
    private func travel(with link: Link) {
        while let batch = next() {
            let answers = link.answers(to: batch.map(\.questions))
            for (asked, answer) in zip(batch, answers) { asked.continuation.resume(with: answer) }
            guard workers.isAwaited else { continue }
            // Where nobody new is let in, what waits here is still answered.
            do { return try workers.add(travel) } catch { continue }
        }
    }

    /// The questions of the next trip; nil when there are none, which ends the traveller.
    private func next() -> ArraySlice<Asked>? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.travellers -= 1
                return nil
            }
            guard state.waiting.count > callersMax else {
                defer { state.waiting = [] }
                return state.waiting[...]
            }
            defer { state.waiting.removeFirst(callersMax) }
            return state.waiting.prefix(callersMax)
        }
    }

    /// A traveller ends before its trip; with it, when it was the last, whatever waits.
    private func leave() -> [Asked] {
        state.withLock { state in
            state.travellers -= 1
            guard state.travellers == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
