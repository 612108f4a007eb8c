public import Kernel

/// The keys of one installation: a root, an issuing authority below it, and those who sign in its name.
/// Everything is made on the first start and only opened afterwards.
public struct PlatformKeys: Sendable {
    /// How long the certificates of a fresh installation are valid, in years.
    public struct Terms: Sendable {
        public var root: Int
        public var issuing: Int
        public var signer: Int

        public init(root: Int = 20, issuing: Int = 10, signer: Int = 5) {
            self.root = root
            self.issuing = issuing
            self.signer = signer
        }
    }

    public let store: KeyStore
    public let root: Certificate
    public let issuing: CertificateAuthority
    /// Signs heads and promises of the log.
    public let log: SigningIdentity
    private let terms: Terms
    private let entropy: any Entropy

    /// Opens the keys in `store`, or makes them in the name of `organization`.
    public static func openOrCreate(
        in store: KeyStore,
        organization: String,
        now: Instant,
        terms: Terms = Terms(),
        entropy: any Entropy = SystemEntropy()
    ) throws(CryptographyError) -> PlatformKeys {
        func request(_ name: String, years: Int) -> CertificateAuthority.Request {
            Self.request(
                DistinguishedName(organization: organization, commonName: name),
                years: years,
                now: now,
                entropy: entropy
            )
        }
        let root = CertificateAuthority(
            try store.identity(named: "root") { () throws(CryptographyError) in
                try CertificateAuthority.root(request("\(organization) SM2 Root", years: terms.root)).identity
            }
        )
        let issuing = CertificateAuthority(
            try store.identity(named: "issuing") { () throws(CryptographyError) in
                try root.authority(request("\(organization) SM2 Issuing CA", years: terms.issuing)).identity
            }
        )
        var log = try store.identity(named: "log") { () throws(CryptographyError) in
            try issuing.identity(request("\(organization) Log", years: terms.signer), for: .log)
        }
        if !log.certificate.isFor(.log) {
            // From before the marks. The same key for the same time: heads that it signed stay good.
            let again = CertificateAuthority.Request(
                subject: log.certificate.subject,
                serial: entropy.bytes(16),
                validFrom: log.certificate.validFrom,
                validUntil: log.certificate.validUntil
            )
            log = try Self.renewed(log, again, by: issuing, for: .log)
            try store.save(log, named: "log")
        }
        return PlatformKeys(
            store: store,
            root: root.certificate,
            issuing: issuing,
            log: log,
            terms: terms,
            entropy: entropy
        )
    }

    /// The identity kept under `name`, or a new one for `subject`: an authority that issues licences, a maker of
    /// seals, an enterprise. When its certificate has run out or lacks the mark, the same key gets a new one.
    public func identity(
        named name: String,
        subject: DistinguishedName,
        for purpose: Certificate.Purpose,
        now: Instant
    ) throws(CryptographyError) -> SigningIdentity {
        let request = Self.request(subject, years: terms.signer, now: now, entropy: entropy)
        let kept = try store.identity(named: name) { () throws(CryptographyError) in
            try issuing.identity(request, for: purpose)
        }
        guard now >= kept.certificate.validUntil || !kept.certificate.isFor(purpose) else { return kept }
        // The key stays; what was signed under the old certificate is judged by the time of signing.
        let renewed = try Self.renewed(kept, request, by: issuing, for: purpose)
        try store.save(renewed, named: name)
        return renewed
    }

    private static func renewed(
        _ kept: SigningIdentity,
        _ request: CertificateAuthority.Request,
        by issuing: CertificateAuthority,
        for purpose: Certificate.Purpose
    ) throws(CryptographyError) -> SigningIdentity {
        SigningIdentity(
            certificate: try issuing.issue(request, to: kept.key.publicKey, for: purpose),
            key: kept.key,
            issuers: [issuing.certificate] + issuing.issuers
        )
    }

    private static func request(
        _ subject: DistinguishedName,
        years: Int,
        now: Instant,
        entropy: any Entropy
    ) -> CertificateAuthority.Request {
        // An hour back, so that a neighbour whose clock is slow does not refuse a fresh certificate.
        CertificateAuthority.Request(
            subject: subject,
            serial: entropy.bytes(16),
            validFrom: now + -Instant.hour,
            validUntil: Instant(now.date.adding(months: years * 12))
        )
    }
}
