import Audit
import Catalogue
public import Kernel
import Storage

extension CaseDesk {
    /// Asks the sources again and puts the rules anew to a case that waits for a person: what was silent may answer now.
    /// When everything passes, the rules grant it as they would have when it was handed in; else only what they say is
    /// written anew, and the person decides.
    /// - Parameter version: the version of the case that was on the page.
    /// - Throws: `CaseError.changedMeanwhile`, `.notAllowed` for a case that waits for nobody, `.notClaimed` for one that
    ///   the actor has not taken.
    @discardableResult
    public func recheck(_ id: ID<Case>, version: Int, occasion: Occasion) async throws -> Case {
        let (before, signing) = try await database.read { reader in
            (try CaseStore.find(id, in: reader), try SignerStore.state(of: id, in: reader))
        }
        try Self.seen(before, version)
        try await database.read { try requireRecheck(of: before, occasion: occasion, in: $0) }
        return try await decide(
            before,
            signing: signing,
            definition: try await definition(of: before),
            by: .rulesAgain,
            occasion: occasion
        )
    }

    /// The rules are asked by whoever has the case: their answer may be its grant.
    func requireRecheck(of subject: Case, occasion: Occasion, in reader: any Reader) throws {
        guard subject.state == .review else {
            throw CaseError.notAllowed(event: .toPerson, in: subject.state)
        }
        guard let step = try openReview(of: subject, in: reader) else {
            throw CaseError.unknownStep("review")
        }
        guard step.assignee == occasion.actor.id else { throw CaseError.notClaimed }
    }

    /// Whether a person has been asked already.
    func isWaiting(_ subject: Case, in reader: any Reader) throws -> Bool {
        try openReview(of: subject, in: reader) != nil
    }

    private func openReview(of subject: Case, in reader: any Reader) throws -> CaseStep? {
        try StepStore.of(subject.id, in: reader).first { $0.kind == .staff && $0.state == .open }
    }

    /// A case that waits for a person already goes on waiting.
    static func state(after event: CaseEvent, of subject: Case) throws(CaseError) -> CaseState {
        event == .toPerson && subject.state == .review
            ? .review : try subject.state.after(event, in: subject.procedure)
    }

    /// Checked again where it is written, and noted in the name of whoever asked: the decision itself is the rules'.
    func beginRecheck(of subject: Case, occasion: Occasion, in tx: any Transaction) throws {
        try requireRecheck(of: subject, occasion: occasion, in: tx)
        try note("rechecked", on: subject, isPublic: false, occasion: occasion, in: tx)
    }
}
