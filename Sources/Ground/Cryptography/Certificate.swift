internal import COpenSSL
public import Kernel

/// A certificate with an SM2 key (GB/T 20518).
public typealias Certificate = X509Certificate<SM2>

/// RFC 5280, section 4.2.1.3.
public struct CertificateKeyUsage: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let digitalSignature = CertificateKeyUsage(rawValue: 0x80)
    public static let nonRepudiation = CertificateKeyUsage(rawValue: 0x40)
    public static let keyCertSign = CertificateKeyUsage(rawValue: 0x04)
    public static let crlSign = CertificateKeyUsage(rawValue: 0x02)

    var names: String {
        let all: [(CertificateKeyUsage, String)] = [
            (.digitalSignature, "digitalSignature"), (.nonRepudiation, "nonRepudiation"),
            (.keyCertSign, "keyCertSign"), (.crlSign, "cRLSign"),
        ]
        return all.filter { contains($0.0) }.map(\.1).joined(separator: ",")
    }
}

/// An X.509 certificate with a key of one scheme, read once; the original bytes are kept and hashed.
public struct X509Certificate<Scheme: SignatureScheme>: Sendable {
    public let der: [UInt8]
    public let subject: DistinguishedName
    public let issuer: DistinguishedName
    /// Big-endian, without leading zeros.
    public let serial: [UInt8]
    /// Valid from this second.
    public let validFrom: Instant
    /// Valid up to and including this second.
    public let validUntil: Instant
    public let publicKey: PublicKey<Scheme>
    /// Nil when the certificate does not say.
    public let keyUsage: KeyUsage?
    public let isAuthority: Bool
    /// How many authorities may follow below this one; nil is without limit.
    public let pathLength: Int?
    /// Extended key usages, each the content of an object identifier.
    let purposes: [[UInt8]]
    let hasCriticalPurposes: Bool
    /// Names as bytes, compared when certificates are chained.
    let subjectBytes: [UInt8]
    let issuerBytes: [UInt8]
    /// A critical extension that OpenSSL does not know, or one that contradicts itself.
    let hasUnknownDemands: Bool
    let x509: OpenCertificate

    public typealias KeyUsage = CertificateKeyUsage

    /// Reads DER without trailing bytes.
    public init(der bytes: [UInt8]) throws(CryptographyError) {
        if let known: X509Certificate = knownCertificates.find(bytes) {
            self = known
            return
        }
        try self.init(reading: bytes)
        knownCertificates.keep(self)
    }

