import Audit
import Cryptography
import Forms
import Jobs
public import Kernel
public import Storage

/// Issuing, changing and ending licences by officials, where no case does it: some acts by one, the others by two.
public struct LicenceDesk: Sendable {
    private let authority: CredentialAuthority
    private let database: any Database

    public init(authority: CredentialAuthority, database: any Database) {
        self.authority = authority
        self.database = database
    }

    /// The administration whose officials keep licences of a type.
    /// - Throws: `LicenceDeskError.notHere`.
    public func agency(of key: String) throws(LicenceDeskError) -> String {
        guard let type = authority.types.licences[key], !type.followsRegister, let agency = type.agency else {
            throw .notHere(type: authority.types.licences[key]?.name.zh ?? key)
        }
        return agency
    }

    // MARK: - By one

    /// Carries out an act for which one official is enough.
    /// - Parameter version: of the licence as it was shown.
    @discardableResult
    public func carryOut(
        _ act: LicenceAct,
        _ decision: LicenceDecision,
        on id: ID<Credential>,
        expecting version: Int64,
        occasion: Occasion
    ) async throws -> Credential {
        guard !act.needsTwo, let event = act.event else { throw LicenceDeskError.needsTwo }
        return try await database.write { tx in
            let found = try standing(id, version, in: tx)
            // What is over is not stopped for a time; it can only be ended.
            if found.state(on: occasion.now.date) == .expired {
                throw CredentialError.notAllowed(event: event.rawValue, state: .expired)
            }
            let moved = try Credentials.carryOut(decision, event, on: id, occasion: occasion, in: tx)
            try Self.tellHolder(act, moved, decision, occasion: occasion, in: tx)
            return moved
        }
    }

    private func standing(_ id: ID<Credential>, _ version: Int64, in reader: any Reader) throws -> Credential
    {
        guard let found = try CredentialStore.find(id, in: reader), found.record.sealCode == nil else {
            throw CredentialError.unknown
        }
        _ = try agency(of: found.record.type)
        guard found.version == version else { throw CredentialError.stale }
        return found
    }

    // MARK: - By two

    /// Proposes a step of a licence that stands.
    @discardableResult
    public func propose(
        _ act: LicenceAct,
        _ decision: LicenceDecision,
        on id: ID<Credential>,
        expecting version: Int64,
        occasion: Occasion
    ) async throws -> LicenceProposal {
        guard let event = act.event else { throw LicenceDeskError.unknown }
        return try await database.write { tx in
            let found = try standing(id, version, in: tx)
            _ = try found.state.after(event)
            try requireNoOther(about: found, in: tx)
            return try keep(act, found, draft: nil, decision, occasion: occasion, in: tx)
        }
    }

    /// Proposes the next version of a licence.
    @discardableResult
    public func propose(
        changing id: ID<Credential>,
        expecting version: Int64,
        to draft: LicenceDraft,
        _ decision: LicenceDecision,
        occasion: Occasion
    ) async throws -> LicenceProposal {
        _ = try term(of: draft, on: occasion.now.date)
        return try await database.write { tx in
            let found = try standing(id, version, in: tx)
            _ = try found.state(on: occasion.now.date).after(.replace)
            guard draft.type == found.record.type, draft.holder.code == found.record.holder.code else {
                throw CredentialError.badNumber
            }
            try requireNoOther(about: found, in: tx)
            if let number = number(on: draft), number != self.number(on: found.record) {
                try requireFree(number, draft, in: tx)
            }
            return try keep(.change, found, draft: draft, decision, occasion: occasion, in: tx)
        }
    }

    /// Proposes to issue a licence.
    @discardableResult
    public func propose(issuing draft: LicenceDraft, _ decision: LicenceDecision, occasion: Occasion)
        async throws
        -> LicenceProposal
    {
        _ = try agency(of: draft.type)
        _ = try term(of: draft, on: occasion.now.date)
        return try await database.write { tx in
            if let number = number(on: draft) {
                try requireFree(number, draft, in: tx)
                try requireNoOther(numbered: number, draft, in: tx)
            }
            return try keep(.issue, nil, draft: draft, decision, occasion: occasion, in: tx)
        }
    }

