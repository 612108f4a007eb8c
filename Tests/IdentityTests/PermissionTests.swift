import Audit
import Identity
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@Suite("permission")
struct PermissionTests {
    private static func table() throws -> PermissionTable { try PermissionTable(home: Home.find()) }

    private static func post(_ role: StaffRole, _ region: String = "150203", _ agency: String = "NMSCJG")
        -> Principal
    {
        .staff(
            ID("s1"),
            post: Post(
                id: ID("o1"),
                staff: ID("s1"),
                agency: agency,
                region: region,
                role: role,
                from: LocalDate(dayNumber: 0),
                until: nil,
                basis: "b"
            )
        )
    }

    private static func person(_ level: RealNameLevel = .face, agent: Bool = false, acting: ActingFor? = nil)
        -> Principal
    {
        .person(ID("p1"), level: level, isAgent: agent, acting: acting)
    }

    @Test("nobody but the named roles may, for every operation and role of the table")
    func matrix() throws {
        let table = try Self.table()
        let firm = ActingFor(
            enterprise: "E1",
            name: "n",
            isLegalRepresentative: true,
            scope: [],
            authorisation: nil
        )
        var principals: [(role: String, principal: Principal)] = [
            ("visitor", .anonymous), ("person", Self.person()),
        ]
        principals.append(("agent", Self.person(agent: true)))
        principals.append(("legal-representative", Self.person(acting: firm)))
        principals += StaffRole.allCases.map { ($0.rawValue, Self.post($0)) }
        for operation in table.operations.sorted() {
            let named = Set(table.rows.filter { $0.operation == operation }.map(\.role))
            for (role, principal) in principals {
                var roles: Set<String> = ["visitor", role]
                if role == "agent" || role == "legal-representative" { roles.insert("person") }
                let may = !named.isDisjoint(with: roles)
                #expect(
                    ((try? table.scope(operation, of: principal)) != nil) == may,
                    "\(operation) for \(role)"
                )
            }
        }
        #expect(throws: PermissionError.unknownOperation("case.eat")) {
            try table.scope("case.eat", of: Self.post(.head))
        }
        #expect(throws: PermissionError.signInNeeded) { try table.scope("case.decide", of: .anonymous) }
        #expect(throws: PermissionError.notForRole(operation: "case.decide")) {
            try table.scope("case.decide", of: Self.person())
        }
        #expect(throws: PermissionError.levelTooLow(needed: .face)) {
            try table.scope("case.sign", of: Self.person(.declared))
        }
    }

    @Test(
        "a registrar reaches his agency in his division and below",
        arguments: [
            ("150203", "NMSCJG", "150203", true), ("150203", "NMSCJG", "150202", false),
            ("150203", "NMSWJ", "150203", false),
            ("150200", "NMSCJG", "150203", true), ("150200", "NMSCJG", "150200", true),
            ("150200", "NMSCJG", "150103", false),
            ("150000", "NMSCJG", "152921", true), ("150000", "NMSCJG", "150000", true),
        ]
    )
    func reach(post: String, agency: String, region: String, may: Bool) throws {
        let subject = PermissionSubject(people: ["p9"], agency: agency, region: region)
        let table = try Self.table()
        let isAllowed =
            (try? Permission.check("case.decide", on: subject, by: Self.post(.registrar, post), table: table))
            != nil
        #expect(isAllowed == may)
    }

    @Test("a person reaches his own, whatever the region")
    func own() throws {
        let table = try Self.table()
        let mine = PermissionSubject(people: ["p0", "p1"], agency: "NMSCJG", region: "150203")
        try Permission.check("case.read", on: mine, by: Self.person(), table: table)
        #expect(throws: PermissionError.outOfReach(operation: "case.read")) {
            try Permission.check(
                "case.read",
                on: PermissionSubject(people: ["p2"]),
                by: Self.person(),
                table: table
            )
        }
        try Permission.check("case.start", on: .new(for: Self.person()), by: Self.person(), table: table)
    }

    @Test("the scope in a query keeps exactly what the check allows")
    func inQueries() async throws {
        let migration = Migration(
            "things",
            1,
            "CREATE TABLE things (id TEXT PRIMARY KEY, person TEXT NOT NULL, enterprise TEXT NOT NULL, region TEXT NOT NULL, agency TEXT NOT NULL)"
        )
        let table = try Self.table()
        let firm = ActingFor(
            enterprise: "E1",
            name: "n",
            isLegalRepresentative: true,
            scope: [],
            authorisation: nil
        )
        let principals = [
            Self.post(.registrar), Self.post(.registrar, "150200"), Self.post(.supervisor, "150200"),
            Self.post(.head, "150000"),
            Self.person(), Self.person(acting: firm),
        ]
        try await forEachEngine([migration]) { database in
            var things: [(id: String, subject: PermissionSubject)] = []
            for person in ["p1", "p2"] {
                for enterprise in ["", "E1", "E2"] {
                    for region in ["150200", "150203", "150299", "150300", "152201"] {
                        for agency in ["NMSCJG", "NMSWJ"] {
                            let subject = PermissionSubject(
                                people: [person],
                                enterprise: enterprise,
                                agency: agency,
                                region: region
                            )
                            things.append(("\(person)-\(enterprise)-\(region)-\(agency)", subject))
                        }
                    }
                }
            }
            let all = things
            try await database.write { tx in
                for (id, subject) in all {
                    try tx.execute(
                        "INSERT INTO things (id, person, enterprise, region, agency) VALUES ($1, $2, $3, $4, $5)",
                        id,
                        subject.people.first ?? "",
                        subject.enterprise ?? "",
                        subject.region ?? "",
                        subject.agency ?? ""
                    )
                }
            }
            for principal in principals {
                let scope = try table.scope("case.read", of: principal)
                let found = try await database.read { reader in
                    try reader.query(
                        """
                        SELECT id FROM things WHERE ($1 = 1 OR (person = $5 AND $5 <> '') OR (enterprise = $6 AND $6 <> '')
                            OR (region >= $2 AND region < $3 AND (agency = $4 OR $4 = ''))) ORDER BY id
                        """,
                        scope.bindings
                    ).map { try $0.text(0) }
                }
                let expected = all.filter { scope.covers($0.subject) }.map(\.id).sorted()
                #expect(found == expected)
                #expect(!found.isEmpty)
                #expect(found.count < all.count || principal == Self.post(.head, "150000"))
            }
        }
    }

    @Test("a refusal to a known actor is written down, one to a stranger is not")
    func refusals() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let table = try Self.table()
            for (principal, isWritten) in [(Self.person(), true), (Principal.anonymous, false)] {
                let occasion = Occasion(now: Instant(milliseconds: 0), actor: principal.actor, request: "r")
                let before = try await count(database)
                await #expect(throws: PermissionError.self) {
                    try await Permission.require(
                        "case.decide",
                        on: PermissionSubject(),
                        object: "case:1",
                        by: principal,
                        table: table,
                        occasion: occasion,
                        database: database
                    )
                }
                #expect(try await count(database) == before + (isWritten ? 1 : 0))
            }
        }
    }

    private func count(_ database: any Database) async throws -> Int64 {
        try await database.read { reader in try reader.number("SELECT COUNT(*) FROM audit_entry") }
    }
}

