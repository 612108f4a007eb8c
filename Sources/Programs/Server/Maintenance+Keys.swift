import Audit
public import Credentials
public import Cryptography
public import Kernel
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

    /// Makes another key for time stamps; the next start of a server stamps with it.
    /// - Parameter theft: from when on the former key is taken to have been in others' hands: none of its stamps counts any
    ///   more, and files that the log knew before are made anew. Nil where it only gets a successor.
    public func replaceStamps(stolenSince theft: Instant?, reason: String) async throws -> P256Certificate {
        let occasion = occasion("keys", purpose: reason)
        if let theft, theft > occasion.now { throw KeysError.theftAhead }
        let keys = try keys()
        let former = keys.earlierTimestamps + [keys.timestamps.certificate]
        let made = try keys.replaceTimestamps(now: occasion.now)
        try await database.write { tx in
            var object = "stamps:\(Hex.encode(made.serial))"
            if let theft {
                object = try StampRecovery.begin(
                    takingBack: former,
                    of: keys,
                    since: theft,
                    occasion: occasion,
                    in: tx
                ).object
            }
            try AuditLog.append(
                "keys.stamps-replaced",
                object: object,
                after: [
                    "former": .array(former.map { .string(Hex.encode($0.serial)) }),
                    "serial": .string(Hex.encode(made.serial)),
                    "since": theft.map { JSON($0.milliseconds) } ?? .null,
                ],
                occasion: occasion,
                in: tx
            )
        }
        return made
    }

    /// Thefts of keys of time stamps, with how far the files are that were stamped with them.
    public func stampLosses() async throws -> [StampLoss] {
        try await database.read { try StampRecovery.losses(in: $0) }
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

/// Why a key is not replaced.
public enum KeysError: Refusal, Equatable {
    /// Nobody knows of a theft that is still to come.
    case theftAhead

    public var code: String { "keys.theft-ahead" }
    public var status: RefusalStatus { .unacceptable }
}
