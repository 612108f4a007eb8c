import Audit
public import Cryptography
import Jobs
public import Kernel
public import Storage

/// What officials do about trust, two for each act: one proposes with a reason, another confirms, and then it is done, in
/// one transaction.
public enum TrustDesk {
    static let shownMax = 200
    private static let reasonMax = 200

    public static func waiting(in reader: any Reader) throws -> [TrustProposal] {
        try TrustStore.waiting(limit: shownMax, in: reader)
    }

    public static func find(_ id: ID<TrustProposal>, in reader: any Reader) throws -> TrustProposal? {
        try TrustStore.proposal(id, in: reader)
    }

    public static func authorities(in reader: any Reader) throws -> [RecognisedAuthority] {
        try TrustStore.authorities(limit: shownMax, in: reader)
    }

    public static func authority(_ id: ID<RecognisedAuthority>, in reader: any Reader) throws
        -> RecognisedAuthority?
    {
        try TrustStore.authority(id, in: reader)
    }

    /// What was decided, the newest first.
    public static func decided(in reader: any Reader) throws -> [TrustProposal] {
        try TrustStore.decided(limit: shownMax, in: reader)
    }

    /// Why a proposal was refused, as its refuser wrote it.
    public static func answer(to id: ID<TrustProposal>, in reader: any Reader) throws -> String? {
        try TrustStore.answer(to: id, in: reader)
    }

    /// What waits about a certificate or an authority.
    public static func waiting(on subject: String, in reader: any Reader) throws -> [TrustProposal] {
        try waiting(in: reader).filter { $0.subject == subject }
    }

    // MARK: - Proposing

