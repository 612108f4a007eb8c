import CompanyNames
public import Identity
import Kernel

/// Which body registers a business of a division on a day: the one that the table of jurisdiction names, unless its
/// power was given to another by a merger or a delegation.
struct Registering: Sendable {
    /// nil when the table has no row: then a person decides.
    let body: RegistrationAuthority?
    /// Whose division it is; the case lies on the desks of that division.
    let region: String
    /// The agency that took the power over, when it is not the one that this platform registers for.
    let other: String?
}

extension CompanyOpening {
    /// The matter in changes of authority, as `suban authority` names it.
    public static let matter = "company-registration"

    /// - Parameter division: six digits, of the address.
    func registering(
        of division: String,
        subject: NameSubject,
        capital: Money,
        owner: Jurisdiction.Owner = .domestic,
        on date: LocalDate
    ) -> Registering {
        let decider = powers.current.decider(of: Self.matter, agency: agency, region: division, on: date)
        return Registering(
            body: jurisdiction.authority(
                region: decider.region,
                subject: subject,
                capital: capital,
                owner: owner,
                on: date
            ),
            region: decider.region,
            other: decider.agency == agency ? nil : decider.agency
        )
    }

    /// Decides by these changes of authority from now on.
    public func takeOver(_ table: AuthorityTable) {
        if table != powers.current { powers.replace(by: table) }
    }
}
