public import Audit
public import Kernel
public import Storage

/// One use of a licence: who was told what of it, when and what for. Its holder sees every one.
public struct LicenceUse: Hashable, Sendable {
    /// Raw values are stored: never rename, only add.
    public enum Way: String, Sendable, CaseIterable {
        /// Its holder showed it by a one-time code.
        case presentation
        /// A call found it by its holder.
        case search
        /// A call was given its data.
        case data
        /// An annotated copy was made for a call.
        case copy
        /// Its holder took an annotated copy away.
        case download
        /// An application was made with what stands on it, so that its holder was not asked again.
        case application
        /// Somebody asked by its number and its holder's name.
        case query
    }

    public let id: ID<LicenceUse>
    /// `credential:<id>` or `taken-licence:<id>`; empty for a call that found none.
    public let licence: String
    /// The key of its type.
    public let type: String
    public let holder: String
    public let way: Way
    /// As the caller names itself; empty for somebody who did not.
    public let organisation: String
    /// Who acted there.
    public let operatorName: String
    public let purpose: String
    public let reason: String?
    public let item: String?
    public let itemCode: String?
    public let caseNumber: String?
    /// Keys of what was told.
    public let fields: [String]
    public let at: Instant

    var object: String { "licence-use:\(id)" }
}

extension LicenceUse: LoggedThing {
    public var logged: JSON {
        [
            "licence": .string(licence), "type": .string(type), "holder": .string(holder),
            "way": .string(way.rawValue), "organisation": .string(organisation),
            "operator": .string(operatorName), "purpose": .string(purpose), "reason": JSON(reason),
            "item": JSON(item), "itemCode": JSON(itemCode), "case": JSON(caseNumber),
            "fields": .array(fields.map(JSON.string)), "at": JSON(at.milliseconds),
        ]
    }

    /// It is written once.
    public func before(_ act: String) -> LicenceUse? { nil }
}

/// For what somebody's application took a licence from the library.
public struct TakenUse: Sendable {
    /// The body that decides.
    public let organisation: String
    public let purpose: String
    public let item: String
    public let itemCode: String?
    public let caseNumber: String

    public init(organisation: String, purpose: String, item: String, itemCode: String?, caseNumber: String) {
        self.organisation = organisation
        self.purpose = purpose
        self.item = item
        self.itemCode = itemCode
        self.caseNumber = caseNumber
    }
}

public enum LicenceUses {
    /// Writes a use down for its holder, and in the log what was written.
    static func enter(_ use: LicenceUse, occasion: Occasion, in tx: any Transaction) throws {
        try LicenceUseStore.insert(use, in: tx)
        try AuditLog.append("licence.used", object: use.object, after: use.logged, occasion: occasion, in: tx)
    }

    /// Writes down that somebody was told something of a licence: the line that its holder sees, and one entry of the log,
    /// by which he also finds who read his data.
    static func tell(_ use: LicenceUse, as act: String, occasion: Occasion, in tx: any Transaction) throws {
        try LicenceUseStore.insert(use, in: tx)
        try AuditLog.read(
            act,
            object: use.object,
            of: use.holder,
            after: use.logged,
            occasion: occasion.because(use.purpose),
            in: tx
        )
    }

    /// Compares all uses with the log: what was told to whom, and that none is gone.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("licence-use", in: database, max: max) { id, reader in
            try LicenceUseStore.find(ID(id), in: reader)
        }
    }

    /// Writes down that an application was made with what stands on a licence.
    public static func taken(
        _ credential: Credential,
        for use: TakenUse,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let record = credential.record
        let fields = record.fields.members.keys.sorted()
        try enter(
            LicenceUse(
                id: occasion.newID(),
                licence: "credential:\(record.id)",
                type: record.type,
                holder: record.holder.code,
                way: .application,
                organisation: use.organisation,
                operatorName: "",
                purpose: use.purpose,
                reason: nil,
                item: use.item,
                itemCode: use.itemCode,
                caseNumber: use.caseNumber,
                fields: fields,
                at: occasion.now
            ),
            occasion: occasion,
            in: tx
        )
        try Presentations.tell("taken", record.id, fields, occasion: occasion, in: tx)
    }

    /// A holder's, the latest first.
    /// - Parameter before: the last one of the page before.
    public static func of(
        holder: String,
        before: ID<LicenceUse>? = nil,
        limit: Int,
        in reader: any Reader
    ) throws -> [LicenceUse] {
        try LicenceUseStore.of(holder: holder, before: before, limit: limit, in: reader)
    }

    /// Of one licence, the latest first.
    /// - Parameter licence: `credential:<id>` or `taken-licence:<id>`.
    public static func of(
        licence: String,
        before: ID<LicenceUse>? = nil,
        limit: Int,
        in reader: any Reader
    ) throws -> [LicenceUse] {
        try LicenceUseStore.of(licence: licence, before: before, limit: limit, in: reader)
    }
}
