/// Object identifiers of GB/T 33560 that seals name.
public enum SealObject {
    /// SM2 signature over SM3.
    public static let sm2WithSM3 = "1.2.156.10197.1.501"
    public static let sm3 = "1.2.156.10197.1.401"
}
