import Audit
import Jobs
public import Kernel
import Standards
public import Storage

extension Occasion {
    /// Who acts, as steps and uses of credentials name him.
    var by: String { "\(actor.kind.rawValue) \(actor.id)" }
}

/// Storing, changing and finding credentials, each change with its log entry and its event in one transaction.
public enum Credentials {
    /// Stores what was prepared. When it takes the place of another, that one becomes `replaced` at the same
    /// moment, or everything is refused with `stale` when it was changed in between.
    /// - Parameter decision: of officials without a case, kept with the steps.
    @discardableResult
    public static func store(
        _ prepared: PreparedCredential,
        by decision: LicenceDecision? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Credential {
        var kept: CredentialStore.KeptCertificates = [:]
        return try store(prepared, by: decision, beside: &kept, occasion: occasion, in: tx)
    }

    /// The same for several at once, whose issuers' certificates are kept once for all of them.
    @discardableResult
    public static func store(
        _ prepared: [PreparedCredential],
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> [Credential] {
        var kept: CredentialStore.KeptCertificates = [:]
        return try prepared.map { try store($0, beside: &kept, occasion: occasion, in: tx) }
    }

    private static func store(
        _ prepared: PreparedCredential,
        by decision: LicenceDecision? = nil,
        beside kept: inout CredentialStore.KeptCertificates,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Credential {
        let record = prepared.record
        try CredentialStore.insert(prepared, beside: &kept, in: tx)
        let issued = CredentialStep(
            state: .valid,
            at: record.issuedAt,
            recordedAt: occasion.now,
            reason: decision?.reason ?? "issued",
            decision: decision?.number,
            by: occasion.by
        )
        try CredentialStore.addStep(record.id, version: 1, issued, in: tx)
        if let old = prepared.replaces {
            try CredentialStore.setState(
                .replaced,
                of: old.id,
                expecting: old.version,
                replacedBy: record.identifier.description,
                in: tx
            )
            try CredentialStore.addStep(
                old.id,
                version: old.version + 1,
                CredentialStep(
                    state: .replaced,
                    at: record.issuedAt,
                    recordedAt: occasion.now,
                    reason: "replaced",
                    decision: decision?.number,
                    by: occasion.by
                ),
                in: tx
            )
            guard let ended = try CredentialStore.find(old.id, in: tx) else { throw CredentialError.unknown }
            try tell(
                "replaced",
                try LoggedCredential(ended, in: tx),
                LoggedCredential.replaced(by: record.identifier.description),
                occasion: occasion,
                in: tx
            )
        }
        let new = Credential(
            record: record,
            signed: prepared.signed,
            state: .valid,
            version: 1,
            replacedBy: nil
        )
        try tell(
            "issued",
            LoggedCredential(new, steps: [issued]),
            LoggedCredential.issued(record),
            occasion: occasion,
            in: tx
        )
        return new
    }

    /// Moves a credential on: suspend, resume, cancel, withdraw, revoke, reinstate.
    ///
    /// `reason` is a code or a decision's number, 1...200 characters, no personal text. `effective` is from when it
    /// holds in law, now unless the decision says otherwise; it may not lie in the future.
    /// - Parameter decision: its number, where the reason is words.
    @discardableResult
    public static func apply(
        _ event: CredentialEvent,
        to id: ID<Credential>,
        reason: String,
        decision: String? = nil,
        effective: Instant? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Credential {
        guard (1...200).contains(reason.count) else { throw CredentialError.reason }
        guard let credential = try CredentialStore.find(id, in: tx) else { throw CredentialError.unknown }
        // Replacing needs a successor, which only `store` has.
        guard event != .replace else {
            throw CredentialError.notAllowed(event: event.rawValue, state: credential.state)
        }
        let next = try credential.state.after(event)
        let moment = min(effective ?? occasion.now, occasion.now)
        try CredentialStore.setState(next, of: id, expecting: credential.version, replacedBy: nil, in: tx)
        let step = CredentialStep(
            state: next,
            at: moment,
            recordedAt: occasion.now,
            reason: reason,
            decision: decision,
            by: occasion.by
        )
        try CredentialStore.addStep(id, version: credential.version + 1, step, in: tx)
        let changed = Credential(
            record: credential.record,
            signed: credential.signed,
            state: next,
            version: credential.version + 1,
            replacedBy: credential.replacedBy
        )
        try tell(
            event.past,
            try LoggedCredential(changed, in: tx),
            LoggedCredential.changed(credential.record, step),
            occasion: occasion,
            in: tx
        )
        return changed
    }

    /// Logs how a step left the credential, and tells the event.
    private static func tell(
        _ what: String,
        _ left: LoggedCredential,
        _ facts: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let object = "credential:\(left.record.id)"
        let entry = try AuditLog.append(
            "credential.\(what)",
            object: object,
            after: left.logged,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "credential.\(what)",
            object: object,
            payload: facts,
            feed: FeedPlace(entry.id, region: left.record.issuer.code),
            occasion: occasion,
            in: tx
        )
    }

    // MARK: - Finding

    public static func find(_ id: ID<Credential>, in reader: any Reader) throws -> Credential? {
        try CredentialStore.find(id, in: reader)
    }

    /// By the identifier of GB/T 36904.
    public static func find(identifier: String, in reader: any Reader) throws -> Credential? {
        try CredentialStore.find(identifier: identifier, in: reader)
    }

    public static func find(sealCode: String, in reader: any Reader) throws -> Credential? {
        try CredentialStore.find(sealCode: sealCode, in: reader)
    }

    /// By the public code on the credential.
    public static func find(code: VerificationCode, in reader: any Reader) throws -> Credential? {
        try CredentialStore.find(code: code, in: reader)
    }

    /// All of a holder's, by credit code or account identifier, in the order of issue; earlier versions too.
    public static func held(by holder: String, limit: Int = 200, in reader: any Reader) throws -> [Credential]
    {
        try CredentialStore.ofHolder(holder, limit: limit, in: reader)
    }

    /// Everything that happened to a credential, in the order in which it was written down.
    public static func history(of id: ID<Credential>, in reader: any Reader) throws -> [CredentialStep] {
        try CredentialStore.steps(of: id, in: reader)
    }

    /// The last step of each of several that do not stand: why, by which decision and from when.
    public static func causes(of held: [Credential], in reader: any Reader) throws -> [ID<Credential>:
        CredentialStep]
    {
        var causes: [ID<Credential>: CredentialStep] = [:]
        for one in held where one.state != .valid {
            causes[one.id] = try CredentialStore.steps(of: one.id, in: reader).last
        }
        return causes
    }

    /// The state at a moment, as it is known today: a withdrawal that reaches back changes it. Nil before the
    /// credential was issued.
    public static func state(
        of credential: Credential,
        at moment: Instant,
        in reader: any Reader
    ) throws -> CredentialState? {
        let steps = try CredentialStore.steps(of: credential.id, in: reader)
        // Of two that hold from the same moment the later decision counts.
        guard let step = steps.last(where: { $0.at <= moment }) else { return nil }
        return Credential.state(step.state, of: credential.record, on: moment.date)
    }
}
