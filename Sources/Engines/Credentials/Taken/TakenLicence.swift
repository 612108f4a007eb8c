public import Audit
public import Kernel
public import Storage

/// A licence that another register issued and that was taken over with its stock. We did not grant it and do not sign
/// it: it is no `Credential`, cannot be verified by its signature, and says where it comes from.
public struct TakenLicence: Hashable, Sendable {
    public let id: ID<TakenLicence>
    /// As the source numbers it; unique for type and issuer.
    public let number: String
    public let type: String
    public let name: String
    public let holder: Holder
    public let issuer: String
    public let region: String?
    public let state: CredentialState
    /// Nil where the source does not know.
    public let validFrom: LocalDate?
    /// The last day; nil is without end, or not known.
    public let validUntil: LocalDate?
    /// The register that it comes from.
    public let source: String
    /// What stands on it, by the keys of its type; empty where the source told nothing of it.
    public let fields: JSON

    public init(
        id: ID<TakenLicence>,
        number: String,
        type: String,
        name: String,
        holder: Holder,
        issuer: String,
        region: String?,
        state: CredentialState,
        validFrom: LocalDate?,
        validUntil: LocalDate?,
        source: String,
        fields: JSON = [:]
    ) {
        self.id = id
        self.number = number
        self.type = type
        self.name = name
        self.holder = holder
        self.issuer = issuer
        self.region = region
        self.state = state
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.source = source
        self.fields = fields
    }

    /// A valid one past its last day has expired.
    public func state(on date: LocalDate) -> CredentialState {
        guard state == .valid || state == .suspended, let validUntil, date > validUntil else { return state }
        return .expired
    }

    var object: String { "taken-licence:\(id)" }
}

/// Licences of other registers.
public enum TakenLicences {
    /// Keeps a licence as its source has it.
    /// - Returns: false when this issuer's licence of this type and number is there already.
    public static func keep(_ licence: TakenLicence, occasion: Occasion, in tx: any Transaction) throws
        -> Bool
    {
        guard try TakenLicenceStore.insert(licence, at: occasion.now, in: tx) else { return false }
        try AuditLog.append(
            "licence.taken-over",
            object: licence.object,
            after: licence.logged,
            occasion: occasion,
            in: tx
        )
        return true
    }

    public static func find(_ id: ID<TakenLicence>, in reader: any Reader) throws -> TakenLicence? {
        try TakenLicenceStore.find(id, in: reader)
    }

    /// - Parameter type: with `issuer` it tells whose number it is.
    public static func find(number: String, type: String, issuer: String, in reader: any Reader) throws
        -> TakenLicence?
    {
        try TakenLicenceStore.find(number: number, type: type, issuer: issuer, in: reader)
    }

    /// Those of a holder, by type and number.
    public static func held(by code: String, in reader: any Reader) throws -> [TakenLicence] {
        try TakenLicenceStore.ofHolder(code, in: reader)
    }

    /// Compares all of them with the log.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("taken-licence", in: database, max: max) { id, reader in
            try TakenLicenceStore.find(ID(id), in: reader)
        }
    }
}

extension TakenLicence: LoggedThing {
    public var logged: JSON {
        var facts: JSON = [
            "number": .string(number), "type": .string(type), "name": .string(name),
            "holder": .string(holder.code), "holderKind": .string(holder.kind.rawValue),
            "holderName": .string(holder.name), "issuer": .string(issuer), "region": JSON(region),
            "state": .string(state.rawValue), "validFrom": JSON(validFrom?.description),
            "validUntil": JSON(validUntil?.description), "source": .string(source),
        ]
        // Those from before what stands on them was kept were digested without it.
        if !fields.members.isEmpty { facts["fields"] = fields }
        return facts
    }

    public func before(_ act: String) -> TakenLicence? { nil }
}
