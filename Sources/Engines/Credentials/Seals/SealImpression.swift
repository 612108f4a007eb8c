public import Audit
public import Kernel
import Standards
public import Storage

/// A line of the ledger of an issuing body's seal: one file that it was put to.
public struct SealImpression: Hashable, Sendable {
    /// Raw values are stored: never rename, only add.
    public enum Kind: String, Sendable, CaseIterable {
        /// The file of a licence.
        case original
        /// An annotated copy.
        case copy
    }

    public let id: ID<SealImpression>
    public let seal: ID<Seal>
    /// Serial of the certificate that signed.
    public let certificate: String
    /// The licence, and its number of GB/T 36904.
    public let credential: ID<Credential>
    public let identifier: String
    public let kind: Kind
    /// SM3 of the sealed file, 64 hexadecimal digits.
    public let digest: String
    /// The decision by which a licence was issued, or the case for which a copy was made; empty where none was named.
    public let caseNumber: String
    /// Kind and identifier of whose act it rests on: who issued the licence, who asked for the copy.
    public let authority: String
    /// Kind and identifier of who put it.
    public let actor: String
    public let at: Instant

    var object: String { "seal-impression:\(id)" }
}

/// The seal of an issuing body on a file that nobody has been given yet.
public struct SealMark: Sendable {
    let seal: ID<Seal>
    /// Serial of the certificate that signed.
    let certificate: String
    let licence: Credential
}

extension SealImpression: LoggedThing {
    public var logged: JSON {
        [
            "seal": .string(seal.rawValue), "certificate": .string(certificate),
            "credential": .string(credential.rawValue), "identifier": .string(identifier),
            "kind": .string(kind.rawValue), "digest": .string(digest), "case": .string(caseNumber),
            "authority": .string(authority), "actor": .string(actor), "at": JSON(at.milliseconds),
        ]
    }

    /// It is written once.
    public func before(_ act: String) -> SealImpression? { nil }
}

extension SealLedger {
    /// The files under an issuing body's seal, the newest first.
    /// - Parameter before: the last one of the page before.
    public static func impressions(
        of seal: ID<Seal>,
        before: ID<SealImpression>? = nil,
        limit: Int,
        in reader: any Reader
    ) throws -> [SealImpression] {
        try SealImpressionStore.of(seal, before: before, limit: limit, in: reader)
    }

    /// Writes down that a licence's file was sealed, in the transaction that keeps it: it rests on whoever issued the
    /// licence.
    /// - Parameter digest: SM3 of the sealed file, 64 hexadecimal digits.
    static func enterOriginal(
        _ mark: SealMark,
        digest: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let issued = try CredentialStore.steps(of: mark.licence.id, in: tx).first
        try enter(
            mark,
            as: .original,
            digest: digest,
            caseNumber: issued?.decision ?? "",
            authority: issued?.by ?? "",
            occasion: occasion,
            in: tx
        )
    }

    /// The same for a copy: it rests on whoever asked for it.
    static func enterCopy(
        _ mark: SealMark,
        digest: String,
        caseNumber: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try enter(
            mark,
            as: .copy,
            digest: digest,
            caseNumber: caseNumber,
            authority: occasion.by,
            occasion: occasion,
            in: tx
        )
    }

    /// - Throws: `SealError.bodyNotInForce` when the seal was stopped since it was put to the file, which then is kept nowhere.
    private static func enter(
        _ mark: SealMark,
        as kind: SealImpression.Kind,
        digest: String,
        caseNumber: String,
        authority: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let state = try SealStore.state(of: mark.seal, at: occasion.now, in: tx) else {
            throw SealError.unknown
        }
        guard state == .active else { throw SealError.bodyNotInForce(state: state) }
        let impression = SealImpression(
            id: occasion.newID(),
            seal: mark.seal,
            certificate: mark.certificate,
            credential: mark.licence.id,
            identifier: mark.licence.record.identifier.description,
            kind: kind,
            digest: digest,
            caseNumber: caseNumber,
            authority: authority,
            actor: occasion.by,
            at: occasion.now
        )
        try SealImpressionStore.insert(impression, in: tx)
        try AuditLog.append(
            "seal.impressed",
            object: impression.object,
            after: impression.logged,
            occasion: occasion,
            in: tx
        )
    }

    /// Compares the ledgers of issuing bodies' seals with the log.
    /// - Returns: how many lines were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("seal-impression", in: database, max: max) { id, reader in
            try SealImpressionStore.find(ID(id), in: reader)
        }
    }
}
