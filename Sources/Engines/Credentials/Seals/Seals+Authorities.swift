import Audit
import Cryptography
import ElectronicSeals
import Jobs
import Kernel
public import Storage

/// A seal of an issuing body that was made and waits to be entered.
struct AuthoritySeal: Sendable {
    let seal: ElectronicSeal
    /// Of the body, with which it signs.
    let certificate: Certificate
    let body: IssuingBody
    /// The signed record under the seal's code.
    let record: PreparedCredential
}

extension Seal {
    /// Of an issuing body: it is set up by the platform, its key is the one that signs the body's records, and it is put to
    /// files of licences alone.
    public var isOfAuthority: Bool { kind == IssuerSeals.kind }

    /// What tells it from others of its kind, such as `(2)`; those of issuing bodies are told by their bodies' names.
    public var ordinal: String? { number > 1 && !isOfAuthority ? "(\(number))" : nil }
}

/// Seals of issuing bodies: nobody applies for one, and no police number is asked for.
extension Seals {
    /// Enters one with the whole of its life so far: applied for, approved with its record, made, in force.
    /// - Parameter effective: since when it is in force.
    @discardableResult
    static func enter(
        _ made: AuthoritySeal,
        effective: Instant,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Seal {
        let (content, body) = (made.seal.content, made.body)
        let credential = try Credentials.store(made.record, occasion: occasion, in: tx)
        var seal = Seal(
            id: occasion.newID(),
            owner: credential.record.holder,
            kind: IssuerSeals.kind,
            number: try SealStore.nextNumber(of: IssuerSeals.kind, owner: body.code, in: tx),
            line: nil,
            mongolian: nil,
            region: IssuerSeals.region(of: body),
            state: .applied,
            version: 1,
            code: nil,
            credential: nil,
            filing: nil,
            made: nil,
            replaces: nil,
            replacedBy: nil
        )
        try SealStore.insert(seal, in: tx)
        try note(seal, event: nil, reason: reason, effective: effective, occasion: occasion, in: tx)
        for event in [SealEvent.approve, .make, .deliver] {
            switch event {
            case .approve: (seal.code, seal.credential) = (content.code, credential.id)
            case .make:
                seal.made = Seal.Made(
                    bytes: made.seal.bytes,
                    certificate: Hex.encode(made.certificate.serial),
                    at: effective,
                    validUntil: content.validUntil
                )
            default: break
            }
            let version = seal.version
            seal.state = try seal.state.afterSetUp(event)
            seal.version += 1
            try SealStore.update(seal, expecting: version, endedAt: nil, in: tx)
            try note(seal, event: event, reason: reason, effective: effective, occasion: occasion, in: tx)
        }
        return seal
    }

    /// Those of issuing bodies in divisions from the first code up to but not with the second, the newest first.
    public static func ofAuthorities(
        from low: String,
        below high: String,
        limit: Int = 100,
        in reader: any Reader
    ) throws -> [Seal] {
        try SealStore.ofAuthorities(from: low, below: high, limit: limit, in: reader)
    }
}
