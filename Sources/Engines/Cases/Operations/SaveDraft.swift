import Audit
import Forms
public import Kernel
import Storage

extension CaseDesk {
    /// Keeps the form as it stands. Papers that were generated before are generated anew, and signatures on those
    /// whose text changed become void, and who gave them is checked and invited anew; the others stand.
    /// - Parameter version: the version the applicant has seen.
    /// - Returns: the case, and how many signatures became void.
    @discardableResult
    public func save(
        _ id: ID<Case>,
        data: JSON,
        version: Int,
        occasion: Occasion
    ) async throws -> (saved: Case, voided: Int) {
        let before = try await read(id)
        let definition = try await definition(of: before)
        let data = try await guarded(
            data,
            applicant: before.applicant,
            definition: definition,
            occasion: occasion
        )
        let module = try module(of: definition)
        let authority = try? module.authority(for: data, on: occasion.now.date)
        var edited = before
        edited.data = data
        edited.text += before.data == data ? 0 : 1
        edited.title = module.title(of: data)
        edited.region = authority?.region ?? before.region
        edited.agency = authority?.agency ?? before.agency
        let limits = definition.limits(edited.region, occasion.now.date)
        let papers =
            before.state == .draft
            ? [] : try module.papers(for: edited, limits: limits, on: occasion.now.date)
        let draft = edited
        return try await database.write { tx in
            var current = try CaseStore.lock(id, in: tx)
            guard current.applicant == occasion.actor.id else { throw CaseError.notYours }
            guard current.version == version else {
                throw CaseError.changedMeanwhile(act: "saved", at: occasion.now)
            }
            try requireFiles(of: draft.data, with: current.object, in: tx)
            current.state = try current.state.after(.edit, in: current.procedure)
            current.touchedAt = occasion.now
            current.data = draft.data
            current.text = draft.text
            current.title = draft.title
            current.region = draft.region
            current.agency = draft.agency
            let saved = try CaseStore.update(current, in: tx)
            try module.kept(saved, occasion: occasion, in: tx)
            let voided =
                papers.isEmpty
                ? 0 : try remake(papers, of: saved, limits: limits, occasion: occasion, in: tx)
            try noteMended(from: before, to: data, definition: definition, occasion: occasion, in: tx)
            try AuditLog.append(
                "case.saved",
                object: saved.object,
                before: before.data,
                after: saved.data,
                occasion: occasion,
                in: tx
            )
            return (saved, voided)
        }
    }

    /// Papers made anew: signatures on another text are void, signers that the form names otherwise begin anew, and whoever
    /// was checked for another text is checked again.
    /// - Returns: how many signatures became void.
    private func remake(
        _ papers: [PaperDraft],
        of subject: Case,
        limits: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Int {
        let needs = Self.needs(of: papers)
        try SignerStore.setPapers(papers, of: subject.id, text: subject.text, in: tx)
        let stale = try voidStale(of: subject.id, occasion: occasion, in: tx)
        let exchanged = try matchSigners(of: subject, to: needs, limits: limits, occasion: occasion, in: tx)
        try endChecks(of: subject, needs: needs, limits: limits, occasion: occasion, in: tx)
        let voided = stale + exchanged
        if voided > 0 {
            try note(
                "signatures-voided",
                on: subject,
                details: ["count": JSON(voided)],
                occasion: occasion,
                in: tx
            )
        }
        return voided
    }

    /// Which pages of a returned application were touched, for the list of what is to be mended.
    private func noteMended(
        from before: Case,
        to data: JSON,
        definition: CaseDefinition,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard before.state == .returned, before.data != data else { return }
        let pages = definition.form.pages(differing: before.data, from: data)
        try HappeningStore.append(
            "mended",
            to: before.id,
            details: ["pages": .array(pages.map(JSON.string))],
            isPublic: false,
            occasion: occasion,
            in: tx
        )
    }

    /// A form is text; a quarter of a megabyte is far more than fifty shareholders fill.
    static let draftBytesMax = 262_144
}
