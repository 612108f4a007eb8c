import Cases
import Jobs
import Kernel
import Storage
import Web

/// One call that may come twice and counts once, by its `Idempotency-Key`.
struct Once {
    let desk: APIDesk
    let visit: Visit
    /// Whose key it is and for what.
    let scope: String

    /// Runs `body` the first time; a repetition gets the first answer, refusals included.
    /// - Throws: `WebRefusal.badField` without a key, `IdempotencyError`, what `body` refuses.
    func run(_ body: @Sendable () async throws -> JSON) async throws -> JSON {
        guard let key = visit.onceKey else { throw WebRefusal.badField(name: "Idempotency-Key") }
        let digest = Array("\(visit.path)\n".utf8) + visit.bytes
        let (database, scope, now) = (desk.database, scope, visit.now)
        let begun = try await database.write { tx in
            try Idempotency.begin(key: key, scope: scope, requestDigest: digest, at: now, in: tx)
        }
        switch begun {
        case .replay(let answer): return try Self.unpacked(answer)
        case .conflict(let refusal): throw refusal
        case .new: break
        }
        let answer: JSON
        do {
            answer = ["done": try await body()]
        } catch let refusal as any Refusal {
            answer = [
                "refused": .string(refusal.code), "status": JSON(refusal.status.rawValue),
                "arguments": .object(refusal.arguments.mapValues(JSON.string)),
            ]
        }
        try await database.write { try Idempotency.finish(key: key, scope: scope, answer: answer, in: $0) }
        return try Self.unpacked(answer)
    }

    private static func unpacked(_ answer: JSON) throws -> JSON {
        guard let code = answer["refused"].text else { return answer["done"] }
        throw CaseError.moduleRefused(
            code: code,
            arguments: answer["arguments"].members.compactMapValues(\.text),
            status: answer["status"].int.flatMap { RefusalStatus(rawValue: Int($0)) } ?? .notAllowedNow
        )
    }
}
