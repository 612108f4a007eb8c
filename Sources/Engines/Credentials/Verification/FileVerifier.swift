import ArchivePackages
import Audit
public import Cryptography
public import Documents
import ElectronicSeals
public import Kernel

/// What a file that is verified may be, and by how much its signer's clock may be ahead.
public struct VerificationLimits: Sendable {
    public let toleranceMilliseconds: Int64
    public let package: PackageLimits
    public let pdf: PDFLimits
    /// Of revocation lists that others made.
    public let lists: RevocationLimits
    /// What an archive may be, which holds whole files.
    public let archive: PackageLimits
    /// Until when the algorithms of time stamps count.
    public let algorithms: AlgorithmEnds

    public init(
        toleranceMilliseconds: Int64,
        package: PackageLimits,
        pdf: PDFLimits,
        lists: RevocationLimits,
        archive: PackageLimits,
        algorithms: AlgorithmEnds = AlgorithmEnds()
    ) {
        self.toleranceMilliseconds = toleranceMilliseconds
        self.package = package
        self.pdf = pdf
        self.lists = lists
        self.archive = archive
        self.algorithms = algorithms
    }
}

/// Checks files of every kind that the platform hands out, and sealed files of others, without asking anybody.
public struct FileVerifier: Sendable {
    let anchors: TrustAnchors
    let revocation: Revocations
    let recognised: RecognisedTrust
    let moment: Instant
    let limits: VerificationLimits

    /// - Parameters:
    ///   - anchors: who is trusted.
    ///   - revocation: what they revoked; without a list of an issuer nothing of his is taken for revoked.
    ///   - recognised: authorities of others that count beside them.
    ///   - moment: the moment asked about.
    public init(
        anchors: TrustAnchors,
        revocation: Revocations = Revocations(),
        recognised: RecognisedTrust = .none,
        moment: Instant,
        limits: VerificationLimits
    ) {
        self.anchors = anchors
        self.revocation = revocation
        self.recognised = recognised
        self.moment = moment
        self.limits = limits
    }

    var trust: SealTrust {
        SealTrust(
            anchors: anchors.national + recognised.national,
            revocation: revocation.national + recognised.revocation.national,
            timestamps: documentTrust,
            moment: moment,
            toleranceMilliseconds: limits.toleranceMilliseconds
        )
    }

    var documentTrust: DocumentTrust {
        DocumentTrust(
            anchors: anchors.international + recognised.international,
            stamps: anchors.international + recognised.stamping(at: moment),
            revocation: revocation.international + recognised.revocation.international
        )
    }

    /// For records and texts that the platform's own bodies sign.
    var credentials: CredentialVerifier {
        CredentialVerifier(
            anchors: anchors.national,
            revocation: revocation.national,
            toleranceMilliseconds: limits.toleranceMilliseconds
        )
    }

    /// What another authority's being recognised then adds to the verdict on one signature that is good in itself.
    /// - Returns: whose it is; nil for one of the platform's own, or of an authority that is named by hand.
    func recognising<Scheme>(
        _ signer: X509Certificate<Scheme>,
        own: [X509Certificate<Scheme>],
        others: [X509Certificate<Scheme>],
        proven: Instant?,
        for use: SignatureUse = SignatureUse()
    ) throws(VerificationProblem) -> RecognisedAuthority? {
        let time = proven ?? moment
        guard !recognised.isEmpty,
            !signer.check(others: others, anchors: own, at: time).isTrusted
        else { return nil }
        guard let authority = recognised.authority(of: signer, others: others, at: time) else {
            throw VerificationProblem(.signerUntrusted, signer.subject.commonName)
        }
        if let problem = authority.problem(of: signer.subject, for: use, proven: proven) {
            throw problem
        }
        return authority
    }

    public func verify(_ bytes: [UInt8]) -> FileVerdict {
        if ArchivePackage.isLikely(bytes) { return archive(bytes) }
        guard bytes.count <= limits.package.sizeBytesMax else {
            return FileVerdict(
                .unknown,
                problems: [VerdictLine(.init(.packageLimit, "\(bytes.count) bytes"))]
            )
        }
        if Package.isLikely(bytes) { return ofd(bytes) }
        if bytes.starts(with: Array("%PDF-".utf8)) { return pdf(bytes) }
        if bytes.first == 0x30 { return seal(bytes) }
        return record(bytes)
    }

