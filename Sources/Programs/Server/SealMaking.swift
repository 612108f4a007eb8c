import Catalogue
import Credentials
import Documents
import Kernel
import Storage

extension SealWorkshop {
    /// Where seals are made: in the name of whoever runs the installation, by the terms of `Systems/e-seal`.
    init(settings: PlatformSettings, database: any Database, authority: CredentialAuthority) throws {
        let limits = try OperatingLimits(home: settings.home)
        let day = settings.clock.now.date
        let (press, figures) = try Presses.shared(settings.home, limits: limits, on: day)
        let terms = try DatedLimits(of: "e-seal", settings: settings)
        self.init(
            database: database,
            authority: authority,
            kinds: try SealKinds(home: settings.home),
            maker: IssuingBody(code: DatedLimits.wholeRegion, name: settings.organization),
            terms: SealTerms(unclaimedMonths: { day in
                guard
                    let months = terms?.value("unclaimedMonths", region: DatedLimits.wholeRegion, on: day)?
                        .int
                else {
                    throw SealError.noTerm
                }
                return months
            }),
            press: press,
            figures: figures
        )
    }
}
