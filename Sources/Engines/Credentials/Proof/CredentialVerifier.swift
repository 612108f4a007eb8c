public import Cryptography
public import Kernel
public import Storage

/// One thing that a verification found, with a message `verdict.<code>` in each language.
public enum CredentialFinding: Hashable, Sendable {
    /// The issuer's signature covers every byte of the record.
    case signed(by: String)
    /// The issuer's certificate leads to a trusted anchor and was valid when the record was signed.
    case trusted(anchor: String)
    /// The day asked about lies within the period.
    case inPeriod
    /// The records of credentials say so, today.
    case state(CredentialState)
    /// The register says so of the firm that holds it, today.
    case holder(state: String)
    /// Said by the issuer, proven by nothing else: when it was signed.
    case claimedTime(Instant)
    /// Offline nobody knows whether it was withdrawn since.
    case stateUnknown
    /// Its issuer's certificate has run out since; the signature was made before.
    case certificateExpiredSince

    public var code: String {
        switch self {
        case .signed: "credential.signed"
        case .trusted: "credential.trusted"
        case .inPeriod: "credential.in-period"
        case .state(let state): "credential.state.\(state.rawValue)"
        case .holder(let state): "credential.holder.\(state)"
        case .claimedTime: "credential.claimed-time"
        case .stateUnknown: "credential.state-unknown"
        case .certificateExpiredSince: "credential.certificate-expired-since"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .signed(let name): ["name": name]
        case .trusted(let name): ["name": name]
        case .claimedTime(let moment): ["time": moment.minuteText]
        case .inPeriod, .state, .holder, .stateUnknown, .certificateExpiredSince: [:]
        }
    }
}

/// Why a file is no valid credential.
public enum CredentialProblem: Hashable, Sendable {
    /// Not a credential, or not written exactly as one.
    case format
    case certificate(ChainProblem)
    case signature
    /// The signature is good, but the certificate belongs to another body than the record names, or is not one for
    /// licences.
    case issuer
    case notYetValid
    /// Signed at a time that is yet to come.
    case future
    case expired
    /// Good, but not in force at the time asked about.
    case state(CredentialState)
    /// The records of credentials do not have it, or have another text under its number.
    case notInRegister
    /// The register says that the firm which holds it is no more.
    case holder(state: String)
    /// No register has the firm that it names.
    case holderUnknown
    /// The log has another state of it, or of the firm that holds it.
    case notAsLogged

    public var code: String {
        switch self {
        case .format: "credential.format"
        case .certificate(let problem): "credential.certificate.\(problem.rawValue)"
        case .signature: "credential.signature"
        case .issuer: "credential.issuer"
        case .notYetValid: "credential.not-yet-valid"
        case .future: "credential.future"
        case .expired: "credential.expired"
        case .state(let state): "credential.not-in-force.\(state.rawValue)"
        case .notInRegister: "credential.not-in-register"
        case .holder(let state): "credential.holder-over.\(state)"
        case .holderUnknown: "credential.holder-unknown"
        case .notAsLogged: "credential.not-as-logged"
        }
    }
}

/// The answer about one file: who, what, when; what is proven and what only claimed.
public struct CredentialVerdict: Hashable, Sendable {
    /// Nil when the file cannot be read as a credential.
    public let record: CredentialRecord?
    /// Empty when it is valid.
    public let problems: [CredentialProblem]
    public let proven: [CredentialFinding]
    public let claimed: [CredentialFinding]

    public var isValid: Bool { problems.isEmpty }

    /// The same with what others know of it.
    public func adding(
        problems more: [CredentialProblem],
        proven findings: [CredentialFinding] = []
    ) -> CredentialVerdict {
        CredentialVerdict(
            record: record,
            problems: problems + more,
            proven: proven + findings,
            claimed: claimed
        )
    }
}

/// Checks credential files. Offline against trusted certificates; with the register also the state.
public struct CredentialVerifier: Sendable {
    let anchors: [Certificate]
    let revocation: [RevocationList<SM2>]
    let toleranceMilliseconds: Int64

