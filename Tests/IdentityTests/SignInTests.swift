import Audit
import Identity
import Jobs
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@testable import Cryptography

@Suite("signing in")
struct SignInTests {
    private let password = "一句很长的话 with words"

    @Test("by password: a session is found by its token in one query, and by nothing else")
    func byPassword() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let person = try await bench.person(1)
            _ = try await bench.account(person, login: "zhangsan", password: password)
            // Case, width and spaces of the name do not matter; the accent's encoding in the password does not either.
            let signedIn = try await bench.signIn(" ＺhangSan", password)
            #expect(signedIn.token.utf8.count == 64)
            let session = try #require(try await bench.session(signedIn.token))
            #expect(session.principal == .person(person.id, level: .face, isAgent: false, acting: nil))
            #expect(session.name == "张三")
            #expect(try await bench.session(String(signedIn.token.reversed())) == nil)
            #expect(try await bench.session(signedIn.session) == nil)
            #expect(try await bench.session("") == nil)
            let other = try await bench.signIn("zhangsan", password)
            #expect(other.token != signedIn.token)
        }
    }

    @Test("wrong password and unknown account get the same answer")
    func sameAnswer() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            _ = try await bench.account(try await bench.person(1), login: "zhangsan", password: password)
            for (login, word) in [
                ("zhangsan", "wrong password"), ("nobody", password), ("zhangsan", ""),
                ("zhangsan", String(repeating: "x", count: 2_000)),
            ] {
                await #expect(throws: IdentityError.signInFailed) { try await bench.signIn(login, word) }
            }
        }
    }

    @Test("every failed sign-in costs one evaluation of scrypt: an unknown user as much as a wrong password")
    func sameCost() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            _ = try await bench.account(try await bench.person(1), login: "zhangsan", password: password)
            let shut = try await bench.account(try await bench.person(2), login: "lisi", password: password)
            let occasion = bench.occasion()
            try await database.write { try Accounts.setDisabled(true, shut.id, occasion: occasion, in: $0) }
            for (login, word) in [
                ("zhangsan", "wrong password"), ("nobody", password), ("nobody", ""), ("zhangsan", ""),
                ("zhangsan", String(repeating: "x", count: 2_000)), ("lisi", password),
            ] {
                let threads = WorkerThreads(count: 1, queueMax: 8, name: "counted")
                await Scrypt.$workers.withValue(threads) {
                    await #expect(throws: IdentityError.signInFailed) { try await bench.signIn(login, word) }
                }
                #expect(threads.taken == 1, "\(login) \(word.prefix(20))")
            }
        }
    }

    @Test(
        "ten wrong tries lock account and address for fifteen minutes; unknown accounts alike",
        arguments: ["zhangsan", "nobody"]
    )
    func lockout(login: String) async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            _ = try await bench.account(try await bench.person(1), login: "zhangsan", password: password)
            let known = try await bench.signIn("zhangsan", password)
            for _ in 0..<10 {
                await #expect(throws: IdentityError.signInFailed) {
                    try await bench.signIn(login, "wrong password")
                }
            }
            await #expect(throws: IdentityError.locked(minutes: 15)) {
                try await bench.signIn(login, "wrong password")
            }
            bench.pass(minutes: 14)
            await #expect(throws: IdentityError.locked(minutes: 1)) {
                try await bench.signIn(login, password)
            }
            guard login == "zhangsan" else { return }
            // The owner on a device he used before, and from elsewhere, is not shut out.
            let device = SignInOrigin(address: "127.0.0.1", device: "Test", deviceToken: known.deviceToken)
            _ = try await bench.signIn(login, password, origin: device)
            _ = try await bench.signIn(
                login,
                password,
                origin: SignInOrigin(address: "127.0.0.2", device: "Test")
            )
            bench.pass(minutes: 1)
            _ = try await bench.signIn(login, password)
            // A success forgets the wrong tries.
            for _ in 0..<9 {
                await #expect(throws: IdentityError.signInFailed) {
                    try await bench.signIn(login, "wrong password")
                }
            }
            _ = try await bench.signIn(login, password)
            for _ in 0..<9 {
                await #expect(throws: IdentityError.signInFailed) {
                    try await bench.signIn(login, "wrong password")
                }
            }
        }
    }

    @Test(
        "wrong passwords from many addresses: twenty, then each waits twice as long; known devices never; alike for nobody",
        arguments: ["zhangsan", "nobody"]
    )
    func manyAddresses(login: String) async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let account = try await bench.account(
                try await bench.person(1),
                login: "zhangsan",
                password: password
            )
            let known = try await bench.signIn("zhangsan", password)
            let device = SignInOrigin(address: "127.0.0.1", device: "Test", deviceToken: known.deviceToken)
            var address = 0
            func strange() -> SignInOrigin {
                address += 1
                return SignInOrigin(address: "192.0.2.\(address)", device: "Test")
            }
            func told() async throws -> Int {
                let (limits, now) = (bench.settings.limits, bench.clock.now)
                return try await database.read {
                    try AccountNotices.list(of: account.id, limits: limits, now: now, in: $0)
                }.count { $0.kind == .passwordGuessed }
            }
            for _ in 0..<20 {
                await #expect(throws: IdentityError.signInFailed) {
                    try await bench.signIn(login, "wrong password", origin: strange())
                }
            }
            for minutes in [15, 30, 60, 120, 240, 240] {
                for _ in 0..<3 {
                    await #expect(throws: IdentityError.locked(minutes: minutes)) {
                        try await bench.signIn(login, password, origin: strange())
                    }
                }
                // The owner on a device he used before notices nothing, and takes nothing back.
                _ = try await bench.signIn("zhangsan", password, origin: device)
                bench.pass(minutes: Int64(minutes))
                await #expect(throws: IdentityError.signInFailed) {
                    try await bench.signIn(login, "wrong password", origin: strange())
                }
            }
            #expect(try await told() == (login == "zhangsan" ? 1 : 0))
            bench.pass(minutes: 240)
            guard login == "zhangsan" else { return }
            // The right password from a strange device, when it may be tried, ends the delays.
            _ = try await bench.signIn(login, password, origin: strange())
            for _ in 0..<20 {
                await #expect(throws: IdentityError.signInFailed) {
                    try await bench.signIn(login, "wrong password", origin: strange())
                }
            }
            await #expect(throws: IdentityError.locked(minutes: 15)) {
                try await bench.signIn(login, password, origin: strange())
            }
            // So does a day on which nobody tried.
            bench.pass(minutes: 1_440)
            for _ in 0..<2 {
                await #expect(throws: IdentityError.signInFailed) {
                    try await bench.signIn(login, "wrong password", origin: strange())
                }
            }
        }
    }

    @Test("sixty tries from one address, whatever the accounts; other addresses go on")
    func oneAddress() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            _ = try await bench.account(try await bench.person(1), login: "zhangsan", password: password)
            let here = SignInOrigin(address: "192.0.2.1", device: "Test")
            for serial in 0..<60 {
                await #expect(throws: IdentityError.signInFailed) {
                    try await bench.signIn("nobody\(serial)", "wrong password", origin: here)
                }
            }
            await #expect(throws: IdentityError.locked(minutes: 15)) {
                try await bench.signIn("zhangsan", password, origin: here)
            }
            let elsewhere = SignInOrigin(address: "192.0.2.2", device: "Test")
            _ = try await bench.signIn("zhangsan", password, origin: elsewhere)
        }
    }

    @Test("a try that has to wait for others' tries is not counted where it came from")
    func waiting() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            _ = try await bench.account(try await bench.person(1), login: "zhangsan", password: password)
            for serial in 1...20 {
                let strange = SignInOrigin(address: "192.0.2.\(serial)", device: "Test")
                await #expect(throws: IdentityError.signInFailed) {
                    try await bench.signIn("zhangsan", "wrong password", origin: strange)
                }
            }
            bench.pass(minutes: 10)
            let here = SignInOrigin(address: "198.51.100.1", device: "Test")
            for _ in 0..<70 {
                await #expect(throws: IdentityError.locked(minutes: 5)) {
                    try await bench.signIn("zhangsan", password, origin: here)
                }
            }
            bench.pass(minutes: 5)
            _ = try await bench.signIn("zhangsan", password, origin: here)
        }
    }

    @Test("a hundred tries at once from a hundred addresses get twenty evaluations; one /64 of IPv6 gets ten")
    func stormFromEverywhere() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            for (serial, login) in ["zhangsan", "lisi"].enumerated() {
                _ = try await bench.account(
                    try await bench.person(serial + 1),
                    login: login,
                    password: password
                )
            }
            for (login, network, most) in [("zhangsan", "192.0.2.", 20), ("lisi", "2001:db8:0:7::", 10)] {
                let evaluated = await withTaskGroup(of: Bool.self) { group in
                    for serial in 1...100 {
                        group.addTask {
                            let origin = SignInOrigin(address: "\(network)\(serial)", device: "Test")
                            do {
                                _ = try await bench.signIn(login, "wrong password", origin: origin)
                                return true
                            } catch { return error as? IdentityError == .signInFailed }
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(evaluated == most, "\(network)")
            }
        }
    }

    @Test("a device token that somebody else set is not adopted as a known device")
    func presetDevice() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            _ = try await bench.account(try await bench.person(1), login: "zhangsan", password: password)
            let preset = String(repeating: "ab", count: 32)
            let origin = SignInOrigin(address: "127.0.0.1", device: "Test", deviceToken: preset)
            let first = try await bench.signIn("zhangsan", password, origin: origin)
            #expect(first.deviceToken != preset)
            let own = SignInOrigin(address: "127.0.0.1", device: "Test", deviceToken: first.deviceToken)
            #expect(
                try await bench.signIn("zhangsan", password, origin: own).deviceToken == first.deviceToken
            )
        }
    }

    @Test("a hundred tries at once get no more evaluations than ten")
    func storm() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            _ = try await bench.account(try await bench.person(1), login: "zhangsan", password: password)
            let evaluated = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        do {
                            _ = try await bench.signIn("zhangsan", "wrong password")
                            return true
                        } catch { return error as? IdentityError == .signInFailed }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(evaluated == 10)
        }
    }

    @Test("idle and absolute ends; use moves the first, never the second")
    func ends() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            _ = try await bench.account(try await bench.person(1), login: "zhangsan", password: password)
            let idle = try await bench.signIn("zhangsan", password)
            bench.clock.set(bench.clock.now + (30 * Instant.minute - 1))
            #expect(try await bench.session(idle.token) != nil)
            bench.clock.set(bench.clock.now + 1)
            #expect(try await bench.session(idle.token) == nil)
            let used = try await bench.signIn("zhangsan", password)
            let limits = bench.settings.limits
            for _ in 0..<35 {
                bench.pass(minutes: 20)
                let session = try #require(try await bench.session(used.token))
                #expect(try Sessions.isTouchDue(session, now: bench.clock.now, limits: limits))
                let now = bench.clock.now
                try await database.write { tx in try Sessions.touch(session, now: now, limits: limits, in: tx)
                }
                let touched = try #require(try await bench.session(used.token))
                #expect(try !Sessions.isTouchDue(touched, now: now, limits: limits))
            }
            bench.pass(minutes: 20)
            #expect(try await bench.session(used.token) == nil)
        }
    }

    @Test("a changed password and a shut account end every session; lists show devices")
    func endAll() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let person = try await bench.person(1)
            let account = try await bench.account(person, login: "zhangsan", password: password)
            let first = try await bench.signIn("zhangsan", password)
            let second = try await bench.signIn("zhangsan", password)
            let himself = bench.occasion(Actor(.person, id: person.id.rawValue, role: "person"))
            try await database.write { tx in
                try Sessions.kick(first.session, of: account.id, occasion: himself, in: tx)
            }
            #expect(try await bench.session(first.token) == nil)
            #expect(try await bench.session(second.token) != nil)
            let record = try await Passwords.record(
                for: "another long sentence",
                settings: bench.settings,
                occasion: himself
            )
            try await database.write { tx in
                try Accounts.changePassword(of: account.id, record: record, occasion: himself, in: tx)
            }
            #expect(try await bench.session(second.token) == nil)
            await #expect(throws: IdentityError.signInFailed) { try await bench.signIn("zhangsan", password) }
            let third = try await bench.signIn("zhangsan", "another long sentence")
            await #expect(throws: IdentityError.ownRights) {
                try await database.write { tx in
                    try Accounts.setDisabled(true, account.id, occasion: himself, in: tx)
                }
            }
            let admin = bench.occasion(Actor(.staff, id: "sec", role: "security-admin"))
            try await database.write { tx in
                try Accounts.setDisabled(true, account.id, occasion: admin, in: tx)
            }
            #expect(try await bench.session(third.token) == nil)
            await #expect(throws: IdentityError.signInFailed) {
                try await bench.signIn("zhangsan", "another long sentence")
            }
            let now = bench.clock.now
            let list = try await database.read { reader in
                try Sessions.list(of: account.id, now: now, in: reader)
            }
            #expect(list == [])
        }
    }

    @Test("passwords have a length, and its limit is the limit")
    func lengths() async throws {
        let bench = try await Bench(NoDatabase())
        let occasion = bench.occasion()
        await #expect(throws: IdentityError.passwordTooShort(min: 10)) {
            try await Passwords.record(for: "123456789", settings: bench.settings, occasion: occasion)
        }
        _ = try await Passwords.record(for: "1234567890", settings: bench.settings, occasion: occasion)
        await #expect(throws: IdentityError.passwordTooLong(max: 128)) {
            try await Passwords.record(
                for: String(repeating: "x", count: 129),
                settings: bench.settings,
                occasion: occasion
            )
        }
    }
}

/// For tests that must not touch one.
struct NoDatabase: Database {
    let engine = DatabaseEngine.sqlite
    func read<Answer: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> Answer) async throws
        -> Answer
    { throw StorageError.closed }
    func write<Answer: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Answer) async throws
        -> Answer
    { throw StorageError.closed }
    func rings() -> AsyncStream<Void> { AsyncStream { $0.finish() } }

    func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {}
    func migrate(_ migrations: [Migration]) async throws {}
    func close() async {}
}
