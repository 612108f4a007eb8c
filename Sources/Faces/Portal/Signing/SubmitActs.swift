import Cases
import Jobs
import Kernel
import Storage
import Web

/// Handing a case in, and taking it back.
enum SubmitActs {
    /// Hands in once, however often the button was pressed, and leads to where the case then stands: to the result page
    /// only when it was handed in.
    static func submit(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit, for: "case.submit")
        let result = Reply.redirect(to: "/cases/\(subject.number)/result")
        // Pressed again after it was taken: the result page is the answer.
        guard subject.state.isEditable else { return result }
        guard let key = visit.onceKey else { throw WebRefusal.badField(name: "_once") }
        let isReady = try await desk.database.read { reader in
            try SignerStore.state(of: subject.id, in: reader).isComplete
                && ObjectionStore.standing(of: subject.id, in: reader).isEmpty
        }
        guard isReady else { return .redirect(to: "/cases/\(subject.number)/signers") }
        let once = Once<Case>(
            key: key,
            scope: "submit:\(subject.applicant)",
            request: Array(subject.number.utf8)
        ) { ["number": .string($0.number)] }
        switch try await once.run(
            in: desk.database,
            { handIn in
                try await desk.desk.submit(subject.id, once: handIn, occasion: visit.occasion)
            }
        ) {
        case .done: return result
        // An old form of a case that came back since: what it asked for was done, but the case goes on from here.
        case .before: return try await ResultActs.enter(visit, desk)
        }
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
