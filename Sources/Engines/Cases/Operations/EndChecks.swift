import Kernel
import Storage

extension CaseDesk {
    /// After the papers of a case were made anew: whose papers are not those for which he was checked, or whose
    /// signature became void by it, is checked again before he signs, and his link ends. The next invitation tells him
    /// what was changed, so that nobody puts his name to a text of which he does not know.
    /// - Parameter needs: who must sign the papers as they are now.
    func endChecks(
        of subject: Case,
        needs: [(signer: SignerNeed, papers: [String])],
        limits: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let kinds = Dictionary(needs.map { ($0.signer.key, $0.papers) }) { first, _ in first }
        let state = try SignerStore.state(of: subject.id, in: tx)
        var over: Set<String> = []
        for var signer in state.signers where signer.verifiedAt != nil {
            guard let papers = kinds[signer.key] else { continue }
            let hasChanged =
                signer.check.map { $0.papers != state.digest(of: papers) }
                ?? papers.contains { state.standing(of: signer, on: $0) == .stale }
            guard hasChanged else { continue }
            over.insert(signer.link)
            signer.endCheck(triesMax: limits["faceTries"].int ?? 0)
            signer.closeLink(occasion, because: .papersChanged)
            try SignerStore.update(signer, in: tx)
        }
        try forgetLinks(of: subject, over, in: tx)
    }
}
