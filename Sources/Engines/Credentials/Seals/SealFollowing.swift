public import Jobs
public import Kernel
public import Storage

/// Seals that come with a registration. Its grant issues a signed record for each (`Credentials`): the seal exists from
/// then on, approved, and goes on with the record when the register changes it.
extension Seals {
    /// Hears of records that were issued, replaced or ended by others than the seal, and of rights that ended.
    /// - Parameter clock: what was issued long ago and is heard now for the first time is written down now.
    public static func follower(clock: any Clock) -> Subscriber {
        Subscriber(
            "seals",
            events: [
                "credential.issued", "credential.suspended", "credential.resumed", "credential.cancelled",
                "credential.withdrawn", "credential.revoked", "credential.replaced", "authorisation.revoked",
                "enterprise.representative-removed",
            ]
        ) { event, tx in
            let occasion = Occasion(now: max(clock.now, event.at), actor: event.actor, request: event.request)
            if let owner = event.payload["enterprise"].text, !event.object.hasPrefix("credential:") {
                return try SealPermits.endOver(of: owner, occasion: occasion, in: tx)
            }
            guard event.object.hasPrefix("credential:") else { return }
            let id: ID<Credential> = ID(String(event.object.dropFirst("credential:".count)))
            guard let credential = try Credentials.find(id, in: tx), credential.record.sealCode != nil else {
                return
            }
            guard let seal = try SealStore.find(credential: id, in: tx) else {
                _ = try adopt(credential, occasion: occasion, in: tx)
                return
            }
            try follow(credential, seal, occasion: occasion, in: tx)
        }
    }

    /// The seals of an owner's records that were issued before there was a register of seals.
    public static func adopt(of owner: String, occasion: Occasion, in tx: any Transaction) throws {
        for credential in try Credentials.held(by: owner, in: tx) where credential.record.sealCode != nil {
            guard try SealStore.find(credential: credential.id, in: tx) == nil else { continue }
            _ = try adopt(credential, occasion: occasion, in: tx)
        }
    }

    /// Enters the seal of a record: applied for and approved with it.
    private static func adopt(_ credential: Credential, occasion: Occasion, in tx: any Transaction) throws
        -> Seal
    {
        let record = credential.record
        var old: Seal?
        if let replaced = try record.replaces.flatMap({ try Credentials.find(identifier: $0, in: tx) }) {
            old = try SealStore.find(credential: replaced.id, in: tx)
            if let found = old, !found.state.isFinal {
                old = try end(found, reason: "replaced", occasion: occasion, in: tx)
            }
        }
        var seal = Seal(
            id: occasion.newID(),
            owner: record.holder,
            kind: record.type,
            number: try old?.number
                ?? SealStore.nextNumber(of: record.type, owner: record.holder.code, in: tx),
            line: record.type == "seal-legal-representative"
                ? record.fields["legalRepresentative"].text : record.fields["line"].text,
            mongolian: nil,
            region: String((record.sealCode ?? "").prefix(6)),
            state: .applied,
            version: 1,
            code: record.sealCode,
            credential: record.id,
            filing: nil,
            made: nil,
            replaces: old?.id,
            replacedBy: nil
        )
        try SealStore.insert(seal, in: tx)
        try note(
            seal,
            event: nil,
            reason: "registered",
            effective: record.issuedAt,
            occasion: occasion,
            in: tx
        )
        if let old, old.replacedBy == nil { try link(old, to: seal, in: tx) }
        let version = seal.version
        seal.state = .approved
        seal.version += 1
        try SealStore.update(seal, expecting: version, endedAt: nil, in: tx)
        try note(
            seal,
            event: .approve,
            reason: "registered",
            effective: record.issuedAt,
            occasion: occasion,
            in: tx
        )
        try follow(credential, seal, occasion: occasion, in: tx)
        return seal
    }

    /// The seal goes where its record went.
    private static func follow(
        _ credential: Credential,
        _ seal: Seal,
        occasion: Occasion,
        in tx: any Transaction
    )
        throws
    {
        switch (credential.state, seal.state) {
        case (.replaced, let state) where !state.isFinal, (.cancelled, let state) where !state.isFinal,
            (.withdrawn, let state) where !state.isFinal, (.revoked, let state) where !state.isFinal,
            (.transferred, let state) where !state.isFinal:
            _ = try end(seal, reason: "record-\(credential.state.rawValue)", occasion: occasion, in: tx)
        case (.suspended, .active):
            _ = try step(seal, .suspend, reason: "record-suspended", occasion: occasion, in: tx)
        case (.valid, .suspended):
            // Only what the record brought: its owner's own suspension suspends the record, too.
            let stops = try SealStops(of: seal, in: tx)
            guard stops.by.contains(.authority) else { return }
            let state = try stops.state(after: .resume, of: seal, by: .authority, at: occasion.now)
            _ = try step(
                seal,
                .resume,
                to: state,
                reason: "record-resumed",
                occasion: occasion,
                in: tx
            )
        default: return
        }
    }

    /// The police filed the seals of an enterprise: each kind that waits for it goes on to be made.
    /// - Parameter filings: number of the police by kind, such as `seal-finance`.
    public static func record(
        filings: [String: String],
        of owner: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        for seal in try SealStore.owned(by: owner, limit: 200, in: tx) where seal.state == .approved {
            guard let filing = filings[seal.kind] else { continue }
            try record(seal.id, filing: filing, occasion: occasion, in: tx)
        }
    }
}
