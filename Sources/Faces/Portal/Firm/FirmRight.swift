import Identity
import Kernel
import Storage
import Web

/// What a visitor may do with a firm's things: by the right under which he acts for that firm at this moment, whichever
/// he acts for in his session, put to the one table of permissions.
extension PortalDesk {
    /// - Parameter code: a firm's, or his own account's for what is his own.
    /// - Throws: `WebRefusal.notFound` when he has no right for the firm at all, `PermissionError` when it lacks this.
    func require(
        _ operation: String,
        for code: String,
        _ visit: Visit,
        in reader: any Reader
    ) throws {
        guard case .person(let id, let level, let isAgent, _)? = try visit.someone().principal as? Principal
        else {
            throw WebRefusal.notFound
        }
        if code == id.rawValue {
            // His own wallet: there is nothing of a firm in it.
            guard let own = Self.own[operation] else { throw WebRefusal.notFound }
            return try Permission.check(
                own,
                on: PermissionSubject(people: [code]),
                by: .person(id, level: level, isAgent: isAgent, acting: nil),
                table: permissions
            )
        }
        guard
            let acting = try Enterprises.acting(id, for: code, at: visit.now, in: reader)
        else { throw WebRefusal.notFound }
        try Permission.check(
            operation,
            on: PermissionSubject(enterprise: code),
            by: .person(id, level: level, isAgent: isAgent, acting: acting),
            table: permissions
        )
    }

    /// What somebody may do with a firm's licences, and the same with his own.
    private static let own = ["licence.read": "own-licence.read", "licence.use": "own-licence.use"]

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
