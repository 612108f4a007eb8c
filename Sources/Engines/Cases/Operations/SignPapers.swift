import Audit
public import Kernel
import Storage

/// What somebody who opened a signing link sees.
public struct SigningView: Sendable {
    public let subject: Case
    public let signer: Signer
    public let state: SigningState
    /// What this signer objected to and is not settled yet.
    public var objection: Objection? = nil
    /// The papers this signer must sign, on their present text.
    public var papers: [StoredPaper] { state.papers.filter { signer.papers.contains($0.kind) } }
}

extension CaseDesk {
    /// Opens a signing link.
    /// - Throws: `CaseError.linkUnknown` for a wrong or replaced secret, `linkExpired` after its time.
    public func openLink(_ secret: String, occasion: Occasion) async throws -> SigningView {
        let digest = SigningLink.digest(secret)
        return try await database.read { reader in
            guard let signer = try SignerStore.find(link: digest, in: reader), signer.state != .dropped else {
                throw CaseError.linkUnknown
            }
            guard !signer.isExpired(at: occasion.now) else { throw CaseError.linkExpired }
            return SigningView(
                subject: try CaseStore.find(signer.caseID, in: reader),
                signer: signer,
                state: try SignerStore.state(of: signer.caseID, in: reader),
                objection: try ObjectionStore.open(of: signer, in: reader)
            )
        }
    }

    /// Records that a member of staff or a notary identified the signer instead of the camera.
    /// - Returns: the proof by which he signs, for whoever stands there and nobody else.
    public func identifiedInPerson(_ id: ID<Case>, signer key: String, reason: String, occasion: Occasion)
        async throws -> String
    {
        guard !reason.isEmpty else { throw CaseError.reasonMissing }
        let before = try await read(id)
        let limits = try await definition(of: before).limits(before.region, occasion.now.date)
        let secret = SigningCheck.secret(occasion.entropy)
        try await database.write { tx in
            let subject = try CaseStore.find(id, in: tx)
            let state = try SignerStore.state(of: id, in: tx)
            guard var signer = state.active.first(where: { $0.key == key }) else {
                throw CaseError.linkUnknown
            }
            signer.state = .inPerson
            signer.verifiedAt = occasion.now
            let papers = state.digest(of: signer.papers)
            try signer.pass(secret: secret, papers: papers, limits: limits, at: occasion.now)
            try SignerStore.update(signer, in: tx)
            try note(
                "identified-in-person",
                on: subject,
                details: ["reason": .string(reason)],
                occasion: occasion,
                in: tx
            )
        }
        return secret
    }

    /// Signs every paper that waits for this signer, on its present text, by the check that was passed in this very
    /// browser. A check is good for one act.
    /// - Parameters:
    ///   - proof: what the browser got that passed the check: see `verifyFace`.
    ///   - elsewhere: signatures that the signer made with a certificate of his own, by kinds of paper; nil to sign here.
    /// - Throws: `CaseError.notVerified` before the face check, `.otherBrowser` without the proof of the last one,
    ///   `.checkExpired` after its time, `.papersChanged`, `.alreadySigned` when nothing is left to sign,
    ///   `.signatureMissing` for a paper without one made elsewhere.
    @discardableResult
    public func sign(
        _ secret: String,
        proof: String?,
        elsewhere: [String: [UInt8]]? = nil,
        occasion: Occasion
    ) async throws -> SigningView {
        let view = try await openLink(secret, occasion: occasion)
        guard view.subject.state == .signing else {
            throw CaseError.notAllowed(event: .askSignatures, in: view.subject.state)
        }
        guard view.objection == nil else { throw CaseError.objected }
        let open = view.state.open(view.signer)
        guard !open.isEmpty else { throw CaseError.alreadySigned }
        if let refusal = view.refusal(of: proof, at: occasion.now) { throw refusal }
        try await requireRepresentative(view.signer, of: view.subject, occasion: occasion)
        var made: [(paper: StoredPaper, signature: MadeSignature)] = []
        for paper in open {
            guard let elsewhere else {
                made.append((paper, try await ports.sign(view.signer, paper, occasion)))
                continue
            }
            guard let envelope = elsewhere[paper.kind] else { throw CaseError.signatureMissing(paper.title) }
            let taken = try await ports.takeSignature(view.signer, view.subject, paper, envelope, occasion)
            made.append((paper, taken))
        }
        let signatures = made
        let text = view.subject.text
        return try await database.write { tx in
            let subject = try CaseStore.lock(view.signer.caseID, in: tx)
            let now = try SignerStore.find(link: view.signer.link, in: tx)
            guard subject.text == text, now?.version == view.signer.version else {
                throw CaseError.changedMeanwhile(act: "saved", at: occasion.now)
            }
            // It may have been withdrawn while the signatures were made.
            guard subject.state == .signing else {
                throw CaseError.notAllowed(event: .askSignatures, in: subject.state)
            }
            guard try ObjectionStore.open(of: view.signer, in: tx) == nil else { throw CaseError.objected }
            return try keep(
                signatures,
                of: view.signer,
                on: subject,
                act: signatures.contains { $0.signature.authority != nil } ? "signed-elsewhere" : "signed",
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Writes signatures that were made, and notes when they were the last ones.
    /// - Parameters:
    ///   - subject: locked.
    ///   - act: how the case's history calls it.
    func keep(
        _ signatures: [(paper: StoredPaper, signature: MadeSignature)],
        of signer: Signer,
        on subject: Case,
        act: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> SigningView {
        var (subject, signer) = (subject, signer)
        for (paper, signature) in signatures {
            try signature.store(tx)
            try SignerStore.insert(
                PaperSignature(
                    signer: signer.key,
                    paper: paper.kind,
                    digest: paper.digest,
                    signature: signature.reference,
                    at: occasion.now,
                    voidAt: nil
                ),
                of: subject.id,
                in: tx
            )
        }
        signer.state = signer.state == .inPerson ? .inPerson : .signed
        signer.signedAt = occasion.now
        signer.check = nil
        try SignerStore.update(signer, in: tx)
        let state = try SignerStore.state(of: subject.id, in: tx)
        let authorities = Set(signatures.compactMap { $0.signature.authority }).sorted()
        try note(
            act,
            on: subject,
            details: [
                "papers": JSON(signatures.count),
                "words": authorities.isEmpty ? .null : .string(authorities.joined(separator: "、")),
            ],
            occasion: occasion,
            in: tx
        )
        if state.isComplete, subject.signedAt == nil {
            subject.signedAt = occasion.now
            subject = try CaseStore.update(subject, in: tx)
            try note("all-signed", on: subject, occasion: occasion, in: tx)
        }
        return SigningView(subject: subject, signer: signer, state: state)
    }
}
