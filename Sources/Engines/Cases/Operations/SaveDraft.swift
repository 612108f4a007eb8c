import Audit
public import Kernel
import Storage

extension CaseDesk {
    /// Keeps the form as it stands. Papers that were generated before are generated anew, and signatures on those
    /// whose text changed become void; the others stand.
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
            var voided = 0
            if !papers.isEmpty {
                try SignerStore.setPapers(papers, of: id, text: saved.text, in: tx)
                voided = try SignerStore.voidStale(of: id, at: occasion.now, in: tx)
                voided += try matchSigners(
                    of: saved,
                    to: Self.needs(of: papers),
                    limits: limits,
                    occasion: occasion,
                    in: tx
                )
                if voided > 0 {
                    try note(
                        "signatures-voided",
                        on: saved,
                        details: ["count": JSON(voided)],
                        occasion: occasion,
                        in: tx
                    )
                }
            }
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

    /// A form is text; a quarter of a megabyte is far more than fifty shareholders fill.
    static let draftBytesMax = 262_144
}
