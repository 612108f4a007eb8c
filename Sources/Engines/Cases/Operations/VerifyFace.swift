public import Kernel
import Storage

extension CaseDesk {
    /// Compares the signer's face with the police's picture: for an enterprise that of its legal representative, whom
    /// the registers must name first.
    ///
    /// A try is taken before the police are asked, so that asking many times at once gives no more tries; it is given
    /// back when they did not answer.
    ///
    /// Whoever passes gets a proof, and signs with it alone: the link opens the papers and proves nothing, for the
    /// applicant sees the links of his signers. Passed again elsewhere, the right goes there.
    /// - Parameters:
    ///   - sample: what the camera gave, base64; handed on, never kept.
    ///   - shown: the papers that the one in front of the camera has seen, see `SigningView.shown`; nil for those of now.
    /// - Returns: the signer with his new state, and the proof for this browser.
    /// - Throws: `CaseError.notVerified` after the last try, `.papersChanged`, `.alreadySigned`, `.firmUnknown`,
    ///   `.firmEnded`, `.representativeDiffers`, `.registerSilent` for an enterprise.
    public func verifyFace(
        _ secret: String,
        sample: String,
        shown: String? = nil,
        occasion: Occasion
    ) async throws -> FaceCheck {
        let view = try await openLink(secret, occasion: occasion)
        guard view.subject.state == .signing else {
            throw CaseError.notAllowed(event: .askSignatures, in: view.subject.state)
        }
        guard !view.state.open(view.signer).isEmpty else { throw CaseError.alreadySigned }
        guard shown == nil || shown == view.shown else { throw CaseError.papersChanged }
        try await requireRepresentative(view.signer, of: view.subject, occasion: occasion)
        let limits = try await definition(of: view.subject).limits(view.subject.region, occasion.now.date)
        let signer = try await takeTry(view, limits: limits, at: occasion.now)
        let answer = await ports.compareFace(signer, sample, occasion)
        return try await judge(answer, of: signer, shown: view.shown, limits: limits, occasion: occasion)
    }

    private func takeTry(_ view: SigningView, limits: JSON, at now: Instant) async throws -> Signer {
        try await database.write { tx in
            _ = try CaseStore.lock(view.subject.id, in: tx)
            guard var signer = try SignerStore.find(link: view.signer.link, in: tx), signer.state != .dropped
            else { throw CaseError.linkUnknown }
            guard signer.state != .inPerson, Int64(signer.faceTries) < limits["faceTries"].int ?? 0 else {
                throw CaseError.notVerified
            }
            // Of a check that somebody can still sign with, only another that is passed takes the right away.
            if signer.verifiedAt != nil, !signer.isChecked(at: now) { signer.endCheck(triesMax: .max) }
            signer.faceTries += 1
            try SignerStore.update(signer, in: tx)
            signer.version += 1
            return signer
        }
    }

    private func judge(
        _ answer: FaceAnswer,
        of asked: Signer,
        shown: String,
        limits: JSON,
        occasion: Occasion
    ) async throws -> FaceCheck {
        let secret = SigningCheck.secret(occasion.entropy)
        return try await database.write { tx in
            let subject = try CaseStore.lock(asked.caseID, in: tx)
            // Exchanged meanwhile: the answer was about somebody else.
            guard var signer = try SignerStore.find(link: asked.link, in: tx), signer.state != .dropped else {
                throw CaseError.linkUnknown
            }
            let act: String
            switch answer {
            case .unknown:
                signer.faceTries = max(0, signer.faceTries - 1)
                act = "face-unknown"
            case .compared(let score, let at):
                if let needed = limits["faceScore"].int, Int64(score) >= needed {
                    signer.faceScore = score
                    signer.faceTries = max(0, signer.faceTries - 1)
                    signer.state = .verified
                    signer.verifiedAt = at
                    try signer.pass(secret: secret, papers: shown, limits: limits, at: occasion.now)
                    act = "face-verified"
                } else {
                    if !signer.isChecked(at: occasion.now) {
                        signer.faceScore = score
                        if Int64(signer.faceTries) >= limits["faceTries"].int ?? 0 {
                            signer.state = .inPerson
                        }
                    }
                    act = "face-failed"
                }
            }
            try SignerStore.update(signer, in: tx)
            try note(
                act,
                on: subject,
                details: act == "face-unknown" ? [:] : ["tries": JSON(signer.faceTries)],
                isPublic: false,
                occasion: occasion,
                in: tx
            )
            signer.version += 1
            return FaceCheck(signer: signer, proof: act == "face-verified" ? secret : nil)
        }
    }

    /// Refuses to go on for an enterprise unless the registers name the person who is to sign for it. Before any
    /// check of a face and before any signature: without it no key and no certificate of the enterprise comes to be.
    func requireRepresentative(_ signer: Signer, of subject: Case, occasion: Occasion) async throws {
        guard signer.kind == .enterprise else { return }
        guard signer.representative != nil else { throw CaseError.representativeDiffers(signer.name) }
        switch await ports.representative(signer, subject, occasion) {
        case .confirmed: return
        case .unknownFirm: throw CaseError.firmUnknown(signer.name)
        case .endedFirm: throw CaseError.firmEnded(signer.name)
        case .otherPerson: throw CaseError.representativeDiffers(signer.name)
        case .noAnswer: throw CaseError.registerSilent(signer.name)
        }
    }
}
