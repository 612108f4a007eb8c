/// Object identifiers that seals name.
public enum SealObject {
    /// SM2 signature over SM3 (GB/T 33560).
    public static let sm2WithSM3 = "1.2.156.10197.1.501"
    /// SM3 (GB/T 33560).
    public static let sm3 = "1.2.156.10197.1.401"
    /// An extension of this platform, under the arc of UUIDs (ITU-T X.667): the certificates between signer and root,
    /// as SEQUENCE OF OCTET STRING, so that whoever has the root alone can check the way.
    public static let issuers = "2.25.262034597168498721407123468715029823649"
}
