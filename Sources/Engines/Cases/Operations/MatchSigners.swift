import Kernel
import Storage

extension Signer {
    /// Whether the form now means somebody else by this entry, or reaches him under another number.
    func isOther(than need: SignerNeed) -> Bool {
        name != need.name || idKind != need.idKind || idNumber != need.idNumber || phone != need.phone
            || kind != need.kind || representative != need.representative
    }

    /// Named again after he was dropped: as far as he had come. Tries of the face check stay counted, for they are
    /// tries at the same document; who has none left is seen in person, and no page asks him for a face.
    /// - Parameter triesMax: of the face check.
    mutating func comeBack(triesMax: Int64) {
        let isSpent = Int64(faceTries) >= triesMax
        state = isSpent ? .inPerson : verifiedAt == nil ? .invited : .verified
    }

    /// Begins anew for whoever the form names now: no check and no link of the one before counts for him, but the tries
    /// of the face check do: see `comeBack`.
    mutating func restart(as need: SignerNeed, triesMax: Int64, occasion: Occasion) {
        name = need.name
        idKind = need.idKind
        idNumber = need.idNumber
        phone = need.phone
        representative = need.representative
        verifiedAt = nil
        comeBack(triesMax: triesMax)
        faceScore = nil
        signedAt = nil
        person = nil
        check = nil
        closeLink(occasion, because: .exchanged)
    }

    /// The secret that was sent opens nothing any more.
    mutating func closeLink(_ occasion: Occasion, because end: LinkEnd) {
        link = Self.closedLink + end.rawValue + occasion.newID(Signer.self).rawValue
        expiresAt = min(expiresAt, occasion.now)
    }
}

extension CaseDesk {
    /// After an edit of a form whose papers exist: who was exchanged begins anew, who is no longer named is dropped, who
    /// is named again is back.
    /// Nobody is invited here; that is the applicant's next act. What somebody objected to stays as it is: the one
    /// whom he accuses settles nothing by an edit.
    /// - Returns: how many signatures became void.
    func matchSigners(
        of subject: Case,
        to needs: [(signer: SignerNeed, papers: [String])],
        limits: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Int {
        let byKey = Dictionary(needs.map { ($0.signer.key, $0.signer) }) { first, _ in first }
        let triesMax = limits["faceTries"].int ?? 0
        var voided = 0
        var over: Set<String> = []
        for var signer in try SignerStore.signers(of: subject.id, in: tx) {
            if let need = byKey[signer.key] {
                let isBack = signer.state == .dropped
                guard isBack || signer.isOther(than: need) else { continue }
                if isBack { signer.comeBack(triesMax: triesMax) }
                if signer.isOther(than: need) {
                    voided += try void(signer, of: subject.id, occasion: occasion, in: tx)
                    over.insert(signer.link)
                    signer.restart(as: need, triesMax: triesMax, occasion: occasion)
                }
            } else {
                guard signer.state != .dropped else { continue }
                signer.state = .dropped
            }
            try SignerStore.update(signer, in: tx)
        }
        try forgetLinks(of: subject, over, in: tx)
        return voided
    }

    /// Ends the signatures of a signer whose place somebody else took, for whoever asks for them later too.
    /// - Returns: how many became void.
    func void(_ signer: Signer, of id: ID<Case>, occasion: Occasion, in tx: any Transaction) throws -> Int {
        let gone = try SignerStore.void(signer: signer.key, of: id, at: occasion.now, in: tx)
        try ports.voidSignatures(gone, "signer-changed", occasion, tx)
        return gone.count
    }

    /// Ends the signatures that no longer fit the present papers.
    /// - Returns: how many became void.
    func voidStale(of id: ID<Case>, occasion: Occasion, in tx: any Transaction) throws -> Int {
        let gone = try SignerStore.voidStale(of: id, at: occasion.now, in: tx)
        try ports.voidSignatures(gone, "text-changed", occasion, tx)
        return gone.count
    }

    /// Takes the secrets of links out of the messages that carry them.
    func forgetLinks(of subject: Case, _ digests: Set<String>, in tx: any Transaction) throws {
        guard !digests.isEmpty else { return }
        try ports.forgetLinks(subject, digests, tx)
    }
}
