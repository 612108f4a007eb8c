import Audit
public import Identity
import Jobs
public import Kernel
public import Storage

/// Who may use a seal: granted and taken back by the owner's legal representative.
public enum SealPermits {
    /// - Parameters:
    ///   - kinds: kinds of document; none for whoever only approves.
    ///   - usesMax: how often, 1...100,000.
    @discardableResult
    public static func grant(
        _ seal: ID<Seal>,
        to agent: ID<Person>,
        as role: SealPermit.Role,
        kinds: Set<String>,
        from: LocalDate,
        until: LocalDate,
        usesMax: Int,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> SealPermit {
        let found = try Seals.require(seal, in: tx)
        try Seals.requireRepresentative(person, of: found.owner.code, at: occasion.now, in: tx)
        guard !found.state(at: occasion.now).isFinal else { throw SealError.notInForce(state: found.state) }
        guard from <= until else { throw SealError.badPeriod }
        let faults = faults(
            agent: agent.rawValue,
            as: role,
            kinds: kinds,
            until: until,
            usesMax: usesMax,
            on: occasion.now.date
        )
        if let fault = faults.first { throw fault }
        _ = try Seals.acting(agent, for: found, at: occasion.now, in: tx)
        let permit = SealPermit(
            id: occasion.newID(),
            seal: seal,
            agent: agent.rawValue,
            role: role,
            kinds: kinds,
            from: from,
            until: until,
            usesMax: usesMax,
            uses: 0,
            grantedBy: person.rawValue,
            grantedAt: occasion.now,
            revokedAt: nil
        )
        try SealUseStore.insert(permit, in: tx)
        try tell(
            "permitted",
            found,
            LoggedSeal.permittingBefore(permit),
            logged: LoggedSeal.permitting(permit),
            occasion: occasion,
            in: tx
        )
        return permit
    }

    /// Everything that is wrong with a permit as it was typed, in the order of the form.
    public static func faults(
        agent: String,
        as role: SealPermit.Role,
        kinds: Set<String>,
        until: LocalDate?,
        usesMax: Int,
        on day: LocalDate
    ) -> [SealError] {
        var faults: [SealError] = agent.isEmpty ? [.agent] : []
        let isAny = role == .approve || !kinds.isEmpty
        if !isAny || kinds.count > 20 || !kinds.allSatisfy(isKind) { faults.append(.permitKinds) }
        if until.map({ $0 < day }) ?? true { faults.append(.badPeriod) }
        if !(1...100_000).contains(usesMax) { faults.append(.permitUses) }
        return faults
    }

    /// A word of the list of kinds, as it stands in forms: lower-case letters and hyphens.
    static func isKind(_ kind: String) -> Bool {
        (1...40).contains(kind.utf8.count)
            && kind.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D || (0x30...0x39).contains($0) }
    }

    /// Takes a permit back at once; what was approved under it and not signed yet stays unsigned.
    public static func revoke(
        _ id: ID<SealPermit>,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let permit = try SealUseStore.permit(id, in: tx) else { throw SealError.noPermit }
        let seal = try Seals.require(permit.seal, in: tx)
        try Seals.requireRepresentative(person, of: seal.owner.code, at: occasion.now, in: tx)
        guard try end(id, of: seal, occasion: occasion, in: tx) else { throw SealError.permitOver }
    }

    /// Ends the permits of whoever may use the seals of an enterprise no longer, so that they do not come back when he is
    /// given that right again.
    static func endOver(of owner: String, occasion: Occasion, in tx: any Transaction) throws {
        for seal in try SealStore.owned(by: owner, limit: 200, in: tx) {
            for permit in try all(of: seal.id, in: tx) where permit.revokedAt == nil {
                let agent = ID<Person>(permit.agent)
                if try Seals.mayUse(agent, seal, at: occasion.now, in: tx) != nil { continue }
                _ = try end(permit.id, of: seal, occasion: occasion, in: tx)
            }
        }
    }

    /// - Returns: false when it was taken back before.
    private static func end(
        _ id: ID<SealPermit>,
        of seal: Seal,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Bool {
        guard try SealUseStore.revoke(id, at: occasion.now, in: tx) else { return false }
        try tell(
            "permit-revoked",
            seal,
            LoggedSeal.revokingBefore(id),
            logged: LoggedSeal.revoking(id, at: occasion.now),
            occasion: occasion,
            in: tx
        )
        return true
    }

    /// All of a seal, the newest first.
    public static func all(of seal: ID<Seal>, limit: Int = 200, in reader: any Reader) throws -> [SealPermit]
    {
        try SealUseStore.permits(of: seal, limit: limit, in: reader)
    }

    /// Logs what was done with a seal's permits, requests and uses, and tells it.
    /// - Parameter logged: what is digested, where that is more than is told.
    static func tell(
        _ what: String,
        _ seal: Seal,
        _ facts: JSON,
        logged: JSON? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let entry = try AuditLog.append(
            "seal.\(what)",
            object: seal.object,
            after: logged ?? facts,
            occasion: occasion,
            in: tx
        )
        var payload = facts.members
        payload["seal"] = .string(seal.id.rawValue)
        payload["code"] = JSON(seal.code)
        try Outbox.emit(
            "seal.\(what)",
            object: seal.object,
            payload: .object(payload),
            feed: FeedPlace(entry.id, region: seal.region),
            occasion: occasion,
            in: tx
        )
    }
}