    /// - Parameters:
    ///   - anchors: who is trusted.
    ///   - revocation: what they revoked; without a list of an issuer nothing of his is taken for revoked.
    ///   - toleranceMilliseconds: by how much an issuer's clock may be ahead.
    public init(
        anchors: [Certificate],
        revocation: [RevocationList<SM2>] = [],
        toleranceMilliseconds: Int64 = 0
    ) {
        self.anchors = anchors
        self.revocation = revocation
        self.toleranceMilliseconds = toleranceMilliseconds
    }

    /// What the file alone proves at a moment.
    public func verify(_ file: [UInt8], at moment: Instant) -> CredentialVerdict {
        guard let signed = SignedRecord(file: file), let record = CredentialRecord(bytes: signed.record)
        else {
            return CredentialVerdict(record: nil, problems: [.format], proven: [], claimed: [])
        }
        let chain = signed.certificates.compactMap { try? Certificate(der: $0) }
        guard let leaf = chain.first, chain.count == signed.certificates.count else {
            return CredentialVerdict(record: record, problems: [.format], proven: [], claimed: [])
        }
        func refused(_ problem: CredentialProblem) -> CredentialVerdict {
            CredentialVerdict(record: record, problems: [problem], proven: [], claimed: [])
        }
        guard leaf.publicKey.verify(signature: signed.signature, of: SignedRecord.message(signed.record))
        else {
            return refused(.signature)
        }
        let anchor: Certificate
        // Nothing stamps a record: when it was signed is its issuer's word.
        let found = leaf.check(
            others: Array(chain.dropFirst()),
            anchors: anchors,
            claimed: record.issuedAt,
            asked: moment,
            revocation: revocation
        )
        switch found {
        case .broken(let problem): return refused(.certificate(problem))
        case .trusted(let way):
            guard Certificate.isOnlyForm(chain, of: way), let last = way.last else {
                return refused(.certificate(.untrusted))
            }
            anchor = last
        }
        guard leaf.subject.serialNumber == record.issuer.code,
            leaf.subject.organization == DistinguishedName.fitting(record.issuer.name),
            // Those from before the marks have none; every certificate since has exactly one.
            leaf.isFor(.licences) || !leaf.isMarked
        else {
            return refused(.issuer)
        }
        var problems: [CredentialProblem] = []
        if moment.date < record.validFrom {
            problems.append(.notYetValid)
        } else if record.issuedAt > moment + toleranceMilliseconds {
            problems.append(.future)
        }
        if let last = record.validUntil, moment.date > last { problems.append(.expired) }
        var proven: [CredentialFinding] = [
            .signed(by: leaf.subject.commonName), .trusted(anchor: anchor.subject.commonName),
        ]
        if problems.isEmpty { proven.append(.inPeriod) }
        var claimed: [CredentialFinding] = [.claimedTime(record.issuedAt), .stateUnknown]
        if leaf.validUntil < moment { claimed.append(.certificateExpiredSince) }
        return CredentialVerdict(record: record, problems: problems, proven: proven, claimed: claimed)
    }

    /// What file and register prove together.
    public func verify(_ file: [UInt8], at moment: Instant, in reader: any Reader) throws -> CredentialVerdict
    {
        let alone = verify(file, at: moment)
        guard let record = alone.record, alone.isValid || alone.problems == [.expired] else { return alone }
        guard let kept = try CredentialStore.find(record.id, in: reader), kept.file == file else {
            return CredentialVerdict(
                record: record,
                problems: alone.problems + [.notInRegister],
                proven: alone.proven,
                claimed: alone.claimed
            )
        }
        let claimed = alone.claimed.filter { $0 != .stateUnknown }
        guard let state = try Credentials.state(of: kept, at: moment, in: reader) else {
            return CredentialVerdict(
                record: record,
                problems: [.notYetValid],
                proven: alone.proven,
                claimed: claimed
            )
        }
        let problems = alone.problems + (state == .valid || state == .expired ? [] : [.state(state)])
        return CredentialVerdict(
            record: record,
            problems: problems,
            proven: alone.proven + [.state(state)],
            claimed: claimed
        )
    }
}
