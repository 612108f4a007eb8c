import Identity
import Jobs
import Kernel
import Standards
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("codes by text message")
struct SmsCodeTests {
    private final class Counter: Sendable {
        private let made = Mutex(0)

        var count: Int { made.withLock { $0 } }

        func add() { made.withLock { $0 += 1 } }
    }

    /// Police who do not answer.
    private let silent = IdentityChecks(
        confirm: { _, _, _ in .unknown },
        compare: { _, _, _, _, _ in .unknown }
    )

    private func send(_ bench: Bench, _ phone: PhoneNumber, _ purpose: CodePurpose = .signIn) async throws
        -> (attempt: String, code: String)
    {
        let occasion = bench.occasion(.anonymous)
        let settings = bench.settings
        return try await bench.database.write { tx in
            let attempt = try SmsCodes.send(
                to: phone,
                for: purpose,
                settings: settings,
                occasion: occasion,
                in: tx
            )
            return (attempt, "")
        }
    }

    private func sent(_ bench: Bench) async throws -> [SmsMessage] {
        let heard = Box()
        let keys = bench.settings.keys
        let subscriber = Subscriber("sms-test", events: [SmsCodes.event]) { event, _ in
            if let message = try SmsCodes.message(event.payload, keys: keys) { heard.add(message) }
        }
        try await JobRunner(
            database: bench.database,
            clock: bench.clock,
            kinds: [],
            subscribers: [subscriber]
        ).runUntilQuiet()
        return heard.all
    }

