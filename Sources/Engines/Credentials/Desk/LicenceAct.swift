public import Kernel

/// What officials do with a licence at the desk of the library.
public enum LicenceAct: String, Sendable, CaseIterable {
    case issue, change, suspend, resume
    /// Into the state 99, with a cause in words.
    case setAside = "set-aside"
    case cancel, withdraw, revoke, reinstate

    /// What grants something, ends it for good or undoes such an end is proposed by one official and confirmed by another.
    /// A suspension has to hold at once.
    public var needsTwo: Bool {
        switch self {
        case .issue, .change, .cancel, .withdraw, .revoke, .reinstate: true
        case .suspend, .resume, .setAside: false
        }
    }

    /// The step of a licence that stands; nil where a signed record has to be made.
    var event: CredentialEvent? {
        switch self {
        case .issue, .change: nil
        case .suspend: .suspend
        case .resume: .resume
        case .setAside: .setAside
        case .cancel: .cancel
        case .withdraw: .withdraw
        case .revoke: .revoke
        case .reinstate: .reinstate
        }
    }

    /// Those that lead somewhere from a state; nothing is issued from one.
    /// - Parameter isOver: its last day is past, so that it cannot be stopped for a time, only ended.
    public static func offered(in state: CredentialState, isOver: Bool = false) -> [LicenceAct] {
        allCases.filter { act in
            guard act != .issue, !isOver || act.needsTwo else { return false }
            return (try? state.after(act.event ?? .replace)) != nil
        }
    }
}

/// What one official proposes about a licence and another confirms.
public struct LicenceProposal: Sendable {
    public enum State: String, Sendable, CaseIterable {
        case waiting, confirmed, refused
    }

    public let id: ID<LicenceProposal>
    public let act: LicenceAct
    /// Nil for one that is to be issued.
    public let credential: ID<Credential>?
    /// The version of the licence that was looked at; 0 for one that is to be issued.
    public let expecting: Int64
    /// The key of its type.
    public let type: String
    /// Code in `agencies.tsv` of the administration whose officials decide.
    public let agency: String
    /// Six digits.
    public let region: String
    /// What shall stand on it; nil for a step of one that stands.
    public let draft: LicenceDraft?
    public let decision: LicenceDecision
    public let proposedBy: String
    public let at: Instant
    public let state: State
    /// Nil while it waits.
    public let decidedBy: String?
    public let decidedAt: Instant?
    /// Why it was refused, as its refuser wrote it.
    public let answer: String?

    var object: String { "licence-proposal:\(id)" }

    /// What is kept sealed: it may hold what only the holder is shown.
    var content: JSON {
        [
            "draft": draft?.json ?? .null, "number": .string(decision.number),
            "reason": .string(decision.reason),
        ]
    }
}

/// Why something is not done at the desk of the library.
public enum LicenceDeskError: Refusal, Equatable {
    case unknown
    /// Licences of this type are not kept at the desk: they follow a register, or come from elsewhere.
    case notHere(type: String)
    /// A licence of the type with this number was issued before.
    case numberTaken(String)
    /// Neither the register nor the accounts know the holder.
    case holder
    /// Whoever proposed may not confirm.
    case fourEyes
    /// Another official has to confirm this act.
    case needsTwo
    /// Somebody decided on the proposal already.
    case decided
    /// Another proposal about the same licence waits.
    case alreadyProposed
    /// Another proposal to issue a licence of the type with this number waits.
    case numberProposed(String)
    /// On the day of its issue it would be over already.
    case over(until: LocalDate)
    /// A refusal says why.
    case answer

    public var code: String {
        switch self {
        case .unknown: "licence-desk.unknown"
        case .notHere: "licence-desk.not-here"
        case .numberTaken: "licence-desk.number-taken"
        case .holder: "licence-desk.holder"
        case .fourEyes: "licence-desk.four-eyes"
        case .needsTwo: "licence-desk.needs-two"
        case .decided: "licence-desk.decided"
        case .alreadyProposed: "licence-desk.already-proposed"
        case .numberProposed: "licence-desk.number-proposed"
        case .over: "licence-desk.over"
        case .answer: "licence-desk.answer"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .notHere(let type): ["type": type]
        case .numberTaken(let number), .numberProposed(let number): ["number": number]
        case .over(let day): ["until": day.description]
        case .unknown, .holder, .fourEyes, .needsTwo, .decided, .alreadyProposed, .answer: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown: .notFound
        case .fourEyes: .forbidden
        case .numberTaken, .needsTwo, .decided, .notHere, .alreadyProposed, .numberProposed: .notAllowedNow
        case .holder, .over, .answer: .unacceptable
        }
    }
}
