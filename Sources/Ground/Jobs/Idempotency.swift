public import Kernel
public import Storage

/// Requests that may come twice, and must count once.
///
/// `begin` and `finish` stand in the transaction of the change itself: what is answered and what is kept can never
/// differ. A repetition that arrives while the first is still at work waits for it (PostgreSQL) or comes after it.
/// A key that was kept without an answer comes from a program that died: its request left nothing and is done now.
public enum Idempotency {
    public enum Begun: Sendable, Hashable {
        /// Nobody has done this before: do it, then `finish`.
        case new
        /// It was done before; this was the answer.
        case replay(JSON)
        /// The key was used for something else.
        case conflict(IdempotencyError)
    }

    /// Notes a request. `key` is what the caller sent, 1...255 bytes; `scope` is whose key it is and for what, such as
    /// `open:<account>`, so that no one can hit another's; `requestDigest` tells two bodies apart.
    /// - Throws: `IdempotencyError.badKey`.
    public static func begin(
        key: String,
        scope: String,
        requestDigest: [UInt8],
        at: Instant,
        in tx: any Transaction
    ) throws -> Begun {
        guard (1...255).contains(key.utf8.count), (1...255).contains(scope.utf8.count) else {
            throw IdempotencyError.badKey
        }
        if try IdempotencyStore.add(key: key, scope: scope, digest: requestDigest, at: at, in: tx) {
            return .new
        }
        guard let kept = try IdempotencyStore.find(key: key, scope: scope, in: tx) else {
            throw StorageError.noRow
        }
        guard kept.digest == requestDigest else { return .conflict(.differentBody) }
        return kept.answer.map { .replay($0) } ?? .new
    }

    /// The answer that was kept, or nil: the request was never done.
    /// - Throws: `IdempotencyError.badKey`, `.differentBody`.
    static func answer(key: String, scope: String, requestDigest: [UInt8], in reader: any Reader) throws
        -> JSON?
    {
        guard (1...255).contains(key.utf8.count), (1...255).contains(scope.utf8.count) else {
            throw IdempotencyError.badKey
        }
        guard let kept = try IdempotencyStore.find(key: key, scope: scope, in: reader) else { return nil }
        guard kept.digest == requestDigest else { throw IdempotencyError.differentBody }
        return kept.answer
    }

    /// Keeps the answer for repetitions: what is needed to give the same one, and no secrets.
    public static func finish(key: String, scope: String, answer: JSON, in tx: any Transaction) throws {
        guard try IdempotencyStore.setAnswer(answer, key: key, scope: scope, in: tx) else {
            throw StorageError.noRow
        }
    }

    /// Forgets what began before a moment, `countMax` at most.
    /// - Returns: how many.
    @discardableResult
    public static func forget(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try IdempotencyStore.forget(before: before, countMax: countMax, in: tx)
    }
}

/// What is refused about a repeated request.
public enum IdempotencyError: Refusal, Equatable {
    /// The same key came before with another body.
    case differentBody
    /// The key is empty or longer than 255 bytes.
    case badKey

    public var code: String {
        switch self {
        case .differentBody: "idempotency.different-body"
        case .badKey: "idempotency.bad-key"
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .differentBody: .unacceptable
        case .badKey: .malformed
        }
    }
}