    /// How much is read of a file that begins so; a longer one is refused.
    public func sizeBytesMax(beginning start: [UInt8]) -> Int {
        ArchivePackage.isLikely(start) ? limits.archive.sizeBytesMax : limits.package.sizeBytesMax
    }

    private func seal(_ bytes: [UInt8]) -> FileVerdict {
        let seal: ElectronicSeal
        do { seal = try ElectronicSeal(der: bytes) } catch {
            return FileVerdict(.seal, problems: [VerdictLine(.init(.format, error.place))])
        }
        let words = ["name": seal.content.name, "code": seal.content.code]
        let period = VerdictLine(
            "seal.period",
            ["from": seal.content.validFrom.minuteText, "until": seal.content.validUntil.minuteText]
        )
        do {
            let made = VerdictLine("seal.made", ["maker": try seal.check(trust).subject.commonName])
            let authority = try making(seal, at: moment)
            let elsewhere = authority.map { [Self.made(seal, under: $0)] } ?? []
            return FileVerdict(
                .seal,
                problems: [],
                proven: elsewhere.isEmpty ? [VerdictLine("seal.is", words), made, period] : [made, period],
                claimed: elsewhere + [VerdictLine("seal.state-unknown")],
                seals: [SealedMoment(seal: seal, proven: moment)]
            )
        } catch {
            return FileVerdict(
                .seal,
                problems: [VerdictLine(error)],
                claimed: [VerdictLine("seal.is", words), period]
            )
        }
    }

    /// JSON files of the platform: a credential, a receipt, a signed text.
    private func record(_ bytes: [UInt8]) -> FileVerdict {
        let verdict = credentials.verify(bytes, at: moment)
        if verdict.record != nil {
            return FileVerdict(verdict)
        }
        if let json = try? JSON.read(bytes, depthMax: 3, valuesMax: 1_000),
            let signed = SignedText(json: json)
        {
            let verdict = credentials.verify(signed, at: moment)
            return FileVerdict(
                .signedText,
                problems: verdict.problems.map { VerdictLine($0.code) },
                proven: verdict.issuer.map { [VerdictLine("credential.signed", ["name": $0.name])] } ?? [],
                claimed: [VerdictLine("credential.state-unknown")]
            )
        }
        return receipt(bytes)
    }

    private func receipt(_ bytes: [UInt8]) -> FileVerdict {
        let verdict = ReceiptVerifier(
            anchors: anchors.national,
            revocation: revocation.national,
            asked: moment,
            latest: moment + limits.toleranceMilliseconds
        ).verify(bytes)
        let line = VerdictLine(verdict.code, verdict.arguments)
        switch verdict {
        // Whatever can be read and is none of ours is invalid: it may be one of ours that somebody changed.
        case .invalid(.format): return FileVerdict(.unknown, problems: [VerdictLine("file.unknown-format")])
        case .invalid: return FileVerdict(.receipt, problems: [line], claimed: signer(of: bytes))
        case .sealed(let entry, _, let head):
            // Nothing stamps a head: its time is the log's word.
            return FileVerdict(
                .receipt,
                problems: [],
                proven: [line, Self.line(entry)] + signer(of: bytes),
                claimed: [VerdictLine("receipt.time", ["time": head.at.minuteText])]
            )
        case .promised(let entry, _):
            return FileVerdict(
                .receipt,
                problems: [],
                proven: [Self.line(entry)] + signer(of: bytes),
                claimed: [line]
            )
        }
    }

    /// What the log has taken in.
    private static func line(_ entry: AuditEntry) -> VerdictLine {
        VerdictLine(
            "receipt.says",
            [
                "act": entry.act, "object": entry.object, "time": entry.at.minuteText,
                "actor": [entry.actor.kind.rawValue, entry.actor.role, entry.actor.id]
                    .filter { !$0.isEmpty }.joined(separator: " "),
            ]
        )
    }

    /// Whose certificate the receipt brings, valid or not.
    private func signer(of file: [UInt8]) -> [VerdictLine] {
        guard let first = Receipt(file: file)?.certificates.first,
            let certificate = try? Certificate(der: first)
        else { return [] }
        let key = Hex.encode(certificate.publicKey.identifier)
        return [VerdictLine("receipt.signer", ["name": certificate.subject.commonName, "log": key])]
    }
}