    @Test("signs in the owner of the phone, once")
    func signsIn() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let phone = try PhoneNumber("13800001001")
            let person = try await bench.person(1)
            _ = try await bench.account(
                person,
                login: "zhangsan",
                password: "a long sentence",
                phone: phone.rawValue
            )
            let attempt = try await send(bench, phone).attempt
            let message = try #require(try await sent(bench).first)
            #expect(message.phone == phone.rawValue)
            #expect(message.code.utf8.count == 6)
            #expect(message.minutes == 5)
            let signedIn = try await signIn(bench, message.code, attempt, phone)
            #expect(try await bench.session(signedIn.token) != nil)
            await #expect(throws: IdentityError.codeWrong) {
                try await signIn(bench, message.code, attempt, phone)
            }
        }
    }

    @Test("five wrong tries void the code, and five minutes do")
    func voided() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let phone = try PhoneNumber("13800001001")
            _ = try await bench.account(
                try await bench.person(1),
                login: "zhangsan",
                password: "a long sentence",
                phone: phone.rawValue
            )
            let attempt = try await send(bench, phone).attempt
            let code = try #require(try await sent(bench).first).code
            let wrong = code == "000000" ? "000001" : "000000"
            for _ in 0..<5 {
                await #expect(throws: IdentityError.codeWrong) {
                    try await signIn(bench, wrong, attempt, phone)
                }
            }
            await #expect(throws: IdentityError.codeWrong) { try await signIn(bench, code, attempt, phone) }
            bench.pass(minutes: 1)
            let second = try await send(bench, phone).attempt
            let codes = try await sent(bench)
            let fresh = try #require(codes.last).code
            // Another attempt, purpose or phone does not open it.
            await #expect(throws: IdentityError.codeWrong) { try await signIn(bench, fresh, attempt, phone) }
            await #expect(throws: IdentityError.codeWrong) {
                try await signIn(bench, fresh, second, try PhoneNumber("13800001002"))
            }
            let (settings, occasion) = (bench.settings, bench.occasion(.anonymous))
            for purpose in CodePurpose.allCases {
                let isRight = try await database.write { tx in
                    try SmsCodes.check(
                        fresh,
                        attempt: second,
                        phone: phone,
                        for: purpose,
                        keep: true,
                        settings: settings,
                        occasion: occasion,
                        in: tx
                    )
                }
                #expect(isRight == (purpose == .signIn), "\(purpose)")
            }
            bench.pass(minutes: 5)
            await #expect(throws: IdentityError.codeWrong) { try await signIn(bench, fresh, second, phone) }
        }
    }

    @Test(
        "one a minute, five an hour, ten a day; a known number and an unknown one alike",
        arguments: ["13800001001", "13900009999"]
    )
    func limits(digits: String) async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            _ = try await bench.account(
                try await bench.person(1),
                login: "zhangsan",
                password: "a long sentence",
                phone: "13800001001"
            )
            let phone = try PhoneNumber(digits)
            _ = try await send(bench, phone)
            bench.clock.set(bench.clock.now + 59_000)
            await #expect(throws: IdentityError.codeTooSoon(seconds: 1)) { try await send(bench, phone) }
            bench.clock.set(bench.clock.now + 1_000)
            for _ in 0..<4 {
                _ = try await send(bench, phone)
                bench.pass(minutes: 1)
            }
            await #expect(throws: IdentityError.codeTooMany) { try await send(bench, phone) }
            bench.pass(minutes: 61)
            for _ in 0..<5 {
                _ = try await send(bench, phone)
                bench.pass(minutes: 1)
            }
            bench.pass(minutes: 120)
            await #expect(throws: IdentityError.codeTooMany) { try await send(bench, phone) }
            bench.pass(minutes: 24 * 60)
            _ = try await send(bench, phone)
        }
    }

    @Test("a new person signs up with the code that found no account")
    func signUp() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let phone = try PhoneNumber("13800001001")
            let attempt = try await send(bench, phone).attempt
            let code = try #require(try await sent(bench).first).code
            await #expect(throws: IdentityError.unknownAccount) {
                try await signIn(bench, code, attempt, phone)
            }
            let document = try bench.standards.identityDocument(
                kind: "resident-id",
                number: "11010519491231002X",
                on: bench.clock.now.date
            )
            let signedIn = try await SignUp.withCode(
                code,
                attempt: attempt,
                phone: phone,
                purpose: .signIn,
                entry: SignUpEntry(name: PersonName("李四"), document: document),
                checks: silent,
                origin: bench.origin,
                settings: bench.settings,
                occasion: bench.occasion(.anonymous),
                database: database
            )
            let session = try #require(try await bench.session(signedIn.token))
            guard case .person(let id, .declared, false, nil) = session.principal else {
                Issue.record("\(session.principal)")
                return
            }
            // His document and phone are taken now.
            bench.pass(minutes: 2)
            let again = try await send(bench, phone, .signUp).attempt
            let fresh = try #require(try await sent(bench).last).code
            await #expect(throws: IdentityError.documentTaken) {
                try await SignUp.withCode(
                    fresh,
                    attempt: again,
                    phone: phone,
                    entry: SignUpEntry(name: PersonName("李四"), document: document),
                    checks: silent,
                    origin: bench.origin,
                    settings: bench.settings,
                    occasion: bench.occasion(.anonymous),
                    database: database
                )
            }
            let keys = bench.settings.keys
            let found = try await database.read { reader in
                try People.find(document: document, keys: keys, in: reader)
            }
            #expect(found?.id == id)
        }
    }

    /// Opens an account with a code that was sent for signing in.
    private func signUp(
        _ bench: Bench,
        _ number: String,
        _ code: String,
        _ attempt: String,
        _ phone: PhoneNumber,
        checks: IdentityChecks
    ) async throws -> SignedIn {
        let today = bench.clock.now.date
        let document = try bench.standards.identityDocument(kind: "resident-id", number: number, on: today)
        return try await SignUp.withCode(
            code,
            attempt: attempt,
            phone: phone,
            purpose: .signIn,
            entry: SignUpEntry(name: PersonName("李四"), document: document),
            checks: checks,
            origin: bench.origin,
            settings: bench.settings,
            occasion: bench.occasion(.anonymous),
            database: bench.database
        )
    }

    @Test("without the right code nobody asks the police; a code opens one account, also of two at once")
    func signUpOnce() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let phone = try PhoneNumber("13800001001")
            let attempt = try await send(bench, phone).attempt
            let code = try #require(try await sent(bench).first).code
            let (first, second) = ("11010519491231002X", "150203198803121236")
            let asked = Counter()
            let counting = IdentityChecks(
                confirm: { _, _, _ in
                    asked.add()
                    return .unknown
                },
                compare: { _, _, _, _, _ in .unknown }
            )
            await #expect(throws: IdentityError.codeWrong) {
                try await signUp(
                    bench,
                    first,
                    code == "000000" ? "000001" : "000000",
                    attempt,
                    phone,
                    checks: counting
                )
            }
            #expect(asked.count == 0)
            // While the police think about the one, the other comes through with the same code.
            let meeting = IdentityChecks(
                confirm: { _, _, _ in
                    _ = try? await signUp(bench, first, code, attempt, phone, checks: counting)
                    return .unknown
                },
                compare: { _, _, _, _, _ in .unknown }
            )
            await #expect(throws: IdentityError.codeWrong) {
                try await signUp(bench, second, code, attempt, phone, checks: meeting)
            }
            #expect(asked.count == 1)
            await #expect(throws: IdentityError.codeWrong) {
                try await signUp(bench, second, code, attempt, phone, checks: counting)
            }
            #expect(asked.count == 1)
            #expect(try await database.read { try $0.number("SELECT COUNT(*) FROM identity_person") } == 1)
        }
    }

    private func signIn(_ bench: Bench, _ code: String, _ attempt: String, _ phone: PhoneNumber) async throws
        -> SignedIn
    {
        try await SignIn.withCode(
            code,
            attempt: attempt,
            phone: phone,
            origin: bench.origin,
            settings: bench.settings,
            occasion: bench.occasion(.anonymous),
            database: bench.database
        )
    }
}
