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
}

public enum LicenceUses {
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
