public import Cryptography
public import Kernel

/// What is wrong with a PDF file or one of its signatures. The raw values are the classes that verifiers report.
public enum PDFProblem: String, Sendable, CaseIterable {
    /// It is no PDF file of the kind that is read here, or a signature is written in a way that readers take differently.
    case format = "PDF_FORMAT"
    /// Larger than is allowed.
    case limit = "PDF_LIMIT"
    case notSigned = "NOT_SIGNED"
    /// The signed bytes are not what was signed.
    case documentHash = "DOC_HASH"
    /// The signature leaves out more than its own place, or something was changed or added after it.
    case coverage = "COVERAGE"
    /// The signature is not of the key in the signer's certificate.
    case signature = "SIG_VALUE"
    case signerUntrusted = "SIGNER_CERT_UNTRUSTED"
    case signerExpired = "SIGNER_CERT_EXPIRED"
    case signerRevoked = "SIGNER_CERT_REVOKED"
    case signerUsage = "SIGNER_CERT_USAGE"
    /// The time stamp proves nothing, or contradicts the time that the signer claims.
    case timestamp = "TIMESTAMP"

    init(_ problem: DetachedSignatureProblem) {
        switch problem {
        case .signature: self = .signature
        case .digest: self = .documentHash
        case .timestamp: self = .timestamp
        case .usage: self = .signerUsage
        case .certificate(let problem):
            switch problem {
            case .notYetValid, .expired: self = .signerExpired
            case .revoked, .revocationUnknown: self = .signerRevoked
            case .wrongUsage: self = .signerUsage
            case .untrusted, .badSignature, .notAnAuthority, .tooLong, .unknownDemand: self = .signerUntrusted
            }
        }
    }
}

/// What a check of a PDF file found.
public struct PDFVerdict: Sendable {
    /// What is wrong with the file itself, before any signature is looked at.
    public let problem: PDFProblem?
    /// In the order in which they were made.
    public let signatures: [PDFSignatureVerdict]
    /// The attached files of the signed document; empty unless the file is valid.
    public let attachments: [PDFAttachment]

    /// Whether there are signatures and nothing is wrong with any.
    public var isValid: Bool {
        problem == nil && !signatures.isEmpty && signatures.allSatisfy { $0.problem == nil }
    }

    /// All that is wrong, the file first.
    public var problems: [PDFProblem] { (problem.map { [$0] } ?? []) + signatures.compactMap(\.problem) }
}

public struct PDFSignatureVerdict: Sendable {
    public let problem: PDFProblem?
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
