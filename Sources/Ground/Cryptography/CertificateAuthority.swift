internal import COpenSSL
public import Kernel

/// Who signs with SM2.
public typealias SigningIdentity = X509Identity<SM2>

/// A certificate with its key and the way up to its root: whoever signs with it can show who he is.
public struct X509Identity<Scheme: SignatureScheme>: Sendable {
    public let certificate: X509Certificate<Scheme>
    public let key: PrivateKey<Scheme>
    /// The issuers above, nearest first, the root last.
    public let issuers: [X509Certificate<Scheme>]

    public init(
        certificate: X509Certificate<Scheme>,
        key: PrivateKey<Scheme>,
        issuers: [X509Certificate<Scheme>]
    ) {
        self.certificate = certificate
        self.key = key
        self.issuers = issuers
    }
}

/// What a new certificate shall say. The serial is 16 random bytes (RFC 5280 allows 20, positive).
public struct CertificateRequest: Sendable {
    public let subject: DistinguishedName
    public let serial: [UInt8]
    public let validFrom: Instant
    public let validUntil: Instant

    public init(subject: DistinguishedName, serial: [UInt8], validFrom: Instant, validUntil: Instant) {
        self.subject = subject
        self.serial = serial
        self.validFrom = validFrom
        self.validUntil = validUntil
    }
}

/// Issues SM2 certificates.
public typealias CertificateAuthority = X509Authority<SM2>

/// Issues certificates: a self-signed root, authorities below it, and those who sign.
public struct X509Authority<Scheme: SignatureScheme>: Sendable {
    public let certificate: X509Certificate<Scheme>
    /// The issuers above this one, nearest first; empty for a root.
    public let issuers: [X509Certificate<Scheme>]
    /// Where its revocation list is found; the certificates that it issues to signers say so.
    public let listAddress: String?
    let key: PrivateKey<Scheme>

    public init(_ identity: X509Identity<Scheme>, listAddress: String? = nil) {
        certificate = identity.certificate
        issuers = identity.issuers
        key = identity.key
        self.listAddress = listAddress
    }

    public var identity: X509Identity<Scheme> {
        X509Identity(certificate: certificate, key: key, issuers: issuers)
    }

    public typealias Request = CertificateRequest

    public static func root(_ request: Request) throws(CryptographyError) -> X509Authority {
        let key = try PrivateKey<Scheme>.generate()
        let certificate = try make(
            request,
            key: key.publicKey,
            kind: .authority(pathLength: nil),
            issuer: nil,
            by: key
        )
        return X509Authority(X509Identity(certificate: certificate, key: key, issuers: []))
    }

    /// An authority below this one that may issue to signers only.
    public func authority(_ request: Request) throws(CryptographyError) -> X509Authority {
        let below = try PrivateKey<Scheme>.generate()
        let issued = try Self.make(
            request,
            key: below.publicKey,
            kind: .authority(pathLength: 0),
            issuer: certificate,
            by: key
        )
        return X509Authority(
            X509Identity(certificate: issued, key: below, issuers: [certificate] + issuers)
        )
    }

    /// A certificate for somebody's public key.
    public func issue(
        _ request: Request,
        to publicKey: PublicKey<Scheme>,
        for purpose: CertificatePurpose,
        usage: CertificateKeyUsage = [.digitalSignature, .nonRepudiation]
    ) throws(CryptographyError) -> X509Certificate<Scheme> {
        try Self.make(
            request,
            key: publicKey,
            kind: .signer(usage, purpose, list: listAddress),
            issuer: certificate,
            by: key
        )
    }

    /// A new key with its certificate.
    public func identity(_ request: Request, for purpose: CertificatePurpose) throws(CryptographyError)
        -> X509Identity<Scheme>
    {
        let fresh = try PrivateKey<Scheme>.generate()
        return X509Identity(
            certificate: try issue(request, to: fresh.publicKey, for: purpose),
            key: fresh,
            issuers: [certificate] + issuers
        )
    }

    /// A new certificate for the same key.
    func renewed(
        _ kept: X509Identity<Scheme>,
        _ request: CertificateRequest,
        for purpose: CertificatePurpose
    ) throws(CryptographyError) -> X509Identity<Scheme> {
        X509Identity(
            certificate: try issue(request, to: kept.key.publicKey, for: purpose),
            key: kept.key,
            issuers: [certificate] + issuers
        )
    }

    private enum Kind {
        case authority(pathLength: Int?)
        case signer(CertificateKeyUsage, CertificatePurpose, list: String?)

        var extensions: [(nid: Int32, value: String)] {
            switch self {
            case .authority(let pathLength):
                [
                    (NID_basic_constraints, "critical,CA:TRUE" + (pathLength.map { ",pathlen:\($0)" } ?? "")),
                    (NID_key_usage, "critical,keyCertSign,cRLSign"),
                ]
            case .signer(let usage, let purpose, let list):
                [
                    (NID_basic_constraints, "critical,CA:FALSE"),
                    (NID_key_usage, "critical," + usage.names), (NID_ext_key_usage, purpose.extensionValue),
                ] + (list.map { [(NID_crl_distribution_points, "URI:\($0)")] } ?? [])
            }
        }
    }

    private static func make(
        _ request: Request,
        key: PublicKey<Scheme>,
        kind: Kind,
        issuer: X509Certificate<Scheme>?,
        by signer: PrivateKey<Scheme>
    ) throws(CryptographyError) -> X509Certificate<Scheme> {
        guard let x509 = X509_new() else { throw .engine("X509_new") }
        defer { X509_free(x509) }
        let above = issuer?.x509.handle
        try fill(x509, with: request, key: key, above: above)
        let identifiers: [(Int32, String)] = [
            (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid"),
        ]
        for (nid, value) in kind.extensions + identifiers {
            guard let made = suban_extension(above ?? x509, x509, nid, value) else {
                throw .engine("extension \(nid)")
            }
            defer { X509_EXTENSION_free(made) }
            guard X509_add_ext(x509, made, -1) == 1 else { throw .engine("X509_add_ext") }
        }
        guard let context = EVP_MD_CTX_new() else { throw .engine("EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        try Scheme.parts.beginSigning(context, with: signer.handle)
        guard X509_sign_ctx(x509, context) > 0 else { throw .engine("X509_sign_ctx") }
        return try X509Certificate(der: der { i2d_X509(x509, $0) })
    }

    private static func fill(
        _ x509: OpaquePointer,
        with request: Request,
        key: PublicKey<Scheme>,
        above: OpaquePointer?
    ) throws(CryptographyError) {
        try request.subject.write(into: X509_get_subject_name(x509))
        let issuerName = X509_get_subject_name(above ?? x509)
        // The top bit is cleared so that the number stays positive in 20 bytes or fewer.
        var serial = Array(request.serial.prefix(20))
        guard !serial.isEmpty else { throw .engine("serial") }
        serial[0] = serial[0] & 0x7F | 0x40
        guard let number = BN_bin2bn(serial, Int32(serial.count), nil) else { throw .engine("BN_bin2bn") }
        defer { BN_free(number) }
        guard X509_set_version(x509, 2) == 1, X509_set_issuer_name(x509, issuerName) == 1,
            BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != nil,
            ASN1_TIME_set(X509_getm_notBefore(x509), time_t(request.validFrom.milliseconds / 1_000)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(x509), time_t(request.validUntil.milliseconds / 1_000)) != nil,
            X509_set_pubkey(x509, key.handle) == 1
        else { throw .engine("X509_set") }
    }

}
