internal import COpenSSL
public import Kernel
import Synchronization

/// A list of revoked certificates (CRL, RFC 5280, section 5), for both schemes.
///
/// OpenSSL cannot check one signed with SM2 and a user identifier: it has no way to be told the identifier. So the
/// signature is checked here over the signed bytes as they stand in the file.
public struct RevocationList<Scheme: SignatureScheme>: Sendable {
    public let der: [UInt8]
    public let issuer: DistinguishedName
    /// Grows with each list of one issuer; nil when the list does not say.
    public let number: Int64?
    public let thisUpdate: Instant
    /// From here on the list is out of date.
    public let nextUpdate: Instant
    /// By serial number.
    private var entries: [[UInt8]: Entry]
    private let issuerBytes: [UInt8]
    private let signed: [UInt8]
    private let signature: [UInt8]
    private let checked = Checked()

    /// What was found of the signature: a list of thousands is hashed once, not for each certificate it is asked about.
    private final class Checked: Sendable {
        /// The issuer asked about last, and whether the list is his.
        let last = Mutex<(issuer: [UInt8], isSigned: Bool)?>(nil)
    }

    public typealias Entry = RevokedCertificate

    public var count: Int { entries.count }

    /// Reads DER without trailing bytes: at most `limits` of bytes and entries, no critical extension that is not
    /// understood, such as a list of changes only.
    public init(der bytes: [UInt8], limits: RevocationLimits) throws(CryptographyError) {
        defer { ERR_clear_error() }
        guard bytes.count <= limits.bytes, let signed = DER.firstInside(bytes) else { throw .badList }
        let opened: OpaquePointer? = bytes.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_X509_CRL(nil, &cursor, buffer.count)
        }
        guard let opened else { throw .badList }
        defer { X509_CRL_free(opened) }
        guard X509_CRL_get_signature_nid(opened) == Scheme.parts.signature,
            let from = instant(X509_CRL_get0_lastUpdate(opened)),
            let until = instant(X509_CRL_get0_nextUpdate(opened)), from < until,
            !Self.hasUnknownDemands(opened)
        else { throw .badList }
        der = bytes
        self.signed = signed
        issuer = DistinguishedName(reading: X509_CRL_get_issuer(opened))
        issuerBytes = Cryptography.der { i2d_X509_NAME(X509_CRL_get_issuer(opened), $0) }
        thisUpdate = from
        nextUpdate = until
        var value: UnsafePointer<ASN1_BIT_STRING>?
        X509_CRL_get0_signature(opened, &value, nil)
        signature = Cryptography.number(value)
        // The value ends the list; the byte before it counts the bits of it that are not used.
        guard signature.count < bytes.count, bytes[bytes.count - signature.count - 1] == 0 else {
            throw .badList
        }
        let found = X509_CRL_get_ext_d2i(opened, NID_crl_number, nil, nil)
            .map { $0.assumingMemoryBound(to: ASN1_INTEGER.self) }
        defer { found.map { ASN1_INTEGER_free($0) } }
        var count: Int64 = 0
        number = found != nil && ASN1_INTEGER_get_int64(&count, found) == 1 ? count : nil
        entries = try Self.entries(of: opened, max: limits.entries)
    }

    private static func entries(
        of list: OpaquePointer,
        max: Int
    ) throws(CryptographyError) -> [[UInt8]: Entry] {
        let rows = X509_CRL_get_REVOKED(list)
        let count = Int(suban_revoked_count(rows))
        guard count <= max else { throw .badList }
        var entries: [[UInt8]: Entry] = [:]
        entries.reserveCapacity(Swift.max(count, 0))
        for index in 0..<Swift.max(count, 0) {
            let row = suban_revoked(rows, Int32(index))
            var place = X509_REVOKED_get_ext_by_critical(row, 1, -1)
            while place >= 0 {
                // Such as another issuer for this row.
                let object = X509_EXTENSION_get_object(X509_REVOKED_get_ext(row, place))
                guard OBJ_obj2nid(object) == NID_crl_reason else { throw .badList }
                place = X509_REVOKED_get_ext_by_critical(row, 1, place)
            }
            guard let revokedAt = instant(X509_REVOKED_get0_revocationDate(row)) else { throw .badList }
            let found = X509_REVOKED_get_ext_d2i(row, NID_crl_reason, nil, nil)
                .map { $0.assumingMemoryBound(to: ASN1_ENUMERATED.self) }
            defer { found.map { ASN1_ENUMERATED_free($0) } }
            let code = found.map { Int(ASN1_ENUMERATED_get($0)) } ?? 0
            guard let reason = RevocationReason(rawValue: code) else { throw .badList }
            let serial = Cryptography.number(X509_REVOKED_get0_serialNumber(row))
            entries[serial] = Entry(serial: serial, revokedAt: revokedAt, reason: reason)
        }
        return entries
    }

    private static func hasUnknownDemands(_ list: OpaquePointer) -> Bool {
        // Indirect lists, lists of some reasons and lists of changes mark themselves critical.
        X509_CRL_get_ext_by_critical(list, 1, -1) >= 0
    }

    /// Whether `issuer` made the list and may make lists.
    public func isSigned(by issuer: X509Certificate<Scheme>) -> Bool {
        guard issuerBytes == issuer.subjectBytes, issuer.keyUsage?.contains(.crlSign) ?? true else {
            return false
        }
        if let last = checked.last.withLock({ $0 }), last.issuer == issuer.der { return last.isSigned }
        let isSigned = issuer.publicKey.verify(signature: signature, of: signed)
        checked.last.withLock { $0 = (issuer.der, isSigned) }
        return isSigned
    }

    /// What the list says about a certificate at a moment. Whoever asks has checked the list's signature.
    public func status(of certificate: X509Certificate<Scheme>, at moment: Instant) -> RevocationStatus {
        guard certificate.issuerBytes == issuerBytes else { return .unknown(.otherIssuer) }
        // An entry stays true in later times, so it counts even when the list is out of date.
        if let entry = entries[certificate.serial], entry.holds(at: moment) {
            return .revoked(at: entry.revokedAt, entry.reason)
        }
        return moment < nextUpdate ? .good : .unknown(.outOfDate)
    }

    /// The line about a certificate of the list's issuer, whenever it was revoked. Whoever asks has checked the list's
    /// signature.
    public func entry(of certificate: X509Certificate<Scheme>) -> Entry? {
        certificate.issuerBytes == issuerBytes ? entries[certificate.serial] : nil
    }

    /// The same list with what earlier ones of its issuer proved.
    public func adding(_ earlier: [Entry]) -> RevocationList {
        var list = self
        for one in earlier {
            list.entries[one.serial] = list.entries[one.serial].map { $0.joined(with: one) } ?? one
        }
        return list
    }

    /// What an earlier list of the same issuer proved and this one does not say: it left a line out, or tells a later day.
    public func lost(from earlier: RevocationList) -> [Entry] {
        earlier.entries.values.compactMap { old in
            guard let new = entries[old.serial] else {
                // What was only held is given free by leaving it out (RFC 5280, section 5.3.1).
                return old.reason == .certificateHold ? old.released(at: thisUpdate) : old
            }
            let both = new.joined(with: old)
            return both == new ? nil : both
        }
    }
}

