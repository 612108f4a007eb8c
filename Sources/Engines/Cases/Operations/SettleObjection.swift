public import Kernel
import Storage

/// What an officer found who looked into an objection to a case under review. Who finds it true refuses the case, or
/// returns it: that settles the objection too.
public enum ObjectionInquiry: String, Sendable, CaseIterable {
    /// The one who objected was asked and does take part.
    case confirmed
    /// What was said does not hold, or is not about anybody in the application.
    case unfounded

    /// As the objection keeps it.
    public var outcome: String { "review.\(rawValue)" }
}

extension CaseDesk {
    /// Settles an objection while the case is examined: who has the case says what the inquiry came to and how it was
    /// made. The telephone that objected is told, with a link by which to object again.
    /// - Parameters:
    ///   - number: of the objection, as its page says it.
    ///   - version: the version of the case that was on the page.
    ///   - reason: how it was looked into; stays in the case's history, 1...2,000 characters.
    /// - Throws: `CaseError.changedMeanwhile`, `.notAllowed` for a case that nobody examines, `.notClaimed`,
    ///   `.notFound` when no such objection is open.
    @discardableResult
    public func settleObjection(
        _ id: ID<Case>,
        number: String,
        as inquiry: ObjectionInquiry,
        version: Int,
        reason: String,
        occasion: Occasion
    ) async throws -> Case {
        let reason = try Self.checked(reason)
        let again = SigningLink.make(for: "", entropy: occasion.entropy)
        return try await database.write { tx in
            let subject = try CaseStore.lock(id, in: tx)
            try Self.seen(subject, version)
            guard subject.state.isWithAuthority else {
                throw CaseError.notAllowed(event: .toPerson, in: subject.state)
            }
            try requireClaim(id, occasion: occasion, in: tx)
            let open = try ObjectionStore.of(id, in: tx).filter { $0.state == .open }
            guard let objection = open.first(where: { $0.number == number }) else {
                throw CaseError.notFound
            }
            try ObjectionStore.close(
                objection.id,
                as: .dismissed,
                outcome: inquiry.outcome,
                at: occasion.now,
                in: tx
            )
            try note(
                "objection-settled",
                on: subject,
                details: [
                    "words": .string(reason), "objection": .string(objection.number),
                    "inquiry": .string(inquiry.rawValue),
                ],
                isPublic: false,
                occasion: occasion,
                in: tx
            )
            try tellObjector(objection, "objection-settled", of: subject, again, occasion: occasion, in: tx)
            return try CaseStore.update(subject, in: tx)
        }
    }

    /// Nobody grants over the word of somebody whom the application names, or may name, before it was looked into.
    static func requireSettled(_ id: ID<Case>, in reader: any Reader) throws {
        let (standing, doubtful) = try ObjectionStore.concerning(id, in: reader)
        if let objection = (standing + doubtful).first { throw CaseError.objectionOpen(objection.number) }
    }
}
