import Audit
public import Cryptography
import Kernel
import Storage

/// The authorities that issue the certificates of an installation.
extension Maintenance {
    /// Those of both families, each from the oldest to the newest; the newest issues.
    public func issuers() throws -> [IssuerSummary] { try keys().issuers }

    /// Makes a new authority below the same root. A program that opens the keys afterwards issues with it; certificates of
    /// the older ones stay good.
    ///
    /// The key is kept before the entry is written: an entry without its key would be believed, a key without its entry is
    /// seen in the list.
    public func rotateIssuer(_ family: PlatformKeys.Family, reason: String) async throws -> IssuerSummary {
        let occasion = occasion("keys", purpose: reason)
        let made = try keys().rotate(family, now: occasion.now)
        try await database.write { tx in
            try AuditLog.append(
                "keys.rotated",
                object: "issuer:\(made.family.rawValue)-\(made.number)",
                after: [
                    "sha256": .string(Hex.encode(made.fingerprint)),
                    "until": .string(made.validUntil.date.description),
                ],
                occasion: occasion,
                in: tx
            )
        }
        return made
    }

    func keys() throws -> PlatformKeys {
        try PlatformKeys.openOrCreate(
            in: KeyStore.open(folder: "\(settings.folder)/keys", entropy: settings.entropy),
            organization: settings.organization,
            origin: settings.publicOrigin,
            now: settings.clock.now,
            terms: OperatingLimits(home: settings.home).keys(on: settings.clock.now.date),
            entropy: settings.entropy
        )
    }

    /// Whether an authority is due to be followed by another one.
    public func isDue(_ issuer: IssuerSummary) -> Bool { settings.clock.now >= issuer.dueSince }
}
