public import Cryptography
public import ElectronicSeals
public import Kernel

extension VerificationClass {
    init(_ problem: DetachedSignatureProblem) {
        switch problem {
        case .signature: self = .signatureValue
        case .digest: self = .documentHash
        case .timestamp: self = .timestamp
        case .stampTakenBack: self = .stampTakenBack
        case .usage: self = .signerUsage
        case .certificate(let problem): self = VerificationClass(ofSigner: problem)
        }
    }
}

/// What a check of a PDF file found.
public struct PDFVerdict: Sendable {
    /// What is wrong with the file itself, before any signature is looked at.
    public let problem: VerificationClass?
    /// In the order in which they were made.
    public let signatures: [PDFSignatureVerdict]
    /// The attached files of the signed document; empty unless the file is valid.
    public let attachments: [PDFAttachment]

    /// Whether there are signatures and nothing is wrong with any.
    public var isValid: Bool {
        problem == nil && !signatures.isEmpty && signatures.allSatisfy { $0.problem == nil }
    }

    /// All that is wrong, the file first.
    public var problems: [VerificationClass] {
        (problem.map { [$0] } ?? []) + signatures.compactMap(\.problem)
    }
}

public struct PDFSignatureVerdict: Sendable {
    public let problem: VerificationClass?
    /// The name of the field.
    public let field: String
    /// Nil when the signature could not be read.
    public let signer: P256Certificate?
    /// Certificates that came along.
    public let others: [P256Certificate]
    /// When the signer says that he signed: his word only.
    public let claimed: Instant?
    /// When a time stamp proves that the signature was there.
    public let proven: Instant?
    /// What the signature says why it was made.
    public let reason: String?
    public let location: String?
    /// Whether the signer declared the document finished.
    public let isFinal: Bool
}
