import Audit
import Cryptography
import Foundation
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@testable import Identity

@Suite("the second factor of staff")
struct SecondFactorTests {
    let password = "correct horse battery"

    /// A registrar of an installation in service.
    func registrar(_ bench: Bench) async throws -> (Account, IdentitySettings) {
        let home = try Home.find()
        let settings = try IdentitySettings(
            keys: IdentityKeys(masterKey: [UInt8](repeating: 1, count: 32)),
            limits: IdentityLimits(home: home),
            factors: SecondFactorPolicy(home: home, for: .service),
            scrypt: .init(logN: 10, r: 8, p: 1),
            entropy: bench.entropy
        )
        let admin = bench.occasion(Actor(.staff, id: "security", role: "security-admin"))
        let record = try await Passwords.record(for: password, settings: settings, occasion: admin)
        let agency = try #require(bench.standards.agencies["NMSCJG"])
        let region = try #require(bench.standards.regions["150203"])
        let today = bench.clock.now.date
        let account = try await bench.database.write { tx in
            let staff = try StaffRegister.add(name: "白雪", occasion: admin, in: tx)
            try StaffRegister.appoint(
                staff.id,
                agency: agency,
                region: region,
                role: .registrar,
                from: today,
                basis: "任字1号",
                occasion: admin,
                in: tx
            )
            return try Accounts.open(
                .staff,
                holder: staff.id.rawValue,
                logins: [.name("baixue")],
                record: record,
                keys: settings.keys,
                occasion: admin,
                in: tx
            )
        }
        return (account, settings)
    }

    func signIn(_ bench: Bench, _ settings: IdentitySettings, from device: String? = nil) async throws
        -> SignedIn
    {
        try await SignIn.withPassword(
            .name("baixue"),
            password: password,
            origin: SignInOrigin(address: "127.0.0.1", device: "Test", deviceToken: device),
            settings: settings,
            occasion: bench.occasion(.anonymous),
            database: bench.database
        )
    }

    func pending(_ signedIn: SignedIn, _ bench: Bench) async throws -> SecondFactor.Pending? {
        let now = bench.clock.now
        return try await bench.database.read { try SecondFactor.pending(signedIn.token, now: now, in: $0) }
    }

    func complete(_ signedIn: SignedIn, _ code: String, _ bench: Bench, _ settings: IdentitySettings)
        async throws -> (token: String, recovery: [String])
    {
        let pending = try #require(try await self.pending(signedIn, bench))
        return try await SecondFactor.complete(
            pending,
            code: code,
            settings: settings,
            occasion: bench.occasion(.anonymous),
            database: bench.database
        )
    }

    let security = Actor(.staff, id: "security", role: "security-admin")

    func handOut(
        _ account: Account,
        _ bench: Bench,
        _ settings: IdentitySettings,
        by actor: Actor? = nil
    )
        async throws -> String
    {
        let occasion = bench.occasion(actor ?? security)
        return try await bench.database.write { tx in
            try SecondFactor.handOut(
                to: account,
                keys: settings.keys,
                limits: settings.limits,
                occasion: occasion,
                in: tx
            )
        }.code
    }

    func admit(_ half: SignedIn, _ code: String, _ bench: Bench, _ settings: IdentitySettings)
        async throws
    {
        try await SecondFactor.admit(
            try #require(try await pending(half, bench)),
            code: code,
            settings: settings,
            occasion: bench.occasion(.anonymous),
            database: bench.database
        )
    }

    func shown(_ session: String, _ account: Account, _ bench: Bench, _ settings: IdentitySettings)
        async throws -> [UInt8]
    {
        try await bench.database.read {
            try SecondFactor.secret(of: account.id, session: session, settings: settings, in: $0)
        }
    }

    func code(_ secret: [UInt8], _ bench: Bench, later steps: Int64 = 0) -> String {
        TimeCode.code(secret, step: TimeCode.step(at: bench.clock.now) + steps)
    }

    /// Enrols with a code of the administrator.
    func enrolled(_ account: Account, _ bench: Bench, _ settings: IdentitySettings) async throws -> (
        secret: [UInt8], token: String, device: String, recovery: [String]
    ) {
        let half = try await signIn(bench, settings)
        try await admit(half, handOut(account, bench, settings), bench, settings)
        let secret = try await shown(half.session, account, bench, settings)
        let done = try await complete(half, code(secret, bench), bench, settings)
        bench.clock.set(bench.clock.now + 30_000)
        return (secret, done.token, half.deviceToken, done.recovery)
    }

