import ArchivePackages
import Attachments
import Audit
import Jobs
public import Kernel
public import Storage

/// The end of archives: held, proposed by one person, decided by another.
extension Archives {
    public static let reasonCharactersMax = 500

    /// The last day on which an archive has to be there, by what was sealed and by the rules of today, whichever keeps
    /// it longer; nil when that is every day.
    public func keptUntil(_ archive: Archive, on day: LocalDate) -> LocalDate? {
        let matter = archive.index.matter
        let today = schedule.term(
            item: matter.item,
            outcome: matter.outcome,
            closed: archive.index.retention.from,
            on: day
        )
        guard let sealed = archive.index.retention.until, let now = today.until else { return nil }
        return max(sealed, now)
    }

    /// Kept archives of a place whose term is over, with what stands in the way of nothing but two people.
    public func due(low: String, high: String, on day: LocalDate, limit: Int, in reader: any Reader) throws
        -> [Archive]
    {
        var found: [Archive] = []
        var last: Archive?
        // Rules of today may keep what was sealed with a shorter term: those take no place on the list.
        while found.count < limit {
            let page = try ArchiveStore.due(day, low: low, high: high, after: last, limit: limit, in: reader)
            found += page.filter { archive in keptUntil(archive, on: day).map { $0 < day } ?? false }
            guard page.count == limit else { break }
            last = page.last
        }
        return Array(found.prefix(limit))
    }

    public func holds(of id: ID<Archive>, in reader: any Reader) throws -> [ArchiveHold] {
        try DisposalStore.holds(of: id, in: reader)
    }

    public func proposals(of id: ID<Archive>, in reader: any Reader) throws -> [ArchiveDisposal] {
        try DisposalStore.proposals(of: id, in: reader)
    }

    /// Whatever its term, the archive stays until the hold is lifted.
    public func hold(_ id: ID<Archive>, reason: String, occasion: Occasion, in tx: any Transaction) throws {
        let archive = try locked(id, in: tx)
        try Self.check(reason)
        let hold = ArchiveHold(
            id: occasion.newID(),
            reason: reason,
            by: occasion.actor.id,
            at: occasion.now,
            liftedBy: nil,
            liftedAt: nil,
            liftReason: nil
        )
        try DisposalStore.hold(hold, id, in: tx)
        try tell("held", archive, ["reason": .string(reason)], occasion: occasion, in: tx)
    }

    public func lift(_ id: ID<Archive>, reason: String, occasion: Occasion, in tx: any Transaction) throws {
        let archive = try locked(id, in: tx)
        try Self.check(reason)
        let count = try DisposalStore.lift(
            id,
            reason: reason,
            by: occasion.actor.id,
            at: occasion.now,
            in: tx
        )
        guard count > 0 else { throw ArchiveError.notHeld }
        try tell("released", archive, ["reason": .string(reason)], occasion: occasion, in: tx)
    }

    /// The first of two people says that the files may go.
    public func propose(_ id: ID<Archive>, reason: String, occasion: Occasion, in tx: any Transaction) throws
    {
        let archive = try locked(id, in: tx)
        try Self.check(reason)
        try checkDue(archive, on: occasion.now.date, in: tx)
        guard try open(id, in: tx) == nil else { throw ArchiveError.alreadyProposed }
        let proposal = ArchiveDisposal(
            id: occasion.newID(),
            archive: id,
            reason: reason,
            proposedBy: occasion.actor.id,
            proposedAt: occasion.now,
            decidedBy: nil,
            decidedAt: nil,
            words: nil,
            outcome: .proposed
        )
        try DisposalStore.propose(proposal, in: tx)
        try tell("disposal-proposed", archive, ["reason": .string(reason)], occasion: occasion, in: tx)
    }

    /// The second one decides. The files go with the next round of the sweeper; index and seal stay.
    public func decide(
        _ id: ID<Archive>,
        _ isAgreed: Bool,
        words: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let archive = try locked(id, in: tx)
        try Self.check(words)
        guard let proposal = try open(id, in: tx) else { throw ArchiveError.notProposed }
        guard proposal.proposedBy != occasion.actor.id else { throw ArchiveError.secondPersonNeeded }
        try DisposalStore.decide(
            proposal.id,
            isAgreed ? .done : .refused,
            words: words,
            by: occasion.actor.id,
            at: occasion.now,
            in: tx
        )
        guard isAgreed else {
            try tell("disposal-refused", archive, ["words": .string(words)], occasion: occasion, in: tx)
            return
        }
        // Asked again: the term may have been lengthened, or a hold laid, since it was proposed.
        try checkDue(archive, on: occasion.now.date, in: tx)
        try ArchiveStore.dispose(id, in: tx)
        try AttachmentStore.forget(archive.object, in: tx)
        try tell(
            "disposed",
            archive,
            archive.disposing(words, proposedBy: proposal.proposedBy),
            occasion: occasion,
            in: tx
        )
    }

    private func open(_ id: ID<Archive>, in reader: any Reader) throws -> ArchiveDisposal? {
        try DisposalStore.proposals(of: id, in: reader).first { $0.outcome == .proposed }
    }

    private func locked(_ id: ID<Archive>, in tx: any Transaction) throws -> Archive {
        guard let archive = try ArchiveStore.lock(id, in: tx) else { throw ArchiveError.none }
        guard archive.state == .kept else { throw ArchiveError.disposed }
        return archive
    }

    private func checkDue(_ archive: Archive, on day: LocalDate, in reader: any Reader) throws {
        guard let until = keptUntil(archive, on: day) else { throw ArchiveError.permanent }
        guard until < day else { throw ArchiveError.termRuns(until: until.description) }
        guard try !DisposalStore.holds(of: archive.id, in: reader).contains(where: \.stands) else {
            throw ArchiveError.held
        }
    }

    private static func check(_ reason: String) throws {
        guard reason.contains(where: { !$0.isWhitespace }) else { throw ArchiveError.reasonMissing }
        guard reason.count <= reasonCharactersMax else {
            throw ArchiveError.reasonTooLong(max: reasonCharactersMax)
        }
    }

    private func tell(
        _ what: String,
        _ archive: Archive,
        _ facts: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try AuditLog.append(
            "archive.\(what)",
            object: archive.object,
            after: facts,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "archive.\(what)",
            object: archive.object,
            payload: ["archive": .string(archive.number), "version": JSON(archive.index.version)],
            occasion: occasion,
            in: tx
        )
    }
}