/// A line of a revocation list.
public struct RevokedCertificate: Hashable, Sendable {
    /// Big-endian, without leading zeros, as in the certificate.
    public let serial: [UInt8]
    public let revokedAt: Instant
    public let reason: RevocationReason
    /// From when on one that was only held counts again, for later lists do not name it.
    public let releasedAt: Instant?

    public init(serial: [UInt8], revokedAt: Instant, reason: RevocationReason, releasedAt: Instant? = nil) {
        self.serial = serial
        self.revokedAt = revokedAt
        self.reason = reason
        self.releasedAt = releasedAt
    }

    func holds(at moment: Instant) -> Bool {
        revokedAt <= moment && releasedAt.map { moment < $0 } ?? true
    }

    func released(at moment: Instant) -> RevokedCertificate {
        RevokedCertificate(
            serial: serial,
            revokedAt: revokedAt,
            reason: reason,
            releasedAt: releasedAt ?? moment
        )
    }

    /// What two lists of one issuer say together: the earlier day, a stolen key however the other calls it, and no release.
    func joined(with other: RevokedCertificate) -> RevokedCertificate {
        let isStolen = [reason, other.reason].contains(.keyCompromise)
        return RevokedCertificate(
            serial: serial,
            revokedAt: min(revokedAt, other.revokedAt),
            reason: isStolen ? .keyCompromise : reason
        )
    }
}

/// How large a revocation list may be that somebody brings.
public struct RevocationLimits: Hashable, Sendable {
    public let bytes: Int
    public let entries: Int

    public init(bytes: Int, entries: Int) {
        self.bytes = bytes
        self.entries = entries
    }

    /// For lists that were taken before.
    public static let unlimited = RevocationLimits(bytes: Int.max, entries: Int.max)
}

/// RFC 5280, section 5.3.1.
public enum RevocationReason: Int, Sendable, CaseIterable {
    case unspecified = 0
    case keyCompromise = 1
    case authorityCompromise = 2
    case affiliationChanged = 3
    case superseded = 4
    case cessationOfOperation = 5
    case certificateHold = 6
    case privilegeWithdrawn = 9

