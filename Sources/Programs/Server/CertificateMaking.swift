import Catalogue
import Credentials
import Foundation
import Kernel
import Storage

extension CertificateOffice {
    /// Where certificates are issued, by the terms of `Systems/e-signature`.
    init(settings: PlatformSettings, database: any Database, authority: CredentialAuthority) throws {
        let limits = try DatedLimits(of: "e-signature", settings: settings)
        self.init(
            database: database,
            authority: authority,
            terms: { day in
                func value(_ name: String) throws -> Int {
                    guard let value = limits?.value(name, region: DatedLimits.wholeRegion, on: day)?.int
                    else { throw CertificateError.noTerm }
                    return value
                }
                return CertificateTerms(
                    openMax: try value("certificatesOpen"),
                    years: try value("certificateYears"),
                    renewalDays: try value("renewalDays"),
                    listHours: try value("listHours"),
                    listOverlapHours: try value("listOverlapHours")
                )
            }
        )
    }
}

extension DatedLimits {
    /// The autonomous region: its terms count where no league has its own.
    static let wholeRegion = "150000"

    /// The terms of a system as it is published, or as it ships; nil where there is neither: an installation without it
    /// does its work all the same, and a term is refused when it is asked for.
    init?(of system: String, settings: PlatformSettings) throws {
        let file = "limits.yaml"
        let path = "\(settings.home.systems)/\(system)/\(file)"
        let bytes =
            settings.systems?[system]?[file] ?? FileManager.default.contents(atPath: path).map(Array.init)
        guard let bytes else { return nil }
        try self.init(yaml: String(decoding: bytes, as: UTF8.self), file: file)
    }
}
