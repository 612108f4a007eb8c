import Audit
import Kernel
public import Storage

/// An archive with its holds, proposals and renewals, as the log knows them.
struct LoggedArchive {
    private let archive: Archive
    private let holds: [ArchiveHold]
    private let proposals: [ArchiveDisposal]
    private let renewals: [KeptRenewal]
    /// Whether the columns by which archives are found say what the index says.
    private let isFoundRightly: Bool

    init?(_ id: ID<Archive>, in reader: any Reader) throws {
        guard let archive = try ArchiveStore.find(id, in: reader) else { return nil }
        self.archive = archive
        holds = try DisposalStore.holds(of: id, in: reader)
        proposals = try DisposalStore.proposals(of: id, in: reader)
        renewals = try RenewalStore.of(id, in: reader)
        isFoundRightly = try ArchiveStore.isFoundRightly(archive, in: reader)
    }

    /// Whether the sealing, every hold and its end, every proposal and what became of it, and every renewal is what an
    /// entry of its own digested, at its moment and by whoever did it, and no entry is left over.
    func isBorneOut(by entries: [KeptEntry]) -> Bool {
        guard isFoundRightly else { return false }
        var left = entries.filter { $0.entry.outcome == .done }
        func take(_ what: String, _ forms: [JSON], by person: String? = nil, at moment: Instant? = nil)
            -> Bool
        {
            let place = left.firstIndex { one in
                one.entry.act == "archive.\(what)" && forms.contains(where: one.stands)
                    && person.map { $0 == one.entry.actor.id } ?? true
                    && moment.map { $0 == one.entry.at } ?? true
            }
            guard let place else { return false }
            left.remove(at: place)
            return true
        }
        guard take("sealed", [archive.sealing, archive.sealingBefore], at: archive.sealedAt) else {
            return false
        }
        var lifted: Set<Instant> = []
        for hold in holds {
            guard take("held", [["reason": .string(hold.reason)]], by: hold.by, at: hold.at) else {
                return false
            }
            // One entry lifts all that stood.
            guard let at = hold.liftedAt, lifted.insert(at).inserted else { continue }
            let facts: JSON = ["reason": JSON(hold.liftReason)]
            guard take("released", [facts], by: hold.liftedBy, at: at) else { return false }
        }
        for proposal in proposals {
            let asked: JSON = ["reason": .string(proposal.reason)]
            guard take("disposal-proposed", [asked], by: proposal.proposedBy, at: proposal.proposedAt) else {
                return false
            }
            let isBorneOut =
                switch proposal.outcome {
                case .proposed: true
                case .refused:
                    take(
                        "disposal-refused",
                        [["words": JSON(proposal.words)]],
                        by: proposal.decidedBy,
                        at: proposal.decidedAt
                    )
                case .done:
                    take(
                        "disposed",
                        [archive.disposing(proposal.words ?? "", proposedBy: proposal.proposedBy)],
                        by: proposal.decidedBy,
                        at: proposal.decidedAt
                    )
                }
            guard isBorneOut else { return false }
        }
        for renewal in renewals {
            let facts = ArchiveRenewalWork.facts(renewal.renewal, of: archive, number: renewal.number)
            guard take("renewed", [facts]) else { return false }
        }
        let isGone = proposals.contains { $0.outcome == .done }
        return left.isEmpty && isGone == (archive.state == .disposed)
            && (archive.state == .kept) == (archive.package != nil)
    }
}

extension Archives {
    /// Compares all archives with the log: index, seal and package by their digests, holds, proposals, disposals and renewals.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("archive", in: database, max: max) { id, entries, reader in
            try LoggedArchive(ID(id), in: reader)?.isBorneOut(by: entries) ?? false
        }
    }
}
