import Cryptography
public import Kernel

/// A certificate authority of others whose certificates count here beside the platform's own (CA 互认): under which
/// certificates, for whom, where, from when until when.
public struct RecognisedAuthority: Hashable, Sendable {
    public enum State: String, Sendable, CaseIterable, Codable {
        case recognised, suspended
        /// Final: an authority that is recognised again is entered anew.
        case withdrawn
    }

    public let id: ID<RecognisedAuthority>
    public let name: String
    /// Root or issuing certificates in PEM, of any scheme that is understood.
    public let certificates: String
    /// For whose signatures it counts.
    public let holders: Set<Holder.Kind>
    /// Six digits each: those divisions and what lies below them. Empty is everywhere.
    public let areas: [String]
    /// Whose seals count under it; nobody else's do.
    public let makers: [SealMaker]
    public let from: LocalDate
    /// The last day; nil is without end.
    public let until: LocalDate?
    public let version: Int64
    public let steps: [Step]

    public struct Step: Hashable, Sendable {
        public let state: State
        public let at: Instant
        public let reason: String
        public let proposedBy: String
        public let confirmedBy: String
    }

    /// When it was entered.
    var enteredAt: Instant { steps.first?.at ?? Instant(from) }

    public var state: State { steps.last?.state ?? .withdrawn }

    /// Where it stood at a moment; nil before it was entered or began, and after its last day.
    public func state(at moment: Instant) -> State? {
        guard from <= moment.date, until.map({ moment.date <= $0 }) ?? true else { return nil }
        return steps.last { $0.at <= moment }?.state
    }

    public func covers(_ region: String?) -> Bool {
        guard !areas.isEmpty, let region else { return true }
        return areas.contains { area in
            let stem =
                area.hasSuffix("0000") ? area.prefix(2) : area.hasSuffix("00") ? area.prefix(4) : area[...]
            return region.hasPrefix(stem)
        }
    }

    func anchors<Scheme: SignatureScheme>(_ scheme: Scheme.Type) -> [X509Certificate<Scheme>] {
        // Whatever was entered was read once; certificates of the other schemes are passed over.
        (try? X509Certificate<Scheme>.all(pem: certificates, skippingOthers: true)) ?? []
    }

    var object: String { "recognised-authority:\(id)" }

    /// Subject and SM3 of each of its certificates.
    public var fingerprints: [String] { AuthorityDraft.fingerprints(of: certificates) }
}

/// What is refused about other authorities and about proposals.
public enum TrustError: Refusal, Equatable {
    case unknown
    /// The certificates cannot be read, are none of authorities, or there are none.
    case badCertificates
    /// Name, period, area or reason is missing or does not fit.
    case badField(String)
    /// The same certificate is proposed already, and nobody decided yet.
    case alreadyProposed
    /// The step does not lead anywhere from this state.
    case notAllowed(act: String, state: String)
    /// Somebody decided on the proposal already, or changed what it is about.
    case stale
    /// Whoever proposed may not confirm.
    case fourEyes
    /// The list is no revocation list of this authority, too long, or from a day that is not yet.
    case badList
    /// One of its certificates is recognised already, under this name.
    case entered(String)

    public var code: String {
        switch self {
        case .unknown: "trust.unknown"
        case .badCertificates: "trust.bad-certificates"
        case .badField: "trust.bad-field"
        case .alreadyProposed: "trust.already-proposed"
        case .notAllowed: "trust.not-allowed"
        case .stale: "trust.stale"
        case .fourEyes: "trust.four-eyes"
        case .badList: "trust.bad-list"
        case .entered: "trust.entered"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .badField(let name), .entered(let name): ["name": name]
        case .notAllowed(let act, let state): ["act": act, "state": state]
        case .unknown, .badCertificates, .alreadyProposed, .stale, .fourEyes, .badList: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown: .notFound
        case .fourEyes: .forbidden
        case .notAllowed, .alreadyProposed, .stale, .entered: .notAllowedNow
        case .badCertificates, .badField, .badList: .unacceptable
        }
    }
}
