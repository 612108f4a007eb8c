import Cryptography
import ElectronicSeals
import Kernel

extension FileVerifier {
    /// Checks a document with the signature that somebody made beside it: SignedData by GB/T 35275, or CMS with P-256 or
    /// RSA, under the platform's own authorities or one that is recognised at the time of the signature.
    public func verify(_ document: [UInt8], signature: [UInt8], for use: SignatureUse = SignatureUse())
        -> FileVerdict
    {
        var signer: DistinguishedName?
        var claimed: Instant?
        var isStamped = false
        var found = SignatureFinding()
        do throws(VerificationProblem) {
            let envelope: SignedEnvelope
            do throws(SealFormatError) { envelope = try SignedEnvelope(der: signature) } catch {
                throw VerificationProblem(.format, error.place)
            }
            (claimed, isStamped) = (envelope.claimed, envelope.timestamp != nil)
            try envelope.checkValue(of: document)
            let proven = try Self.proven(
                envelope,
                documentTrust,
                latest: moment + limits.toleranceMilliseconds
            )
            (signer, found) = try judged(envelope, proven, use)
            if let proven {
                found.proven.append(VerdictLine("file.time-proven", ["time": proven.minuteText]))
            } else if let claimed {
                found.claimed.append(VerdictLine("file.time-claimed", ["time": claimed.minuteText]))
            }
            return FileVerdict(.signature, problems: [], proven: found.proven, claimed: found.claimed)
        } catch {
            let words = ["signer": signer?.commonName ?? "", "time": claimed?.minuteText ?? ""]
            return FileVerdict(
                .signature,
                problems: [VerdictLine(error)],
                // That nothing stamped it is told only where nothing did.
                claimed: claimed == nil || isStamped ? [] : [VerdictLine("file.time-claimed", words)]
            )
        }
    }

    /// Whose a signature beside a document is, where nothing is wrong with it. Only a stamp of the platform proves its
    /// time: that of another authority would count no longer once that one is recognised no more.
    func proof(of document: [UInt8], signature: [UInt8], for use: SignatureUse)
        throws(VerificationProblem) -> SignatureProof
    {
        let envelope: SignedEnvelope
        do throws(SealFormatError) { envelope = try SignedEnvelope(der: signature) } catch {
            throw VerificationProblem(.format, error.place)
        }
        try envelope.checkValue(of: document)
        let latest = moment + limits.toleranceMilliseconds
        let own = DocumentTrust(
            anchors: anchors.international,
            stamps: anchors.international,
            revocation: revocation.international
        )
        let proven = try Self.proven(envelope, own, latest: latest)
        let (subject, found) = try judged(envelope, proven, use)
        return SignatureProof(
            subject: subject,
            authority: found.authority?.name,
            proven: proven,
            signature: envelope.signature,
            certificates: envelope.way
        )
    }

    /// By the family of its keys.
    private func judged(_ envelope: SignedEnvelope, _ proven: Instant?, _ use: SignatureUse)
        throws(VerificationProblem) -> (DistinguishedName, SignatureFinding)
    {
        switch envelope.signatureAlgorithm {
        case SealObject.sm2WithSM3:
            try judge(
                envelope,
                own: anchors.national,
                theirs: recognised.national,
                lists: revocation.national + recognised.revocation.national,
                proven,
                use
            )
        case SignedEnvelope.ecdsaWithSHA256:
            try judge(
                envelope,
                own: anchors.international,
                theirs: recognised.international,
                lists: revocation.international + recognised.revocation.international,
                proven,
                use
            )
        default:
            try judge(
                envelope,
                own: [],
                theirs: recognised.rsa,
                lists: recognised.rsaLists,
                proven,
                use
            )
        }
    }

    /// The time that a good stamp proves; nil without a stamp.
    private static func proven(_ envelope: SignedEnvelope, _ trust: DocumentTrust, latest: Instant)
        throws(VerificationProblem) -> Instant?
    {
        guard let bytes = envelope.timestamp else { return nil }
        guard let token = TimestampToken(der: bytes) else { throw VerificationProblem(.timestamp, "token") }
        let digest =
            token.algorithm == .sm3 ? SM3.digest(envelope.signature) : SHA256.digest(envelope.signature)
        if let problem = token.problem(of: digest, token.algorithm, trust: trust) {
            throw VerificationProblem(problem, of: token)
        }
        guard token.time <= latest else { throw VerificationProblem(.timestamp, "genTime") }
        return token.time
    }

    /// Chain, validity and revocation at the proven time, or at the moment asked; then the authority it leads to.
    private func judge<Scheme>(
        _ envelope: SignedEnvelope,
        own: [X509Certificate<Scheme>],
        theirs: [X509Certificate<Scheme>],
        lists: [RevocationList<Scheme>],
        _ proven: Instant?,
        _ use: SignatureUse
    ) throws(VerificationProblem) -> (DistinguishedName, SignatureFinding) {
        let signer: X509Certificate<Scheme>
        do { signer = try X509Certificate(der: envelope.signer) } catch {
            throw VerificationProblem(.format, "certificate")
        }
        let others = envelope.certificates.compactMap { try? X509Certificate<Scheme>(der: $0) }
        let time = proven ?? moment
        let verdict = signer.check(
            others: others,
            anchors: own + theirs,
            at: time,
            usage: [.digitalSignature, .nonRepudiation],
            revocation: lists
        )
        let way: [X509Certificate<Scheme>]
        switch verdict {
        case .trusted(let found): way = found
        case .broken(let problem):
            throw VerificationProblem(.init(ofSigner: problem), signer.subject.commonName)
        }
        if let claimed = envelope.claimed, claimed > time + limits.toleranceMilliseconds {
            throw VerificationProblem(.timestamp, "signingTime")
        }
        var found = SignatureFinding()
        found.proven = [VerdictLine("signature.signed", ["signer": signer.subject.commonName])]
        if let issuer = way.dropFirst().first, !lists.contains(where: { $0.isSigned(by: issuer) }) {
            found.claimed = [VerdictLine("signature.no-list", ["issuer": issuer.subject.commonName])]
        }
        found.authority = try recognising(signer, own: own, others: others, proven: proven, for: use)
        if let authority = found.authority {
            guard !signer.isForOtherThanSigning else {
                throw VerificationProblem(.signerUsage, signer.subject.commonName)
            }
            found.proven.append(VerdictLine("signature.recognised", ["authority": authority.name]))
        } else if signer.isMarked, !signer.isFor(.signatures), !signer.isFor(.documents) {
            // Persons and the log lead to one root: only what was issued for signatures signs.
            throw VerificationProblem(.signerUsage, signer.subject.commonName)
        }
        return (signer.subject, found)
    }
}

/// What a good signature beside a file proves, and what nobody here can say.
private struct SignatureFinding {
    var proven: [VerdictLine] = []
    var claimed: [VerdictLine] = []
    /// The recognised authority that it leads to; nil under the platform's own.
    var authority: RecognisedAuthority?
}

/// Whose a good signature beside a document is.
struct SignatureProof: Sendable {
    let subject: DistinguishedName
    /// Under whose recognised authority; nil under the platform's own.
    let authority: String?
    /// When a time stamp proves that it was there.
    let proven: Instant?
    let signature: [UInt8]
    /// The signer's first.
    let certificates: [[UInt8]]
}
