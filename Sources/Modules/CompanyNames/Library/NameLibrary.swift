public import Kernel
public import Storage

/// The library of names that are borne, kept or blocked.
public enum NameLibrary {
    /// Enters the name of an enterprise that was registered without a reservation (an import, a sole trader).
    /// - Parameter kin: enterprises with an investment relation, as in `NameProposal`.
    /// - Throws: `NameError.refused` with a code `name.same-…` when the name is taken.
    @discardableResult
    public static func record(
        _ parts: NameParts,
        subject: NameSubject,
        scope: String,
        region: String,
        enterprise: String,
        industry: String? = nil,
        kin: [String] = [],
        under rules: NameRules,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> NameEntry {
        let parts = rules.normalise(parts)
        let key = rules.key(parts, subject: subject, scope: scope, industry: industry)
        try NameStore.lock(scope: key.scope, brand: key.brand, now: occasion.now, in: tx)
        let entries = try NameStore.blocking(scope: key.scope, brand: key.brand, in: tx).map(\.entry)
        let same = SameCheck(key: key, applicant: "", kin: Set(kin), now: occasion.now)
        let answer = same.answer(among: entries)
        if case .taken(let entry) = answer {
            let finding = NameCheck.takenFinding(entry)
            throw NameError.refused(code: finding.code, arguments: finding.arguments)
        }
        let entry = registered(
            parts,
            subject: subject,
            key: key,
            region: region,
            enterprise: enterprise,
            since: occasion.now,
            id: occasion.newID()
        )
        let isNew = try NameStore.insert(
            entry,
            kin: answer == .kindred ? entry.id.rawValue : "",
            termMonths: 0,
            sounds: rules.language.sounds(of: key.brand),
            in: tx
        )
        guard isNew else { throw StorageError.stale }
        try NameChange.added(entry, act: "registered", occasion: occasion, in: tx)
        return entry
    }

    /// A name of an enterprise that exists already, for `load`.
    public struct Borne: Sendable {
        public let parts: NameParts
        public let subject: NameSubject
        public let scope: String
        public let region: String
        public let enterprise: String
        public let industry: String?

        public init(
            parts: NameParts,
            subject: NameSubject,
            scope: String,
            region: String,
            enterprise: String,
            industry: String?
        ) {
            self.parts = parts
            self.subject = subject
            self.scope = scope
            self.region = region
            self.enterprise = enterprise
            self.industry = industry
        }
    }

    /// Takes over existing names in bulk, without log and events; a second one with the same key is left out.
    /// - Returns: how many were entered.
    public static func load(
        _ names: [Borne],
        under rules: NameRules,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Int {
        var count = 0
        for name in names {
            let parts = rules.normalise(name.parts)
            let key = rules.key(parts, subject: name.subject, scope: name.scope, industry: name.industry)
            let entry = registered(
                parts,
                subject: name.subject,
                key: key,
                region: name.region,
                enterprise: name.enterprise,
                since: occasion.now,
                id: occasion.newID()
            )
            let isNew = try NameStore.insert(
                entry,
                kin: "",
                termMonths: 0,
                sounds: rules.language.sounds(of: key.brand),
                in: tx
            )
            if isNew { count += 1 }
        }
        return count
    }

    private static func registered(
        _ parts: NameParts,
        subject: NameSubject,
        key: NameKey,
        region: String,
        enterprise: String,
        since: Instant,
        id: ID<NameEntry>
    ) -> NameEntry {
        NameEntry(
            id: id,
            key: key,
            parts: parts,
            text: parts.text,
            subject: subject,
            region: region,
            state: .registered,
            owner: nil,
            enterprise: enterprise,
            holder: nil,
            since: since,
            until: nil,
            isProvisional: false,
            findings: [],
            version: 1
        )
    }

    /// The enterprise was cancelled, revoked or renamed: its name stays blocked for the limit `nameBlocked`.
    /// - Parameter event: `.cancel`, `.revoke` or `.rename`.
    /// - Returns: the names that it bore.
    @discardableResult
    public static func leave(
        enterprise: String,
        as event: NameEvent,
        under rules: NameRules,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> [NameEntry] {
        var left: [NameEntry] = []
        for (entry, _) in try NameStore.borne(by: enterprise, in: tx) where entry.state == .registered {
            let state = try entry.state.after(event)
            let months = try rules.limits.months(.blocked, region: entry.region, on: occasion.now.date)
            let end = NameTerms.block(from: occasion.now, months: months)
            let changed = try NameChange.apply(
                entry.with(state: state, end: end),
                before: entry,
                termMonths: months,
                act: state.rawValue,
                occasion: occasion,
                in: tx
            )
            try NameJobs.arm(changed, under: rules, now: occasion.now, in: tx)
            left.append(changed)
        }
        return left
    }

    /// A withdrawal was undone, or an order to give the name up: the enterprise bears again what it lost by it.
    /// - Parameter name: the one that was ordered given up; nil for the one that a withdrawal took.
    /// - Returns: the name; nil when it bore none, or when the block had ended and somebody else has the name now.
    @discardableResult
    public static func regain(
        _ name: String? = nil,
        enterprise: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> NameEntry? {
        for (entry, months) in try NameStore.borne(by: enterprise, in: tx).reversed() {
            guard
                entry.state == .revoked || entry.state == .lapsed
                    || name != nil && entry.state == .renamed, name == nil || entry.text == name
            else { continue }
            try NameStore.lock(scope: entry.key.scope, brand: entry.key.brand, now: occasion.now, in: tx)
            let others = try NameStore.blocking(scope: entry.key.scope, brand: entry.key.brand, in: tx)
                .map(\.entry).filter { $0.id != entry.id && $0.enterprise != enterprise }
            let same = SameCheck(key: entry.key, applicant: "", kin: [], now: occasion.now)
            if case .taken = same.answer(among: others) { return nil }
            return try NameChange.apply(
                entry.with(state: try entry.state.after(.regain), end: .some(nil)),
                before: entry,
                termMonths: months,
                act: "regained",
                occasion: occasion,
                in: tx
            )
        }
        return nil
    }

    public static func find(_ id: ID<NameEntry>, in reader: any Reader) throws -> NameEntry? {
        try NameStore.find(id, in: reader)?.entry
    }

    /// The live reservations of an account, the oldest first.
    public static func reservations(
        of owner: String,
        now: Instant,
        in reader: any Reader
    ) throws -> [Reservation] {
        try NameStore.owned(by: owner, in: reader).map(\.entry).filter { $0.isLive(at: now) }
    }

    /// The names of an account that a case holds.
    public static func held(by caseID: String, of owner: String, in reader: any Reader) throws -> [NameEntry]
    {
        try NameStore.owned(by: owner, in: reader).map(\.entry).filter {
            $0.state == .held && $0.holder == caseID
        }
    }

    /// Names that an enterprise bears or bore, the oldest first.
    public static func names(of enterprise: String, in reader: any Reader) throws -> [NameEntry] {
        try NameStore.borne(by: enterprise, in: reader).map(\.entry)
    }

    /// What stands against using a reservation for a registration on this day (company opening, rule R8): kept for
    /// this applicant, not run out unless this case holds it, and not the same as another name.
    /// - Returns: nil when nothing does.
    public static func obstacle(
        _ id: ID<NameEntry>,
        applicant: String,
        caseID: String?,
        kin: [String] = [],
        now: Instant,
        in reader: any Reader
    ) throws -> NameError? {
        guard let entry = try NameStore.find(id, in: reader)?.entry else { return .unknown }
        guard entry.owner == applicant else { return .notOwner }
        if let holder = entry.holder, let caseID, holder != caseID { return .heldByAnother }
        guard entry.isLive(at: now) else {
            return .expired(lastDay: entry.lastDay ?? now.date)
        }
        let others = try NameStore.blocking(scope: entry.key.scope, brand: entry.key.brand, in: reader)
            .map(\.entry).filter { $0.id != entry.id }
        let same = SameCheck(key: entry.key, applicant: applicant, kin: Set(kin), now: now)
        if case .taken(let other) = same.answer(among: others) {
            let finding = NameCheck.takenFinding(other)
            return .refused(code: finding.code, arguments: finding.arguments)
        }
        return nil
    }
}
