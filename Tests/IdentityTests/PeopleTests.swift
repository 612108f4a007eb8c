import Audit
import Identity
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@Suite("people, enterprises and posts")
struct PeopleTests {
    private let password = "a long sentence"

    @Test("the document is sealed and found by its key; reading it is written down")
    func documents() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let person = try await bench.person(1)
            #expect(person.documentMasked.hasPrefix("150***********"))
            #expect(person.birth?.description == "1988-03-12")
            #expect(person.phoneMasked == "138****1001")
            #expect(person.level == .face && person.faceScore == 980 && person.faceReference == "F1")
            let keys = bench.settings.keys
            let clerk = bench.occasion(Actor(.staff, id: "s1", role: "registrar"))
            let data = try await database.write { tx in
                try People.document(of: person.id, keys: keys, occasion: clerk, in: tx)
            }
            #expect(data.number.hasPrefix("15020319880312101"))
            #expect(data.phone == "13800001001")
            let (own, stranger) = (Actor(.person, id: person.id.rawValue, role: "person"), clerk)
            let himself = bench.occasion(own)
            let mine = try await database.read { reader in
                try People.ownDocument(of: person.id, keys: keys, occasion: himself, in: reader).number
            }
            #expect(mine == data.number)
            await #expect(throws: IdentityError.unknownPerson) {
                try await database.read { reader in
                    try People.ownDocument(of: person.id, keys: keys, occasion: stranger, in: reader).number
                }
            }
            // The full number stands nowhere in the tables.
            let rows = try await database.read { reader in
                try reader.number(
                    "SELECT COUNT(*) FROM identity_person WHERE document_masked LIKE '%19880312%'"
                )
            }
            #expect(rows == 0)
            await #expect(throws: IdentityError.documentTaken) { try await bench.person(1) }
            #expect(
                try await database.read { reader in
                    try People.count(phone: PhoneNumber("13800001001"), keys: keys, in: reader)
                } == 1
            )
        }
    }

    @Test("the representative acts, authorises and revokes; scope, term and state bind")
    func enterprises() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let owner = try await bench.person(1)
            let agent = try await bench.person(2)
            _ = try await bench.account(owner, login: "owner", password: password)
            _ = try await bench.account(agent, login: "agent", password: password)
            let code = "91150000701463622D"
            let today = bench.clock.now.date
            let occasion = bench.occasion(Actor(.person, id: owner.id.rawValue, role: "legal-representative"))
            let table = bench.table
            let limits = bench.settings.limits
            try await database.write { tx in
                try Enterprises.put(
                    code: code,
                    name: "包钢",
                    state: .active,
                    legalRepresentative: owner.id,
                    region: "150203",
                    agency: "NMSCJG",
                    in: tx
                )
            }
            func authorise(_ scope: Set<String>, until: LocalDate, by: ID<Person>) async throws
                -> Authorisation
            {
                try await database.write { tx in
                    try Enterprises.authorise(
                        agent.id,
                        for: code,
                        scope: scope,
                        from: today,
                        until: until,
                        by: by,
                        table: table,
                        limits: limits,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            await #expect(throws: IdentityError.notLegalRepresentative) {
                try await authorise(["licence.use"], until: today, by: agent.id)
            }
            await #expect(throws: IdentityError.authorisationTooLong(years: 5)) {
                try await authorise(
                    ["licence.use"],
                    until: today.adding(months: 60).adding(days: 1),
                    by: owner.id
                )
            }
            await #expect(throws: IdentityError.unknownOperation("seal.steal")) {
                try await authorise(["seal.steal"], until: today, by: owner.id)
            }
            await #expect(throws: IdentityError.unknownOperation("enterprise.authorise")) {
                try await authorise(["enterprise.authorise"], until: today, by: owner.id)
            }
            let granted = try await authorise(["licence.use"], until: today.adding(days: 10), by: owner.id)
            let signedIn = try await bench.signIn("agent", password)
            let plain = try #require(try await bench.session(signedIn.token))
            let him = bench.occasion(plain.principal.actor)
            let token = try await database.write { tx in
                try Sessions.act(for: code, plain, occasion: him, in: tx)
            }
            #expect(try await bench.session(signedIn.token) == nil)
            let acting = try #require(try await bench.session(token))
            let use = PermissionSubject(enterprise: code, agency: "NMSCJG", region: "150203")
            try Permission.check("licence.use", on: use, by: acting.principal, table: table)
            #expect(throws: PermissionError.self) {
                try Permission.check("licence.read", on: use, by: acting.principal, table: table)
            }
            #expect(throws: PermissionError.self) {
                try Permission.check(
                    "licence.use",
                    on: PermissionSubject(enterprise: "other"),
                    by: acting.principal,
                    table: table
                )
            }
            try await database.write { tx in
                try Enterprises.revoke(granted.id, by: owner.id, occasion: occasion, in: tx)
            }
            let after = try #require(try await bench.session(token))
            #expect(throws: PermissionError.self) {
                try Permission.check("licence.use", on: use, by: after.principal, table: table)
            }
            await #expect(throws: IdentityError.authorisationOver) {
                try await database.write { tx in
                    try Enterprises.revoke(granted.id, by: owner.id, occasion: occasion, in: tx)
                }
            }
            // The representative of a cancelled firm no longer acts.
            let now = bench.clock.now
            #expect(
                try await database.read { reader in
                    try Enterprises.actable(by: owner.id, on: today, in: reader)
                }.count == 1
            )
            try await database.write { tx in
                try Enterprises.put(
                    code: code,
                    name: "包钢",
                    state: .cancelled,
                    legalRepresentative: owner.id,
                    region: "150203",
                    agency: "NMSCJG",
                    in: tx
                )
            }
            #expect(
                try await database.read { reader in
                    try Enterprises.acting(owner.id, for: code, at: now, in: reader)
                } == nil
            )
        }
    }

    @Test("for a firm that is no more its representative gives no right")
    func ended() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let (owner, agent) = (try await bench.person(1), try await bench.person(2))
            let (table, limits, occasion) = (bench.table, bench.settings.limits, bench.occasion())
            let code = "91150000701463622D"
            func authorise(in state: EnterpriseState) async throws {
                try await database.write { tx in
                    try Enterprises.put(
                        code: code,
                        name: "包钢",
                        state: state,
                        legalRepresentative: owner.id,
                        region: "150203",
                        agency: "NMSCJG",
                        in: tx
                    )
                    try Enterprises.authorise(
                        agent.id,
                        for: code,
                        scope: ["licence.use"],
                        from: occasion.now.date,
                        until: occasion.now.date,
                        by: owner.id,
                        table: table,
                        limits: limits,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            try await authorise(in: .active)
            await #expect(throws: IdentityError.enterpriseNotActive(state: "cancelled")) {
                try await authorise(in: .cancelled)
            }
        }
    }

    @Test("declared agents: in force, withdrawn, old enough")
    func agents() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let person = try await bench.person(1)
            let minor = try await bench.person(2, birth: "20081121")
            let limits = bench.settings.limits
            let occasion = bench.occasion()
            let now = bench.clock.now
            func declare(_ id: ID<Person>, _ number: String) async throws {
                try await database.write { tx in
                    _ = try Agents.declare(
                        id,
                        kind: .person,
                        enterprise: nil,
                        registerNumber: number,
                        from: now.date,
                        until: nil,
                        limits: limits,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            await #expect(throws: IdentityError.agentTooYoung(years: 18)) {
                try await declare(minor.id, "A2")
            }
            try await declare(person.id, "A1")
            #expect(
                try await database.read { reader in try Agents.declaration(of: person.id, at: now, in: reader)
                } != nil
            )
            _ = try await bench.account(person, login: "agent", password: password)
            let token = try await bench.signIn("agent", password).token
            #expect(
                try await bench.session(token)?.principal
                    == .person(person.id, level: .face, isAgent: true, acting: nil)
            )
            try await database.write { tx in
                try Agents.withdraw(registerNumber: "A1", occasion: occasion, in: tx)
            }
            #expect(
                try await bench.session(token)?.principal
                    == .person(person.id, level: .face, isAgent: false, acting: nil)
            )
            await #expect(throws: IdentityError.agentNotDeclared) {
                try await database.write { tx in
                    try Agents.withdraw(registerNumber: "A1", occasion: occasion, in: tx)
                }
            }
        }
    }

    @Test(
        "posts: nobody appoints himself, administrations exclude each other, an ended post ends its session"
    )
    func posts() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let admin = bench.occasion(Actor(.staff, id: "sec", role: "security-admin"))
            let agency = try #require(bench.standards.agencies["NMSCJG"])
            let region = try #require(bench.standards.regions["150203"])
            let league = try #require(bench.standards.regions["150200"])
            let group = try #require(bench.standards.agencies["QT_YGBM"])
            let today = bench.clock.now.date
            let staff = try await database.write { tx in
                try StaffRegister.add(name: "白雪", occasion: admin, in: tx)
            }
            func appoint(_ role: StaffRole, _ agency: Agency, _ region: Region, by occasion: Occasion)
                async throws -> Post
            {
                try await database.write { tx in
                    try StaffRegister.appoint(
                        staff.id,
                        agency: agency,
                        region: region,
                        role: role,
                        from: today,
                        basis: "任字1号",
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            let himself = bench.occasion(Actor(.staff, id: staff.id.rawValue, role: "registrar"))
            await #expect(throws: IdentityError.ownRights) {
                try await appoint(.head, agency, region, by: himself)
            }
            await #expect(throws: IdentityError.collectiveAgency("QT_YGBM")) {
                try await appoint(.head, group, region, by: admin)
            }
            let post = try await appoint(.registrar, agency, region, by: admin)
            let second = try await appoint(.supervisor, agency, league, by: admin)
            _ = try await appoint(.systemAdmin, agency, region, by: admin)
            await #expect(throws: IdentityError.rolesExclude(first: "system-admin", second: "audit-admin")) {
                try await appoint(.auditAdmin, agency, region, by: admin)
            }
            let settings = bench.settings
            let record = try await Passwords.record(for: password, settings: settings, occasion: admin)
            _ = try await database.write { tx in
                try Accounts.open(
                    .staff,
                    holder: staff.id.rawValue,
                    logins: [.name("baixue")],
                    record: record,
                    keys: settings.keys,
                    occasion: admin,
                    in: tx
                )
            }
            let token = try await bench.signIn("baixue", password).token
            let session = try #require(try await bench.session(token))
            #expect(session.idleUntil - session.seen == 15 * Instant.minute)
            let moved = try await database.write { tx in
                try Sessions.choose(second.id, session, occasion: himself, in: tx)
            }
            #expect(try await bench.session(token) == nil)
            #expect(try await bench.session(moved)?.principal == .staff(staff.id, post: second))
            let back = try #require(try await bench.session(moved))
            let again = try await database.write { tx in
                try Sessions.choose(post.id, back, occasion: himself, in: tx)
            }
            try await database.write { tx in
                try StaffRegister.endPost(post.id, on: today, occasion: admin, in: tx)
            }
            #expect(try await bench.session(again) != nil)
            bench.clock.set(Instant(today.adding(days: 1)) + -Instant.minute)
            let night = try await bench.signIn("baixue", password).token
            let late = try #require(try await bench.session(night))
            let kept = try await database.write { tx in
                try Sessions.choose(post.id, late, occasion: himself, in: tx)
            }
            #expect(try await bench.session(kept) != nil)
            bench.clock.set(Instant(today.adding(days: 1)))
            #expect(try await bench.session(kept) == nil)
            #expect(
                try await database.read { reader in
                    try StaffRegister.holders(
                        of: .registrar,
                        agency: "NMSCJG",
                        region: "150203",
                        on: today,
                        in: reader
                    )
                }.count == 1
            )
        }
    }

    @Test("the three administrations exclude each other, whichever of two came first")
    func administrations() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let admin = bench.occasion(Actor(.staff, id: "sec", role: "security-admin"))
            let agency = try #require(bench.standards.agencies["NMSCJG"])
            let region = try #require(bench.standards.regions["150203"])
            let today = bench.clock.now.date
            func appoint(_ staff: ID<Staff>, _ role: StaffRole) async throws {
                _ = try await database.write { tx in
                    try StaffRegister.appoint(
                        staff,
                        agency: agency,
                        region: region,
                        role: role,
                        from: today,
                        basis: "任字1号",
                        occasion: admin,
                        in: tx
                    )
                }
            }
            let all: [StaffRole] = [.systemAdmin, .securityAdmin, .auditAdmin]
            for first in all {
                let staff = try await database.write { tx in
                    try StaffRegister.add(name: "白雪", occasion: admin, in: tx)
                }
                try await appoint(staff.id, first)
                for second in all where second != first {
                    let wanted = IdentityError.rolesExclude(first: first.rawValue, second: second.rawValue)
                    await #expect(throws: wanted) { try await appoint(staff.id, second) }
                }
                // Beside an administration every other post may be held, whichever came first.
                try await appoint(staff.id, .registrar)
                let clerk = try await database.write { tx in
                    try StaffRegister.add(name: "高娃", occasion: admin, in: tx)
                }
                try await appoint(clerk.id, .registrar)
                try await appoint(clerk.id, first)
            }
        }
    }

    @Test("the demonstration's accounts open once and let in")
    func demo() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            for _ in 0..<2 {
                let lines = try await DemoAccounts.open(
                    home: Home.find(),
                    standards: bench.standards,
                    settings: bench.settings,
                    occasion: bench.occasion(),
                    database: database
                )
                #expect(lines.count == 19)
            }
            for login in ["zhangsan", "zhaoliu", "registrar", "audit"] {
                let token = try await bench.signIn(login, "suban-demo-2026").token
                #expect(try await bench.session(token) != nil)
            }
        }
    }
}
