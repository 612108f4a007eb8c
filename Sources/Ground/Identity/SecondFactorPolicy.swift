public import Kernel
public import Standards

/// Which posts ask for a second factor, from which day on: dated data from `second-factor.tsv`. Without rows nobody is
/// asked who has not chosen one himself.
public struct SecondFactorPolicy: Sendable {
    /// For whom a row is: an installation in service, or a demonstration with invented accounts.
    public enum Installation: String, Sendable, CaseIterable { case service, demonstration }

    private var rows: [StaffRole: [(from: LocalDate, isNeeded: Bool)]] = [:]

    public init() {}

    public init(home: Home, for installation: Installation) throws(StandardsError) {
        let table = try TabTable(
            "second-factor.tsv",
            home: home,
            columns: ["installation", "role", "from", "needed"]
        )
        let all = try table.map {
            (row: TabRow) throws(StandardsError) -> (Installation, StaffRole, LocalDate, Bool) in
            guard let kind = Installation(rawValue: row.text("installation")) else {
                throw row.bad("installation is service or demonstration")
            }
            guard let role = StaffRole(rawValue: row.text("role")) else { throw row.bad("role is not known") }
            guard ["Y", "N"].contains(row.text("needed")) else { throw row.bad("needed is Y or N") }
            return (kind, role, try row.date("from"), row.text("needed") == "Y")
        }
        for (kind, role, from, isNeeded) in all where kind == installation {
            rows[role, default: []].append((from, isNeeded))
        }
        for role in StaffRole.allCases where rows[role] == nil {
            throw .columnMissing(
                file: "second-factor.tsv",
                column: "\(installation.rawValue) \(role.rawValue)"
            )
        }
        rows = rows.mapValues { $0.sorted { $0.from < $1.from } }
    }

    public func isNeeded(_ role: StaffRole, on day: LocalDate) -> Bool {
        rows[role]?.last { $0.from <= day }?.isNeeded ?? false
    }
}
