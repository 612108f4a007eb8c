public import Cryptography
public import Kernel
import Standards
public import Storage
import Synchronization

/// What shall be issued. Numbers are reserved and signatures made from it before the transaction.
public struct CredentialDraft: Sendable {
    /// The key of the type, `business-licence` or `seal-finance`.
    public let type: String
    public let holder: Holder
    public let issuer: IssuingBody
    /// Six digits; seal codes begin with it.
    public let region: String
    public let fields: JSON
    /// From which day; nil is the day of issue.
    public let validFrom: LocalDate?
    /// The last day; nil is what the type says.
    public let validUntil: LocalDate?

    public init(
        type: String,
        holder: Holder,
        issuer: IssuingBody,
        region: String,
        fields: JSON,
        validFrom: LocalDate? = nil,
        validUntil: LocalDate? = nil
    ) {
        self.type = type
        self.holder = holder
        self.issuer = issuer
        self.region = region
        self.fields = fields
        self.validFrom = validFrom
        self.validUntil = validUntil
    }
}

/// A signed record that waits to be stored.
public struct PreparedCredential: Hashable, Sendable {
    public let record: CredentialRecord
    public let signed: SignedRecord
    /// The number printed on it.
    let number: String?
    /// Six digits.
    let region: String
    /// What stands on it must not rest in clear.
    let holdsMasked: Bool
    /// What it takes the place of, and the version of that one that was looked at.
    let replaces: Replaced?

    struct Replaced: Hashable, Sendable {
        let id: ID<Credential>
        let version: Int64
    }
}

/// Holds the issuers' keys and signs with them. It never writes to a transaction: `Credentials.store` does.
public final class CredentialAuthority: Sendable {
    public let types: CredentialTypes
    public let numbers: CredentialNumbers
    public let keys: PlatformKeys
    let timestampPolicies: TimestampPolicies
    private let identities = Mutex<[String: SigningIdentity]>([:])

    public init(home: Home, keys: PlatformKeys, database: any Database) throws(CredentialError) {
        types = try CredentialTypes(home: home)
        self.keys = keys
        numbers = CredentialNumbers(database: database)
        do { timestampPolicies = try TimestampPolicies(home: home) } catch { throw .types("\(error)") }
    }

    /// The certificates whom a verifier has to trust.
    public var anchors: [Certificate] { [keys.root] }

    /// Reserves numbers and signs. Call it before the transaction and give its answer to `Credentials.store`.
    public func prepare(_ draft: CredentialDraft, occasion: Occasion) async throws -> PreparedCredential {
        try await prepare(draft, sealCode: nil, occasion: occasion)
    }

    /// - Parameter sealCode: of a seal that was given one already.
    func prepare(_ draft: CredentialDraft, sealCode: String?, occasion: Occasion) async throws
        -> PreparedCredential
    {
        let type = try types.type(draft.type)
        let serial = try await numbers.serial(type: type, issuer: draft.issuer, on: occasion.now.date)
        let identifier = try Self.identifier(type: type, issuer: draft.issuer, serial: serial)
        var code = sealCode
        if type.category == .seal, code == nil { code = try await numbers.sealCode(region: draft.region) }
        return try sign(
            draft,
            type: type,
            identifier: identifier,
            sealCode: code,
            replacing: nil,
            occasion: occasion
        )
    }

    /// Prepares several at once, such as a licence and its seals.
    public func prepare(_ drafts: [CredentialDraft], occasion: Occasion) async throws -> [PreparedCredential]
    {
        var prepared: [PreparedCredential] = []
        for draft in drafts { prepared.append(try await prepare(draft, occasion: occasion)) }
        return prepared
    }

