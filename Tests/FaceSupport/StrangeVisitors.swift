import Foundation
import Identity
import Kernel
import Server
import Standards
import Storage
import Web

/// Who has no account of the demonstration and yet may stand at a door: staff of another agency of the same region,
/// administrators of items, for whom there is no post yet, and systems of other agencies that sign their calls.
enum StrangeVisitors {
    /// A registrar of the police in the very district whose cases the tests open.
    static let elsewhere = "police"
    private static let signature = "suban-signature"

    /// The session of somebody who needs no password.
    static func token(of login: String) -> String? {
        login == Role.itemAdmin.rawValue ? "session-of-\(login)" : nil
    }

    /// What a program sends in the place of a session.
    static func headers(of login: String) -> [String: String] {
        login == Role.agencyKey.rawValue ? [signature: login] : [:]
    }

    static func admit(_ ports: inout SitePorts) {
        let (session, key) = (ports.session, ports.key)
        ports.session = { token, now, questions in
            guard token == Self.token(of: Role.itemAdmin.rawValue) else {
                return try await session(token, now, questions)
            }
            return (Self.visitor(.itemAdmin, Actor(.staff, id: "items", role: Role.itemAdmin.rawValue)), [])
        }
        ports.key = { call in
            guard call.headers[signature] == Role.agencyKey.rawValue else { return try await key(call) }
            return Self.visitor(.agencyKey, Actor(.party, id: "tax", role: Role.agencyKey.rawValue))
        }
    }

    private static func visitor(_ role: Role, _ actor: Actor) -> Visitor {
        Visitor(
            actor: actor,
            roles: [role],
            name: role.rawValue,
            session: "session-\(role.rawValue)",
            region: "150203",
            agency: "NMSCJG"
        )
    }

    /// Gives the police's registrar his post and the password of all demonstration accounts.
    static func appoint(in platform: Platform) async throws {
        let home = try Home.find()
        let identity = try IdentitySettings(
            keys: platform.identityKeys,
            limits: IdentityLimits(home: home),
            scrypt: platform.settings.passwords,
            entropy: platform.settings.entropy
        )
        let occasion = platform.occasion("test")
        let standards = platform.standards
        guard let password = try DemoAccounts.read(home: home).first?.password,
            let agency = standards.agencies["NMGAT"], let region = standards.regions["150203"]
        else { throw CancellationError() }
        let record = try await Passwords.record(for: password, settings: identity, occasion: occasion)
        try await platform.database.write { tx in
            try StaffRegister.open(
                elsewhere,
                name: "巴特尔",
                record: record,
                role: .registrar,
                agency: agency,
                region: region,
                basis: "test",
                keys: identity.keys,
                occasion: occasion,
                in: tx
            )
        }
    }
}
