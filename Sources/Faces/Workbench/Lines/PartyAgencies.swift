public import Kernel
public import Standards

/// Which agency's clerks follow an outside party: rows of `party-agencies.tsv`.
public struct PartyAgencies: Sendable {
    private let byAgency: [String: Set<String>]

    /// - Throws: which line cannot be read.
    public init(home: Home) throws(StandardsError) {
        let table = try TabTable("party-agencies.tsv", home: home, columns: ["party", "agency"])
        let rows = try table.map { (row: TabRow) throws(StandardsError) -> (String, String) in
            guard let party = row.optional("party"), let agency = row.optional("agency") else {
                throw row.bad("a party and its agency")
            }
            return (party, agency)
        }
        byAgency = Dictionary(grouping: rows, by: \.1).mapValues { Set($0.map(\.0)) }
    }

    /// Identifiers of the parties that an agency's clerks follow; empty for an agency without any.
    public func parties(of agency: String) -> Set<String> { byAgency[agency] ?? [] }
}
