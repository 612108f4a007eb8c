public import Cryptography
public import Kernel

/// What sign-in needs to know besides the database.
public struct IdentitySettings: Sendable {
    public let keys: IdentityKeys
    public let limits: IdentityLimits
    public let scrypt: ScryptParameters
    public let factors: SecondFactorPolicy
    /// A record of a digest that came by chance, which no password is known to fit: unknown accounts are checked against it, so that they take as long.
    let decoy: String

    /// - Parameters:
    ///   - factors: whose posts ask for a second factor.
    ///   - scrypt: what new passwords are hashed with.
    public init(
        keys: IdentityKeys,
        limits: IdentityLimits,
        factors: SecondFactorPolicy = SecondFactorPolicy(),
        scrypt: ScryptParameters = .standard,
        entropy: any Entropy = SystemEntropy()
    ) {
        self.keys = keys
        self.limits = limits
        self.scrypt = scrypt
        self.factors = factors
        decoy = Scrypt.record(salt: entropy.bytes(16), digest: entropy.bytes(32), parameters: scrypt)
    }
}
