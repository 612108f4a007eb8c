import Audit
public import Kernel
public import Storage

/// The one check in front of every operation.
public enum Permission {
    /// Refuses an operation on a thing that the principal may not do.
    /// - Throws: `PermissionError`.
    public static func check(
        _ operation: String,
        on subject: PermissionSubject,
        by principal: Principal,
        table: PermissionTable
    ) throws(PermissionError) {
        let scope = try table.scope(operation, of: principal)
        guard scope.covers(subject) else { throw .outOfReach(operation: operation) }
    }

    /// The same, and a refusal to a known actor is written into the log in a transaction of its own.
    /// - Parameter object: what was asked for, `case:01J…`.
    public static func require(
        _ operation: String,
        on subject: PermissionSubject,
        object: String,
        by principal: Principal,
        table: PermissionTable,
        occasion: Occasion,
        database: any Database
    ) async throws {
        do {
            try check(operation, on: subject, by: principal, table: table)
        } catch {
            if principal != .anonymous {
                _ = try await database.write { tx in
                    try AuditLog.refused(
                        operation,
                        object: object,
                        refusal: error,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            throw error
        }
    }
}
