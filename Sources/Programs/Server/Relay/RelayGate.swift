import Foundation

/// The user as which the gate runs, when it is not this program's own: it moves messages, and can read no key.
struct RelayGate: Sendable {
    let name: String
    let user: uid_t
    let group: gid_t

    /// - Throws: `RelayStart.gate` when there is no such user, or it is this program's.
    init(named name: String) throws(RelayStart) {
        guard let found = getpwnam(name), found.pointee.pw_uid != geteuid() else { throw .gate(name) }
        self.init(name: name, user: found.pointee.pw_uid, group: found.pointee.pw_gid)
    }

    init(name: String, user: uid_t, group: gid_t) {
        self.name = name
        self.user = user
        self.group = group
    }
}
