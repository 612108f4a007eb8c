import Catalogue
import Credentials
import Documents
import Kernel
import Registers
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
            terms: SealTerms(
                unclaimedMonths: { day in
                    let months = terms?.value("unclaimedMonths", region: DatedLimits.wholeRegion, on: day)
                    guard let months = months?.int else { throw SealError.noTerm }
                    return months
                },
                standsAlone: { seal, day, reader in
                    guard let kinds = terms?.value("ownConfirmation", region: seal.region, on: day)?.list,
                        let subject = try RegisterStore.find(seal.owner.code, in: reader)
                    else { return false }
                    return kinds.contains(subject.register)
                }
            ),
            press: press,
            figures: figures
        )
    }
}
