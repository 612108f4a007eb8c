public import Kernel

/// The keys of one installation: for each scheme a root and the authorities below it, and those who sign in its name.
/// Everything is made on the first start and only opened afterwards; an installation from before the documents' keys
/// gets those at its next start.
public struct PlatformKeys: Sendable {
    /// How long certificates that the platform makes for itself, and for one act, are valid.
    public struct Terms: Sendable {
        /// Years.
        public var root: Int
        /// Years.
        public var issuing: Int
        /// Years.
        public var signer: Int
        /// Minutes, of a person who signs once.
        public var act: Int

        public init(root: Int = 20, issuing: Int = 10, signer: Int = 5, act: Int = 60) {
            self.root = root
            self.issuing = issuing
            self.signer = signer
            self.act = act
        }
    }

    /// Which authorities are meant: those under the national standards, or those of PDF and time stamps.
    public enum Family: String, Sendable, CaseIterable {
        case sm2
        case p256
    }

    public let store: KeyStore
    /// The authorities under the national standards.
    public let national: KeyFamily<SM2>
    /// The authorities of those who sign PDF and time stamps.
    public let international: KeyFamily<P256>
    /// Signs heads and promises of the log.
    public let log: SigningIdentity
    /// The certificates that its key had before, each with its issuers, the oldest first.
    public let earlierLogs: [[Certificate]]
    /// Signs PDF documents in the name of this installation.
    public let documents: P256Identity
    /// Signs time-stamp tokens.
    public let timestamps: P256Identity
    /// The certificates of tokens from before: of keys that were followed by another, and of this one.
    public let earlierTimestamps: [P256Certificate]
    public let terms: Terms
    let entropy: any Entropy

    public var root: Certificate { national.root }
    public var issuing: CertificateAuthority { national.issuing }
    /// What readers of our PDF documents and time stamps trust.
    public var documentRoot: P256Certificate { international.root }

    private static let nationalNames = KeyFamily<SM2>.Names(
        root: "root",
        issuing: "issuing",
        scheme: "SM2",
        short: Family.sm2.rawValue
    )
    private static let internationalNames = KeyFamily<P256>.Names(
        root: "p256-root",
        issuing: "p256-issuing",
        scheme: "P-256",
        short: Family.p256.rawValue
    )

    /// Opens the keys in `store`, or makes them in the name of `organization`.
    /// - Parameter origin: `https://…` below which the revocation lists are found; nil leaves it out of certificates.
    public static func openOrCreate(
        in store: KeyStore,
        organization: String,
        origin: String? = nil,
        now: Instant,
        terms: Terms = Terms(),
        entropy: any Entropy = SystemEntropy()
    ) throws(CryptographyError) -> PlatformKeys {
        let national = try KeyFamily.openOrCreate(
            nationalNames,
            in: store,
            organization: organization,
            origin: origin,
            now: now,
            terms: terms,
            entropy: entropy
        )
        let international = try KeyFamily.openOrCreate(
            internationalNames,
            in: store,
            organization: organization,
            origin: origin,
            now: now,
            terms: terms,
            entropy: entropy
        )
        func own<Scheme>(
            _ name: String,
            _ title: String,
            _ purpose: CertificatePurpose,
            by issuing: X509Authority<Scheme>
        ) throws(CryptographyError) -> X509Identity<Scheme> {
            let subject = DistinguishedName(
                organization: organization,
                commonName: "\(organization) \(title)"
            )
            let request = CertificateRequest(subject, years: terms.signer, now: now, entropy: entropy)
            let kept = try store.identity(named: name) { () throws(CryptographyError) in
                try issuing.identity(request, for: purpose)
            }
            guard kept.certificate.isInLastTenth(at: now) else { return kept }
            // Heads bear no certificate: those from before are shown with one of their time. The next one begins as early
            // as its authority does, which may be younger than they are, so that the one before is kept beside it.
            let early = max(kept.certificate.validFrom, issuing.certificate.validFrom)
            let next = purpose == .log ? request.beginning(early, as: kept.certificate.subject) : request
            let renewed = try issuing.renewed(kept, next, for: purpose)
            // Whoever revokes a key's certificates has to name each.
            if purpose == .log || purpose == .timestamps { try store.keepChain(of: kept, named: name) }
            try store.save(renewed, named: name)
            return renewed
        }
        let log = try marked(
            own("log", "Log", .log, by: national.issuing),
            by: national,
            in: store,
            entropy: entropy
        )
        let stampNames = try Self.stampNames(in: store)
        let timestamps = try own(stampNames.last ?? "", "Time Stamps", .timestamps, by: international.issuing)
        return PlatformKeys(
            store: store,
            national: national,
            international: international,
            log: log,
            earlierLogs: try store.chains(of: "log"),
            documents: try own("document", "Documents", .documents, by: international.issuing),
            timestamps: timestamps,
            earlierTimestamps: try Self.stampCertificates(stampNames, in: store)
                .filter { $0 != timestamps.certificate },
            terms: terms,
            entropy: entropy
        )
    }

