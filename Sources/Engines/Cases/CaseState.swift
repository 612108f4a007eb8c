public import Catalogue

/// Where a case stands. Raw values are stored: never rename, only add.
///
/// The states serve every procedure profile; `ProcedureProfile.knows` says which of them a profile knows. Registration
/// has no acceptance stage (Rules for the Implementation of the Regulations on the Administration of the
/// Registration of Market Entities, articles 18-19); a licence has one (Administrative Licensing Law, article 32).
public enum CaseState: String, Sendable, CaseIterable, Codable {
    /// Being filled in; nobody but the applicant sees it.
    case draft
    /// The generated papers wait for the signatures of the persons named in them.
    case signing
    /// Handed in; the rules are at work or a receipt for the materials was issued.
    case received
    /// Accepted (licence profile only).
    case accepted
    /// A person decides.
    case review
    /// Handed back with one list of everything that is missing or wrong (退还并一次性告知, or 补正 for a licence).
    case returned
    /// Not this authority's business; the form went with the applicant to the right one.
    case transferred
    case granted
    case refused
    case withdrawn
    /// Granted first, undone later as a whole (撤销登记).
    case revoked
    /// A draft that nobody touched within the period a draft is kept.
    case lapsed
}

extension CaseState {
    /// No event leads out of these, but `revoked` and `restored` for a grant.
    public var isFinal: Bool {
        switch self {
        case .transferred, .refused, .withdrawn, .revoked, .lapsed: true
        case .draft, .signing, .received, .accepted, .review, .returned, .granted: false
        }
    }

    /// It ended without a registration or licence: whoever wants one begins again.
    public var cameToNothing: Bool { isFinal && self != .revoked }

    /// The authority has it and a legal clock may be running.
    public var isWithAuthority: Bool {
        switch self {
        case .received, .accepted, .review: true
        case .draft, .signing, .returned, .transferred, .granted, .refused, .withdrawn, .revoked, .lapsed:
            false
        }
    }

    /// The applicant may change the form.
    public var isEditable: Bool {
        switch self {
        case .draft, .signing, .returned: true
        case .received, .accepted, .review, .transferred, .granted, .refused, .withdrawn, .revoked, .lapsed:
            false
        }
    }
}

/// What can happen to a case.
public enum CaseEvent: String, Sendable, CaseIterable {
    case askSignatures = "ask-signatures"
    case edit
    case submit
    case accept
    case toPerson = "to-person"
    case `return`
    case transfer
    case grant
    case refuse
    case withdraw
    case revoke
    /// A mistaken revocation is itself undone (Regulations, article 42).
    case restore
    case lapse
}

extension CaseState {
    /// The state after `event` under `procedure`. Pure: no clock, no database.
    public func after(_ event: CaseEvent, in procedure: ProcedureProfile) throws(CaseError) -> CaseState {
        guard procedure.knows(event) else { throw .notInProcedure(event: event, procedure: procedure) }
        switch (self, event) {
        case (.draft, .askSignatures), (.returned, .askSignatures), (.signing, .askSignatures):
            return .signing
        case (.draft, .edit), (.returned, .edit): return self
        case (.signing, .edit): return .signing
        case (.draft, .submit), (.signing, .submit), (.returned, .submit): return .received
        case (.received, .accept): return .accepted
        case (.received, .toPerson), (.accepted, .toPerson): return .review
        case (.received, .return), (.accepted, .return), (.review, .return): return .returned
        case (.received, .transfer), (.review, .transfer): return .transferred
        case (.received, .grant), (.accepted, .grant), (.review, .grant): return .granted
        case (.received, .refuse), (.accepted, .refuse), (.review, .refuse): return .refused
        case (.draft, .withdraw), (.signing, .withdraw), (.received, .withdraw), (.accepted, .withdraw),
            (.review, .withdraw), (.returned, .withdraw):
            return .withdrawn
        case (.draft, .lapse), (.signing, .lapse), (.returned, .lapse): return .lapsed
        case (.granted, .revoke): return .revoked
        case (.revoked, .restore): return .granted
        case (.draft, _), (.signing, _), (.received, _), (.accepted, _), (.review, _), (.returned, _),
            (.transferred, _), (.granted, _), (.refused, _), (.withdrawn, _), (.revoked, _), (.lapsed, _):
            throw .notAllowed(event: event, in: self)
        }
    }
}

extension ProcedureProfile {
    /// Whether the profile has such an act at all. Whether a registration counts as a licence or a confirmation is
    /// disputed; its procedure is not, so the profile says what may happen.
    public func knows(_ event: CaseEvent) -> Bool {
        switch (self, event) {
        case (.registration, .accept), (.filing, .accept), (.filing, .refuse), (.payment, .accept),
            (.publicService, .accept), (.ownMotion, .submit), (.ownMotion, .askSignatures):
            false
        case (.registration, _), (.licence, _), (.filing, _), (.confirmation, _), (.payment, _),
            (.publicService, _),
            (.ownMotion, _):
            true
        }
    }
}