    /// From which day to which a licence of a draft would hold that is issued on a day; without a last day: no end.
    /// - Throws: `LicenceDeskError.over` when that is past, and what keeps the draft from being issued at all.
    public func term(
        of draft: LicenceDraft,
        on today: LocalDate
    ) throws -> (from: LocalDate, until: LocalDate?) {
        let checked = try authority.checked(draft, on: today)
        if let last = checked.validUntil, last < today { throw LicenceDeskError.over(until: last) }
        return (checked.validFrom ?? today, checked.validUntil)
    }

    /// One that was made for an earlier version of the licence can no longer be confirmed and keeps nobody.
    private func requireNoOther(about found: Credential, in reader: any Reader) throws {
        let others = try LicenceProposalStore.waiting(on: found.id, in: reader)
        guard !others.contains(where: { $0.expecting == found.version }) else {
            throw LicenceDeskError.alreadyProposed
        }
    }

    private func requireNoOther(
        numbered number: String,
        _ draft: LicenceDraft,
        in reader: any Reader
    ) throws {
        let drafts = try LicenceProposalStore.issuing(draft.type, in: reader).compactMap(\.draft)
        let isProposed = drafts.contains {
            $0.issuer.code == draft.issuer.code && self.number(on: $0) == number
        }
        if isProposed { throw LicenceDeskError.numberProposed(number) }
    }

