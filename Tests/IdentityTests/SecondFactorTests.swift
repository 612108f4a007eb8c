import Audit
import Cryptography
import Foundation
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@testable import Identity

@Suite("codes that count once and not for long")
struct TimeCodeTests {
    @Test(
        "the vectors of RFC 6238, appendix B, at six digits",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)]
    )
    func vectors(seconds: Int64, code: String) {
        let moment = Instant(milliseconds: seconds * 1_000)
        #expect(TimeCode.code(Array("12345678901234567890".utf8), step: TimeCode.step(at: moment)) == code)
    }

    @Test("a secret as authenticators read it: the vectors of RFC 4648 without padding")
    func base32() {
        for (plain, text) in [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI"),
        ] {
            #expect(TimeCode.base32(Array(plain.utf8)) == text)
        }
    }

    @Test("a clock may be off by the drift and no more")
    func drift() {
        let secret = Array("12345678901234567890".utf8)
        let now = Instant(milliseconds: 1_234_567_890_000)
        let step = TimeCode.step(at: now)
        for away in Int64(-3)...3 {
            let code = TimeCode.code(secret, step: step + away)
            let found = TimeCode.step(of: code, secret, at: now, drift: 1)
            #expect(found == (abs(away) <= 1 ? step + away : nil), "\(away) steps away")
        }
    }
}

@Suite("the second factor of staff")
struct SecondFactorTests {
    private let password = "correct horse battery"

    /// A registrar of an installation in service.
    private func registrar(_ bench: Bench) async throws -> (Account, IdentitySettings) {
        let home = try Home.find()
        let settings = try await IdentitySettings.make(
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

    private func signIn(_ bench: Bench, _ settings: IdentitySettings) async throws -> SignedIn {
        try await SignIn.withPassword(
            .name("baixue"),
            password: password,
            origin: bench.origin,
            settings: settings,
            occasion: bench.occasion(.anonymous),
            database: bench.database
        )
    }

    private func pending(_ signedIn: SignedIn, _ bench: Bench) async throws -> SecondFactor.Pending? {
        let now = bench.clock.now
        return try await bench.database.read { try SecondFactor.pending(signedIn.token, now: now, in: $0) }
    }

    private func complete(_ signedIn: SignedIn, _ code: String, _ bench: Bench, _ settings: IdentitySettings)
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

    @Test("a post that asks for it: no session before enrolment, none without a code, no code twice")
    func whole() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            // The password alone opens nothing.
            let first = try await signIn(bench, settings)
            #expect(first.missing == .enrol)
            #expect(try await bench.session(first.token) == nil)
            let secret = try await database.read {
                try SecondFactor.secret(of: account.id, settings: settings, in: $0)
            }
            func code(_ steps: Int64 = 0) -> String {
                TimeCode.code(secret, step: TimeCode.step(at: bench.clock.now) + steps)
            }
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
                try await database.read {
                    try SecondFactor.secret(of: account.id, settings: settings, in: $0)
                }
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
                    settings: settings,
                    occasion: bench.occasion(),
                    database: database
                )
            }
        }
    }

    @Test("guessing is shut after the dated number of tries; a half sign-in does not last")
    func guessing() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            let half = try await signIn(bench, settings)
            let most = try settings.limits.value(.factorTries, at: bench.clock.now)
            for _ in 0..<most {
                await #expect(throws: IdentityError.factorWrong) {
                    try await complete(half, "000000", bench, settings)
                }
            }
            let secret = try await database.read {
                try SecondFactor.secret(of: account.id, settings: settings, in: $0)
            }
            let right = TimeCode.code(secret, step: TimeCode.step(at: bench.clock.now))
            await #expect(throws: IdentityError.factorLocked(minutes: 15)) {
                try await complete(half, right, bench, settings)
            }
            bench.pass(minutes: 10)
            #expect(try await pending(half, bench) == nil)
            bench.pass(minutes: 6)
            let again = try await signIn(bench, settings)
            let fresh = try await database.read {
                try SecondFactor.secret(of: account.id, settings: settings, in: $0)
            }
            _ = try await complete(
                again,
                TimeCode.code(fresh, step: TimeCode.step(at: bench.clock.now)),
                bench,
                settings
            )
        }
    }

    @Test("the policy is dated data: in service these posts ask for it, in a demonstration none does")
    func policy() throws {
        let home = try Home.find()
        let (service, demonstration) = (
            try SecondFactorPolicy(home: home, for: .service),
            try SecondFactorPolicy(home: home, for: .demonstration)
        )
        let day = try #require(LocalDate(parsing: "2026-11-21"))
        let needed = StaffRole.allCases.filter { service.isNeeded($0, on: day) }
        #expect(
            Set(needed) == [.registrar, .head, .corrector, .systemAdmin, .securityAdmin, .auditAdmin]
        )
        #expect(StaffRole.allCases.allSatisfy { !demonstration.isNeeded($0, on: day) })
        #expect(!service.isNeeded(.registrar, on: try #require(LocalDate(parsing: "2021-12-31"))))
    }
}
