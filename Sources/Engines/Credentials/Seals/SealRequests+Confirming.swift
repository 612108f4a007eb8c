public import Identity
public import Kernel
public import Storage

/// Requests without a second person: the law of some kinds of firm knows none beside their owner.
extension SealRequests {
    /// Whoever asked approves his own request after a second step.
    static func confirm(
        _ id: ID<SealRequest>,
        digest: String,
        after step: SealRequest.Confirmation,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let request = try require(id, in: tx)
        let seal = try Seals.require(request.seal, in: tx)
        guard person.rawValue == request.requester else { throw SealError.notRequester }
        try Seals.requireRepresentative(person, of: seal.owner.code, at: occasion.now, in: tx)
        guard request.state == .waiting else { throw SealError.notWaiting(state: request.state.rawValue) }
        guard request.subject.digest == digest else { throw SealError.documentChanged }
        try requireForce(seal, at: occasion.now, in: tx)
        try SealUseStore.confirm(request, by: step, at: occasion.now, in: tx)
        try SealPermits.tell(
            "request-approved",
            seal,
            facts(of: request),
            logged: LoggedSeal.deciding(request, by: person.rawValue, refusal: nil),
            occasion: occasion,
            in: tx
        )
        try SealPermits.tell(
            "request-confirmed",
            seal,
            LoggedSeal.confirming(request, by: step),
            occasion: occasion,
            in: tx
        )
    }
}

extension SealWorkshop {
    /// Whether the owner of a seal stands alone: his kind of firm needs no second person for a seal on a day.
    public func standsAlone(_ seal: Seal, on day: LocalDate, in reader: any Reader) throws -> Bool {
        try terms.standsAlone(seal, day, reader)
    }

    /// The owner confirms his own request after a second step that was proven before.
    /// - Throws: `SealError.fourEyes` where the kind of firm needs a second person.
    public func confirm(
        _ id: ID<SealRequest>,
        digest: String,
        after step: SealRequest.Confirmation,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let request = try SealRequests.require(id, in: tx)
        let seal = try Seals.require(request.seal, in: tx)
        guard try standsAlone(seal, on: occasion.now.date, in: tx) else { throw SealError.fourEyes }
        try SealRequests.confirm(id, digest: digest, after: step, by: person, occasion: occasion, in: tx)
    }
}
