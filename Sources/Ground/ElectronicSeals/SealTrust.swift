public import Cryptography
public import Kernel

/// Whom a verifier trusts, and the moment at which he asks.
public struct SealTrust: Sendable {
    /// Roots or issuing authorities for signers and makers of seals.
    public let anchors: [Certificate]
    /// What these authorities revoked; without a list of an issuer nothing of his is taken for revoked.
    public let revocation: [RevocationList<SM2>]
    /// Whom time stamps may come from; without anchors no time is proven.
    public let timestamps: DocumentTrust
    /// The moment asked about: what is signed later than that is from the future.
    public let moment: Instant
    /// How much a clock may be ahead.
    public let toleranceMilliseconds: Int64

    public init(
        anchors: [Certificate],
        revocation: [RevocationList<SM2>] = [],
        timestamps: DocumentTrust = DocumentTrust(anchors: []),
        moment: Instant,
        toleranceMilliseconds: Int64
    ) {
        self.anchors = anchors
        self.revocation = revocation
        self.timestamps = timestamps
        self.moment = moment
        self.toleranceMilliseconds = toleranceMilliseconds
    }

    /// When a time stamp proves that `signature` was there; nil without a stamp, or without anybody to trust for one.
    func proven(_ timestamp: [UInt8]?, of signature: [UInt8]) throws(VerificationProblem) -> Instant? {
        guard let timestamp, !timestamps.stampAnchors.isEmpty else { return nil }
        guard let token = TimestampToken(der: timestamp) else {
            throw VerificationProblem(.timestamp, "token")
        }
        let digest = token.algorithm == .sm3 ? SM3.digest(signature) : SHA256.digest(signature)
        if let problem = token.problem(of: digest, token.algorithm, trust: timestamps) {
            throw VerificationProblem(problem, of: token)
        }
        return token.time
    }
}

extension VerificationProblem {
    /// What is wrong with a time stamp; of one that was taken back who made it.
    public init(_ problem: TimestampProblem, of token: TimestampToken) {
        switch problem {
        case .takenBack: self.init(.stampTakenBack, token.authority.subject.commonName)
        case .signature, .imprint, .usage, .certificate: self.init(.timestamp, "\(problem)")
        }
    }
}

extension SealSignature {
    /// The signature's own arithmetic: algorithm, certificate, SM2 over TBS_Sign with the user identifier
    /// 1234567812345678.
    public func checkValue() throws(VerificationProblem) -> Certificate {
        guard signatureAlgorithm == SealObject.sm2WithSM3 else {
            throw VerificationProblem(.algorithm, signatureAlgorithm)
        }
        let signer = try certificate(signerCertificate, "SES_Signature.cert")
        guard signer.publicKey.verify(signature: signature, of: signedBytes) else {
            throw VerificationProblem(.signatureValue, signer.subject.commonName)
        }
        return signer
    }

    /// Whether whoever signed may be trusted and may use the seal, and the seal itself: GB/T 38540-2020, in the order
    /// signer, list, maker, period, time stamp. Judged at the time that a stamp proves; while the time is only claimed,
    /// at that time and at the moment asked.
    /// - Returns: the proven time; nil while it is only claimed.
    public func checkTrust(of signer: Certificate, _ trust: SealTrust) throws(VerificationProblem) -> Instant?
    {
        var stampProblem: VerificationProblem?
        var proven: Instant?
        do throws(VerificationProblem) { proven = try trust.proven(timestamp, of: signature) } catch {
            stampProblem = error
        }
        let moments = proven.map { [$0] } ?? [time, max(time, trust.moment)]
        try check(signer, issuers: extensions, at: moments, trust, isMaker: false)
        guard seal.lists(signer) else {
            throw VerificationProblem(.signerNotInSeal, signer.subject.commonName)
        }
        let maker = try seal.checkValue()
        try check(maker, issuers: seal.content.extensions, at: moments, trust, isMaker: true)
        try seal.checkPeriod(at: moments)
        try seal.checkStamp(trust)
        if let stampProblem { throw stampProblem }
        guard time <= trust.moment + trust.toleranceMilliseconds else {
            throw VerificationProblem(.timestamp, "timeInfo")
        }
        if let proven {
            guard time <= proven + trust.toleranceMilliseconds,
                proven <= trust.moment + trust.toleranceMilliseconds
            else { throw VerificationProblem(.timestamp, "genTime") }
        }
        return proven
    }
}

