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
        let bytes =
            try settings.systems?["e-seal"]?[file]
            ?? [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(settings.home.systems)/e-seal/\(file)")))
        let (press, figures) = try Presses.shared(settings.home, limits: limits, on: day)
        let terms = try DatedLimits(yaml: String(decoding: bytes, as: UTF8.self), file: file)
        self.init(
            database: database,
            authority: authority,
            kinds: try SealKinds(home: settings.home),
            maker: IssuingBody(code: Self.region, name: settings.organization),
            terms: SealTerms(unclaimedMonths: { day in
                guard let months = terms.value("unclaimedMonths", region: Self.region, on: day)?.int else {
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