@Suite("authority over time")
struct AuthorityTests {
    private func date(_ text: String) throws -> LocalDate { try #require(LocalDate(parsing: text)) }

    @Test("mergers, delegations and their end")
    func changes() async throws {
        try await forEachEngine(AuditMigrations.all + IdentityMigrations.all) { database in
            let bench = Occasion(now: Instant(milliseconds: 0), actor: .platform("t"), request: "r")
            let from = try date("2024-01-01")
            let delegation = try await database.write { tx -> AuthorityChange in
                try StaffRegister.changeAuthority(
                    .merged,
                    agency: "NMDSJ",
                    toAgency: "NMZWFW",
                    from: from,
                    basis: "机构改革方案",
                    occasion: bench,
                    in: tx
                )
                return try StaffRegister.changeAuthority(
                    .delegated,
                    matter: "company-registration",
                    agency: "NMSCJG",
                    regionPrefix: "1502",
                    toAgency: "NMZWFW",
                    toRegion: "150200",
                    from: from,
                    basis: "包府发〔2024〕1号",
                    occasion: bench,
                    in: tx
                )
            }
            let table = try await database.read { reader in try StaffRegister.authority(in: reader) }
            let before = table.decider(
                of: "data",
                agency: "NMDSJ",
                region: "150000",
                on: try date("2023-12-31")
            )
            #expect(before == .init(agency: "NMDSJ", region: "150000", basis: []))
            let after = table.decider(
                of: "data",
                agency: "NMDSJ",
                region: "150000",
                on: try date("2024-01-01")
            )
            #expect(after == .init(agency: "NMZWFW", region: "150000", basis: ["机构改革方案"]))
            let day = try date("2026-11-21")
            #expect(
                table.decider(of: "company-registration", agency: "NMSCJG", region: "150203", on: day).agency
                    == "NMZWFW"
            )
            #expect(
                table.decider(of: "company-registration", agency: "NMSCJG", region: "150203", on: day).region
                    == "150200"
            )
            #expect(
                table.decider(of: "company-registration", agency: "NMSCJG", region: "150103", on: day).agency
                    == "NMSCJG"
            )
            #expect(
                table.decider(of: "food-permit", agency: "NMSCJG", region: "150203", on: day).agency
                    == "NMSCJG"
            )
            let last = try date("2026-06-30")
            try await database.write { tx in
                try StaffRegister.endAuthorityChange(delegation.id, on: last, occasion: bench, in: tx)
            }
            let ended = try await database.read { reader in try StaffRegister.authority(in: reader) }
            #expect(
                ended.decider(of: "company-registration", agency: "NMSCJG", region: "150203", on: last).agency
                    == "NMZWFW"
            )
            #expect(
                ended.decider(
                    of: "company-registration",
                    agency: "NMSCJG",
                    region: "150203",
                    on: last.adding(days: 1)
                ).agency == "NMSCJG"
            )
        }
    }

    @Test("a circle of changes comes to an end")
    func circle() throws {
        let day = try date("2026-01-01")
        let table = AuthorityTable(
            changes: [("a", "b"), ("b", "c"), ("c", "a")].enumerated().map { index, pair in
                AuthorityChange(
                    id: "\(index)",
                    kind: .merged,
                    matter: "",
                    agency: pair.0,
                    regionPrefix: "",
                    toAgency: pair.1,
                    toRegion: "",
                    from: day,
                    until: nil,
                    basis: pair.0 + pair.1
                )
            }
        )
        #expect(table.decider(of: "x", agency: "a", region: "150000", on: day).agency == "c")
    }
}
