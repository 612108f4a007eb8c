public import Kernel
public import Storage

/// An act that may be asked for twice and is done once: the caller's key, and what is kept as the answer to it.
///
/// The act takes the key first and keeps its answer last, both inside its own transaction. So a crash leaves neither
/// act nor key, and nothing is kept of an act that was refused or could not be done: asked again, it is judged anew.
public struct Once<Done: Sendable>: Sendable {
    private let key: String
    private let scope: String
    private let request: [UInt8]
    private let kept: @Sendable (Done) -> JSON

    /// - Parameters:
    ///   - key: what the caller sent, 1...255 bytes.
    ///   - scope: whose key it is and for what, 1...255 bytes, such as `submit:<account>`.
    ///   - request: what tells two requests apart: a digest, or a few bytes.
    ///   - kept: what a repetition needs to give the same answer; no secrets.
    public init(
        key: String,
        scope: String,
        request: [UInt8],
        keeping kept: @escaping @Sendable (Done) -> JSON
    ) {
        self.key = key
        self.scope = scope
        self.request = request
        self.kept = kept
    }

    /// How a request was answered.
    public enum Outcome: Sendable {
        /// It was done now.
        case done(Done)
        /// It was done before; this was kept of it.
        case before(JSON)
    }

    /// Does the act, unless it was done before. `act` hands the value it gets to what writes.
    /// - Parameter looksFirst: asks for the key before the act begins. An act that does little before it writes needs no
    ///   look of its own: its write begins with one.
    /// - Throws: `IdempotencyError`, and what `act` refuses; then nothing is kept under the key.
    public func run(
        in database: any Database,
        looksFirst: Bool = true,
        _ act: @Sendable (Once) async throws -> Done
    ) async throws -> Outcome {
        if looksFirst, let answer = try await answer(in: database) { return .before(answer) }
        do {
            return .done(try await act(self))
        } catch let before as AnsweredBefore {
            return .before(before.answer)
        } catch let error as StorageError {
            throw error
        } catch {
            // A twin may have been done meanwhile, and what it changed is what refused this one.
            if let answer = try await answer(in: database) { return .before(answer) }
            throw error
        }
    }

    private func answer(in database: any Database) async throws -> JSON? {
        try await database.read {
            try Idempotency.answer(key: key, scope: scope, requestDigest: request, in: $0)
        }
    }

    /// The first statement of the act's transaction: a twin waits here until this one is kept or undone.
    /// - Throws: `IdempotencyError`; an error that `run` understands when a twin was done.
    public func take(at: Instant, in tx: any Transaction) throws {
        switch try Idempotency.begin(key: key, scope: scope, requestDigest: request, at: at, in: tx) {
        case .new: return
        case .replay(let answer): throw AnsweredBefore(answer: answer)
        case .conflict(let error): throw error
        }
    }

    /// The last statement of the act's transaction.
    public func keep(_ done: Done, in tx: any Transaction) throws {
        try Idempotency.finish(key: key, scope: scope, answer: kept(done), in: tx)
    }
}

/// Ends a transaction whose act was done before.
private struct AnsweredBefore: Error {
    let answer: JSON
}
