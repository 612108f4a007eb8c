internal import COpenSSL

/// RSA with SHA-256 (PKCS #1, version 1.5): only to check what others signed; nothing of this platform is signed so.
public enum RSA: SignatureScheme {
    public static let parts = SchemeParts(
        keyType: "RSA",
        group: nil,
        groupName: "RSA",
        curve: nil,
        digest: .sha256,
        signature: NID_sha256WithRSAEncryption,
        userID: nil
    )
}
