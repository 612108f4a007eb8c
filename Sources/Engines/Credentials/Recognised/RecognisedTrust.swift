public import Cryptography
import ElectronicSeals
import Kernel
public import Storage

/// The authorities of others as verifiers need them: their certificates beside the platform's own, and what each of them
/// is worth at the time of a signature.
public struct RecognisedTrust: Sendable {
    /// In the order in which they were entered.
    private let entries: [Entry]
    let national: [Certificate]
    let international: [P256Certificate]
    let rsa: [X509Certificate<RSA>]
    let revocation: Revocations
    let rsaLists: [RevocationList<RSA>]

    /// An authority with its certificates, read once.
    private struct Entry {
        let authority: RecognisedAuthority
        let national: [Certificate]
        let international: [P256Certificate]
        let rsa: [X509Certificate<RSA>]

        init(_ authority: RecognisedAuthority) {
            self.authority = authority
            national = authority.anchors(SM2.self)
            international = authority.anchors(P256.self)
            rsa = authority.anchors(RSA.self)
        }

        func anchors<Scheme: SignatureScheme>(_ scheme: Scheme.Type) -> [X509Certificate<Scheme>] {
            if let found = national as? [X509Certificate<Scheme>], scheme == SM2.self { return found }
            if let found = international as? [X509Certificate<Scheme>], scheme == P256.self { return found }
            return scheme == RSA.self ? rsa as? [X509Certificate<Scheme>] ?? [] : []
        }
    }

    public static let none = RecognisedTrust([], lists: [], limits: RevocationLimits(bytes: 0, entries: 0))

    private init(_ authorities: [RecognisedAuthority], lists: [KeptList], limits: RevocationLimits) {
        entries = authorities.sorted { ($0.enteredAt, $0.id.rawValue) < ($1.enteredAt, $1.id.rawValue) }
            .map(Entry.init)
        national = entries.flatMap(\.national)
        international = entries.flatMap(\.international)
        rsa = entries.flatMap(\.rsa)
        // What was kept had been read; of the three kinds each list is one.
        revocation = Revocations(
            national: lists.compactMap { $0.read(limits) },
            international: lists.compactMap { $0.read(limits) }
        )
        rsaLists = lists.compactMap { $0.read(limits) }
    }

    /// - Parameter limits: how large a list may be.
    public init(limits: RevocationLimits, in reader: any Reader) throws {
        let authorities = try TrustStore.authorities(limit: Int.max, in: reader)
        self.init(
            authorities,
            lists: try authorities.flatMap { try TrustStore.lists(of: $0.id, in: reader) },
            limits: limits
        )
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// Whose time stamps are believed: only those recognised today. One that was suspended or withdrawn could stamp
    /// whatever it likes with a time from before. Of a certificate that was entered twice the later entry counts.
    func stamping(at moment: Instant) -> [P256Certificate] {
        var counted: [P256Certificate] = []
        for entry in entries where entry.authority.enteredAt <= moment {
            counted.removeAll { entry.international.contains($0) }
            if entry.authority.state(at: moment) == .recognised { counted += entry.international }
        }
        return counted
    }

    /// The authority to which a certificate leads, at the time of the signature; nil when it leads to none of them. Where
    /// it leads to several, such as one that was ended and entered anew, the one counts that was entered last by then.
    func authority<Scheme>(
        of signer: X509Certificate<Scheme>,
        others: [X509Certificate<Scheme>],
        at moment: Instant
    ) -> RecognisedAuthority? {
        let leading = entries.filter {
            signer.check(
                others: others,
                anchors: $0.anchors(Scheme.self),
                at: moment,
                usage: [.digitalSignature, .nonRepudiation]
            ).isTrusted
        }.map(\.authority)
        return leading.last { $0.enteredAt <= moment } ?? leading.last
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

    /// Why a seal that somebody below this authority made does not count; nil when it does.
    func problem(ofMaker subject: DistinguishedName, code: String, at moment: Instant)
        -> VerificationProblem?
    {
        guard let state = state(at: moment) else { return VerificationProblem(.authorityState, name) }
        guard state == .recognised else {
            return VerificationProblem(.authorityState, "\(name) \(state.rawValue)")
        }
        // A person's certificate has no organisation: a name alone makes nobody a maker.
        let isNamed = makers.contains {
            $0.name == subject.commonName && $0.name == subject.organization && $0.mayMake(code)
        }
        return isNamed ? nil : VerificationProblem(.authorityMaker, "\(subject.commonName) \(code)")
    }
}
