public import Kernel
import Storage

/// What came of taking an objection back.
public enum TakenBack: Sendable, Equatable {
    case done
    /// The face was another's; a try is used up.
    case otherFace
    /// Nobody answered the comparison.
    case unanswered
}

extension CaseDesk {
    /// Takes an objection back: nobody but the one who raised it, by his own link and his own face, and only while
    /// nothing is registered. From then on it is the authority's to settle.
    /// - Parameter sample: what the camera gave, base64; handed on, never kept.
    /// - Throws: `CaseError.linkUnknown` when he is not named or has nothing to take back, `.notVerified` after the
    ///   last try, `.notAllowed` once the case was handed in; what the representative of a firm is refused with.
    @discardableResult
    public func takeBackObjection(_ secret: String, sample: String, occasion: Occasion) async throws
        -> TakenBack
    {
        let objector = try await objector(secret)
        let subject = objector.subject
        guard objector.isNamed, objector.last?.state == .open else { throw CaseError.linkUnknown }
        guard objector.mayTakeBack else {
            throw CaseError.notAllowed(event: .askSignatures, in: subject.state)
        }
        try await requireRepresentative(objector.signer, of: subject, occasion: occasion)
        let limits = try await definition(of: subject).limits(subject.region, occasion.now.date)
        guard let needed = limits["faceScore"].int else { throw CaseError.unknownStep("limit faceScore") }
        let digest = SigningLink.digest(secret)
        let asked = try await database.write { tx in
            var signer = try objecting(digest, in: tx).signer
            guard Int64(signer.faceTries) < limits["faceTries"].int ?? 0 else { throw CaseError.notVerified }
            signer.faceTries += 1
            try SignerStore.update(signer, in: tx)
            return signer
        }
        let answer = await ports.compareFace(asked, sample, occasion)
        let isHim: Bool
        switch answer {
        case .unknown: isHim = false
        case .compared(let score, _): isHim = Int64(score) >= needed
        }
        return try await database.write { tx in
            let (found, objection) = try objecting(digest, in: tx)
            var signer = found
            if isHim || answer == .unknown {
                signer.faceTries = max(0, signer.faceTries - 1)
                try SignerStore.update(signer, in: tx)
            }
            guard isHim else { return answer == .unknown ? .unanswered : .otherFace }
            try ObjectionStore.close(
                objection.id,
                as: .retracted,
                outcome: "objector",
                at: occasion.now,
                in: tx
            )
            try note(
                "objection-taken-back",
                on: try CaseStore.find(signer.caseID, in: tx),
                isPublic: false,
                occasion: occasion,
                in: tx
            )
            return .done
        }
    }

    /// The holder of a link and his open objection, read behind the lock of the case.
    private func objecting(_ digest: String, in tx: any Transaction) throws -> (
        signer: Signer, objection: Objection
    ) {
        guard let asked = try SignerStore.find(presentOrPast: digest, in: tx)?.signer else {
            throw CaseError.linkUnknown
        }
        let subject = try CaseStore.lock(asked.caseID, in: tx)
        guard subject.state.isEditable else {
            throw CaseError.notAllowed(event: .askSignatures, in: subject.state)
        }
        guard let (signer, holder) = try SignerStore.find(presentOrPast: digest, in: tx),
            signer.state != .dropped, signer.isHeld(by: holder),
            let open = try ObjectionStore.open(of: signer, in: tx)
        else { throw CaseError.linkUnknown }
        return (signer, open)
    }
}
