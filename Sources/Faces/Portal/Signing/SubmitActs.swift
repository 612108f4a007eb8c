import Cases
import Jobs
import Kernel
import Storage
import Web

/// Handing a case in, and taking it back.
enum SubmitActs {
    /// Hands in once, however often the button was pressed, and leads to the result page.
    static func submit(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit, for: "case.submit")
        let result = Reply.redirect(to: "/cases/\(subject.number)/result")
        // Pressed again after it was taken: the result page is the answer.
        guard subject.state.isEditable else { return result }
        guard let key = visit.onceKey else { throw WebRefusal.badField(name: "_once") }
        let scope = "submit:\(subject.applicant)"
        let begun = try await desk.database.write { tx in
            try Idempotency.begin(
                key: key,
                scope: scope,
                requestDigest: Array(subject.number.utf8),
                at: visit.now,
                in: tx
            )
        }
        switch begun {
        case .replay: return result
        case .conflict(.stillRunning): return result
        case .conflict(let error): throw error
        case .new: break
        }
        let signing = try await desk.database.read { try SignerStore.state(of: subject.id, in: $0) }
        guard signing.isComplete else { return .redirect(to: "/cases/\(subject.number)/signers") }
        try await desk.desk.submit(subject.id, occasion: visit.occasion)
        try await desk.database.write { tx in
            try Idempotency.finish(
                key: key,
                scope: scope,
                answer: ["number": .string(subject.number)],
                in: tx
            )
        }
        return result
    }

    static func withdraw(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit, for: "case.withdraw")
        guard let version = visit.form.trimmed("version").flatMap(Int.init) else {
            throw WebRefusal.badField(name: "version")
        }
        guard subject.state != .withdrawn else { return .redirect(to: "/cases/\(subject.number)/result") }
        guard !subject.state.isFinal, subject.state != .granted else { throw CaseError.withdrawTooLate }
        try await desk.desk.withdraw(
            subject.id,
            version: version,
            freeing: visit.form["free"] == "yes",
            occasion: visit.occasion
        )
        return .redirect(to: "/cases/\(subject.number)/result")
    }
}
