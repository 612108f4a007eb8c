public import Kernel
public import Storage

/// The log's table by months, for an installation whose log has outgrown one table: what is written in a month lies in a part
/// of its own, which is vacuumed, copied and kept elsewhere by itself (Docs/decisions/0012). PostgreSQL only.
public enum AuditMonths {
    /// So many months stand ahead of the present one.
    private static let ahead = 3

    /// Makes the months that are to come, where the table is divided.
    @discardableResult
    public static func keep(in database: any Database, now: Instant) async throws -> TableMonths {
        try await database.keepMonths(of: "audit_entry", months(from: now.date), isDividing: false)
    }

    /// Divides the table first, when it is in one piece.
    public static func divide(in database: any Database, now: Instant) async throws -> TableMonths {
        try await database.keepMonths(of: "audit_entry", months(from: now.date), isDividing: true)
    }

    /// The month of `day` and those ahead.
    static func months(from day: LocalDate) -> [TableMonth] {
        let first = day.adding(days: 1 - day.day)
        return (0...ahead).map { number in
            let month = first.adding(months: number)
            return TableMonth(
                name: String(month.description.prefix(7)).replacing("-", with: "_"),
                end: ID<AuditEntry>.start(of: Instant(first.adding(months: number + 1)))
            )
        }
    }
}