    /// The log's identity with the mark of a log, which those from before the marks lack.
    private static func marked(
        _ log: SigningIdentity,
        by national: KeyFamily<SM2>,
        in store: KeyStore,
        entropy: any Entropy
    ) throws(CryptographyError) -> SigningIdentity {
        guard !log.certificate.isFor(.log) else { return log }
        // The same key for the same time: heads that it signed stay good.
        let again = CertificateRequest(
            subject: log.certificate.subject,
            serial: entropy.bytes(16),
            validFrom: log.certificate.validFrom,
            validUntil: log.certificate.validUntil
        )
        // By the authority that issued it: a younger one was not there when those heads were signed.
        let issuer = national.authorities.first { log.certificate.isSigned(by: $0.certificate.publicKey) }
        let renewed = try (issuer ?? national.issuing).renewed(log, again, for: .log)
        try store.save(renewed, named: "log")
        return renewed
    }

    /// The identity kept under `name`, or a new one for `subject`: an authority that issues licences, a maker of
    /// seals, an enterprise. When its certificate has run out or lacks the mark, the same key gets a new one from the
    /// authority that issues now.
    public func identity(
        named name: String,
        subject: DistinguishedName,
        for purpose: CertificatePurpose,
        now: Instant
    ) throws(CryptographyError) -> SigningIdentity {
        let request = CertificateRequest(subject, years: terms.signer, now: now, entropy: entropy)
        let kept = try store.identity(named: name, of: .holder) { () throws(CryptographyError) in
            try issuing.identity(request, for: purpose)
        }
        guard now >= kept.certificate.validUntil || !kept.certificate.isFor(purpose) else { return kept }
        // The key stays; what was signed under the old certificate is judged by the time of signing.
        let renewed = try issuing.renewed(kept, request, for: purpose)
        try store.save(renewed, named: name, of: .holder)
        return renewed
    }

    /// Makes a new issuing authority below the same root. Those who open the keys afterwards issue with it.
    /// - Returns: the new authority's certificate in PEM.
    public func rotate(_ family: Family, now: Instant) throws(CryptographyError) -> IssuerSummary {
        switch family {
        case .sm2:
            IssuerSummary(
                try national.rotate(Self.nationalNames, in: store, now: now, terms: terms, entropy: entropy)
                    .certificate,
                family: family,
                number: national.authorities.count + 1,
                signerYears: terms.signer
            )
        case .p256:
            IssuerSummary(
                try international.rotate(
                    Self.internationalNames,
                    in: store,
                    now: now,
                    terms: terms,
                    entropy: entropy
                ).certificate,
                family: family,
                number: international.authorities.count + 1,
                signerYears: terms.signer
            )
        }
    }

    /// The issuing authorities of both families, each from the oldest to the newest.
    public var issuers: [IssuerSummary] {
        func summaries<Scheme>(_ family: KeyFamily<Scheme>, _ name: Family) -> [IssuerSummary] {
            family.authorities.enumerated().map { index, authority in
                IssuerSummary(
                    authority.certificate,
                    family: name,
                    number: index + 1,
                    signerYears: terms.signer
                )
            }
        }
        return summaries(national, .sm2) + summaries(international, .p256)
    }
}

/// What is said of an issuing authority.
public struct IssuerSummary: Sendable, Equatable {
    public let family: PlatformKeys.Family
    /// 1 is the oldest of its family.
    public let number: Int
    public let subject: DistinguishedName
    public let validFrom: Instant
    public let validUntil: Instant
    /// SHA-256 of the certificate.
    public let fingerprint: [UInt8]
    /// From here on a new signer's certificate would outlive it: another authority has to be made before.
    public let dueSince: Instant

    init<Scheme>(
        _ certificate: X509Certificate<Scheme>,
        family: PlatformKeys.Family,
        number: Int,
        signerYears: Int
    ) {
        self.family = family
        self.number = number
        subject = certificate.subject
        validFrom = certificate.validFrom
        validUntil = certificate.validUntil
        fingerprint = SHA256.digest(certificate.der)
        dueSince = Instant(certificate.validUntil.date.adding(months: -signerYears * 12))
    }
}

extension CertificateRequest {
    init(_ subject: DistinguishedName, years: Int, now: Instant, entropy: any Entropy) {
        // An hour back, so that a neighbour whose clock is slow does not refuse a fresh certificate.
        self.init(
            subject: subject,
            serial: entropy.bytes(16),
            validFrom: now + -Instant.hour,
            validUntil: Instant(now.date.adding(months: years * 12))
        )
    }
}

extension X509Certificate {
    /// A server that starts then gets a new one before the old one runs out under it.
    fileprivate func isInLastTenth(at now: Instant) -> Bool {
        (validUntil.milliseconds - now.milliseconds) * 10
            < validUntil.milliseconds - validFrom.milliseconds
    }
}

extension CertificateRequest {
    /// The same from another moment on, for a subject as it was called before.
    fileprivate func beginning(_ moment: Instant, as subject: DistinguishedName) -> CertificateRequest {
        CertificateRequest(subject: subject, serial: serial, validFrom: moment, validUntil: validUntil)
    }
}