extension SealSignature {
    /// The certificates between signer and root that came along; none when they cannot be read.
    public var issuers: [Certificate] { (try? extensions.issuers()) ?? [] }
}

extension ElectronicSeal {
    /// The certificates between maker and root that came along; none when they cannot be read.
    public var issuers: [Certificate] { (try? content.extensions.issuers()) ?? [] }
}

extension ElectronicSeal {
    /// The maker's signature over the seal.
    public func checkValue() throws(VerificationProblem) -> Certificate {
        guard signatureAlgorithm == SealObject.sm2WithSM3 else {
            throw VerificationProblem(.algorithm, signatureAlgorithm)
        }
        let maker = try certificate(makerCertificate, "SESeal.cert")
        guard maker.publicKey.verify(signature: signature, of: signedBytes) else {
            throw VerificationProblem(.sealSignature, content.code)
        }
        return maker
    }

    /// The seal alone, without a document: maker and period at the moment asked.
    public func check(_ trust: SealTrust) throws(VerificationProblem) -> Certificate {
        let maker = try checkValue()
        try ElectronicSeals.check(
            maker,
            issuers: content.extensions,
            at: [trust.moment],
            trust,
            isMaker: true
        )
        try checkPeriod(at: [trust.moment])
        try checkStamp(trust)
        return maker
    }

    /// Only seals of 2025 bear one; it may not be older than the seal says that it is.
    func checkStamp(_ trust: SealTrust) throws(VerificationProblem) {
        guard let proven = try trust.proven(timestamp, of: signature) else { return }
        guard content.createdAt <= proven + trust.toleranceMilliseconds else {
            throw VerificationProblem(.timestamp, "createDate")
        }
    }

    func checkPeriod(at moments: [Instant]) throws(VerificationProblem) {
        for moment in moments where moment < content.validFrom || moment > content.validUntil {
            throw VerificationProblem(.sealExpired, content.code)
        }
    }

    /// Whether the certificate is one of those whose keys may sign with the seal: the same bytes, or their SM3.
    public func lists(_ signer: Certificate) -> Bool {
        switch content.signers {
        case .certificates(let certificates): certificates.contains(signer.der)
        case .digests(let digests):
            digests.contains {
                ["SM3", SealObject.sm3].contains($0.type.uppercased()) && $0.value == SM3.digest(signer.der)
            }
        }
    }
}

private func certificate(_ der: [UInt8], _ place: String) throws(VerificationProblem) -> Certificate {
    do { return try Certificate(der: der) } catch { throw VerificationProblem(.format, place) }
}

private func check(
    _ certificate: Certificate,
    issuers extensions: [ElectronicSeal.Extension],
    at moments: [Instant],
    _ trust: SealTrust,
    isMaker: Bool
) throws(VerificationProblem) {
    let name = certificate.subject.commonName
    let others = try extensions.issuers()
    for moment in moments {
        let verdict = certificate.check(
            others: others,
            anchors: trust.anchors,
            at: moment,
            usage: [.digitalSignature, .nonRepudiation],
            revocation: trust.revocation
        )
        guard case .broken(let problem) = verdict else { continue }
        let kind = VerificationClass(ofSigner: problem)
        throw VerificationProblem(isMaker ? kind.ofMaker : kind, name)
    }
}

extension [ElectronicSeal.Extension] {
    /// The certificates that came along to lead to the root.
    fileprivate func issuers() throws(VerificationProblem) -> [Certificate] {
        guard let found = first(where: { $0.object == SealObject.issuers }) else { return [] }
        var certificates: [Certificate] = []
        do throws(SealFormatError) {
            var parts = try DERParts(try derRoot(found.value, "issuers"), "issuers")
            guard parts.count <= 8 else { throw SealFormatError("issuers") }
            while parts.tag != nil {
                certificates.append(try certificate(try parts.octets("cert")))
            }
        } catch { throw VerificationProblem(.format, error.place) }
        return certificates
    }

    private func certificate(_ der: [UInt8]) throws(SealFormatError) -> Certificate {
        do { return try Certificate(der: der) } catch { throw SealFormatError("issuers.cert") }
    }
}
