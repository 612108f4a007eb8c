import Cryptography
import Forms
public import Kernel
import Standards
public import Storage

/// What a caller is told of one licence.
public struct SharedLicence: Hashable, Sendable {
    public let type: LicenceType
    /// Of GB/T 36904; nil for one that another register issued without it.
    public let identifier: String?
    public let state: CredentialState
    public let values: CatalogueValues
    /// The register that it was taken over from; nil for one that was issued here.
    public let source: String?
}

/// The calls of the library by other systems: list of types, search, data and files, by identifier or by holder. Each
/// says for whom, what for and in which case; each is kept and shown to the holder.
public struct LicenceSharing: Sendable {
    private let types: LicenceTypes
    private let grants: SharingGrants
    private let files: CopyFiles
    private let database: any Database

    public init(types: LicenceTypes, grants: SharingGrants, files: CopyFiles, database: any Database) {
        self.types = types
        self.grants = grants
        self.files = files
        self.database = database
    }

    /// Licences of one holder and type that an answer tells at most.
    private static let countMax = 200

    /// The types that this caller may ask for under its item today.
    public func types(_ call: SharingCall, occasion: Occasion) async throws -> [LicenceType] {
        let granted = types.all.filter { grants.covers($0.key, call, on: occasion.now.date) }
        try await database.write { tx in
            try Self.keep(call, .search, of: nil, type: "", holder: "", occasion: occasion, in: tx)
        }
        return granted
    }

    /// Those of a holder, of one type: which there are and how they stand, without what is on them.
    public func search(holder: String, type key: String, _ call: SharingCall, occasion: Occasion) async throws
        -> [SharedLicence]
    {
        let type = try granted(key, call, occasion)
        return try await database.write { tx in
            let found = try Self.found(holder: holder, type: type, fields: [], occasion.now, in: tx)
            if found.isEmpty {
                try Self.keep(call, .search, of: nil, type: key, holder: holder, occasion: occasion, in: tx)
            }
            for (object, _) in found {
                try Self.keep(
                    call,
                    .search,
                    of: object,
                    type: key,
                    holder: holder,
                    occasion: occasion,
                    in: tx
                )
            }
            return found.map(\.1)
        }
    }

    /// What stands on the licence with an identifier.
    /// - Throws: `SharingError.unknown`, also where the caller has no grant for its type.
    public func data(identifier: String, _ call: SharingCall, occasion: Occasion) async throws
        -> SharedLicence
    {
        let credential = try await credential(identifier, call, occasion)
        return try Self.shared(credential.0, credential.1, fields: nil, occasion.now)
    }

    /// What stands on the licence with a printed number, of a holder and a type.
    public func data(
        holder: String,
        type key: String,
        number: String,
        _ call: SharingCall,
        occasion: Occasion
    ) async throws -> SharedLicence {
        let type = try granted(key, call, occasion)
        let found = try await database.write { tx -> SharedLicence? in
            let found = try Self.found(holder: holder, type: type, fields: nil, occasion.now, in: tx)
                .first { $0.1.values["ZZBH"] == number }
            try Self.keep(call, .data, of: found?.0, type: key, holder: holder, occasion: occasion, in: tx)
            return found?.1
        }
        guard let found else { throw SharingError.unknown }
        return found
    }

    /// An annotated copy of the licence with an identifier, made for this call: the original is never handed out.
    /// - Parameter until: its last day; nil is the longest that the rules allow.
    public func file(
        identifier: String,
        until: LocalDate?,
        _ call: SharingCall,
        occasion: Occasion
    ) async throws -> (copy: LicenceCopy, bytes: [UInt8]) {
        let type = try type(of: identifier, call, occasion)
        let found = try await database.read { try CredentialStore.find(identifier: identifier, in: $0) }
        guard let found else { throw SharingError.unknown }
        return try await copy(of: found, type, until: until, call, occasion)
    }

    /// The same of the one licence that a holder has of a type with a number.
    public func file(
        holder: String,
        type key: String,
        number: String,
        until: LocalDate?,
        _ call: SharingCall,
        occasion: Occasion
    ) async throws -> (copy: LicenceCopy, bytes: [UInt8]) {
        let type = try granted(key, call, occasion)
        let found = try await database.read { reader in
            try CredentialStore.of(holder: holder, type: key, limit: Self.countMax, in: reader)
                .first { type.number(in: $0.record.fields) == number && $0.state == .valid }
        }
        guard let found else { throw SharingError.unknown }
        return try await copy(of: found, type, until: until, call, occasion)
    }

