public import Kernel

/// A detached CAdES signature: a CMS message (P-256, SHA-256) about content that lies elsewhere, such as all of a PDF
/// file but the place of the signature itself.
public struct DetachedSignature: Sendable {
    private let message: SignedMessage

    public var signer: P256Certificate { message.signer }
    /// When the signer says that he signed.
    public var claimed: Instant? { message.claimed }

    /// Nil when the bytes are no such message of one signer, or longer than any.
    public init?(der: [UInt8]) {
        guard let message = SignedMessage(der: der), case .detached = message.content else { return nil }
        self.message = message
    }

    /// Signs `content`, with a time stamp over the signature when there is somebody to give one.
    public static func make(
        over content: [UInt8],
        by identity: P256Identity,
        at now: Instant,
        stampedBy authority: TimestampAuthority? = nil
    ) throws(CryptographyError) -> [UInt8] {
        guard let authority else {
            return try SignedMessage.make(about: content, isDetached: true, by: identity, at: now)
        }
        return try SignedMessage.make(
            about: content,
            isDetached: true,
            by: identity,
            at: now
        ) { imprint throws(CryptographyError) in try authority.token(for: imprint, .sha256, now: now) }
    }

    /// Checks the signature over content with this SHA-256.
    ///
    /// The signer's certificate is judged at the time that a time stamp proves, so that one that ran out or was revoked
    /// later does no harm. Without a time stamp the signing time is the signer's word only, and the moment asked about
    /// counts.
    /// - Parameter tolerance: by how many milliseconds the signer's clock may be ahead of the time stamp's, or of `moment`.
    public func verify(
        contentDigest: [UInt8],
        trust: DocumentTrust,
        at moment: Instant,
        tolerance: Int64
    ) -> DetachedSignatureVerdict {
        func verdict(_ problem: DetachedSignatureProblem?, proven: Instant? = nil) -> DetachedSignatureVerdict
        {
            DetachedSignatureVerdict(
                problem: problem,
                signer: signer,
                others: message.certificates,
                claimed: claimed,
                proven: proven
            )
        }
        guard message.isSigned else { return verdict(.signature) }
        guard message.messageDigest == contentDigest else { return verdict(.digest) }
        let proven: Instant?
        let stampProblem: DetachedSignatureProblem?
        do throws(StampProblem) {
            proven = try self.proven(trust: trust, latest: moment + tolerance)
            stampProblem = nil
        } catch {
            (proven, stampProblem) = (nil, error.isTakenBack ? .stampTakenBack : .timestamp)
        }
        guard signer.isFor(.documents) || !signer.isMarked else { return verdict(.usage, proven: proven) }
        let chain = signer.check(
            others: message.certificates,
            anchors: trust.anchors,
            at: proven ?? moment,
            usage: [.digitalSignature, .nonRepudiation],
            revocation: trust.revocation
        )
        switch chain {
        case .trusted: break
        case .broken(.wrongUsage): return verdict(.usage, proven: proven)
        // Of a stamp that cannot count yet, the moment asked about would make a certificate that was good look bad.
        case .broken(.notYetValid) where stampProblem != nil, .broken(.expired) where stampProblem != nil:
            return verdict(stampProblem)
        case .broken(let problem): return verdict(.certificate(problem), proven: proven)
        }
        let isAhead = claimed.map { $0 > (proven ?? moment) + tolerance } ?? false
        return verdict(stampProblem ?? (isAhead ? .timestamp : nil), proven: proven)
    }

    /// The time that a good time stamp proves, at `latest`; nil without one.
    private func proven(trust: DocumentTrust, latest: Instant) throws(StampProblem) -> Instant? {
        guard let bytes = message.token else { return nil }
        guard let token = TimestampToken(der: bytes) else { throw StampProblem(isTakenBack: false) }
        let problem = token.problem(of: SHA256.digest(message.value), .sha256, trust: trust)
        guard problem == nil, token.time <= latest else {
            throw StampProblem(isTakenBack: problem == .takenBack)
        }
        return token.time
    }

    private struct StampProblem: Error {
        let isTakenBack: Bool
    }
}

/// On whom a verdict about documents rests.
public struct DocumentTrust: Sendable {
    public let anchors: [P256Certificate]
    /// Revocation lists; empty when none are known, and then nothing is said about revocation.
    public let revocation: [RevocationList<P256>]

    /// Whose time stamps are believed: a stamp says when something was, so that who signs need not be who stamps.
    public let stampAnchors: [P256Certificate]

    /// - Parameter stamps: nil where everybody who is trusted to sign may stamp, too.
    public init(
        anchors: [P256Certificate],
        stamps: [P256Certificate]? = nil,
        revocation: [RevocationList<P256>] = []
    ) {
        self.anchors = anchors
        stampAnchors = stamps ?? anchors
        self.revocation = revocation
    }
}

public struct DetachedSignatureVerdict: Sendable, Equatable {
    /// Nil when the signature is good.
    public let problem: DetachedSignatureProblem?
    public let signer: P256Certificate
    /// Certificates that came along.
    public let others: [P256Certificate]
    /// When the signer says that he signed.
    public let claimed: Instant?
    /// When a time stamp proves that the signature was there.
    public let proven: Instant?
}

public enum DetachedSignatureProblem: Hashable, Sendable {
    /// The signature is not of the key in the signer's certificate.
    case signature
    /// The content is not what was signed.
    case digest
    /// The time stamp is of another signature, of nobody trusted, or earlier than the time that the signer claims.
    case timestamp
    /// Whoever stamped was revoked so that no stamp of his counts.
    case stampTakenBack
    /// The signer's certificate is for something else.
    case usage
    case certificate(ChainProblem)
}
