import Audit
import Cryptography
import Foundation
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@testable import Identity

/// How a factor comes to its owner, moves with him and is taken away.
extension SecondFactorTests {
    @Test("the secret belongs to the half sign-in that began it; at confirmation every other one ends")
    func secretOfOne() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            let eve = try await signIn(bench, settings)
            let half = try await signIn(bench, settings)
            try await admit(half, handOut(account, bench, settings), bench, settings)
            // Who knows the password only is shown nothing and confirms nothing.
            #expect(try await pending(eve, bench)?.missing == .handedCode)
            await #expect(throws: IdentityError.factorNotBegun) {
                try await shown(eve.session, account, bench, settings)
            }
            let secret = try await shown(half.session, account, bench, settings)
            await #expect(throws: IdentityError.factorNotBegun) {
                try await SecondFactor.enrol(
                    account.id,
                    code: code(secret, bench),
                    session: eve.session,
                    settings: settings,
                    occasion: bench.occasion(),
                    database: database
                )
            }
            let token = try await complete(half, code(secret, bench), bench, settings).token
            #expect(try await bench.session(token) != nil)
            #expect(try await pending(eve, bench) == nil)
        }
    }

    @Test("a code to enrol with: of another person, once, within its term, and never for whom has a factor")
    func handedCode() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            await #expect(throws: IdentityError.ownRights) {
                try await handOut(account, bench, settings, by: SignIn.actor(account))
            }
            let late = try await handOut(account, bench, settings)
            bench.pass(minutes: Int64(try settings.limits.value(.factorHandedCode, at: bench.clock.now)))
            let half = try await signIn(bench, settings)
            await #expect(throws: IdentityError.handedCodeWrong) {
                try await admit(half, late, bench, settings)
            }
            let earlier = try await handOut(account, bench, settings)
            let good = try await handOut(account, bench, settings)
            for code in [late, earlier] {
                await #expect(throws: IdentityError.handedCodeWrong) {
                    try await admit(half, code, bench, settings)
                }
            }
            try await admit(half, good, bench, settings)
            let other = try await signIn(bench, settings)
            await #expect(throws: IdentityError.handedCodeWrong) {
                try await admit(other, good, bench, settings)
            }
            // With a new code, what was begun with an earlier one is over, though that code had been right.
            let newest = try await handOut(account, bench, settings)
            await #expect(throws: IdentityError.factorNotBegun) {
                try await shown(half.session, account, bench, settings)
            }
            try await admit(half, newest, bench, settings)
            let secret = try await shown(half.session, account, bench, settings)
            _ = try await complete(half, code(secret, bench), bench, settings)
            await #expect(throws: IdentityError.factorOn) { try await handOut(account, bench, settings) }
            let kept = try await database.read {
                try $0.first("SELECT code FROM identity_enrolment WHERE account = $1", account.id)?.blob(0)
            }
            #expect(kept != nil && kept != Array(good.utf8))
        }
    }

    @Test("another person takes a lost factor away: sessions end, the owner is told why, the log has it")
    func takenAway() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            let mine = try await enrolled(account, bench, settings)
            func take(by actor: Actor) async throws {
                let occasion = bench.occasion(actor)
                try await database.write { tx in
                    try SecondFactor.takeAway(
                        from: account,
                        reason: .lost,
                        keys: settings.keys,
                        limits: settings.limits,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            await #expect(throws: IdentityError.ownRights) { try await take(by: SignIn.actor(account)) }
            try await take(by: security)
            #expect(try await bench.session(mine.token) == nil)
            #expect(try await signIn(bench, settings).missing == .handedCode)
            let now = bench.clock.now
            let told = try await database.read {
                try AccountNotices.list(of: account.id, limits: settings.limits, now: now, in: $0)
            }
            #expect(told.map(\.kind) == [.factorTaken, .codeHanded] && told.first?.reason == .lost)
            #expect(try await log(account, bench).contains("account.factor-taken done"))
            await #expect(throws: IdentityError.factorOff) { try await take(by: security) }
        }
    }

    @Test(
        "moving to another authenticator and new recovery codes ask for a code; the old one holds until then"
    )
    func moved() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (account, settings) = try await registrar(bench)
            let old = try await enrolled(account, bench, settings)
            let session = try #require(try await bench.session(old.token)).id
            let himself = bench.occasion(SignIn.actor(account))
            func move(_ code: String) async throws {
                try await SecondFactor.move(
                    account.id,
                    code: code,
                    session: session,
                    settings: settings,
                    occasion: bench.occasion(SignIn.actor(account)),
                    database: database
                )
            }
            await #expect(throws: IdentityError.factorWrong) { try await move("000000") }
            await #expect(throws: IdentityError.factorNotBegun) {
                try await shown(session, account, bench, settings)
            }
            try await move(code(old.secret, bench))
            let fresh = try await shown(session, account, bench, settings)
            #expect(fresh != old.secret)
            // Not proven yet: the old one signs in.
            bench.clock.set(bench.clock.now + 30_000)
            let half = try await signIn(bench, settings)
            let other = try await complete(half, code(old.secret, bench), bench, settings).token
            let recovery = try await SecondFactor.enrol(
                account.id,
                code: code(fresh, bench),
                session: session,
                settings: settings,
                occasion: himself,
                database: database
            )
            #expect(Set(recovery).isDisjoint(with: old.recovery))
            #expect(try await bench.session(other) == nil)
            #expect(try await bench.session(old.token) != nil)
            bench.clock.set(bench.clock.now + 30_000)
            let next = try await signIn(bench, settings)
            for stale in [code(old.secret, bench), old.recovery[0]] {
                await #expect(throws: IdentityError.factorWrong) {
                    try await complete(next, stale, bench, settings)
                }
            }
            _ = try await complete(next, code(fresh, bench), bench, settings)
            let renewed = try await SecondFactor.renewRecovery(
                of: account.id,
                code: recovery[0],
                session: session,
                settings: settings,
                occasion: himself,
                database: database
            )
            #expect(renewed.count == 10 && Set(renewed).isDisjoint(with: recovery))
            let acts = try await log(account, bench)
            for act in ["factor-begun", "factor-moved", "recovery-renewed"] {
                #expect(acts.contains("account.\(act) done"), "\(act)")
            }
            #expect(acts.filter { $0.hasPrefix("account.factor ") }.count == 3, "\(acts)")
            let now = bench.clock.now
            let told = try await database.read {
                try AccountNotices.list(of: account.id, limits: settings.limits, now: now, in: $0)
            }
            #expect(Set(told.map(\.kind)) == [.codeHanded, .factorMoved, .recoveryRenewed])
        }
    }

    @Test(
        "a session alone enrols nothing: the password is asked, with a limit, and refusals stand in the log"
    )
    func byPassword() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let person = try await bench.person(1)
            let account = try await bench.account(person, login: "zhangsan", password: password)
            let signedIn = try await bench.signIn("zhangsan", password)
            let himself = SignIn.actor(account)
            func start(_ word: String) async throws {
                try await SecondFactor.start(
                    account,
                    password: word,
                    session: signedIn.session,
                    settings: bench.settings,
                    occasion: bench.occasion(himself),
                    database: database
                )
            }
            func change(_ old: String, to new: String) async throws {
                try await Accounts.changePassword(
                    of: account,
                    from: old,
                    to: new,
                    settings: bench.settings,
                    occasion: bench.occasion(himself),
                    database: database
                )
            }
            await #expect(throws: IdentityError.signInFailed) { try await start("wrong") }
            try await start(password)
            _ = try await shown(signedIn.session, account, bench, bench.settings)
            // A new password that cannot be taken costs no try, whatever was typed for the old one.
            let most = try bench.settings.limits.value(.signInTries, at: bench.clock.now)
            for _ in 0...most {
                await #expect(throws: IdentityError.passwordTooShort(min: 10)) {
                    try await change("wrong", to: "short")
                }
            }
            for _ in 0..<most {
                await #expect(throws: IdentityError.signInFailed) {
                    try await change("wrong", to: "another long sentence")
                }
            }
            await #expect(throws: IdentityError.locked(minutes: 15)) { try await start(password) }
            let acts = try await log(account, bench)
            #expect(acts.filter { $0.hasPrefix("account.password ") }.count == most)
            #expect(acts.filter { $0.hasPrefix("account.factor-begun ") }.count == 3, "\(acts)")
        }
    }
}
