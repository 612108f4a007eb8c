import Cryptography
import ElectronicSeals
public import Kernel

/// Takes signatures that signers made elsewhere, with a certificate of a recognised authority (decision 0031).
public struct SignatureElsewhere: Sendable {
    private let verifier: FileVerifier

    /// - Parameter verifier: with the revocation lists and recognised authorities of this moment.
    public init(_ verifier: FileVerifier) { self.verifier = verifier }

    /// Reads the signature of a signer over a document and says whether it counts: whole, under an authority that was
    /// recognised when a time stamp says that it was made, for such holders, here, and his.
    /// - Parameters:
    ///   - number: the signer's identity number, or the credit code of his enterprise, which his certificate has to bear.
    ///   - region: six digits, where the matter belongs.
    ///   - since: when the signer was asked; what was stamped before was signed for something else.
    public func take(
        _ envelope: [UInt8],
        over text: [UInt8],
        document: String,
        by signer: DocumentSigner,
        number: String,
        region: String,
        since: Instant,
        occasion: Occasion
    ) throws(SignatureElsewhereError) -> DocumentSignature {
        let use = SignatureUse(holder: signer.holder.kind, region: region)
        let proof: SignatureProof
        do throws(VerificationProblem) {
            proof = try verifier.proof(of: text, signature: envelope, for: use)
        } catch { throw .refused(error.kind.rawValue, place: error.place, document: document) }
        guard let proven = proof.proven else {
            let name = proof.subject.commonName
            throw .refused(VerificationClass.notStamped.rawValue, place: name, document: document)
        }
        // A stamp counts whole seconds.
        guard proven + 1_000 > since else { throw .early(document: document) }
        let (isFirm, name) = (
            signer.holder.kind == .enterprise, DistinguishedName.fitting(signer.holder.name)
        )
        // A firm's own certificate, not that of somebody or of some server in it.
        guard !isFirm || proof.subject.organization == name, proof.subject.commonName == name,
            proof.subject.serialNumber?.uppercased() == number.uppercased()
        else { throw .otherHolder(proof.subject.commonName, isFirm: isFirm, document: document) }
        return DocumentSignature(
            id: occasion.newID(),
            statement: SignatureStatement(
                document: document,
                digest: Hex.encode(SM3.digest(text)),
                signer: signer,
                at: proven
            ),
            signature: proof.signature,
            certificates: proof.certificates,
            voidedAt: nil,
            voidReason: nil,
            elsewhere: DocumentSignature.Elsewhere(envelope: envelope, authority: proof.authority)
        )
    }
}

/// Why a signature that was made elsewhere is not taken.
public enum SignatureElsewhereError: Refusal, Equatable {
    /// The class of the fault, as verdicts on files name it.
    case refused(String, place: String, document: String)
    /// It was stamped before the signer was asked.
    case early(document: String)
    /// The certificate is somebody else's, or does not bear the signer's number.
    case otherHolder(String, isFirm: Bool, document: String)

    /// Which one it was to be on.
    public var document: String {
        switch self {
        case .refused(_, _, let document), .early(let document), .otherHolder(_, _, let document): document
        }
    }

    public var code: String {
        switch self {
        case .refused: "sign.elsewhere-refused"
        case .early: "sign.elsewhere-early"
        case .otherHolder(_, let isFirm, _):
            isFirm ? "sign.elsewhere-other-firm" : "sign.elsewhere-other-person"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .refused(let kind, let place, _): ["class": kind, "place": place]
        case .early: [:]
        case .otherHolder(let name, _, _): ["name": name]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .refused, .early, .otherHolder: .unacceptable
        }
    }
}
