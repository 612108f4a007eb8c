public import Kernel

/// One matter of a wrong registration, from complaint or discovery to its end (Rules for the Implementation of the
/// Regulations on the Administration of the Registration of Market Entities, articles 50-57).
public struct Correction: Sendable {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// A slip of the authority's own pen: corrected with the same code.
        case slip
        /// False papers or a stolen identity.
        case falsity
        /// What was promised of the address or of permits is not true (company-opening.md section 7 c).
        case promise
        /// The name must be given up; until it is changed the credit code stands for it (企业名称登记管理规定, article 23).
        case name
    }

    public let id: ID<Correction>
    public let code: String
    public let caseID: String
    public let kind: Kind
    public var state: CorrectionState
    public let openedAt: Instant
    public let openedBy: String
    public let words: String
    /// The false item, a registered one or a kind of filing; nil for the whole registration. Of a broken promise what
    /// was promised, `address` or `scope`.
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

    /// The clock of the publication; nil when there was none.
    public var noticeClock: String? { decision["noticeClock"].text }
    /// Whether somebody out of reach was called publicly, whatever the day on which that ends.
    public var isNoticed: Bool { noticeClock != nil || noticeEnds != nil }
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
    /// The time to put it right still runs.
    case termRunning(until: LocalDate)
    /// The matter is of another kind than the act is for.
    case wrongKind(Correction.Kind)
    case reasonMissing
    case unknownItem(String)
    /// No right value for the item: another kind of thing, empty, too long, not positive.
    case badValue(String)
    /// Nobody of that name stands in the form.
    case unknownPerson(String)
    case nothingChanges
    /// The enterprise applies for it: no slip of the authority.
    case changeRegistration(String)
    /// A rule of the opening stands against the right value.
    case ruleForbids(rule: String, words: String)
    /// The publication runs, and its last day waits for the calendar of a year to come.
    case noticeEndUnknown
    /// The matter was made public once already.
    case noticeAlready
    /// Who proposed a decision cannot be the one who confirms it.
    case secondPersonNeeded
    /// What would be entered now is not what was proposed.
    case proposalOutdated
    /// Who asked for the withdrawal, as the one whose identity was used, does not answer for the false registration.
    case applicantResponsible(String)
    /// The item was changed again after it fell away.
    case changedSince(String)

    public var code: String {
        switch self {
        case .notFound: "correction.not-found"
        case .notAllowed: "correction.not-allowed"
        case .changedMeanwhile: "correction.changed-meanwhile"
        case .openAlready: "correction.open-already"
        case .extendedAlready: "correction.extended-already"
        case .noticeRunning: "correction.notice-running"
        case .termRunning: "correction.term-running"
        case .wrongKind: "correction.wrong-kind"
        case .reasonMissing: "correction.reason-missing"
        case .unknownItem: "correction.unknown-item"
        case .badValue: "correction.bad-value"
        case .unknownPerson: "correction.unknown-person"
        case .nothingChanges: "correction.nothing-changes"
        case .changeRegistration: "correction.change-registration"
        case .ruleForbids: "correction.rule-forbids"
        case .noticeEndUnknown: "correction.notice-end-unknown"
        case .noticeAlready: "correction.notice-already"
        case .secondPersonNeeded: "correction.second-person-needed"
        case .proposalOutdated: "correction.proposal-outdated"
        case .applicantResponsible: "correction.applicant-responsible"
        case .changedSince: "correction.changed-since"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .notAllowed(let event, let state): ["event": event.rawValue, "state": state.rawValue]
        case .noticeRunning(let until), .termRunning(let until): ["until": until.description]
        case .wrongKind(let kind): ["kind": kind.rawValue]
        case .unknownItem(let name), .unknownPerson(let name), .applicantResponsible(let name): ["name": name]
        case .badValue(let item), .changeRegistration(let item), .changedSince(let item):
            ["name": RegisterWords.chinese(item)]
        case .ruleForbids(let rule, let words): ["rule": rule, "words": words]
        case .notFound, .changedMeanwhile, .openAlready, .extendedAlready, .reasonMissing, .nothingChanges,
            .noticeEndUnknown, .noticeAlready, .secondPersonNeeded, .proposalOutdated:
            [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .notFound: .notFound
        case .secondPersonNeeded: .forbidden
        case .notAllowed, .changedMeanwhile, .openAlready, .extendedAlready, .noticeRunning, .termRunning,
            .wrongKind, .changeRegistration, .noticeEndUnknown, .noticeAlready, .proposalOutdated,
            .changedSince:
            .notAllowedNow
        case .reasonMissing, .unknownItem, .unknownPerson, .applicantResponsible, .badValue, .nothingChanges,
            .ruleForbids:
            .unacceptable
        }
    }
}
