public import Kernel

/// One matter of a wrong registration, from complaint or discovery to its end (Rules for the Implementation of the
/// Regulations on the Administration of the Registration of Market Entities, articles 50-57).
public struct Correction: Sendable {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// A slip of the authority's own pen: corrected with the same code.
        case slip
        /// False papers or a stolen identity.
        case falsity
    }

    public let id: ID<Correction>
    public let code: String
    public let caseID: String
    public let kind: Kind
    public var state: CorrectionState
    public let openedAt: Instant
    public let openedBy: String
    public let words: String
    /// The false item; nil for the whole registration.
    public let item: String?
    /// The clock that runs now.
    public var clock: String?
    public var investigationEnds: LocalDate?
    /// Last day of the publication for somebody who cannot be reached.
    public var noticeEnds: LocalDate?
    public var isExtended: Bool
    public var decidedAt: Instant?
    /// What was decided, on what facts, who is barred; kept whole.
    public var decision: JSON
    public var version: Int

    public var object: String { "correction:\(id)" }
}

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
    /// A slip was put right.
    case corrected

    public var isOpen: Bool {
        switch self {
        case .asked, .investigating, .suspended: true
        case .dismissed, .withdrawn, .itemWithdrawn, .kept, .restored, .corrected: false
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
        case (.withdrawn, .restore): return .restored
        case (.asked, _), (.dismissed, _), (.investigating, _), (.suspended, _), (.withdrawn, _),
            (.itemWithdrawn, _),
            (.kept, _), (.restored, _), (.corrected, _):
            throw .notAllowed(event: event, in: self)
        }
    }
}

/// What can happen to the matter of a false registration.
public enum CorrectionEvent: String, Sendable, CaseIterable {
    case accept, dismiss, extend, publish, suspend, resume, withdraw
    case withdrawItem = "withdraw-item"
    case keep, restore
}

/// What is refused about corrections.
public enum CorrectionError: Refusal, Equatable {
    case notFound
    case notAllowed(event: CorrectionEvent, in: CorrectionState)
    case changedMeanwhile
    /// The registration has an open matter already.
    case openAlready
    /// The time to investigate was lengthened once.
    case extendedAlready
    /// The publication still runs.
    case noticeRunning(until: LocalDate)
    case reasonMissing
    case unknownItem(String)
    /// Nobody of that name stands in the form.
    case unknownPerson(String)
    case nothingChanges

    public var code: String {
        switch self {
        case .notFound: "correction.not-found"
        case .notAllowed: "correction.not-allowed"
        case .changedMeanwhile: "correction.changed-meanwhile"
        case .openAlready: "correction.open-already"
        case .extendedAlready: "correction.extended-already"
        case .noticeRunning: "correction.notice-running"
        case .reasonMissing: "correction.reason-missing"
        case .unknownItem: "correction.unknown-item"
        case .unknownPerson: "correction.unknown-person"
        case .nothingChanges: "correction.nothing-changes"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .notAllowed(let event, let state): ["event": event.rawValue, "state": state.rawValue]
        case .noticeRunning(let until): ["until": until.description]
        case .unknownItem(let name), .unknownPerson(let name): ["name": name]
        case .notFound, .changedMeanwhile, .openAlready, .extendedAlready, .reasonMissing, .nothingChanges:
            [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .notFound: .notFound
        case .notAllowed, .changedMeanwhile, .openAlready, .extendedAlready, .noticeRunning: .notAllowedNow
        case .reasonMissing, .unknownItem, .unknownPerson, .nothingChanges: .unacceptable
        }
    }
}
