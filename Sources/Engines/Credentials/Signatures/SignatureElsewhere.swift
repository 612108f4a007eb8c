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
    public func take(
        _ envelope: [UInt8],
        over text: [UInt8],
        document: String,
        by signer: DocumentSigner,
        number: String,
        region: String,
        occasion: Occasion
    ) throws(SignatureElsewhereError) -> DocumentSignature {
        let use = SignatureUse(holder: signer.holder.kind, region: region)
        let proof: SignatureProof
        do throws(VerificationProblem) {
            proof = try verifier.proof(of: text, signature: envelope, for: use)
        } catch { throw .refused(error.kind.rawValue, place: error.place) }
        guard let proven = proof.proven else {
            throw .refused(VerificationClass.notStamped.rawValue, place: proof.subject.commonName)
        }
        let own = signer.holder.kind == .enterprise ? proof.subject.organization : proof.subject.commonName
        guard own == DistinguishedName.fitting(signer.holder.name),
            proof.subject.serialNumber?.uppercased() == number.uppercased()
        else { throw .otherPerson(proof.subject.commonName) }
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
    case refused(String, place: String)
    /// The certificate is somebody else's, or does not bear the signer's number.
    case otherPerson(String)

    public var code: String {
        switch self {
        case .refused: "sign.elsewhere-refused"
        case .otherPerson: "sign.elsewhere-other-person"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .refused(let kind, let place): ["class": kind, "place": place]
        case .otherPerson(let name): ["name": name]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .refused, .otherPerson: .unacceptable
        }
    }
}
