/// Where the matter stands. Raw values are stored: never rename, only add.
public enum CorrectionState: String, Sendable, CaseIterable, Codable {
    /// Handed in or found; to be accepted or not.
    case asked
    case dismissed
    case investigating
    /// A court has it: nothing goes on until it has spoken.
    case suspended
    /// The whole registration was withdrawn.
    case withdrawn
    case itemWithdrawn = "item-withdrawn"
    /// Not withdrawn, such as for the public interest (Regulations, article 41).
    case kept
    /// The withdrawal was itself undone (Regulations, article 42).
    case restored
    /// A decision, or the right value of a slip, was proposed: a second person confirms it or does not agree.
    case proposed
    /// A slip was put right.
    case corrected
    /// Ordered to put it right; the term runs.
    case ordered
    /// The term ended unused: on the list of abnormal operation.
    case listed
    /// Put right by the enterprise.
    case complied

    public var isOpen: Bool {
        switch self {
        case .asked, .investigating, .suspended, .proposed, .ordered, .listed: true
        case .dismissed, .withdrawn, .itemWithdrawn, .kept, .restored, .corrected, .complied: false
        }
    }

    /// The state after an event. Pure.
    public func after(_ event: CorrectionEvent) throws(CorrectionError) -> CorrectionState {
        switch (self, event) {
        case (.asked, .accept): return .investigating
        case (.asked, .dismiss): return .dismissed
        case (.investigating, .extend), (.investigating, .publish): return .investigating
        case (.investigating, .suspend): return .suspended
        case (.suspended, .resume): return .investigating
        case (.investigating, .withdraw): return .withdrawn
        case (.investigating, .withdrawItem): return .itemWithdrawn
        case (.investigating, .keep): return .kept
        case (.withdrawn, .restore), (.itemWithdrawn, .restore): return .restored
        case (.ordered, .comply), (.listed, .comply): return .complied
        case (.ordered, .list): return .listed
        case (.ordered, .dismiss): return .dismissed
        case (.investigating, .propose), (.withdrawn, .propose), (.itemWithdrawn, .propose),
            (.ordered, .propose), (.listed, .propose):
            return .proposed
        case (.proposed, .confirm): return .corrected
        case (.proposed, .drop): return .dismissed
        case (.proposed, .order): return .ordered
        case (.ordered, .takeBack), (.listed, .takeBack): return .dismissed
        case (.asked, _), (.dismissed, _), (.investigating, _), (.suspended, _), (.withdrawn, _),
            (.itemWithdrawn, _),
            (.kept, _), (.restored, _), (.proposed, _), (.corrected, _), (.ordered, _), (.listed, _),
            (.complied, _):
            throw .notAllowed(event: event, in: self)
        }
    }
}

/// What can happen to a matter.
public enum CorrectionEvent: String, Sendable, CaseIterable {
    case accept, dismiss, extend, publish, suspend, resume, withdraw
    case withdrawItem = "withdraw-item"
    case keep, restore
    /// One officer proposes a decision, a second one agrees with it or does not.
    case propose, confirm, drop
    /// A name is ordered given up, or such an order was given in error.
    case order = "order-name"
    case takeBack = "take-back"
    /// The enterprise put right what it was ordered to.
    case comply
    /// Entered on the list of abnormal operation, after the term.
    case list
}
