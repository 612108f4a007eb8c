public import Cryptography
public import Kernel

/// What a receipt proves, found out without asking anybody.
public enum ReceiptVerdict: Hashable, Sendable {
    /// The entry is in the log under a head that the log signed.
    case sealed(AuditEntry, sequence: Int64, head: SignedHead)
    /// The log has signed that it will put the entry in. Ask again for the sealed receipt after a minute.
    case promised(AuditEntry, at: Instant)
    case invalid(ReceiptProblem)

    public var isValid: Bool { if case .invalid = self { false } else { true } }

    /// Stable, for programs; `verdict.<code>` is its message in each language, filled from `arguments`.
    public var code: String {
        switch self {
        case .sealed: "receipt.sealed"
        case .promised: "receipt.promised"
        case .invalid(let problem): problem.code
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .sealed(_, let sequence, _): ["sequence": String(sequence)]
        case .promised(_, let at): ["time": at.minuteText]
        case .invalid: [:]
        }
    }
}

public enum ReceiptProblem: Hashable, Sendable {
    /// Not a receipt, or not written exactly as one.
    case format
    /// The entry inside is not written as one.
    case entry
    /// The log's certificate does not lead to a trusted anchor.
    case certificate(ChainProblem)
    /// The certificate is good, but not one of a log.
    case notTheLog
    /// The head or the promise is not signed by the log's key.
    case signature
    /// Signed at a time that is yet to come.
    case future
    /// The way from the entry does not lead to the signed root.
    case proof
    /// The content is not what the entry's digest stands for.
    case content

    /// Stable, for programs: `receipt.signature`.
    public var code: String {
        switch self {
        case .format: "receipt.format"
        case .entry: "receipt.entry"
        case .certificate(let problem): "receipt.certificate.\(problem.rawValue)"
        case .notTheLog: "receipt.not-the-log"
        case .signature: "receipt.signature"
        case .future: "receipt.future"
        case .proof: "receipt.proof"
        case .content: "receipt.content"
        }
    }
}

/// Checks receipts offline against trusted certificates: a root, an issuing authority, or the log's own.
public struct ReceiptVerifier: Sendable {
    private let trust: LogTrust
    private let latest: Instant

    /// - Parameters:
    ///   - revocation: what the anchors' authorities revoked.
    ///   - asked: the moment asked about; nil is `latest`.
    ///   - latest: heads and promises from after this are not believed: now, and what clocks may differ by.
    public init(
        anchors: [Certificate],
        revocation: [RevocationList<SM2>] = [],
        asked: Instant? = nil,
        latest: Instant
    ) {
        trust = LogTrust(anchors: anchors, revocation: revocation, asked: asked ?? latest)
        self.latest = latest
    }

    public func verify(_ file: [UInt8]) -> ReceiptVerdict {
        guard let receipt = Receipt(file: file) else { return .invalid(.format) }
        guard let entry = AuditEntry(bytes: receipt.entry) else { return .invalid(.entry) }
        let moment =
            switch receipt.evidence {
            case .promise(let at, _): at
            case .proof(_, _, let head): head.at
            }
        let leaf: Certificate
        switch LogCertificate.check(receipt.certificates, trust, at: moment) {
        case .failure(let problem): return .invalid(problem)
        case .success(let certificate): leaf = certificate
        }
        guard moment <= latest else { return .invalid(.future) }
        if let content = receipt.content {
            guard let json = try? JSON.read(content.text), json.canonical == content.text,
                content.salt.count == 16,
                entry.after == AuditEntry.digest(of: json, salt: content.salt)
            else { return .invalid(.content) }
        }
        return Self.check(receipt, entry: entry, key: leaf.publicKey)
    }

    private static func check(_ receipt: Receipt, entry: AuditEntry, key: SM2PublicKey) -> ReceiptVerdict {
        switch receipt.evidence {
        case .promise(let at, let signature):
            let message = Receipt.promiseMessage(
                log: Hex.encode(key.identifier),
                entry: receipt.entry,
                at: at
            )
            guard key.verify(signature: signature, of: message) else { return .invalid(.signature) }
            return .promised(entry, at: at)
        case .proof(let sequence, let path, let head):
            guard head.isSigned(by: key) else { return .invalid(.signature) }
            guard let root = Hex.decode(head.root),
                TreeProof.includes(
                    entry: receipt.entry,
                    sequence: sequence,
                    size: head.size,
                    root: root,
                    path: path
                )
            else { return .invalid(.proof) }
            return .sealed(entry, sequence: sequence, head: head)
        }
    }
}
