public import Kernel
import Standards

/// Terms, counts and weights from `name-limits.tsv`, by region and date.
public struct NameLimits: Sendable {
    private let rows: [String: [ReferenceRow]]
    private let regions: RegionTable

    init(_ rows: [ReferenceRow], regions: RegionTable) {
        self.rows = Dictionary(grouping: rows) { $0["name"] }
        self.regions = regions
    }

    /// The value for the smallest division that has one: banner, league, region.
    /// - Throws: `NameError.dataMissing` when the table has none in force.
    public func value(_ name: String, region: String, on date: LocalDate) throws(NameError) -> Int {
        let candidates = (rows[name] ?? []).filter { $0.isInForce(on: date) }
        for place in regions.path(to: region).reversed().map(\.code) + ["150000"] {
            let row = candidates.last { $0["region"] == place }
            if let value = row?.int("value") { return value }
        }
        throw .dataMissing("name-limits: \(name)")
    }
}
