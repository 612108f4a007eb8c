public import Kernel
import Registers
import Storage

/// Two persons for every decision that takes a registration, an item or a name, or gives it back: one proposes,
/// another confirms. Nothing takes effect before.
extension Corrections {
    /// Proposes one of `CorrectionEvent.decisions` in a matter.
    /// - Throws: whatever would stand against the decision at this moment; `CorrectionError.notAllowed`.
    @discardableResult
    public func propose(
        _ event: CorrectionEvent,
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        finding: CorrectionFinding,
        occasion: Occasion
    ) async throws -> Correction {
        let finding = try Self.checked(finding, for: event)
        let (before, subject) = try await found(id, of: code, version: version)
        _ = try before.state.after(event)
        return try await change(
            id,
            of: code,
            version: version,
            by: .propose,
            seen: subject.version,
            occasion: occasion.because(finding.why)
        ) { work in
            try work.examine(event, finding, from: before.state)
            work.propose(event, finding, from: before.state)
        }
    }

    /// Agrees with a proposal: it takes effect now, when nothing stands against it by now.
    /// - Throws: `CorrectionError.secondPersonNeeded` for the one who proposed it, `.proposalOutdated` when the entry
    ///   is not the one that he saw; whatever stands against the decision at this moment.
    @discardableResult
    public func confirm(
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        occasion: Occasion
    ) async throws -> Correction {
        let (matter, subject) = try await found(id, of: code, version: version)
        _ = try matter.state.after(.confirm)
        guard let proposal = matter.proposal else {
            throw CorrectionError.notAllowed(event: .confirm, in: matter.state)
        }
        guard proposal.by != occasion.actor.id else { throw CorrectionError.secondPersonNeeded }
        // The second person answers for what he saw.
        guard proposal.entry.map({ $0 == subject.version }) ?? true else {
            throw CorrectionError.proposalOutdated
        }
        let step = ConfirmedStep(matter: matter, subject: subject, proposal: proposal, occasion: occasion)
        switch proposal.event {
        case .confirm: return try await enactSlip(step)
        case .withdraw: return try await enactWithdrawal(step)
        case .withdrawItem: return try await enactItemWithdrawal(step)
        case .keep: return try await enactKeeping(step)
        case .restore:
            return proposal.from == .itemWithdrawn
                ? try await enactItemReturn(step) : try await enactReturn(step)
        case .order: return try await enactNameOrder(step)
        case .takeBack: return try await enactNameReturn(step)
        case .accept, .dismiss, .extend, .publish, .suspend, .resume, .propose, .drop, .comply, .list:
            throw CorrectionError.notAllowed(event: proposal.event, in: matter.state)
        }
    }

    /// Does not agree with a proposal, or takes one's own back: the matter stands as before it.
    @discardableResult
    public func drop(
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        reason: String,
        occasion: Occasion
    ) async throws -> Correction {
        let reason = try Self.checked(reason)
        let (before, _) = try await found(id, of: code, version: version)
        let from = before.proposal?.from ?? .proposed
        return try await change(
            id,
            of: code,
            version: version,
            by: .drop,
            occasion: occasion.because(reason)
        ) { work in
            work.matter.decision["proposal"] = .null
            guard from == .proposed else {
                work.matter.state = from
                return
            }
            // The matter began with the proposal.
            work.matter.decidedAt = occasion.now
            work.matter.decision["reason"] = .string(reason)
        }
    }

    static func checked(_ finding: CorrectionFinding, for event: CorrectionEvent) throws(CorrectionError)
        -> CorrectionFinding
    {
        guard event == .restore || event == .takeBack else { return try checked(finding) }
        _ = try checked(finding.reason)
        return finding
    }

    /// A confirmed decision in one transaction.
    func enact(_ step: ConfirmedStep, _ act: @escaping @Sendable (inout MatterWork) throws -> Void)
        async throws
        -> Correction
    {
        let proposal = step.proposal
        return try await change(
            step.matter.id,
            of: step.subject.code,
            version: step.matter.version,
            by: proposal.event,
            seen: step.subject.version,
            confirming: proposal,
            // Why it is done is what the proposer wrote and the second person agreed with.
            occasion: step.occasion.because(step.finding.why)
        ) { work in
            work.matter.decision["proposal"] = .null
            work.matter.decision["proposedBy"] = .string(proposal.by)
            work.matter.decision["confirmedBy"] = .string(step.occasion.actor.id)
            try act(&work)
        }
    }
}

/// What a confirmation stands on.
struct ConfirmedStep: Sendable {
    let matter: Correction
    let subject: RegisterSubject
    let proposal: CorrectionProposal
    let occasion: Occasion

    var finding: CorrectionFinding { proposal.finding }
}

extension MatterWork {
    /// What stands against a decision at this moment.
    func examine(_ event: CorrectionEvent, _ finding: CorrectionFinding, from: CorrectionState) throws {
        switch event {
        case .withdraw:
            try requireNoticeOver()
            _ = try responsible(finding)
        case .withdrawItem:
            try requireNoticeOver()
            _ = try responsible(finding)
            guard let item = matter.item else { throw CorrectionError.unknownItem("") }
            _ = try FalseItem(item, finding, of: subject, occasion, in: tx)
        case .keep: try requireNoticeOver()
        case .restore:
            guard from == .itemWithdrawn else { return }
            _ = try ReturningItem(matter.item ?? "", of: matter, to: subject, occasion, in: tx)
        case .takeBack:
            guard matter.kind == .name else { throw CorrectionError.wrongKind(matter.kind) }
        case .order, .accept, .dismiss, .extend, .publish, .suspend, .resume, .propose, .confirm, .drop,
            .comply, .list:
            throw CorrectionError.notAllowed(event: event, in: from)
        }
    }

    /// Keeps a proposal with the matter.
    mutating func propose(_ event: CorrectionEvent, _ finding: CorrectionFinding, from: CorrectionState) {
        matter.decision["proposal"] =
            CorrectionProposal(
                event: event,
                finding: finding,
                by: occasion.actor.id,
                from: from,
                entry: subject.version
            ).json
    }
}