    private init(reading bytes: [UInt8]) throws(CryptographyError) {
        let handle: OpaquePointer? = bytes.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            guard let handle = d2i_X509(nil, &cursor, buffer.count) else { return nil }
            return handle
        }
        guard let handle else {
            ERR_clear_error()
            throw .badCertificate
        }
        try self.init(bytes, of: OpenCertificate(owning: handle))
    }

    /// One that stands in a message which OpenSSL has read: to read it once more costs as much as a signature.
    init(within message: OpaquePointer) throws(CryptographyError) {
        let bytes = Cryptography.der { i2d_X509(message, $0) }
        if let known: X509Certificate = knownCertificates.find(bytes) {
            self = known
            return
        }
        X509_up_ref(message)
        try self.init(bytes, of: OpenCertificate(owning: message))
        knownCertificates.keep(self)
    }

    private init(_ bytes: [UInt8], of open: OpenCertificate) throws(CryptographyError) {
        x509 = open
        let handle = open.handle
        if let userID = Scheme.parts.userID, let identifier = ASN1_OCTET_STRING_new() {
            ASN1_OCTET_STRING_set(identifier, userID, Int32(userID.count))
            X509_set0_distinguishing_id(handle, identifier)
        }
        // Also refuses trailing bytes and any other way to write the same envelope.
        guard bytes == Cryptography.der({ i2d_X509(handle, $0) }),
            let key = X509_get_pubkey(handle)
        else {
            ERR_clear_error()
            throw .badCertificate
        }
        do throws(CryptographyError) {
            let written = Cryptography.der { i2d_X509_PUBKEY(X509_get_X509_PUBKEY(handle), $0) }
            publicKey = try PublicKey(owning: key, from: written)
        } catch { throw .badCertificate }
        guard let from = instant(X509_get0_notBefore(handle)), let until = instant(X509_get0_notAfter(handle))
        else {
            throw .badCertificate
        }
        der = bytes
        validFrom = from
        validUntil = until
        subject = DistinguishedName(reading: X509_get_subject_name(handle))
        issuer = DistinguishedName(reading: X509_get_issuer_name(handle))
        subjectBytes = Cryptography.der { i2d_X509_NAME(X509_get_subject_name(handle), $0) }
        issuerBytes = Cryptography.der { i2d_X509_NAME(X509_get_issuer_name(handle), $0) }
        let number = X509_get0_serialNumber(handle)
        serial = Array(
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(number), count: Int(ASN1_STRING_length(number)))
        )
        let flags = X509_get_extension_flags(handle)
        keyUsage = flags & UInt32(EXFLAG_KUSAGE) == 0 ? nil : KeyUsage(rawValue: X509_get_key_usage(handle))
        isAuthority = flags & UInt32(EXFLAG_CA) != 0
        (purposes, hasCriticalPurposes) = Self.purposes(of: handle)
        let path = X509_get_pathlen(handle)
        pathLength = path < 0 ? nil : Int(path)
        hasUnknownDemands =
            flags & UInt32(EXFLAG_CRITICAL) != 0 || flags & UInt32(EXFLAG_INVALID) != 0
            || Self.hasConstraints(handle)
    }

    /// Whether a critical extension asks for what the check of chains does not do, though OpenSSL knows it: constraints of
    /// names or policies.
    private static func hasConstraints(_ handle: OpaquePointer) -> Bool {
        let understood: Set = [
            NID_basic_constraints, NID_key_usage, NID_ext_key_usage, NID_subject_alt_name,
            NID_certificate_policies,
        ]
        var place = X509_get_ext_by_critical(handle, 1, -1)
        while place >= 0 {
            let object = X509_EXTENSION_get_object(X509_get_ext(handle, place))
            if !understood.contains(OBJ_obj2nid(object)) { return true }
            place = X509_get_ext_by_critical(handle, 1, place)
        }
        return false
    }

    /// Reads one `-----BEGIN CERTIFICATE-----`.
    public init(pem: String) throws(CryptographyError) {
        guard let first = try X509Certificate.all(pem: pem).first else { throw .badCertificate }
        self = first
    }

    /// Reads all certificates of a PEM file, in order. Certificates with a key of another scheme are passed over
    /// when `skippingOthers` is set, such as a P-256 root in a file of anchors.
    public static func all(pem: String, skippingOthers: Bool = false) throws(CryptographyError)
        -> [X509Certificate]
    {
        var found: [X509Certificate] = []
        var rest = pem[...]
        while let begin = rest.firstRange(of: "-----BEGIN CERTIFICATE-----"),
            let end = rest[begin.upperBound...].firstRange(of: "-----END CERTIFICATE-----")
        {
            let body = rest[begin.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
            rest = rest[end.upperBound...]
            guard let bytes = Base64.decode(String(body)) else { throw .badCertificate }
            do throws(CryptographyError) { found.append(try X509Certificate(der: bytes)) } catch {
                if !skippingOthers { throw error }
            }
        }
        return found
    }

    public var pem: String {
        let text = Array(Base64.encode(der).utf8)
        var lines = ["-----BEGIN CERTIFICATE-----"]
        for start in stride(from: 0, to: text.count, by: 64) {
            lines.append(String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self))
        }
        return lines.joined(separator: "\n") + "\n-----END CERTIFICATE-----\n"
    }

    /// Whether the certificate's signature is `key`'s, by the scheme's algorithm and, for SM2, with the user identifier
    /// 1234567812345678.
    public func isSigned(by key: PublicKey<Scheme>) -> Bool {
        let link = SM3.digest(der + key.spki)
        if knownLinks.holds(link) { return true }
        guard checkSignature(of: key) else { return false }
        knownLinks.keep(link)
        return true
    }

    private func checkSignature(of key: PublicKey<Scheme>) -> Bool {
        guard X509_get_signature_nid(x509.handle) == Scheme.parts.signature else { return false }
        let answer = X509_verify(x509.handle, key.handle)
        if answer != 1 { ERR_clear_error() }
        return answer == 1
    }

    public func isValid(at moment: Instant) -> Bool { validFrom <= moment && moment < validUntil + 1_000 }
}

extension X509Certificate: Hashable {
    public static func == (left: X509Certificate, right: X509Certificate) -> Bool { left.der == right.der }
    public func hash(into hasher: inout Hasher) { hasher.combine(der) }
}

func instant(_ time: UnsafePointer<ASN1_TIME>?) -> Instant? {
    var parts = tm()
    guard let time, ASN1_TIME_to_tm(time, &parts) == 1,
        let date = LocalDate(
            year: Int(parts.tm_year) + 1900,
            month: Int(parts.tm_mon) + 1,
            day: Int(parts.tm_mday)
        )
    else { return nil }
    let seconds = Int64(parts.tm_hour) * 3_600 + Int64(parts.tm_min) * 60 + Int64(parts.tm_sec)
    return Instant(milliseconds: Int64(date.dayNumber) * Instant.day + seconds * 1_000)
}
