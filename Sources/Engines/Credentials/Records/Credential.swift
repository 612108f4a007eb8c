public import Kernel
public import Standards

/// Whom a credential is for.
public struct Holder: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// `code` is a unified social credit code (type 001 of GB/T 36903). Of the seal of an issuing body it is the body's.
        case enterprise
        /// `code` is the identifier of the person's account, never an identity number.
        case person
    }

    public let kind: Kind
    public let code: String
    public let name: String

    public init(_ kind: Kind, code: String, name: String) {
        self.kind = kind
        self.code = code
        self.name = name
    }
}

/// The body in whose name a credential is issued.
public struct IssuingBody: Hashable, Sendable {
    /// 18-character credit code, or the 6-digit region where the body has none on record (both are in use).
    public let code: String
    public let name: String

    public init(code: String, name: String) {
        self.code = code
        self.name = name
    }
}

/// What the issuer signs: the credential's own words. Its canonical JSON is the proof's text.
public struct CredentialRecord: Hashable, Sendable {
    public let id: ID<Credential>
    public let identifier: LicenceIdentifier
    /// The key of its type.
    public let type: String
    public let name: String
    public let holder: Holder
    public let issuer: IssuingBody
    /// An e-seal's code: region and 8 digits.
    public let sealCode: String?
    public let code: VerificationCode
    /// What stands on it, by name: `名称`, `住所`, `经营范围` …
    public let fields: JSON
    public let issuedAt: Instant
    public let validFrom: LocalDate
    /// The last day; nil is without end.
    public let validUntil: LocalDate?
    /// The identifier of the version that it takes the place of.
    public let replaces: String?

    var json: JSON {
        .object([
            "code": .string(code.rawValue), "fields": fields,
            "holder": [
                "code": .string(holder.code), "kind": .string(holder.kind.rawValue),
                "name": .string(holder.name),
            ],
            "id": .string(id.rawValue), "identifier": .string(identifier.description),
            "issuedAt": JSON(issuedAt.milliseconds),
            "issuer": ["code": .string(issuer.code), "name": .string(issuer.name)],
            "name": .string(name), "replaces": JSON(replaces), "sealCode": JSON(sealCode),
            "type": .string(type), "validFrom": .string(validFrom.description),
            "validUntil": JSON(validUntil?.description),
        ])
    }

    public var bytes: [UInt8] { json.canonicalBytes }

    /// Reads what `bytes` wrote, and nothing else.
    public init?(bytes: [UInt8]) {
        guard let json = try? JSON.read(bytes, sizeBytesMax: 1_048_576), let id = json["id"].text,
            let identifier = json["identifier"].text.flatMap({ try? LicenceIdentifier(parsing: $0) }),
            let kind = json["holder"]["kind"].text.flatMap(Holder.Kind.init(rawValue:)),
            let holder = json["holder"]["code"].text, let holderName = json["holder"]["name"].text,
            let issuer = json["issuer"]["code"].text, let issuerName = json["issuer"]["name"].text,
            let code = json["code"].text.flatMap({ VerificationCode(parsing: $0) }),
            let issuedAt = json["issuedAt"].int, let type = json["type"].text, let name = json["name"].text,
            let validFrom = json["validFrom"].text.flatMap({ LocalDate(parsing: $0) })
        else { return nil }
        self.init(
            id: ID(id),
            identifier: identifier,
            type: type,
            name: name,
            holder: Holder(kind, code: holder, name: holderName),
            issuer: IssuingBody(code: issuer, name: issuerName),
            sealCode: json["sealCode"].text,
            code: code,
            fields: json["fields"],
            issuedAt: Instant(milliseconds: issuedAt),
            validFrom: validFrom,
            validUntil: json["validUntil"].text.flatMap { LocalDate(parsing: $0) },
            replaces: json["replaces"].text
        )
        guard self.bytes == bytes else { return nil }
    }

    init(
        id: ID<Credential>,
        identifier: LicenceIdentifier,
        type: String,
        name: String,
        holder: Holder,
        issuer: IssuingBody,
        sealCode: String?,
        code: VerificationCode,
        fields: JSON,
        issuedAt: Instant,
        validFrom: LocalDate,
        validUntil: LocalDate?,
        replaces: String?
    ) {
        self.id = id
        self.identifier = identifier
        self.type = type
        self.name = name
        self.holder = holder
        self.issuer = issuer
        self.sealCode = sealCode
        self.code = code
        self.fields = fields
        self.issuedAt = issuedAt
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.replaces = replaces
    }
}

/// A credential as the platform holds it: the signed record and where it stands.
public struct Credential: Hashable, Sendable {
    public let record: CredentialRecord
    public let signed: SignedRecord
    /// As decided; `state(on:)` adds what the date does.
    public let state: CredentialState
    /// Rises with each change of state.
    public let version: Int64
    /// The identifier of the version that took its place.
    public let replacedBy: String?

    public var id: ID<Credential> { record.id }

    /// The state on a day: a valid one past its last day has expired.
    public func state(on date: LocalDate) -> CredentialState { Self.state(state, of: record, on: date) }

    static func state(_ state: CredentialState, of record: CredentialRecord, on date: LocalDate)
        -> CredentialState
    {
        guard state == .valid || state == .suspended, let last = record.validUntil, date > last else {
            return state
        }
        return .expired
    }

    /// The file that the holder takes away.
    public var file: [UInt8] { signed.file }
}

/// A step in a credential's life.
public struct CredentialStep: Hashable, Sendable {
    public let state: CredentialState
    /// From when it holds in law.
    public let at: Instant
    /// When it was written down.
    public let recordedAt: Instant
    public let reason: String
    /// Number of the decision; nil where the reason alone tells it, as for an issue.
    public let decision: String?
    /// Kind and identifier of who did it; nil in steps that were taken over.
    public let by: String?
}
