public import Cryptography

/// What kind of fault a verification found. The codes are stable: programs of banks and courts compare them.
public enum VerificationClass: String, Hashable, Sendable, CaseIterable {
    case packageFormat = "PKG_FORMAT"
    case packageName = "PKG_NAME"
    case packageDuplicate = "PKG_DUPLICATE"
    case packageXML = "PKG_XML"
    case packageLimit = "PKG_LIMIT"
    case pdfFormat = "PDF_FORMAT"
    case pdfLimit = "PDF_LIMIT"
    case notSigned = "NOT_SIGNED"
    case format = "FORMAT"
    case algorithm = "ALGORITHM"
    case signatureValue = "SIG_VALUE"
    case documentHash = "DOC_HASH"
    case fileHash = "FILE_HASH"
    case coverage = "COVERAGE"
    case sealMismatch = "SEAL_MISMATCH"
    case signerUntrusted = "SIGNER_CERT_UNTRUSTED"
    case signerExpired = "SIGNER_CERT_EXPIRED"
    case signerRevoked = "SIGNER_CERT_REVOKED"
    case signerUsage = "SIGNER_CERT_USAGE"
    case signerNotInSeal = "SIGNER_NOT_IN_SEAL"
    case sealSignature = "SEAL_SIG"
    case makerUntrusted = "MAKER_CERT_UNTRUSTED"
    case makerExpired = "MAKER_CERT_EXPIRED"
    case makerRevoked = "MAKER_CERT_REVOKED"
    case makerUsage = "MAKER_CERT_USAGE"
    case sealExpired = "SEAL_EXPIRED"
    case sealRevoked = "SEAL_REVOKED"
    case timestamp = "TIMESTAMP"
    /// Whoever stamped was revoked so that none of his stamps count (RFC 3161, section 4).
    case stampTakenBack = "TSA_REVOKED"
    /// Another authority's: suspended, withdrawn, or not recognised at that time; not for such holders or places; a maker of
    /// seals who was not named, or not for such a code; no proof of the time.
    case authorityState = "CA_STATE"
    case authorityPurpose = "CA_PURPOSE"
    case authorityMaker = "CA_MAKER"
    case notStamped = "NOT_STAMPED"
    case copyExpired = "COPY_EXPIRED"
    case licenceState = "LICENCE_STATE"
    case identifierCheck = "ID_CHECK"
}

extension VerificationClass {
    /// The class of a fault of a signer's certificate.
    public init(ofSigner problem: ChainProblem) {
        switch problem {
        case .notYetValid, .expired: self = .signerExpired
        case .revoked, .revocationUnknown: self = .signerRevoked
        case .wrongUsage: self = .signerUsage
        case .untrusted, .badSignature, .notAnAuthority, .tooLong, .unknownDemand: self = .signerUntrusted
        }
    }

    /// The same fault of a seal's maker.
    var ofMaker: VerificationClass {
        switch self {
        case .signerUntrusted: .makerUntrusted
        case .signerExpired: .makerExpired
        case .signerRevoked: .makerRevoked
        case .signerUsage: .makerUsage
        default: self
        }
    }
}

/// One fault and where it lies: a path in the package, a field of the standard, a name.
public struct VerificationProblem: Error, Hashable, Sendable {
    public let kind: VerificationClass
    public let place: String

    public init(_ kind: VerificationClass, _ place: String = "") {
        self.kind = kind
        self.place = place
    }
}
