public import Cryptography
public import Kernel
public import Standards

/// Under which policy the platform gives time stamps on a day: `Resources/standards/timestamp-policies.tsv`.
public struct TimestampPolicies: Sendable {
    private let all: [(from: LocalDate, policy: TimestampPolicy)]

    public init(home: Home) throws(StandardsError) {
        let table = try TabTable(
            "timestamp-policies.tsv",
            home: home,
            columns: ["from", "policy", "accuracy-ms"]
        )
        all = try table.map { (row: TabRow) throws(StandardsError) -> (LocalDate, TimestampPolicy) in
            let accuracy = try row.integer("accuracy-ms")
            guard accuracy > 0 else { throw row.bad("accuracy-ms is at least 1") }
            let policy = TimestampPolicy(
                identifier: row.text("policy"),
                accuracyMilliseconds: Int64(accuracy)
            )
            return (try row.date("from"), policy)
        }.sorted { $0.0 < $1.0 }
        guard !all.isEmpty else { throw .columnMissing(file: table.file, column: "policy") }
    }

    /// The one in force; the first before all of them.
    public func policy(on day: LocalDate) -> TimestampPolicy {
        (all.last { $0.from <= day } ?? all[0]).policy
    }
}

extension CredentialAuthority {
    /// Who gives time stamps in the name of this installation.
    public func stamps(at now: Instant) -> TimestampAuthority {
        TimestampAuthority(keys.timestamps, policy: timestampPolicies.policy(on: now.date))
    }
}
