import Identity
import Kernel
import Storage
import Web

/// What a visitor may do with a firm's things: by the right under which he acts for that firm at this moment, whichever
/// he acts for in his session, put to the one table of permissions.
extension PortalDesk {
    /// - Throws: `WebRefusal.notFound` when he has no right for the firm at all, `PermissionError` when it lacks this.
    func require(
        _ operation: String,
        for code: String,
        _ visit: Visit,
        in reader: any Reader
    ) throws {
        guard case .person(let id, let level, let isAgent, _)? = try visit.someone().principal as? Principal,
            let acting = try Enterprises.acting(id, for: code, at: visit.now, in: reader)
        else { throw WebRefusal.notFound }
        try Permission.check(
            operation,
            on: PermissionSubject(enterprise: code),
            by: .person(id, level: level, isAgent: isAgent, acting: acting),
            table: permissions
        )
    }

    func may(_ operation: String, for code: String, _ visit: Visit, in reader: any Reader) throws -> Bool {
        do {
            try require(operation, for: code, visit, in: reader)
            return true
        } catch is PermissionError {
            return false
        } catch WebRefusal.notFound {
            return false
        }
    }
}
