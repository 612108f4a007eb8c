import Audit
import Catalogue
public import Jobs
public import Kernel
import Storage

extension CaseDesk {
    /// Opens a draft.
    /// - Parameters:
    ///   - data: what is known already, with its sources kept by the form.
    ///   - region: the banner where the matter belongs, six digits; may change with the form.
    ///   - once: the caller's key, when he may ask twice.
    /// - Throws: `CaseError.unknownItem`, `.unknownRegion`, `.draftTooLarge`, `.tooManyDrafts` at the dated limit
    ///   `openDrafts`, `.fileUnknown` for any file: none can have been handed in yet.
    public func start(
        system: String,
        item: String,
        region: String,
        channel: Case.Channel,
        data: JSON,
        once: Once<Case>? = nil,
        occasion: Occasion
    ) async throws -> Case {
        guard ports.isBanner(region) else { throw CaseError.unknownRegion }
        let definition = try await definitions.current(
            system,
            item: item,
            region: region,
            on: occasion.now.date
        )
        return try await start(
            definition,
            region: region,
            channel: channel,
            data: data,
            once: once,
            occasion: occasion
        )
    }

    /// The same by a definition that was looked up before.
    public func start(
        _ definition: CaseDefinition,
        region: String,
        channel: Case.Channel,
        data: JSON,
        once: Once<Case>? = nil,
        occasion: Occasion
    ) async throws -> Case {
        guard ports.isBanner(region) else { throw CaseError.unknownRegion }
        let item = definition.item.id
        let module = try module(of: definition)
        let applicant = occasion.actor.id
        let data = try await guarded(
            data,
            applicant: applicant,
            definition: definition,
            occasion: occasion
        )
        let draftsMax = definition.limits(region, occasion.now.date)["openDrafts"].int
        let authority = try? module.authority(for: data, on: occasion.now.date)
        let title = module.title(of: data)
        for _ in 0..<4 {
            let draft = Case(
                id: occasion.newID(),
                number: CaseNumber.make(region: region, on: occasion.now.date, entropy: occasion.entropy),
                lookupCode: CaseNumber.makeLookupCode(entropy: occasion.entropy),
                system: definition.system.id,
                item: item,
                procedure: definition.item.procedure,
                definition: definition.version,
                state: .draft,
                region: authority?.region ?? region,
                agency: authority?.agency ?? "",
                applicant: applicant,
                channel: channel,
                data: data,
                text: 1,
                version: 1,
                createdAt: occasion.now,
                touchedAt: occasion.now,
                submittedAt: nil,
                signedAt: nil,
                decidedAt: nil,
                completedAt: nil,
                title: title,
                result: nil
            )
            do {
                let term = term(of: draft, touched: occasion.now, definition: definition)
                try await database.write { tx in
                    try once?.take(at: occasion.now, in: tx)
                    if let most = draftsMax, try CaseStore.openDrafts(of: applicant, in: tx) >= most {
                        throw CaseError.tooManyDrafts(max: Int(most))
                    }
                    try requireFiles(of: draft.data, with: draft.object, in: tx)
                    try CaseStore.insert(draft, in: tx)
                    try note("started", on: draft, occasion: occasion, in: tx)
                    try module.kept(draft, occasion: occasion, in: tx)
                    try watchDraft(draft, until: term, in: tx)
                    try once?.keep(draft, in: tx)
                }
                return draft
            } catch StorageError.constraint(name: "case_case.number") {
                continue  // Eight random digits collided: draw another number.
            }
        }
        throw StorageError.unavailable("no free case number")
    }

    func note(
        _ act: String,
        on subject: Case,
        details: JSON = [:],
        standing: JSON? = nil,
        isPublic: Bool = true,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try Self.note(
            act,
            on: subject,
            details: details,
            standing: standing,
            isPublic: isPublic,
            occasion: occasion,
            in: tx
        )
    }

    /// A line of the timeline, an entry of the log and an event, in the caller's transaction.
    static func note(
        _ act: String,
        on subject: Case,
        details: JSON = [:],
        standing: JSON? = nil,
        isPublic: Bool = true,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try HappeningStore.append(
            act,
            to: subject.id,
            details: details,
            isPublic: isPublic,
            occasion: occasion,
            in: tx
        )
        var after: JSON = ["state": .string(subject.state.rawValue), "details": details]
        if let standing { after["case"] = standing }
        let entry = try AuditLog.append(
            "case.\(act)",
            object: subject.object,
            after: after,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "case.\(act)",
            object: subject.object,
            payload: [
                "case": .string(subject.id.rawValue), "item": .string(subject.item), "details": details,
            ],
            // Before it is handed in a case is nobody's but the applicant's.
            feed: subject.submittedAt == nil ? nil : FeedPlace(entry.id, region: subject.region),
            occasion: occasion,
            in: tx
        )
    }
}
