import Catalogue
import Exchange
import Foundation
import Kernel
import SealEngraving

extension Engraving {
    /// By the terms of `Systems/seal-engraving`; without that system nothing is free and nothing is ordered.
    init(settings: PlatformSettings, exchange: Exchange) throws {
        let file = "limits.yaml"
        let path = "\(settings.home.systems)/seal-engraving/\(file)"
        let bytes =
            settings.systems?["seal-engraving"]?[file]
            ?? FileManager.default.contents(atPath: path).map(Array.init)
        let terms = try bytes.map { try DatedLimits(yaml: String(decoding: $0, as: UTF8.self), file: file) }
        self.init(exchange: exchange) { region, day in
            (terms?.value("freeSets", region: region, on: day)?.int).map { Int($0) }
        }
    }
}
