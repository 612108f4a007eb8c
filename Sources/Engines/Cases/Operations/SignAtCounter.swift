import Audit
public import Kernel
import Standards
import Storage

extension CaseDesk {
    /// A firm signs at the counter, in front of a clerk who sees its papers: what is left where neither our register
    /// nor the national one can say who acts for it (公司登记管理实施办法: the authority checks the proof of standing).
    ///
    /// Every paper that still waits for the firm is signed on its present text. Who recorded it does not examine the
    /// case, and the rules send it to a person.
    /// - Throws: `CaseError.counterNotNeeded` for a firm that a register vouches for, `.firmEnded` and
    ///   `.representativeDiffers` when one speaks against it, `.proofMissing` for originals that were not seen,
    ///   `.reasonMissing`, `.linkUnknown` when no firm of the case waits under that key, `.alreadySigned`.
    @discardableResult
    public func signAtCounter(
        _ id: ID<Case>,
        signer key: String,
        evidence: CounterEvidence,
        occasion: Occasion
    ) async throws -> CounterRecord {
        let (name, words) = try Self.witnessed(evidence.signedBy, evidence.words, occasion)
        guard CounterRecord.Capacity.signing.contains(evidence.capacity),
            CounterRecord.Proof.needed(for: evidence.capacity).isSubset(of: evidence.proofs)
        else {
            throw CaseError.proofMissing
        }
        let (subject, state) = try await database.read { reader in
            (try CaseStore.find(id, in: reader), try SignerStore.state(of: id, in: reader))
        }
        guard subject.state == .signing else {
            throw CaseError.notAllowed(event: .askSignatures, in: subject.state)
        }
        guard var signer = state.active.first(where: { $0.key == key }), signer.kind == .enterprise else {
            throw CaseError.linkUnknown
        }
        try await requireUnvouched(signer, of: subject, name: name, evidence.capacity, occasion: occasion)
        let open = state.papers.filter { paper in
            signer.papers.contains(paper.kind) && state.standing(of: signer, on: paper.kind) != .signed
        }
        guard !open.isEmpty else { throw CaseError.alreadySigned }
        signer.state = .inPerson
        signer.verifiedAt = occasion.now
        var made: [(paper: StoredPaper, signature: MadeSignature)] = []
        for paper in open { made.append((paper, try await ports.sign(signer, paper, occasion))) }
        let record = CounterRecord(
            id: occasion.newID(),
            caseID: id,
            signer: key,
            proofs: evidence.proofs,
            signedBy: name,
            capacity: evidence.capacity,
            words: words,
            papers: open.map { CounterRecord.Paper(kind: $0.kind, digest: $0.digest) },
            clerk: occasion.actor.id,
            at: occasion.now
        )
        let (asked, signatures, text) = (signer, made, subject.text)
        try await database.write { tx in
            let locked = try CaseStore.lock(id, in: tx)
            let now = try SignerStore.state(of: id, in: tx).active.first { $0.key == key }
            guard locked.state == .signing, locked.text == text, now?.version == asked.version else {
                throw CaseError.changedMeanwhile(act: "saved", at: occasion.now)
            }
            guard try ObjectionStore.open(of: asked, in: tx) == nil else { throw CaseError.objected }
            try keep(record, of: locked, occasion: occasion, in: tx)
            _ = try keep(
                signatures,
                of: asked,
                on: locked,
                act: "signed-at-counter",
                occasion: occasion,
                in: tx
            )
        }
        return record
    }

    static let signedByCharactersMax = 60

    /// What a clerk wrote of somebody in front of him, as it is kept.
    /// - Throws: `CaseError.notYours` for anybody but staff, `.reasonMissing` without a name or words.
    static func witnessed(_ name: String, _ words: String, _ occasion: Occasion) throws(CaseError) -> (
        name: String, words: String
    ) {
        guard occasion.actor.kind == .staff else { throw .notYours }
        let words = try checked(words)
        let name = name.filter { !$0.isWhitespace }
        guard !name.isEmpty, name.count <= signedByCharactersMax else { throw .reasonMissing }
        return (name, words)
    }

    /// Writes what a clerk recorded, into the tables and into the log.
    func keep(
        _ record: CounterRecord,
        of subject: Case,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try CounterRecordStore.insert(record, in: tx)
        try AuditLog.append(
            "case.counter-record",
            object: subject.object,
            after: [
                "signer": .string(record.signer), "signedBy": .string(record.signedBy),
                "capacity": .string(record.capacity.rawValue), "words": .string(record.words),
                "proofs": .array(record.proofs.map(\.rawValue).sorted().map(JSON.string)),
                "papers": .array(record.papers.map { .string($0.digest) }),
            ],
            occasion: occasion,
            in: tx
        )
    }

    /// The firm may not be one that a register knows: it signs by its link, through its legal representative.
    private func requireUnvouched(
        _ signer: Signer,
        of subject: Case,
        name: String,
        _ capacity: CounterRecord.Capacity,
        occasion: Occasion
    ) async throws {
        guard let representative = signer.representative else {
            throw CaseError.representativeDiffers(signer.name)
        }
        // Who signs as the representative is the one whom the form names.
        guard capacity == .agent || PersonName.areSame(representative.name, name) else {
            throw CaseError.representativeDiffers(signer.name)
        }
        switch await ports.representative(signer, subject, occasion) {
        case .unknownFirm, .noAnswer: return
        case .confirmed: throw CaseError.counterNotNeeded(signer.name)
        case .endedFirm: throw CaseError.firmEnded(signer.name)
        case .otherPerson: throw CaseError.representativeDiffers(signer.name)
        }
    }
}