    func log(_ account: Account, _ bench: Bench) async throws -> [String] {
        try await bench.database.read {
            try AuditLog.history(of: "account:\(account.id)", in: $0).map { "\($0.act) \($0.outcome.text)" }
        }
    }

    @Test("a post that asks for it: no session before enrolment, none without a code, no code twice")
    func whole() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            // The password alone opens nothing and binds nothing.
            let first = try await signIn(bench, settings)
            #expect(first.missing == .handedCode)
            #expect(try await bench.session(first.token) == nil)
            await #expect(throws: IdentityError.factorNotBegun) {
                try await shown(first.session, account, bench, settings)
            }
            let handed = try await handOut(account, bench, settings)
            await #expect(throws: IdentityError.handedCodeWrong) {
                try await admit(first, "AAAAA-AAAAA", bench, settings)
            }
            try await admit(first, handed.lowercased(), bench, settings)
            let secret = try await shown(first.session, account, bench, settings)
            func code(_ steps: Int64 = 0) -> String { self.code(secret, bench, later: steps) }
            await #expect(throws: IdentityError.factorWrong) {
                try await complete(first, "000000", bench, settings)
            }
            let enrolled = try await complete(first, code(), bench, settings)
            #expect(enrolled.recovery.count == 10 && Set(enrolled.recovery).count == 10)
            #expect(try await bench.session(enrolled.token) != nil)
            #expect(try await bench.session(first.token) == nil)
            #expect(try await pending(first, bench) == nil)
            // The secret is shown no more, and lies nowhere in clear.
            await #expect(throws: IdentityError.factorNotBegun) {
                try await shown(first.session, account, bench, settings)
            }
            let kept = try await database.read { try FactorStore.find(account.id, in: $0)?.secret }
            #expect(kept?.count != secret.count)
            #expect(String(decoding: kept ?? [], as: UTF8.self).contains(Hex.encode(secret)) == false)
            // The code of the enrolment does not sign in again; the next one does, once.
            let second = try await signIn(bench, settings)
            #expect(second.missing == .code && second.token != first.token)
            await #expect(throws: IdentityError.factorUsed) {
                try await complete(second, code(), bench, settings)
            }
            bench.clock.set(bench.clock.now + 30_000)
            let old = code(-1)
            let token = try await complete(second, code(), bench, settings).token
            #expect(try await bench.session(token)?.account == account.id)
            let third = try await signIn(bench, settings)
            for stale in [code(), old] {
                await #expect(throws: IdentityError.factorUsed) {
                    try await complete(third, stale, bench, settings)
                }
            }
            // A recovery code serves once.
            let recovery = enrolled.recovery[0]
            _ = try await complete(third, recovery.lowercased(), bench, settings)
            let fourth = try await signIn(bench, settings)
            await #expect(throws: IdentityError.factorWrong) {
                try await complete(fourth, recovery, bench, settings)
            }
            let standing = try await database.read { try SecondFactor.standing(of: account.id, in: $0) }
            guard case .on(_, let left) = standing else {
                Issue.record("\(standing)")
                return
            }
            #expect(left == 9)
            // Whose post asks for it keeps it.
            await #expect(throws: IdentityError.factorNeeded) {
                try await SecondFactor.remove(
                    account,
                    code: enrolled.recovery[1],
                    session: "none",
                    settings: settings,
                    occasion: bench.occasion(),
                    database: database
                )
            }
        }
    }

    @Test(
        "each lock on guessed codes is longer than the last; no success of a stranger's device takes it back"
    )
    func guessing() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            let mine = try await enrolled(account, bench, settings)
            let most = try settings.limits.value(.factorTries, at: bench.clock.now)
            /// Guesses from a device that nobody knows until it is shut.
            func shut(after minutes: Int) async throws {
                for _ in 0..<most {
                    let half = try await signIn(bench, settings)
                    await #expect(throws: IdentityError.factorWrong) {
                        try await complete(half, "000000", bench, settings)
                    }
                }
                let half = try await signIn(bench, settings)
                await #expect(throws: IdentityError.factorLocked(minutes: minutes)) {
                    try await complete(half, code(mine.secret, bench), bench, settings)
                }
                bench.pass(minutes: 10)
                #expect(try await pending(half, bench) == nil)
                bench.pass(minutes: Int64(minutes) - 10)
            }
            for minutes in [15, 60, 1_440, 1_440] { try await shut(after: minutes) }
            let now = bench.clock.now
            let told = try await database.read {
                try AccountNotices.list(of: account.id, limits: settings.limits, now: now, in: $0)
            }
            #expect(told.filter { $0.kind == .guessed }.count == 4)
            let refused = try await log(account, bench).filter { $0.hasPrefix("account.factor ") }
            #expect(refused.count == 4 * (most + 1) && !refused.contains { $0.hasSuffix("done") })
            // A code that is right on a strange device opens the door and takes nothing back.
            for _ in 0..<(most - 1) {
                let half = try await signIn(bench, settings)
                await #expect(throws: IdentityError.factorWrong) {
                    try await complete(half, "000000", bench, settings)
                }
            }
            let strange = try await signIn(bench, settings)
            _ = try await complete(strange, code(mine.secret, bench), bench, settings)
            let wrong = try await signIn(bench, settings)
            await #expect(throws: IdentityError.factorWrong) {
                try await complete(wrong, "000000", bench, settings)
            }
            let locked = try await signIn(bench, settings)
            await #expect(throws: IdentityError.factorLocked(minutes: 1_440)) {
                try await complete(locked, "000000", bench, settings)
            }
            // The owner's own device is counted by itself, and his success there gives strangers nothing.
            bench.clock.set(bench.clock.now + 30_000)
            let own = try await signIn(bench, settings, from: mine.device)
            _ = try await complete(own, code(mine.secret, bench), bench, settings)
            bench.pass(minutes: 1_440)
            try await shut(after: 1_440)
            // A new password begins anew.
            try await Accounts.changePassword(
                of: account,
                from: password,
                to: password + "!",
                settings: settings,
                occasion: bench.occasion(SignIn.actor(account)),
                database: database
            )
            try await Accounts.changePassword(
                of: account,
                from: password + "!",
                to: password,
                settings: settings,
                occasion: bench.occasion(SignIn.actor(account)),
                database: database
            )
            try await shut(after: 15)
        }
    }

    @Test("the code and the session are one transaction: without the session the code is not used up")
    func oneTransaction() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            let mine = try await enrolled(account, bench, settings)
            let half = try await signIn(bench, settings)
            let pending = try #require(try await self.pending(half, bench))
            let occasion = bench.occasion(SignIn.actor(account))
            try await database.write { tx in
                try Sessions.kick(half.session, of: account.id, occasion: occasion, in: tx)
            }
            await #expect(throws: IdentityError.sessionEnded) {
                try await SecondFactor.complete(
                    pending,
                    code: mine.recovery[0],
                    settings: settings,
                    occasion: bench.occasion(.anonymous),
                    database: database
                )
            }
            let again = try await signIn(bench, settings)
            _ = try await complete(again, mine.recovery[0], bench, settings)
        }
    }

    @Test("the list of devices holds what is live, half sign-ins too; all others end at once")
    func liveOnly() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            let mine = try await enrolled(account, bench, settings)
            let own = try #require(try await bench.session(mine.token)).id
            let occasion = bench.occasion(SignIn.actor(account))
            // Many sign-ins that ended push nothing off the list.
            for _ in 0..<60 {
                let half = try await signIn(bench, settings)
                try await database.write { tx in
                    try Sessions.kick(half.session, of: account.id, occasion: occasion, in: tx)
                }
            }
            let half = try await signIn(bench, settings)
            func list() async throws -> [SessionLine] {
                let now = bench.clock.now
                return try await database.read { try Sessions.list(of: account.id, now: now, in: $0) }
            }
            let lines = try await list()
            #expect(Set(lines.map(\.id)) == [own, half.session])
            #expect(lines.first { $0.id == half.session }?.isPending == true)
            try await database.write { tx in
                try Sessions.kickOthers(own, of: account.id, occasion: occasion, in: tx)
            }
            #expect(try await list().map(\.id) == [own])
            bench.pass(minutes: 16)
            #expect(try await list() == [])
        }
    }

    @Test("the policy is dated data: in service every post asks for it, in a demonstration none does")
    func policy() throws {
        let home = try Home.find()
        let (service, demonstration) = (
            try SecondFactorPolicy(home: home, for: .service),
            try SecondFactorPolicy(home: home, for: .demonstration)
        )
        let day = try #require(LocalDate(parsing: "2026-11-21"))
        #expect(StaffRole.allCases.allSatisfy { service.isNeeded($0, on: day) })
        #expect(StaffRole.allCases.allSatisfy { !demonstration.isNeeded($0, on: day) })
        #expect(!service.isNeeded(.registrar, on: try #require(LocalDate(parsing: "2021-12-31"))))
    }
}
