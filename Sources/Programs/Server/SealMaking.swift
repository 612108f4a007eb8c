import Catalogue
import Credentials
import Documents
import Foundation
import Kernel
import Storage

extension SealWorkshop {
    /// Where seals are made: in the name of whoever runs the installation, by the terms of `Systems/e-seal`.
    init(settings: PlatformSettings, database: any Database, authority: CredentialAuthority) throws {
        let limits = try OperatingLimits(home: settings.home)
        let day = settings.clock.now.date
        let file = "limits.yaml"
        let path = "\(settings.home.systems)/e-seal/\(file)"
        // An installation without the system e-seal makes seals all the same; a term is refused when it is asked for.
        let bytes =
            settings.systems?["e-seal"]?[file] ?? FileManager.default.contents(atPath: path).map(Array.init)
        let (press, figures) = try Presses.shared(settings.home, limits: limits, on: day)
        let terms = try bytes.map { try DatedLimits(yaml: String(decoding: $0, as: UTF8.self), file: file) }
        self.init(
            database: database,
            authority: authority,
            kinds: try SealKinds(home: settings.home),
            maker: IssuingBody(code: Self.region, name: settings.organization),
            terms: SealTerms(unclaimedMonths: { day in
                guard let months = terms?.value("unclaimedMonths", region: Self.region, on: day)?.int else {
                    throw SealError.noTerm
                }
                return months
            }),
            press: press,
            figures: figures
        )
    }

    /// The autonomous region: its terms count where no league has its own.
    private static let region = "150000"
}