    /// Prepares the next version of a credential, with other fields or another holder's name. A licence keeps its
    /// serial; a seal is made anew under a new code, for codes are never used twice.
    public func prepareChange(
        of old: Credential,
        to draft: CredentialDraft,
        occasion: Occasion
    ) async throws -> PreparedCredential {
        let type = try types.type(draft.type)
        guard draft.type == old.record.type, draft.holder.code == old.record.holder.code else {
            throw CredentialError.badNumber
        }
        _ = try old.state(on: occasion.now.date).after(.replace)
        let identifier: LicenceIdentifier
        do { identifier = try old.record.identifier.nextVersion() } catch {
            throw CredentialError.numbersExhausted
        }
        let sealCode = type.category == .seal ? try await numbers.sealCode(region: draft.region) : nil
        return try sign(
            draft,
            type: type,
            identifier: identifier,
            sealCode: sealCode,
            replacing: old,
            occasion: occasion
        )
    }

    private func sign(
        _ draft: CredentialDraft,
        type: CredentialType,
        identifier: LicenceIdentifier,
        sealCode: String?,
        replacing old: Credential?,
        occasion: Occasion
    ) throws -> PreparedCredential {
        let validFrom = draft.validFrom ?? occasion.now.date
        let record = CredentialRecord(
            id: occasion.newID(),
            identifier: identifier,
            type: type.key,
            name: type.nameZH,
            holder: draft.holder,
            issuer: draft.issuer,
            sealCode: sealCode,
            code: VerificationCode(random: occasion.entropy.bytes(8)),
            fields: draft.fields,
            issuedAt: occasion.now,
            validFrom: validFrom,
            validUntil: draft.validUntil
                ?? type.validYears.map { validFrom.adding(months: $0 * 12).adding(days: -1) },
            replaces: old?.record.identifier.description
        )
        let signer = try identity(of: draft.issuer, now: occasion.now)
        return PreparedCredential(
            record: record,
            signed: try SignedRecord(record, by: signer),
            number: type.licence?.number(in: draft.fields),
            region: draft.region,
            holdsMasked: type.licence?.holdsMasked ?? false,
            replaces: old.map { PreparedCredential.Replaced(id: $0.id, version: $0.version) }
        )
    }

    /// The identity that signs for an issuing body; made when it issues its first credential. A body that takes
    /// another name gets another key.
    public func identity(of body: IssuingBody, now: Instant) throws(CryptographyError) -> SigningIdentity {
        try identity(of: "issuer", code: body.code, name: body.name, for: .licences, now: now)
    }

    /// The identity of an enterprise that signs with its electronic business licence. The key stays in the key
    /// folder of this installation.
    public func identity(of enterprise: Holder, now: Instant) throws(CryptographyError) -> SigningIdentity {
        try identity(
            of: "enterprise",
            code: enterprise.code,
            name: enterprise.name,
            for: .signatures,
            now: now
        )
    }

    private func identity(
        of kind: String,
        code: String,
        name: String,
        for purpose: Certificate.Purpose,
        now: Instant
    ) throws(CryptographyError) -> SigningIdentity {
        let digest = SM3.digest(Array("\(code)\n\(name)".utf8))
        let file = "\(kind)-\(Hex.encode(digest.prefix(12)))"
        let subject = DistinguishedName(organization: name, commonName: name, serialNumber: code)
        // Opening a key reads files. It happens once for each signer, or again when this memory was full.
        let found: Result<SigningIdentity, CryptographyError> = identities.withLock { identities in
            if let kept = identities[file], now < kept.certificate.validUntil { return .success(kept) }
            do throws(CryptographyError) {
                let opened = try keys.identity(named: file, subject: subject, for: purpose, now: now)
                if identities.count >= Self.rememberedMax { identities = [:] }
                identities[file] = opened
                return .success(opened)
            } catch { return .failure(error) }
        }
        return try found.get()
    }

    /// How many opened keys are kept in memory.
    private static let rememberedMax = 1_024

    private static func identifier(
        type: CredentialType,
        issuer: IssuingBody,
        serial: String
    ) throws(CredentialError) -> LicenceIdentifier {
        do {
            return try LicenceIdentifier(type: type.code, issuer: issuer.code, serial: serial, version: 1)
        } catch {
            throw .badNumber
        }
    }
}
