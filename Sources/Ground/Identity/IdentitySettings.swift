public import Cryptography
public import Kernel

/// What sign-in needs to know besides the database.
public struct IdentitySettings: Sendable {
    public let keys: IdentityKeys
    public let limits: IdentityLimits
    public let scrypt: ScryptParameters
    public let factors: SecondFactorPolicy
    /// A record that no password fits: unknown accounts are checked against it, so that they take as long.
    let decoy: String

    /// - Parameters:
    ///   - factors: whose posts ask for a second factor.
    ///   - scrypt: what new passwords are hashed with.
    public static func make(
        keys: IdentityKeys,
        limits: IdentityLimits,
        factors: SecondFactorPolicy = SecondFactorPolicy(),
        scrypt: ScryptParameters = .standard,
        entropy: any Entropy = SystemEntropy()
    ) async throws(CryptographyError) -> IdentitySettings {
        let nobody = Hex.encode(entropy.bytes(32))
        let decoy = try await Scrypt.hash(nobody, salt: entropy.bytes(16), parameters: scrypt)
        return IdentitySettings(keys: keys, limits: limits, scrypt: scrypt, factors: factors, decoy: decoy)
    }
}
