/// Where a credential stands. Raw values are stored: never rename, only add.
///
/// The codes are those of the ministry's licence interface (01 valid, 02 suspended 暂扣, 03 withdrawn 撤销,
/// 04 cancelled 注销, 05 lapsed 失效, 06 transferred out, 07 revoked as a penalty 吊销, 99 other with a text).
public enum CredentialState: String, Sendable, CaseIterable, Codable {
    case valid, suspended
    /// 失效: a newer version took its place.
    case replaced
    /// 失效: past its last day. Never stored: it follows from the date.
    case expired
    /// 注销: given up by its holder, or with the end of what it certifies.
    case cancelled
    /// 撤销: the decision to issue it was undone.
    case withdrawn
    /// 吊销: taken away as a penalty.
    case revoked
    /// Its holder moved to the district of another register, which keeps it from then on.
    case transferred
    /// 其他: does not stand for a cause that none of the others names; the step's reason says which in words.
    case other

    public var code: String {
        switch self {
        case .valid: "01"
        case .suspended: "02"
        case .withdrawn: "03"
        case .cancelled: "04"
        case .replaced, .expired: "05"
        case .transferred: "06"
        case .revoked: "07"
        case .other: "99"
        }
    }

    /// The state after `event`. Pure.
    public func after(_ event: CredentialEvent) throws(CredentialError) -> CredentialState {
        switch (self, event) {
        case (.valid, .suspend): .suspended
        case (.suspended, .resume), (.other, .resume): .valid
        case (.valid, .setAside), (.suspended, .setAside): .other
        case (.valid, .replace): .replaced
        case (.valid, .cancel), (.suspended, .cancel), (.other, .cancel): .cancelled
        case (.valid, .withdraw), (.suspended, .withdraw), (.other, .withdraw): .withdrawn
        case (.valid, .revoke), (.suspended, .revoke), (.other, .revoke): .revoked
        case (.valid, .transfer): .transferred
        // Only when the decision that took it away was itself undone.
        case (.withdrawn, .reinstate), (.revoked, .reinstate): .valid
        case (.valid, _), (.suspended, _), (.replaced, _), (.expired, _), (.cancelled, _), (.withdrawn, _),
            (.revoked, _), (.transferred, _), (.other, _):
            throw .notAllowed(event: event.rawValue, state: self)
        }
    }
}

/// What may happen to a credential after it was issued.
public enum CredentialEvent: String, Sendable, CaseIterable {
    case suspend, resume, replace, cancel, withdraw, revoke, transfer, reinstate
    /// Into the state 99.
    case setAside = "set-aside"

    /// The end of the event's name in log and outbox: `credential.suspended`.
    var past: String {
        switch self {
        case .suspend: "suspended"
        case .resume: "resumed"
        case .replace: "replaced"
        case .cancel: "cancelled"
        case .withdraw: "withdrawn"
        case .revoke: "revoked"
        case .transfer: "transferred"
        case .reinstate: "reinstated"
        case .setAside: "set-aside"
        }
    }
}
