import Kernel
import Storage

extension Signer {
    /// Whether the form now means somebody else by this entry, or reaches him under another number.
    func isOther(than need: SignerNeed) -> Bool {
        name != need.name || idKind != need.idKind || idNumber != need.idNumber || phone != need.phone
            || kind != need.kind || representative != need.representative
    }

    /// Begins anew for whoever the form names now: no check and no link of the one before counts for him. Tries of
    /// the face check stay counted, for they are tries at the same document.
    mutating func restart(as need: SignerNeed, occasion: Occasion) {
        name = need.name
        idKind = need.idKind
        idNumber = need.idNumber
        phone = need.phone
        representative = need.representative
        state = state == .inPerson && verifiedAt == nil ? .inPerson : .invited
        verifiedAt = nil
        faceScore = nil
        signedAt = nil
        person = nil
        closeLink(occasion)
    }

    /// The secret that was sent opens nothing any more.
    private mutating func closeLink(_ occasion: Occasion) {
        link = Self.closedLink + occasion.newID(Signer.self).rawValue
        expiresAt = min(expiresAt, occasion.now)
    }
}

extension CaseDesk {
    /// After an edit of a form whose papers exist: who was exchanged begins anew, who is no longer named is dropped.
    /// Nobody is invited here; that is the applicant's next act.
    /// - Returns: how many signatures became void.
    func matchSigners(
        of id: ID<Case>,
        to needs: [(signer: SignerNeed, papers: [String])],
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Int {
        let byKey = Dictionary(needs.map { ($0.signer.key, $0.signer) }) { first, _ in first }
        var voided = 0
        for var signer in try SignerStore.state(of: id, in: tx).active {
            if let need = byKey[signer.key] {
                guard signer.isOther(than: need) else { continue }
                voided += try SignerStore.void(signer: signer.key, of: id, at: occasion.now, in: tx)
                try ports.forgetLink(CaseStore.find(id, in: tx), signer.link, tx)
                signer.restart(as: need, occasion: occasion)
            } else {
                signer.state = .dropped
            }
            try ObjectionStore.settle(of: signer, at: occasion.now, in: tx)
            try SignerStore.update(signer, in: tx)
        }
        return voided
    }
}
