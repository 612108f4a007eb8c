public import Standards

/// Which agency the body that decides a case belongs to: permissions are given by agency, cases know the body.
///
/// The code of a body of a plain item is its agency's with six digits of the region after it; every other body belongs to
/// the authority that registers.
public struct DecidingAgencies: Sendable {
    /// Code in `agencies.tsv` of the authority that registers.
    public let authority: String
    private let agencies: AgencyTable

    public init(authority: String, agencies: AgencyTable) {
        self.authority = authority
        self.agencies = agencies
    }

    public func agency(of found: Case) -> String { agency(ofBody: found.agency) }

    public func agency(ofBody code: String) -> String {
        agencies[String(code.dropLast(6))]?.code ?? authority
    }

    /// The duty of a role at an agency, as steps wait for it and inboxes ask for it: the bare role at the authority that
    /// registers.
    public func duty(_ role: String, at agency: String) -> String {
        agency.isEmpty || agency == authority ? role : Self.duty(role, of: agency)
    }

    static func duty(_ role: String, of agency: String) -> String { "\(role)@\(agency)" }
}