    /// Proposes to revoke a certificate that this platform issued to a person or an enterprise.
    @discardableResult
    public static func propose(
        revoking id: ID<HolderCertificate>,
        _ reason: RevocationReason,
        because words: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> TrustProposal {
        guard let found = try CertificateStore.find(id, in: tx) else { throw CertificateError.unknown }
        guard found.state(at: occasion.now) == .valid else { throw CertificateError.notInForce }
        let content: JSON = ["reason": JSON(reason.rawValue), "serial": .string(found.serial)]
        return try propose(.revoke, id.rawValue, content, because: words, occasion: occasion, in: tx)
    }

    /// Proposes to recognise another authority.
    @discardableResult
    public static func propose(
        recognising draft: AuthorityDraft,
        because words: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> TrustProposal {
        if let fault = faults(of: draft, because: words).first { throw fault }
        let proposed = Set(try waiting(in: tx).compactMap(\.draft).flatMap(\.fingerprints))
        guard proposed.isDisjoint(with: draft.fingerprints) else { throw TrustError.alreadyProposed }
        try requireNew(draft, in: tx)
        let name = draft.name
        return try propose(.recognise, name, draft.json, because: words, occasion: occasion, in: tx)
    }

    /// One certificate is recognised under one entry at a time, so that there is one state of it.
    private static func requireNew(_ draft: AuthorityDraft, in reader: any Reader) throws {
        let own = Set(draft.fingerprints)
        for one in try TrustStore.authorities(limit: Int.max, in: reader)
        where one.state != .withdrawn && one.until.map({ draft.from <= $0 }) ?? true {
            guard own.isDisjoint(with: AuthorityDraft.fingerprints(of: one.certificates)) else {
                throw TrustError.entered(one.name)
            }
        }
    }

    /// Everything that is wrong with what was typed, in the order of the form.
    /// - Parameter others: what was no draft at all, such as a day that is none.
    public static func faults(of draft: AuthorityDraft, because words: String, others: [TrustError] = [])
        -> [TrustError]
    {
        let isDivision = { (area: String) in
            area.utf8.count == 6 && area.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        var faults: [TrustError] = (1...100).contains(draft.name.count) ? [] : [.badField("name")]
        do { try requireAuthorities(draft.certificates) } catch { faults.append(error) }
        let fields = [
            ("holders", !draft.holders.isEmpty), ("areas", draft.areas.allSatisfy(isDivision)),
            ("makers", draft.makers.count <= SealMaker.countMax && draft.makers.allSatisfy(\.isWhole)),
            ("from", true), ("until", draft.until.map { draft.from <= $0 } ?? true),
            ("reason", (1...reasonMax).contains(words.count)),
        ]
        return faults
            + fields.compactMap { name, isGood in
                isGood && !others.contains(.badField(name)) ? nil : .badField(name)
            }
    }

    /// All certificates can be read and are of authorities.
    private static func requireAuthorities(_ pem: String) throws(TrustError) {
        func count<Scheme: SignatureScheme>(_ scheme: Scheme.Type) throws(TrustError) -> Int {
            let all: [X509Certificate<Scheme>]
            do { all = try X509Certificate<Scheme>.all(pem: pem, skippingOthers: true) } catch {
                throw .badCertificates
            }
            guard all.allSatisfy(\.isAuthority) else { throw .badCertificates }
            return all.count
        }
        let read = try count(SM2.self) + count(P256.self) + count(RSA.self)
        guard (1...20).contains(read), pem.split(separator: "-----BEGIN CERTIFICATE-----").count - 1 <= read,
            pem.utf8.count <= 65_536
        else { throw .badCertificates }
    }

    /// Proposes to suspend, resume or end the recognition of an authority.
    @discardableResult
    public static func propose(
        _ act: TrustAct,
        for id: ID<RecognisedAuthority>,
        because words: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> TrustProposal {
        guard let found = try TrustStore.authority(id, in: tx) else { throw TrustError.unknown }
        _ = try state(after: act, found.state)
        let content: JSON = ["version": JSON(found.version), "name": .string(found.name)]
        return try propose(act, id.rawValue, content, because: words, occasion: occasion, in: tx)
    }

    private static func propose(
        _ act: TrustAct,
        _ subject: String,
        _ content: JSON,
        because words: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> TrustProposal {
        guard (1...reasonMax).contains(words.count) else { throw TrustError.badField("reason") }
        let proposal = TrustProposal(
            id: occasion.newID(),
            act: act,
            subject: subject,
            content: content,
            reason: words,
            proposedBy: occasion.actor.id,
            at: occasion.now,
            state: .waiting,
            decidedBy: nil,
            decidedAt: nil
        )
        try TrustStore.insert(proposal, in: tx)
        try tell("proposed", proposal, occasion: occasion, in: tx)
        return proposal
    }

    // MARK: - Deciding

    /// Confirms and does what was proposed, or refuses it; whoever proposed it takes it back.
    /// - Parameter words: why it is refused.
    public static func decide(
        _ id: ID<TrustProposal>,
        isConfirmed: Bool,
        because words: String? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let proposal = try TrustStore.proposal(id, in: tx) else { throw TrustError.unknown }
        guard !isConfirmed || proposal.proposedBy != occasion.actor.id else { throw TrustError.fourEyes }
        guard
            try TrustStore.decide(
                id,
                isConfirmed ? .confirmed : .refused,
                by: occasion.actor.id,
                at: occasion.now,
                in: tx
            )
        else { throw TrustError.stale }
        if !isConfirmed, let words {
            guard (1...reasonMax).contains(words.count) else { throw TrustError.badField("reason") }
            try TrustStore.answer(id, words, in: tx)
        }
        try tell(isConfirmed ? "confirmed" : "refused", proposal, occasion: occasion, in: tx)
        guard isConfirmed else { return }
        switch proposal.act {
        case .revoke: try revoke(proposal, occasion: occasion, in: tx)
        case .recognise: try recognise(proposal, occasion: occasion, in: tx)
        case .suspend, .resume, .withdraw: try move(proposal, occasion: occasion, in: tx)
        }
    }

    private static func revoke(_ proposal: TrustProposal, occasion: Occasion, in tx: any Transaction) throws {
        guard let found = try CertificateStore.find(ID(proposal.subject), in: tx),
            let reason = proposal.content["reason"].int.flatMap({ RevocationReason(rawValue: Int($0)) })
        else { throw TrustError.unknown }
        try Certificates.revoke(found, reason, because: proposal.reason, occasion: occasion, in: tx)
    }

    private static func recognise(_ proposal: TrustProposal, occasion: Occasion, in tx: any Transaction)
        throws
    {
        guard let draft = AuthorityDraft(proposal.content) else { throw TrustError.unknown }
        try TrustStore.advance(in: tx)
        try requireNew(draft, in: tx)
        let id: ID<RecognisedAuthority> = occasion.newID()
        try TrustStore.insert(id, draft, in: tx)
        try enter(.recognised, id, 0, proposal, occasion: occasion, in: tx)
    }

    private static func move(_ proposal: TrustProposal, occasion: Occasion, in tx: any Transaction) throws {
        try TrustStore.advance(in: tx)
        guard let found = try TrustStore.authority(ID(proposal.subject), in: tx) else {
            throw TrustError.unknown
        }
        guard proposal.content["version"].int == found.version else { throw TrustError.stale }
        let next = try state(after: proposal.act, found.state)
        try enter(next, found.id, found.version, proposal, occasion: occasion, in: tx)
    }

    private static func enter(
        _ state: RecognisedAuthority.State,
        _ id: ID<RecognisedAuthority>,
        _ version: Int64,
        _ proposal: TrustProposal,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let step = RecognisedAuthority.Step(
            state: state,
            at: occasion.now,
            reason: proposal.reason,
            proposedBy: proposal.proposedBy,
            confirmedBy: occasion.actor.id
        )
        guard try TrustStore.add(step, to: id, expecting: version, in: tx) else { throw TrustError.stale }
        let object = "recognised-authority:\(id)"
        let facts: JSON = ["state": .string(state.rawValue), "proposal": .string(proposal.id.rawValue)]
        try AuditLog.append("trust.authority-moved", object: object, after: facts, occasion: occasion, in: tx)
        try Outbox.emit("trust.authority-moved", object: object, payload: facts, occasion: occasion, in: tx)
    }

    /// The state after an act. Pure.
    static func state(after act: TrustAct, _ state: RecognisedAuthority.State) throws(TrustError)
        -> RecognisedAuthority.State
    {
        switch (state, act) {
        case (.recognised, .suspend): .suspended
        case (.suspended, .resume): .recognised
        case (.recognised, .withdraw), (.suspended, .withdraw): .withdrawn
        case (.recognised, _), (.suspended, _), (.withdrawn, _):
            throw .notAllowed(act: act.rawValue, state: state.rawValue)
        }
    }

    // MARK: - Their revocation lists

    /// Keeps a newer list of one of an authority's issuers. One official is enough: what its issuer signed only adds.
    /// - Throws: `badList` when none of the authority's certificates signed it, or the one that is kept is newer.
    public static func keep(
        _ list: [UInt8],
        of id: ID<RecognisedAuthority>,
        limits: RevocationLimits,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try TrustStore.advance(in: tx)
        guard let found = try TrustStore.authority(id, in: tx) else { throw TrustError.unknown }
        func keep<Scheme: SignatureScheme>(_ scheme: Scheme.Type) throws -> String? {
            guard let read = try? RevocationList<Scheme>(der: list, limits: limits),
                let issuer = found.anchors(scheme).first(where: { read.isSigned(by: $0) })
            else { return nil }
            // One from the future would keep out all that come before its time.
            guard read.thisUpdate <= occasion.now else { throw TrustError.badList }
            let name = Hex.encode(SM3.digest(issuer.der))
            var lost: [RevokedCertificate] = []
            if let kept = try TrustStore.list(issuer: name, of: id, in: tx) {
                // The one that is kept was read under the limits of its day.
                let old: RevocationList<Scheme>? = kept.read(.unlimited)
                guard let old, old.thisUpdate < read.thisUpdate else { throw TrustError.badList }
                lost = read.lost(from: old)
            }
            try TrustStore.keep(list, issuer: name, of: id, lost: lost, in: tx)
            return name
        }
        guard let issuer = try keep(SM2.self) ?? keep(P256.self) ?? keep(RSA.self) else {
            throw TrustError.badList
        }
        let facts: JSON = ["issuer": .string(issuer), "digest": .string(Hex.encode(SM3.digest(list)))]
        try AuditLog.append("trust.list-kept", object: found.object, after: facts, occasion: occasion, in: tx)
        try Outbox.emit("trust.list-kept", object: found.object, payload: facts, occasion: occasion, in: tx)
    }

    private static func tell(
        _ what: String,
        _ proposal: TrustProposal,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let facts: JSON = [
            "act": .string(proposal.act.rawValue), "subject": .string(proposal.subject),
            "content": .string(Hex.encode(SM3.digest(proposal.content.canonicalBytes))),
        ]
        try AuditLog.append(
            "trust.\(what)",
            object: proposal.object,
            after: facts,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit("trust.\(what)", object: proposal.object, payload: facts, occasion: occasion, in: tx)
    }
}
