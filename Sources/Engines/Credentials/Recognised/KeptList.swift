import Cryptography

/// The newest list of one of an authority's issuers, with what earlier ones of his proved and it does not say any more:
/// issuers drop what has expired (RFC 5280, section 3.3), and a signature is judged by its own time, also years later.
struct KeptList {
    let der: [UInt8]
    let earlier: [RevokedCertificate]

    /// Nil when it is of another scheme.
    func read<Scheme: SignatureScheme>(_ limits: RevocationLimits) -> RevocationList<Scheme>? {
        (try? RevocationList<Scheme>(der: der, limits: limits))?.adding(earlier)
    }
}
