public import Kernel
import Standards

/// The body that registers, and the library in which a name must be alone there.
public struct RegistrationAuthority: Hashable, Sendable {
    /// Such as `SCJG150102`.
    public let code: String
    public let name: String
    /// Six digits.
    public let region: String
    /// Six digits: `NameProposal.scope`.
    public let nameScope: String
    /// Whether this kind of registration is done online here; otherwise at the counter or by a person.
    public let isOnline: Bool
}

/// Which body registers, by address, kind, capital and owner (`jurisdiction.tsv`; 实施细则, articles 3 and 4).
public struct Jurisdiction: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case limitedCompany = "limited-company"
        case jointStock = "joint-stock"
        case soleTrader = "sole-trader"
    }

    /// Who owns the capital.
    public enum Owner: String, Sendable, CaseIterable {
        case domestic, state, foreign
    }

    private struct Rows: Sendable {
        let byRegion: [String: [ReferenceRow]]
        let names: [String: String]
    }

    private let shelf: Shelf<Rows>

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
        shelf.current.names.sorted { $0.key < $1.key }.map { (code: $0.key, name: $0.value) }
    }

    /// The name of a registering body by its code.
    public func name(of code: String) -> String? { shelf.current.names[code] }

    /// - Parameters:
    ///   - region: six digits of the county, banner or district of the address; never a functional area.
    ///   - capital: registered capital; none for a sole trader.
    /// - Returns: nil when the table has no row in force for this combination: the case goes to a person.
    public func authority(
        region: String,
        kind: Kind,
        capital: Money?,
        owner: Owner = .domestic,
        on date: LocalDate
    ) -> RegistrationAuthority? {
        let fen = capital?.fen ?? 0
        let row = (shelf.current.byRegion[region] ?? []).last { row in
            guard row["type"] == kind.rawValue, row["owner"] == owner.rawValue, row.isInForce(on: date) else {
                return false
            }
            // The table counts in 万元.
            guard fen >= Int64(row.int("capital_from") ?? 0) * 1_000_000 else { return false }
            return row.int("capital_below").map { fen < Int64($0) * 1_000_000 } ?? true
        }
        return row.map { row in
            RegistrationAuthority(
                code: row["authority"],
                name: row["authority_name"],
                region: row["authority_region"],
                nameScope: row["name_scope"],
                isOnline: row["online"] == "yes"
            )
        }
    }

    /// The same for what has a name.
    public func authority(
        region: String,
        subject: NameSubject,
        capital: Money?,
        owner: Owner,
        on date: LocalDate
    ) -> RegistrationAuthority? {
        let kind: Kind =
            switch subject {
            case .limitedCompany: .limitedCompany
            case .soleTrader: .soleTrader
            }
        return authority(region: region, kind: kind, capital: capital, owner: owner, on: date)
    }
}
