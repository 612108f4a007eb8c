internal import COpenSSL

/// ECDSA with SHA-256 on the curve P-256: what readers of PDF and time-stamping clients abroad of the national standards
/// understand. A root of its own stands above it (Docs/decisions/0019).
public enum P256: SignatureScheme {
    public static let parts = SchemeParts(
        keyType: "EC",
        group: "P-256",
        groupName: "prime256v1",
        curve: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
        digest: .sha256,
        signature: NID_ecdsa_with_SHA256,
        userID: nil
    )
}

public typealias P256Certificate = X509Certificate<P256>
public typealias P256Identity = X509Identity<P256>
public typealias P256Authority = X509Authority<P256>
public typealias P256ChainVerdict = X509ChainVerdict<P256>
