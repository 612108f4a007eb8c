public import Cryptography

/// Roots or issuing authorities that a verifier trusts: those of the national algorithms for seals, licences and receipts,
/// and those of P-256 for PDF and time stamps.
public struct TrustAnchors: Sendable {
    public let national: [Certificate]
    public let international: [P256Certificate]

    public init(national: [Certificate], international: [P256Certificate]) {
        self.national = national
        self.international = international
    }

    /// Reads both kinds out of one PEM file; certificates with other keys are passed over.
    public init(pem: String) throws(CryptographyError) {
        national = try Certificate.all(pem: pem, skippingOthers: true)
        international = try P256Certificate.all(pem: pem, skippingOthers: true)
    }

    public var isEmpty: Bool { national.isEmpty && international.isEmpty }

    /// The file from which `init(pem:)` reads the same.
    public var pem: String { (national.map(\.pem) + international.map(\.pem)).joined() }
}

extension CredentialAuthority {
    /// What a verifier has to trust to check everything that this platform hands out.
    public var trust: TrustAnchors {
        TrustAnchors(national: anchors, international: [keys.documentRoot])
    }
}
