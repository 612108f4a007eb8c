import Audit
import Jobs
public import Kernel
import Search
public import Storage

/// The acts of a register. Each is one transaction of the caller: state, entry, chain, log and event together.
public enum Register {
    /// Enters a new subject.
    /// - Parameter telling: what tells its name from others, by which staff find it; nil for the whole name.
    /// - Throws: `RegisterError.codeTaken` when the code stands there already.
    public static func establish(
        _ subject: RegisterSubject,
        filings: [RegisterFiling],
        links: [(kind: String, key: String)],
        telling: String? = nil,
        caseID: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard try RegisterStore.find(subject.code, in: tx) == nil else { throw RegisterError.codeTaken }
        try enter(
            subject,
            by: .establish,
            telling: telling ?? subject.name,
            filings: filings,
            links: links,
            caseID: caseID,
            occasion: occasion,
            in: tx
        )
    }

    /// Takes a subject over as it stands in another register: the entry says from where, and that it is not our grant.
    /// - Parameters:
    ///   - subject: in any state; its items name the `source`.
    ///   - basis: what the entry names in the place of a case, such as `import:01J…`.
    /// - Throws: `RegisterError.codeTaken` when the code stands there already.
    public static func takeOver(
        _ subject: RegisterSubject,
        links: [(kind: String, key: String)],
        basis: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard try RegisterStore.find(subject.code, in: tx) == nil else { throw RegisterError.codeTaken }
        try enter(
            subject,
            by: .takeOver,
            telling: subject.name,
            filings: [],
            links: links,
            caseID: basis,
            occasion: occasion,
            in: tx
        )
    }

    private static func enter(
        _ subject: RegisterSubject,
        by act: RegisterAct,
        telling: String,
        filings: [RegisterFiling],
        links: [(kind: String, key: String)],
        caseID: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try RegisterStore.insert(subject, in: tx)
        try findable(subject, by: telling, at: occasion.now, in: tx)
        try file(filings, register: subject.register, code: subject.code, in: tx)
        try write(
            act,
            to: subject,
            changes: subject.items,
            previous: nil,
            caseID: caseID,
            occasion: occasion,
            in: tx
        )
        for link in links {
            try LinkStore.insert(
                link.kind,
                key: link.key,
                register: subject.register,
                code: subject.code,
                at: occasion.now,
                in: tx
            )
        }
    }

    /// Changes items, corrects, withdraws, restores: whatever `act` says.
    /// - Parameters:
    ///   - changes: the items that get a new value; JSON null takes one away.
    ///   - filings: what is filed of these kinds from today on, in the place of what stood there.
    ///   - ending: kinds of which nothing stands any more from today on.
    ///   - force: goes through a blocking note, for the acts that the note itself waits for.
    /// - Returns: the subject as it stands afterwards.
    @discardableResult
    public static func act(
        _ act: RegisterAct,
        on code: String,
        changes: JSON,
        filings: [RegisterFiling] = [],
        ending: Set<String> = [],
        caseID: String,
        force: Bool = false,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> RegisterSubject {
        var subject = try RegisterStore.lock(code, in: tx)
        if !force,
            let note = try NoteStore.standing(on: code, at: occasion.now, in: tx).first(where: \.blocks)
        {
            throw RegisterError.frozen(kind: note.kind.rawValue)
        }
        subject.state = try subject.state.after(act)
        for (key, value) in changes.members {
            subject.items[key] = value
            if value.isNull, case .object(var members) = subject.items {
                members[key] = nil
                subject.items = .object(members)
            }
        }
        if let name = changes["name"].text {
            subject.name = name
            try findable(subject, by: name, at: occasion.now, in: tx)
        }
        let last = try RegisterStore.entries(of: code, in: tx).last
        try RegisterStore.update(subject, at: occasion.now, in: tx)
        for kind in ending.union(filings.map(\.kind)) {
            try RegisterStore.end(kind, of: code, on: occasion.now.date, in: tx)
        }
        try file(filings, register: subject.register, code: code, in: tx)
        try write(
            act,
            to: subject,
            changes: changes,
            previous: last,
            caseID: caseID,
            occasion: occasion,
            in: tx
        )
        if subject.state == .withdrawn || subject.state == .cancelled {
            try LinkStore.endAll(of: code, at: occasion.now, in: tx)
        }
        subject.version += 1
        return subject
    }

    private static func findable(
        _ subject: RegisterSubject,
        by words: String,
        at now: Instant,
        in tx: any Transaction
    )
        throws
    {
        try Search.put(
            words,
            kind: RegisterStore.kind,
            object: subject.code,
            region: subject.region,
            at: now,
            in: tx
        )
    }

    private static func file(
        _ filings: [RegisterFiling],
        register: String,
        code: String,
        in tx: any Transaction
    ) throws {
        var numbers: [String: Int] = [:]
        for filing in filings {
            numbers[filing.kind, default: 0] += 1
            try RegisterStore.insert(
                filing,
                number: numbers[filing.kind] ?? 1,
                register: register,
                code: code,
                in: tx
            )
        }
    }

    private static func write(
        _ act: RegisterAct,
        to subject: RegisterSubject,
        changes: JSON,
        previous: RegisterEntry?,
        caseID: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        func entry(_ digest: String, _ standing: String?) -> RegisterEntry {
            RegisterEntry(
                register: subject.register,
                code: subject.code,
                sequence: (previous?.sequence ?? 0) + 1,
                act: act,
                changes: changes,
                items: subject.items,
                state: subject.state,
                at: occasion.now,
                caseID: caseID,
                by: occasion.actor,
                digest: digest,
                standing: standing
            )
        }
        let digest = entry("", nil).digest(after: previous?.digest)
        let written = entry(digest, try RegisterProof.standing(of: subject, at: occasion.now, in: tx))
        try RegisterStore.insert(written, in: tx)
        let logged = try AuditLog.append(
            "register.\(act.rawValue)",
            object: subject.object,
            after: written.anchor,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "register.\(act.rawValue)",
            object: subject.object,
            payload: [
                "code": .string(subject.code), "register": .string(subject.register), "case": .string(caseID),
                "sequence": JSON(written.sequence), "digest": .string(digest),
            ],
            feed: FeedPlace(logged.id, region: subject.region),
            occasion: occasion,
            in: tx
        )
    }

    /// Recomputes the chain of a subject.
    /// - Returns: the first sequence whose digest does not fit, or nil when all do.
    public static func firstBrokenEntry(of code: String, in reader: any Reader) throws -> Int? {
        firstBroken(of: try RegisterStore.entries(of: code, in: reader))
    }

    /// The same of the entries of one subject, in their order.
    static func firstBroken(of entries: [RegisterEntry]) -> Int? {
        var previous: String?
        for entry in entries {
            guard entry.digest(after: previous) == entry.digest else { return entry.sequence }
            previous = entry.digest
        }
        return nil
    }
}
