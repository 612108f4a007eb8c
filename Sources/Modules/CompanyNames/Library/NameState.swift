/// Where an entry of the name library stands. Raw values are stored: never rename, only add.
public enum NameState: String, Hashable, Sendable, CaseIterable, Codable {
    /// Kept for an applicant (名称规定, article 18).
    case reserved
    /// Kept beyond its term, because a case that uses it is being reviewed.
    case held
    /// Borne by a living enterprise.
    case registered
    /// The former name of an enterprise that changed it less than a year ago.
    case renamed
    /// The name of an enterprise cancelled less than a year ago.
    case cancelled
    /// The name of an enterprise whose registration was revoked (撤销) less than a year ago.
    case revoked
    /// Given back by its owner.
    case released
    /// Its term ended unused.
    case expired
    /// Was blocked for a year, and is free again.
    case lapsed
}

public enum NameEvent: Hashable, Sendable {
    case hold(caseID: String)
    case unhold
    case release
    case expire
    case consume
    case rename
    case cancel
    case revoke
    case lapse
    /// The withdrawal of the registration was undone.
    case regain

    public var name: String {
        switch self {
        case .hold: "hold"
        case .unhold: "unhold"
        case .release: "release"
        case .expire: "expire"
        case .consume: "consume"
        case .rename: "rename"
        case .cancel: "cancel"
        case .revoke: "revoke"
        case .lapse: "lapse"
        case .regain: "regain"
        }
    }
}

extension NameState {
    /// Whether the entry keeps others from the name (as long as its last day has not passed).
    public var blocks: Bool {
        switch self {
        case .reserved, .held, .registered, .renamed, .cancelled, .revoked: true
        case .released, .expired, .lapsed: false
        }
    }

    /// The state after `event`. Pure: no clock, no database.
    public func after(_ event: NameEvent) throws(NameError) -> NameState {
        switch (self, event) {
        case (.reserved, .hold): return .held
        case (.held, .unhold): return .reserved
        case (.reserved, .release), (.held, .release): return .released
        case (.reserved, .expire): return .expired
        case (.reserved, .consume), (.held, .consume): return .registered
        case (.registered, .rename): return .renamed
        case (.registered, .cancel): return .cancelled
        case (.registered, .revoke): return .revoked
        case (.renamed, .lapse), (.cancelled, .lapse), (.revoked, .lapse): return .lapsed
        case (.revoked, .regain), (.lapsed, .regain), (.renamed, .regain): return .registered
        case (.reserved, _), (.held, _), (.registered, _), (.renamed, _), (.cancelled, _), (.revoked, _),
            (.released, _), (.expired, _), (.lapsed, _):
            throw .notAllowed(event: event.name, state: self)
        }
    }
}
