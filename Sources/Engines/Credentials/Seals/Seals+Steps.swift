import Audit
import Identity
import Jobs
import Kernel
import Storage

/// How a seal takes a step.
extension Seals {
    static func require(_ id: ID<Seal>, expecting version: Int64? = nil, in reader: any Reader) throws -> Seal
    {
        guard let seal = try SealStore.find(id, in: reader) else { throw SealError.unknown }
        guard version == nil || version == seal.version else { throw SealError.stale }
        return seal
    }

    static func requireRepresentative(
        _ person: ID<Person>,
        of code: String,
        at now: Instant,
        in reader: any Reader
    ) throws {
        guard try Enterprises.acting(person, for: code, at: now, in: reader)?.isLegalRepresentative == true
        else {
            throw SealError.notRepresentative
        }
    }

    /// Who acts for the owner in matters of seals: his representative, or whom he lets use them.
    static func acting(_ person: ID<Person>, for seal: Seal, at now: Instant, in reader: any Reader) throws
        -> ActingFor
    {
        guard let acting = try mayUse(person, seal, at: now, in: reader) else { throw SealError.notActing }
        return acting
    }

    /// - Returns: nil for whoever does not.
    static func mayUse(_ person: ID<Person>, _ seal: Seal, at now: Instant, in reader: any Reader) throws
        -> ActingFor?
    {
        try Enterprises.acting(person, for: seal.owner.code, at: now, in: reader).flatMap {
            $0.isLegalRepresentative || $0.scope.contains("seal.use") ? $0 : nil
        }
    }

    /// Moves the seal, and its credential with it.
    /// - Parameter state: where it leads, if not where the event by itself does.
    static func step(
        _ seal: Seal,
        _ event: SealEvent,
        to state: SealState? = nil,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Seal {
        var next = seal
        next.state = try state ?? seal.state(at: occasion.now).after(event)
        next.version += 1
        try SealStore.update(
            next,
            expecting: seal.version,
            endedAt: next.state.isFinal ? occasion.now : nil,
            in: tx
        )
        try note(next, event: event, reason: reason, effective: occasion.now, occasion: occasion, in: tx)
        try moveCredential(of: next, event, reason: reason, occasion: occasion, in: tx)
        return next
    }

    /// Ends a seal for good; its key is destroyed by a job.
    static func end(_ seal: Seal, reason: String, occasion: Occasion, in tx: any Transaction) throws -> Seal {
        let ended = try step(seal, .void, reason: reason, occasion: occasion, in: tx)
        try Jobs.cancel(kind: SealWorkshop.makeJob, key: seal.object, in: tx)
        try Jobs.cancel(kind: SealWorkshop.unclaimedJob, key: seal.object, in: tx)
        if seal.code != nil {
            try Jobs.enqueue(
                kind: SealWorkshop.destroyJob,
                key: seal.object,
                payload: ["seal": .string(seal.id.rawValue)],
                at: occasion.now,
                in: tx
            )
        }
        return ended
    }

    /// The old one names its successor.
    static func link(_ old: Seal, to new: Seal, in tx: any Transaction) throws {
        guard var kept = try SealStore.find(old.id, in: tx) else { throw SealError.unknown }
        kept.replacedBy = new.id
        guard let ended = try SealStore.endedAt(old.id, in: tx) else { throw SealError.stale }
        try SealStore.update(kept, expecting: kept.version, endedAt: ended, in: tx)
    }

    static func note(
        _ seal: Seal,
        event: SealEvent?,
        reason: String,
        effective: Instant,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let step = SealStep(
            state: seal.state,
            event: event,
            at: effective,
            recordedAt: occasion.now,
            actor: occasion.actor,
            reason: reason
        )
        try SealStore.addStep(step, of: seal, in: tx)
        let past = "seal.\(event?.past ?? "applied")"
        let entry = try AuditLog.append(
            past,
            object: seal.object,
            after: LoggedSeal.facts(of: seal, step),
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            past,
            object: seal.object,
            payload: [
                "seal": .string(seal.id.rawValue), "owner": .string(seal.owner.code), "code": JSON(seal.code),
                "kind": .string(seal.kind), "state": .string(seal.state.rawValue), "reason": .string(reason),
                "police": event?.policeCode.map { JSON($0.rawValue) } ?? .null,
            ],
            feed: FeedPlace(entry.id, region: seal.region),
            occasion: occasion,
            in: tx
        )
    }

    /// The signed record stands as its seal does. What ended by other ways stays as it is.
    private static func moveCredential(
        of seal: Seal,
        _ event: SealEvent,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let id = seal.credential, let credential = try Credentials.find(id, in: tx) else { return }
        let move: CredentialEvent? =
            switch (event, credential.state) {
            case (.suspend, .valid), (.lose, .valid): .suspend
            case (.resume, .suspended) where seal.state == .active: .resume
            case (.void, .valid), (.void, .suspended): .cancel
            default: nil
            }
        guard let move else { return }
        try Credentials.apply(move, to: id, reason: reason, occasion: occasion, in: tx)
    }
}