    /// Whether time stamps of before the day go on counting: only where it is said that the authority merely ended. A list
    /// that gives no reason is read as one that gives `unspecified`, so that neither does (RFC 3161, section 4, items 1
    /// and 2).
    public var leavesStamps: Bool {
        switch self {
        case .affiliationChanged, .superseded, .cessationOfOperation: true
        case .unspecified, .keyCompromise, .authorityCompromise, .certificateHold, .privilegeWithdrawn: false
        }
    }
}

public enum RevocationStatus: Hashable, Sendable {
    case good
    case revoked(at: Instant, RevocationReason)
    case unknown(Ignorance)

    public enum Ignorance: Hashable, Sendable {
        case outOfDate
        case otherIssuer
    }
}

extension X509Authority {
    /// Signs a list of what this authority revoked.
    /// - Parameters:
    ///   - entries: all that were ever revoked: a signature is judged by its own time, also years later.
    ///   - number: greater than that of each list before.
    public func revocationList(
        _ entries: [RevocationList<Scheme>.Entry],
        number: Int64,
        thisUpdate: Instant,
        nextUpdate: Instant
    ) throws(CryptographyError) -> [UInt8] {
        guard let list = X509_CRL_new() else { throw .engine("X509_CRL_new") }
        defer {
            X509_CRL_free(list)
            ERR_clear_error()
        }
        let own = certificate.x509.handle
        guard let from = ASN1_TIME_set(nil, time_t(thisUpdate.milliseconds / 1_000)),
            let until = ASN1_TIME_set(nil, time_t(nextUpdate.milliseconds / 1_000))
        else { throw .engine("ASN1_TIME_set") }
        defer {
            ASN1_TIME_free(from)
            ASN1_TIME_free(until)
        }
        guard X509_CRL_set_version(list, 1) == 1,
            X509_CRL_set_issuer_name(list, X509_get_subject_name(own)) == 1,
            X509_CRL_set1_lastUpdate(list, from) == 1, X509_CRL_set1_nextUpdate(list, until) == 1
        else { throw .engine("X509_CRL_set") }
        for entry in entries { try Self.add(entry, to: list) }
        guard let count = ASN1_INTEGER_new() else { throw .engine("ASN1_INTEGER_new") }
        defer { ASN1_INTEGER_free(count) }
        guard ASN1_INTEGER_set_int64(count, number) == 1,
            X509_CRL_add1_ext_i2d(list, NID_crl_number, count, 0, 0) == 1,
            let issuerKey = suban_extension(own, nil, NID_authority_key_identifier, "keyid")
        else { throw .engine("X509_CRL_add1_ext_i2d") }
        defer { X509_EXTENSION_free(issuerKey) }
        guard X509_CRL_add_ext(list, issuerKey, -1) == 1, X509_CRL_sort(list) == 1 else {
            throw .engine("X509_CRL_add_ext")
        }
        return try sign(list)
    }

    private func sign(_ list: OpaquePointer) throws(CryptographyError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw .engine("EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        try Scheme.parts.beginSigning(context, with: key.handle)
        guard X509_CRL_sign_ctx(list, context) > 0 else { throw .engine("X509_CRL_sign_ctx") }
        return der { i2d_X509_CRL(list, $0) }
    }

    private static func add(
        _ entry: RevocationList<Scheme>.Entry,
        to list: OpaquePointer
    ) throws(CryptographyError) {
        guard let row = X509_REVOKED_new() else { throw .engine("X509_REVOKED_new") }
        guard let number = BN_bin2bn(entry.serial, Int32(entry.serial.count), nil),
            let serial = BN_to_ASN1_INTEGER(number, nil),
            let date = ASN1_TIME_set(nil, time_t(entry.revokedAt.milliseconds / 1_000)),
            let reason = ASN1_ENUMERATED_new()
        else {
            X509_REVOKED_free(row)
            throw .engine("X509_REVOKED")
        }
        defer {
            BN_free(number)
            ASN1_INTEGER_free(serial)
            ASN1_TIME_free(date)
            ASN1_ENUMERATED_free(reason)
        }
        // A reason that says nothing is left out (RFC 5280, section 5.3.1).
        guard X509_REVOKED_set_serialNumber(row, serial) == 1,
            X509_REVOKED_set_revocationDate(row, date) == 1,
            ASN1_ENUMERATED_set(reason, entry.reason.rawValue) == 1,
            entry.reason == .unspecified || X509_REVOKED_add1_ext_i2d(row, NID_crl_reason, reason, 0, 0) == 1,
            X509_CRL_add0_revoked(list, row) == 1
        else {
            X509_REVOKED_free(row)
            throw .engine("X509_REVOKED_set")
        }
    }
}
