import Audit
import Cryptography
import Identity
import Jobs
import Kernel
import Standards
import Storage
import Testing

let identityMigrations = AuditMigrations.all + JobsMigrations.all + IdentityMigrations.all

/// A database with a few people, and the clock that stands still.
struct Bench {
    let database: any Database
    let clock: ManualClock
    let standards: Standards
    let settings: IdentitySettings
    let table: PermissionTable
    let entropy = SeededEntropy(seed: 3)

    init(_ database: any Database, at start: String = "2026-11-20 10:00") async throws {
        self.database = database
        let home = try Home.find()
        clock = ManualClock(try #require(Instant(parsing: start)))
        standards = try Standards(home: home)
        table = try PermissionTable(home: home)
        settings = try IdentitySettings(
            keys: IdentityKeys(masterKey: [UInt8](repeating: 1, count: 32)),
            limits: IdentityLimits(home: home),
            scrypt: ScryptParameters(logN: 10, r: 8, p: 1),
            entropy: entropy
        )
    }

    func occasion(_ actor: Actor = .platform("test")) -> Occasion {
        Occasion(now: clock.now, actor: actor, request: "r", entropy: entropy)
    }

    func pass(minutes: Int64) { clock.set(clock.now + minutes * Instant.minute) }

    let origin = SignInOrigin(address: "127.0.0.1", device: "Test")

    /// The nth person with a valid number.
    func person(_ number: Int, level: RealNameLevel = .face, birth: String = "19880312") async throws
        -> Person
    {
        let body = "150203\(birth)\(100 + number)"
        let document = try standards.identityDocument(
            kind: "resident-id",
            number: body + check(body),
            on: clock.now.date
        )
        let phone = try PhoneNumber("1380000\(1_000 + number)")
        let occasion = occasion()
        let keys = settings.keys
        return try await database.write { tx in
            let person = try People.register(
                name: PersonName("张三"),
                document: document,
                phone: phone,
                keys: keys,
                occasion: occasion,
                in: tx
            )
            guard level > .declared else { return person }
            return try People.verified(
                person.id,
                as: level,
                score: 980,
                reference: "F1",
                occasion: occasion,
                in: tx
            )
        }
    }

    func account(_ person: Person, login: String, password: String, phone: String? = nil) async throws
        -> Account
    {
        let occasion = occasion()
        let record = try await Passwords.record(for: password, settings: settings, occasion: occasion)
        let keys = settings.keys
        let logins: [Login] = [.name(login)] + (phone.map { [.phone($0)] } ?? [])
        return try await database.write { tx in
            try Accounts.open(
                .person,
                holder: person.id.rawValue,
                logins: logins,
                record: record,
                keys: keys,
                occasion: occasion,
                in: tx
            )
        }
    }

    func signIn(_ login: String, _ password: String, origin: SignInOrigin? = nil) async throws -> SignedIn {
        try await SignIn.withPassword(
            .name(login),
            password: password,
            origin: origin ?? self.origin,
            settings: settings,
            occasion: occasion(.anonymous),
            database: database
        )
    }

    /// As a read finds it, and as it is found beside other questions: the two never differ.
    func session(_ token: String) async throws -> Session? {
        let now = clock.now
        let found = try await database.read { reader in
            try Sessions.find(token: token, now: now, in: reader)
        }
        let beside = try await Sessions.find(
            token: token,
            now: now,
            asking: [Question("SELECT id FROM identity_account ORDER BY id"), Question("SELECT 7 AS seven")],
            in: database
        )
        #expect(beside?.session == found)
        #expect(beside.map { $0.answers.map(\.isEmpty) } == found.map { _ in [false, false] })
        #expect(beside?.answers.last?.map(\.values) == (found == nil ? nil : [[.integer(7)]]))
        return found
    }

    func check(_ body: String) -> String {
        var product = 0
        for digit in body { product = (product + (digit.wholeNumberValue ?? 0)) * 2 % 11 }
        let check = (12 - product) % 11
        return check == 10 ? "X" : String(check)
    }
}
