public import Kernel
public import Storage

/// Gives a reservation back, at its owner's wish.
public enum ReleaseName {
    /// - Throws: `NameError.notOwner` when the actor is a person for whom the name is not kept.
    @discardableResult
    public static func run(
        _ id: ID<NameEntry>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Reservation {
        guard let (entry, months) = try NameStore.locked(id, in: tx) else { throw NameError.unknown }
        try NameOperation.checkOwner(entry, occasion)
        let released = entry.with(
            state: try entry.state.after(.release),
            owner: .some(nil),
            holder: .some(nil)
        )
        return try NameChange.apply(
            released,
            before: entry,
            termMonths: months,
            act: "released",
            occasion: occasion,
            in: tx
        )
    }
}

/// Keeps a reservation beyond its term while a case that uses it is decided.
public enum HoldName {
    /// Holding again for the same case changes nothing.
    /// - Throws: `NameError.expired` when the term has ended, `heldByAnother` when another case holds it.
    @discardableResult
    public static func hold(
        _ id: ID<NameEntry>,
        for caseID: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Reservation {
        let (entry, months) = try NameOperation.live(id, occasion: occasion, in: tx)
        if let holder = entry.holder {
            guard holder == caseID else { throw NameError.heldByAnother }
            return entry
        }
        let held = entry.with(state: try entry.state.after(.hold(caseID: caseID)), holder: caseID)
        return try NameChange.apply(
            held,
            before: entry,
            termMonths: months,
            act: "held",
            occasion: occasion,
            in: tx
        )
    }

    /// The case was withdrawn or decided against: the term runs again as it was. When it has ended meanwhile, the
    /// timer frees the name at once.
    @discardableResult
    public static func unhold(
        _ id: ID<NameEntry>,
        by caseID: String,
        under rules: NameRules,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Reservation {
        guard let (entry, months) = try NameStore.locked(id, in: tx) else { throw NameError.unknown }
        guard entry.holder == nil || entry.holder == caseID else { throw NameError.heldByAnother }
        let reserved = entry.with(state: try entry.state.after(.unhold), holder: .some(nil))
        var changed = try NameChange.apply(
            reserved,
            before: entry,
            termMonths: months,
            act: "unheld",
            occasion: occasion,
            in: tx
        )
        if let until = changed.until, until <= occasion.now {
            _ = try NameJobs.end(changed.id, under: rules, occasion: occasion, in: tx)
            changed = try NameStore.find(changed.id, in: tx)?.entry ?? changed
        } else {
            try NameJobs.arm(changed, under: rules, now: occasion.now, in: tx)
        }
        return changed
    }
}

/// Turns a reservation into the name of a registered enterprise, in the transaction that registers it.
public enum ConsumeName {
    /// - Parameters:
    ///   - enterprise: the identifier under which others show an investment relation, such as the credit code.
    ///   - caseID: the case that registers; a name that another case holds is refused.
    /// - Throws: `NameError.expired` when the term has ended and no case holds the name.
    @discardableResult
    public static func run(
        _ id: ID<NameEntry>,
        enterprise: String,
        caseID: String? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> NameEntry {
        let (entry, months) = try NameOperation.live(id, occasion: occasion, in: tx)
        if let holder = entry.holder, let caseID, holder != caseID { throw NameError.heldByAnother }
        let registered = entry.with(
            state: try entry.state.after(.consume),
            owner: .some(nil),
            enterprise: enterprise,
            holder: .some(nil),
            end: .some(nil)
        )
        return try NameChange.apply(
            registered,
            before: entry,
            termMonths: months,
            act: "registered",
            occasion: occasion,
            in: tx
        )
    }
}

enum NameOperation {
    /// The reservation, locked, when it can still be used.
    static func live(
        _ id: ID<NameEntry>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> (entry: NameEntry, termMonths: Int) {
        guard let found = try NameStore.locked(id, in: tx) else { throw NameError.unknown }
        guard found.entry.isLive(at: occasion.now) else {
            switch found.entry.state {
            case .reserved, .expired:
                throw NameError.expired(lastDay: found.entry.lastDay ?? occasion.now.date)
            case .held, .registered, .renamed, .cancelled, .revoked, .released, .lapsed:
                throw NameError.notAllowed(event: "use", state: found.entry.state)
            }
        }
        return found
    }

    static func checkOwner(_ entry: NameEntry, _ occasion: Occasion) throws(NameError) {
        switch occasion.actor.kind {
        case .platform, .staff: return
        case .person, .party, .anonymous:
            guard entry.owner == nil || entry.owner == occasion.actor.id else { throw .notOwner }
        }
    }
}
