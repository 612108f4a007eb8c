/// Where a seal stands. Raw values are stored: never rename, only add.
public enum SealState: String, Sendable, CaseIterable, Codable {
    case applied, approved, rejected
    /// The police have it on record, with a number of theirs.
    case recorded
    /// The SES seal is signed; nobody may use it yet.
    case made
    /// Handed to its owner: may be used.
    case active
    case suspended
    /// Reported lost, its key perhaps in strange hands: blocked at once.
    case lost
    /// Past its last moment. Never stored: it follows from the time.
    case expired
    case voided

    public var isFinal: Bool { self == .rejected || self == .voided }

    /// The state after `event`. Pure.
    public func after(_ event: SealEvent) throws(SealError) -> SealState {
        switch (self, event) {
        case (.applied, .approve): .approved
        case (.applied, .reject): .rejected
        case (.approved, .record): .recorded
        case (.recorded, .make): .made
        case (.made, .deliver): .active
        case (.active, .suspend): .suspended
        case (.suspended, .resume): .active
        case (.active, .lose), (.suspended, .lose): .lost
        case (.applied, .void), (.approved, .void), (.recorded, .void), (.made, .void), (.active, .void),
            (.suspended, .void), (.lost, .void), (.expired, .void):
            .voided
        case (.applied, _), (.approved, _), (.rejected, _), (.recorded, _), (.made, _), (.active, _),
            (.suspended, _), (.lost, _), (.expired, _), (.voided, _):
            throw .notAllowed(event: event.rawValue, state: self)
        }
    }

    /// The same for the seal of an issuing body, which is made as soon as it is approved: the platform asks the police for
    /// no number.
    func afterSetUp(_ event: SealEvent) throws(SealError) -> SealState {
        (self, event) == (.approved, .make) ? .made : try after(event)
    }
}

/// What may happen to a seal after it was applied for.
public enum SealEvent: String, Sendable, CaseIterable {
    case approve, reject, record, make, deliver, suspend, resume, lose, void

    /// The end of the event's name in log and outbox: `seal.suspended`.
    var past: String {
        switch self {
        case .approve: "approved"
        case .reject: "rejected"
        case .record: "recorded"
        case .make: "made"
        case .deliver: "delivered"
        case .suspend: "suspended"
        case .resume: "resumed"
        case .lose: "lost"
        case .void: "voided"
        }
    }

    /// What the police note of it; nil for what they do not count.
    public var policeCode: PoliceCode? {
        switch self {
        case .approve: .approved
        case .record: .accepted
        case .make: .made
        case .deliver: .delivered
        case .lose: .lost
        case .void: .scrapped
        case .reject, .suspend, .resume: nil
        }
    }
}

/// Where a seal stands in the register of the police (GA 241.2).
public enum PoliceCode: Int, Sendable, CaseIterable {
    case approved = 1
    /// The maker took the order.
    case accepted, made, delivered, scrapped, surrendered, lost
}
