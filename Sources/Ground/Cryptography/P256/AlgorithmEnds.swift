public import Kernel

/// Until when the algorithms of time stamps are taken for good; what is named nowhere has no end yet.
public struct AlgorithmEnds: Hashable, Sendable {
    /// By name: `p256`, `sha256`, `sm3`.
    private let ends: [String: Instant]

    public init(_ ends: [String: Instant] = [:]) { self.ends = ends }

    /// From when on nothing is proven by tokens with this imprint; each is signed with P-256 and SHA-256 besides.
    public func end(of imprint: ImprintAlgorithm) -> Instant? {
        ["p256", "sha256", imprint.name].compactMap { ends[$0] }.min()
    }
}

extension TimestampToken {
    /// Who stamped, by key and issuer, and with which algorithm: another one means that stamps are to be renewed.
    public var maker: String { Self.maker(authority, algorithm) }

    public static func maker(_ authority: P256Certificate, _ algorithm: ImprintAlgorithm) -> String {
        let name = SHA256.digest(authority.publicKey.spki + authority.issuerBytes)
        return "\(algorithm.name):\(Hex.encode(name))"
    }
}
