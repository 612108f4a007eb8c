public import Cryptography
import ElectronicSeals
public import Kernel
public import Storage

/// The authorities of others as verifiers need them: their certificates beside the platform's own, and what each of them
/// is worth at the time of a signature.
public struct RecognisedTrust: Sendable {
    public let authorities: [RecognisedAuthority]
    let national: [Certificate]
    let international: [P256Certificate]
    let rsa: [X509Certificate<RSA>]
    let revocation: Revocations
    let rsaLists: [RevocationList<RSA>]

    public static let none = RecognisedTrust([], lists: [], limits: RevocationLimits(bytes: 0, entries: 0))

    init(_ authorities: [RecognisedAuthority], lists: [[UInt8]], limits: RevocationLimits) {
        self.authorities = authorities
        national = authorities.flatMap { $0.anchors(SM2.self) }
        international = authorities.flatMap { $0.anchors(P256.self) }
        rsa = authorities.flatMap { $0.anchors(RSA.self) }
        // What was kept had been read; of the three kinds each list is one.
        revocation = Revocations(
            national: lists.compactMap { try? RevocationList(der: $0, limits: limits) },
            international: lists.compactMap { try? RevocationList(der: $0, limits: limits) }
        )
        rsaLists = lists.compactMap { try? RevocationList(der: $0, limits: limits) }
    }

    /// - Parameter limits: how large a list may be.
    public init(limits: RevocationLimits, in reader: any Reader) throws {
        let authorities = try TrustDesk.authorities(in: reader)
        self.init(
            authorities,
            lists: try authorities.flatMap { try TrustStore.lists(of: $0.id, in: reader) },
            limits: limits
        )
    }

    /// Whose time stamps are believed: only those recognised today. One that was suspended or withdrawn could stamp
    /// whatever it likes with a time from before.
    func stamping(at moment: Instant) -> [P256Certificate] {
        authorities.filter { $0.state(at: moment) == .recognised }.flatMap { $0.anchors(P256.self) }
    }

    /// The authority to which a certificate leads, at the time of the signature; nil when it leads to none of them.
    func authority<Scheme>(
        of signer: X509Certificate<Scheme>,
        others: [X509Certificate<Scheme>],
        at moment: Instant
    ) -> RecognisedAuthority? {
        authorities.first {
            signer.check(
                others: others,
                anchors: $0.anchors(Scheme.self),
                at: moment,
                usage: [.digitalSignature, .nonRepudiation]
            ).isTrusted
        }
    }
}

/// What a signature is to be good for: whose it has to be, and where it is used.
public struct SignatureUse: Hashable, Sendable {
    /// Nil where anybody may sign.
    public let holder: Holder.Kind?
    /// Six digits; nil where no place asks.
    public let region: String?

    public init(holder: Holder.Kind? = nil, region: String? = nil) {
        self.holder = holder
        self.region = region
    }
}

extension RecognisedAuthority {
    /// Why a signature under this authority does not count; nil when it does.
    /// - Parameter proven: when a time stamp proves that it was made; without one it counts for nothing, since its
    ///   authority might have been suspended before.
    func problem(of subject: DistinguishedName, for use: SignatureUse, proven: Instant?)
        -> VerificationProblem?
    {
        guard let proven else { return VerificationProblem(.notStamped, subject.commonName) }
        guard let state = state(at: proven) else { return VerificationProblem(.authorityState, name) }
        guard state == .recognised else {
            return VerificationProblem(.authorityState, "\(name) \(state.rawValue)")
        }
        let kind: Holder.Kind = subject.organization == nil ? .person : .enterprise
        guard holders.contains(kind), use.holder.map({ $0 == kind }) ?? true, covers(use.region) else {
            return VerificationProblem(.authorityPurpose, name)
        }
        return nil
    }
}