    private func keep(
        _ act: LicenceAct,
        _ found: Credential?,
        draft: LicenceDraft?,
        _ decision: LicenceDecision,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> LicenceProposal {
        let type = draft?.type ?? found?.record.type ?? ""
        let kept = try found.flatMap { try LibraryStore.region(of: $0.id, in: tx) }
        let proposal = LicenceProposal(
            id: occasion.newID(),
            act: act,
            credential: found?.id,
            expecting: found?.version ?? 0,
            type: type,
            agency: try agency(of: type),
            region: draft?.region ?? kept ?? LibraryReach.everywhere,
            draft: draft,
            decision: decision,
            proposedBy: occasion.actor.id,
            at: occasion.now,
            state: .waiting,
            decidedBy: nil,
            decidedAt: nil,
            answer: nil
        )
        try LicenceProposalStore.insert(proposal, in: tx)
        try Self.tell("proposed", proposal, occasion: occasion, in: tx)
        return proposal
    }

    /// Confirms and does what was proposed, or refuses it; whoever proposed it takes it back. What has to be signed is
    /// signed before the transaction.
    /// - Parameter words: why another's proposal is refused.
    /// - Returns: the licence that was issued or changed; nil for one that was refused.
    @discardableResult
    public func decide(
        _ id: ID<LicenceProposal>,
        isConfirmed: Bool,
        because words: String? = nil,
        occasion: Occasion
    ) async throws -> Credential? {
        let proposal = try await database.read { try Self.find(id, in: $0) }
        guard let proposal else { throw LicenceDeskError.unknown }
        guard proposal.state == .waiting else { throw LicenceDeskError.decided }
        let isOwn = proposal.proposedBy == occasion.actor.id
        guard !isConfirmed || !isOwn else { throw LicenceDeskError.fourEyes }
        // Whoever proposed it is told why it was refused; taking back what is one's own needs no words.
        let answer = isConfirmed || isOwn ? nil : words ?? ""
        if let answer, !(1...Self.answerMax).contains(answer.count) { throw LicenceDeskError.answer }
        let prepared = isConfirmed ? try await prepare(proposal, occasion: occasion) : nil
        return try await database.write { tx in
            let state: LicenceProposal.State = isConfirmed ? .confirmed : .refused
            guard try LicenceProposalStore.decide(id, state, by: occasion, in: tx) else {
                throw LicenceDeskError.decided
            }
            if let answer { try LicenceProposalStore.answer(id, answer, in: tx) }
            try Self.tell(state.rawValue, proposal, occasion: occasion, in: tx)
            guard isConfirmed else { return nil }
            guard let prepared else {
                guard let event = proposal.act.event, let credential = proposal.credential else {
                    throw LicenceDeskError.unknown
                }
                _ = try standing(credential, proposal.expecting, in: tx)
                let moved = try Credentials.carryOut(
                    proposal.decision,
                    event,
                    on: credential,
                    occasion: occasion,
                    in: tx
                )
                try Self.tellHolder(proposal.act, moved, proposal.decision, occasion: occasion, in: tx)
                return moved
            }
            try takeNumber(proposal, in: tx)
            let issued = try Credentials.store(
                prepared,
                by: proposal.decision,
                occasion: occasion,
                in: tx
            )
            try Self.tellHolder(proposal.act, issued, proposal.decision, occasion: occasion, in: tx)
            return issued
        }
    }

    private func prepare(_ proposal: LicenceProposal, occasion: Occasion) async throws -> PreparedCredential?
    {
        guard let draft = proposal.draft else { return nil }
        _ = try term(of: draft, on: occasion.now.date)
        guard let id = proposal.credential else {
            return try await authority.prepare(draft, occasion: occasion)
        }
        let old = try await database.read { try standing(id, proposal.expecting, in: $0) }
        return try await authority.prepareChange(of: old, to: draft, occasion: occasion)
    }

    /// The longest reason for which a proposal is refused.
    private static let answerMax = 200

    // MARK: - Printed numbers

    private func number(on draft: LicenceDraft) -> String? {
        authority.types.licences[draft.type]?.number(in: draft.fields)
    }

    private func number(on record: CredentialRecord) -> String? {
        authority.types.licences[record.type]?.number(in: record.fields)
    }

    private func requireFree(_ number: String, _ draft: LicenceDraft, in reader: any Reader) throws {
        let same = try LibraryStore.numbered(number, .all, limit: Self.sameMax, in: reader).contains {
            $0.record.type == draft.type && $0.record.issuer.code == draft.issuer.code
        }
        if same { throw LicenceDeskError.numberTaken(number) }
    }

    /// Other bodies may use the same number; so many licences of one number are looked at.
    private static let sameMax = 200

    /// A number is given once for a type and a body, also by two officials at the same moment: the counter's row holds
    /// the second one up until the first is through.
    private func takeNumber(_ proposal: LicenceProposal, in tx: any Transaction) throws {
        guard let draft = proposal.draft, let number = number(on: draft) else { return }
        if let old = try proposal.credential.flatMap({ try CredentialStore.find($0, in: tx) }),
            self.number(on: old.record) == number
        {
            return
        }
        let scope = "number:\(draft.type):\(draft.issuer.code):\(number)"
        guard try CredentialStore.takeBlock(of: scope, size: 1, in: tx) == 1 else {
            throw LicenceDeskError.numberTaken(number)
        }
        try requireFree(number, draft, in: tx)
    }

    // MARK: - Finding

    public static func find(_ id: ID<LicenceProposal>, in reader: any Reader) throws -> LicenceProposal? {
        try LicenceProposalStore.find(id, in: reader)
    }

    /// What waits for a second official of an administration.
    /// - Parameter agency: empty for all of them.
    public static func waiting(
        of agency: String,
        reach: LibraryReach,
        limit: Int,
        in reader: any Reader
    ) throws -> [LicenceProposal] {
        try LicenceProposalStore.waiting(agency, reach, limit: limit, in: reader)
    }

    /// What was decided, the newest first.
    /// - Parameter agency: empty for all of them.
    public static func decided(
        of agency: String,
        reach: LibraryReach,
        limit: Int,
        in reader: any Reader
    ) throws -> [LicenceProposal] {
        try LicenceProposalStore.decided(agency, reach, limit: limit, in: reader)
    }

    /// What waits for a second official about one licence.
    public static func waiting(on id: ID<Credential>, in reader: any Reader) throws -> [LicenceProposal] {
        try LicenceProposalStore.waiting(on: id, in: reader)
    }

    /// The event by which the holder of a licence is told what officials did with it.
    public static let carriedOut = "licence.carried-out"

    private static func tellHolder(
        _ act: LicenceAct,
        _ credential: Credential,
        _ decision: LicenceDecision,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try Outbox.emit(
            carriedOut,
            object: "credential:\(credential.id)",
            payload: ["act": .string(act.rawValue), "decision": .string(decision.number)],
            occasion: occasion,
            in: tx
        )
    }

    private static func tell(
        _ what: String,
        _ proposal: LicenceProposal,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let facts: JSON = [
            "act": .string(proposal.act.rawValue), "type": .string(proposal.type),
            "credential": JSON(proposal.credential?.rawValue),
            "content": .string(Hex.encode(SM3.digest(proposal.content.canonicalBytes))),
        ]
        try AuditLog.append(
            "licence.\(what)",
            object: proposal.object,
            after: facts,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "licence.\(what)",
            object: proposal.object,
            payload: facts,
            occasion: occasion,
            in: tx
        )
    }
}