    private func copy(
        of original: Credential,
        _ type: LicenceType,
        until: LocalDate?,
        _ call: SharingCall,
        _ occasion: Occasion
    ) async throws -> (copy: LicenceCopy, bytes: [UInt8]) {
        let wish = CopyWish(
            original: original.id,
            forWhom: call.organisationName,
            purpose: call.purpose,
            caseNumber: call.caseNumber,
            validUntil: until
        )
        let days = try await files.daysMax(occasion.now.date)
        let order = try await database.read {
            try LicenceCopies.order(wish, daysMax: days, occasion: occasion, in: $0)
        }
        let drawn = try await files.draw(order, .ofd)
        let use = Self.use(
            call,
            .copy,
            of: "credential:\(original.id)",
            type: type.key,
            holder: original.record.holder.code,
            fields: type.fields.map(\.key),
            occasion
        )
        let kept = try await database.write {
            try LicenceCopies.keep(order, drawn: drawn, use: use, occasion: occasion, in: $0)
        }
        return (kept, drawn.bytes)
    }

    // MARK: - Inside

    private func granted(_ key: String, _ call: SharingCall, _ occasion: Occasion) throws -> LicenceType {
        guard let type = types[key], grants.covers(key, call, on: occasion.now.date) else {
            throw SharingError.notGranted(type: types[key]?.name.zh ?? key)
        }
        return type
    }

    /// The type stands in the identifier, so that the grant is looked at before anything is read.
    private func type(of identifier: String, _ call: SharingCall, _ occasion: Occasion) throws -> LicenceType
    {
        let parsed: LicenceIdentifier
        do { parsed = try LicenceIdentifier(parsing: identifier) } catch { throw SharingError.unknown }
        guard parsed.description == identifier, let type = types.type(code: parsed.type),
            grants.covers(type.key, call, on: occasion.now.date)
        else { throw SharingError.unknown }
        return type
    }

    private func credential(
        _ identifier: String,
        _ call: SharingCall,
        _ occasion: Occasion
    ) async throws -> (Credential, LicenceType) {
        let type = try type(of: identifier, call, occasion)
        let found = try await database.write { tx -> Credential? in
            let found = try CredentialStore.find(identifier: identifier, in: tx)
            try Self.keep(
                call,
                .data,
                of: found.map { "credential:\($0.id)" },
                type: type.key,
                holder: found?.record.holder.code ?? "",
                fields: found == nil ? [] : type.fields.map(\.key),
                occasion: occasion,
                in: tx
            )
            return found
        }
        guard let found else { throw SharingError.unknown }
        return (found, type)
    }

    private static func shared(
        _ credential: Credential,
        _ type: LicenceType,
        fields: Set<String>?,
        _ now: Instant
    ) throws -> SharedLicence {
        SharedLicence(
            type: type,
            identifier: credential.record.identifier.description,
            state: credential.state(on: now.date),
            values: CatalogueValues(of: credential.record, type: type, fields: fields),
            source: nil
        )
    }

    /// With the object that the log names.
    private static func found(
        holder: String,
        type: LicenceType,
        fields: Set<String>?,
        _ now: Instant,
        in reader: any Reader
    ) throws -> [(String, SharedLicence)] {
        let issued = try CredentialStore.of(holder: holder, type: type.key, limit: countMax, in: reader)
        let taken = try TakenLicenceStore.of(holder: holder, type: type.key, limit: countMax, in: reader)
        return try issued.map { ("credential:\($0.id)", try shared($0, type, fields: fields, now)) }
            + taken.map { licence in
                let shared = SharedLicence(
                    type: type,
                    identifier: nil,
                    state: licence.state(on: now.date),
                    values: CatalogueValues(of: licence, type: type, fields: fields),
                    source: licence.source
                )
                return (licence.object, shared)
            }
    }

    /// One line for the holder and one entry for each licence that a call was told of, or for a call that was told of none.
    private static func keep(
        _ call: SharingCall,
        _ way: LicenceUse.Way,
        of object: String?,
        type: String,
        holder: String,
        fields: [String] = [],
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let use = use(call, way, of: object, type: type, holder: holder, fields: fields, occasion)
        try LicenceUses.tell(use, as: "licence.shared", occasion: occasion, in: tx)
    }

    private static func use(
        _ call: SharingCall,
        _ way: LicenceUse.Way,
        of object: String?,
        type: String,
        holder: String,
        fields: [String],
        _ occasion: Occasion
    ) -> LicenceUse {
        LicenceUse(
            id: occasion.newID(),
            licence: object ?? "",
            type: type,
            holder: holder,
            way: way,
            organisation: call.organisationName,
            operatorName: call.operatorName,
            purpose: call.purpose,
            reason: call.reason,
            item: call.itemName,
            itemCode: call.itemCode,
            caseNumber: call.caseNumber,
            fields: fields,
            at: occasion.now
        )
    }
}
