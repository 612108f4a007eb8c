public import CompanyNames
public import Kernel

/// Which body registers: a dated table by region, kind, capital and owner (Rules for Implementation, articles 3-4).
public struct Jurisdiction: Sendable {
    private struct Rows: Sendable {
        let byRegion: [String: [ReferenceRow]]
        let names: [String: String]
    }

    private let shelf: Shelf<Rows>
    private var rows: [String: [ReferenceRow]] { shelf.current.byRegion }
    private var names: [String: String] { shelf.current.names }

    public init(_ table: ReferenceTable) {
        shelf = Shelf(
            Rows(
                byRegion: Dictionary(grouping: table.rows) { $0["region"] },
                names: Dictionary(table.rows.map { ($0["authority"], $0["authority_name"]) }) { first, _ in
                    first
                }
            )
        )
    }

    /// Every copy of this table answers from `other` from now on.
    public func replace(by other: Jurisdiction) { shelf.replace(by: other.shelf.current) }

    /// Every registering body, by code.
    public var bodies: [(code: String, name: String)] {
        names.sorted { $0.key < $1.key }.map { (code: $0.key, name: $0.value) }
    }

    /// The name of a registering body by its code.
    public func name(of code: String) -> String? { names[code] }

    /// The registering body and the library in which a name must be alone.
    public struct Body: Sendable, Equatable {
        public let code: String
        public let name: String
        public let region: String
        public let nameScope: String

        /// Banner and league bureaus register on this line; the region's own authority has its own.
        public var isOnline: Bool { !region.hasSuffix("0000") }
    }

    /// - Parameters:
    ///   - region: six digits of the address's banner.
    ///   - owner: `domestic`, `state`, `foreign`.
    /// - Returns: nil when the table has no row: then a person decides.
    public func authority(
        region: String,
        subject: NameSubject,
        capital: Money,
        owner: String,
        on date: LocalDate
    ) -> Body? {
        let units = Double(capital.fen) / 1_000_000
        let row = rows[region]?.first { row in
            row["type"] == subject.rawValue && row["owner"] == owner && row.isInForce(on: date)
                && (Double(row["capital_from"]) ?? 0) <= units
                && (Double(row["capital_below"]).map { units < $0 } ?? true)
        }
        return row.map {
            Body(
                code: $0["authority"],
                name: $0["authority_name"],
                region: $0["authority_region"],
                nameScope: $0["name_scope"]
            )
        }
    }
}
