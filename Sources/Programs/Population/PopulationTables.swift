import CompanyNames
import CompanyOpening
import Foundation
import Kernel
import Server
import Standards
import Storage

/// Where people live, what they are called, what firms do: `Resources/population` and the platform's own tables.
struct PopulationTables: Sendable {
    /// A division with the bodies that register there.
    struct Place: Sendable {
        let region: Region
        let league: Region
        let codes: CodeBlock
        let company: RegistrationAuthority
        let soleTrader: RegistrationAuthority
        /// The part of an address before the number of the house.
        let roads: [String]

        var division: String { league.name + region.name }
    }

    struct Trade: Sendable {
        let word: String
        let division: String
        let phrases: [(code: String, text: String)]
    }

    let places: Weighted<Place>
    let companies: Weighted<Trade>
    let soleTraders: Weighted<Trade>
    let surnames: Weighted<String>
    let characters: [Character]
    let mongolian: [String]
    let mongolianShare: Int
    let brands: [Character]

    /// - Parameter region: the league or division that is wanted; nil for all.
    init(_ platform: Platform, of region: String?, on day: LocalDate) async throws {
        let home = platform.settings.home
        func table(_ name: String, _ columns: [String]) throws -> TabTable {
            let path = home.resource("population/\(name).tsv")
            guard let data = FileManager.default.contents(atPath: path) else {
                throw StandardsError.fileMissing(path: path)
            }
            let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").filter {
                !$0.hasPrefix("#")
            }
            return try TabTable("\(name).tsv", text: lines.joined(separator: "\n"), columns: columns)
        }
        func words(_ given: [String: String], _ kind: String) throws -> String {
            guard let words = given[kind] else {
                throw StandardsError.badRow(file: "given.tsv", line: 1, why: "no row \(kind)")
            }
            return words
        }
        let rows = try await platform.database.read { reader in
            (
                jurisdiction: try ReferenceImport.table("jurisdiction", on: day, in: reader)?.rows ?? [],
                phrases: try ReferenceImport.table("scope-phrases", on: day, in: reader)?.rows ?? [],
                places: try ReferenceImport.table("places", on: day, in: reader)?.rows ?? []
            )
        }
        let given = try table("given", ["kind", "words", "per_thousand"]).map {
            ($0.text("kind"), $0.text("words"))
        }
        let named = Dictionary(uniqueKeysWithValues: given)
        characters = Array(try words(named, "characters"))
        mongolian = try words(named, "mongolian").split(separator: " ").map(String.init)
        brands = Array(try words(named, "brands"))
        mongolianShare =
            try table("given", ["kind", "per_thousand"]).map { row throws(StandardsError) in
                (row.text("kind"), try row.integer("per_thousand"))
            }.first { $0.0 == "mongolian" }?.1 ?? 0
        surnames = Weighted(
            try table("surnames", ["surname", "per_thousand"]).map { row throws(StandardsError) in
                (row.text("surname"), try row.integer("per_thousand"))
            }
        )
        let trades = try table("trades", ["division", "word", "companies", "sole_traders"]).map {
            row throws(StandardsError) in
            (
                row.text("division"), row.text("word"), try row.integer("companies"),
                try row.integer("sole_traders")
            )
        }.map { division, word, companies, soleTraders in
            let own = rows.phrases.filter {
                $0["industry"].hasPrefix(division) && $0["permit_timing"] == "none"
            }
            .prefix(12).map { ($0["code"], $0["text_zh"]) }
            let other = rows.phrases.filter {
                $0["industry"].hasPrefix("52") && $0["permit_timing"] == "none"
            }
            .prefix(12).map { ($0["code"], $0["text_zh"]) }
            return (
                Trade(word: word, division: division, phrases: own.isEmpty ? other : own), companies,
                soleTraders
            )
        }
        companies = Weighted(trades.map { ($0.0, $0.1) })
        soleTraders = Weighted(trades.map { ($0.0, $0.2) })
        let kinds = Dictionary(
            uniqueKeysWithValues: try table("kinds", ["kind", "weight"]).map { row throws(StandardsError) in
                (row.text("kind"), try row.integer("weight"))
            }
        )
        let thousands = Dictionary(
            uniqueKeysWithValues: try table("leagues", ["region", "thousands"]).map {
                row throws(StandardsError) in
                (row.text("region"), try row.integer("thousands"))
            }
        )
        let all = Self.places(platform, kinds, thousands, rows.jurisdiction, rows.places, on: day)
        places = Weighted(try Self.within(region, all))
    }

    private static func within(_ region: String?, _ all: [(element: Place, weight: Int)]) throws(LoadError)
        -> [(element: Place, weight: Int)]
    {
        guard let region else { return all }
        let own = all.filter { place, _ in
            [place.region.code, place.league.code, place.league.parent].contains(region)
        }
        guard !own.isEmpty else { throw .noRegion(region) }
        return own
    }

    private static func places(
        _ platform: Platform,
        _ kinds: [String: Int],
        _ thousands: [String: Int],
        _ jurisdiction: [ReferenceRow],
        _ settlements: [ReferenceRow],
        on day: LocalDate
    ) -> [(element: Place, weight: Int)] {
        let regions = platform.standards.regions
        let table = Jurisdiction(ReferenceTable(kind: "jurisdiction", rows: jurisdiction))
        let roads = Dictionary(grouping: settlements.filter { !$0["road"].isEmpty }, by: { $0["region"] })
        return regions.banners.compactMap { region -> (element: Place, weight: Int)? in
            guard let league = regions.league(of: region.code), let people = thousands[league.code],
                let codes = platform.standards.creditCodes.blocks(for: region).first,
                let company = table.authority(
                    region: region.code,
                    kind: .limitedCompany,
                    capital: Money(fen: 100_000_000),
                    on: day
                ),
                let soleTrader = table.authority(
                    region: region.code,
                    kind: .soleTrader,
                    capital: nil,
                    on: day
                )
            else { return nil }
            let all = regions.banners.filter { regions.league(of: $0.code)?.code == league.code }
            let sum = all.reduce(0) { $0 + (kinds[$1.kind.rawValue] ?? 1) }
            let own = roads[region.code, default: []].map { $0["town"] + $0["village"] + $0["road"] }
            let place = Place(
                region: region,
                league: league,
                codes: codes,
                company: company,
                soleTrader: soleTrader,
                roads: own.isEmpty ? ["城关镇人民路"] : own
            )
            return (place, 100 * people * (kinds[region.kind.rawValue] ?? 1) / sum)
        }
    }
}
