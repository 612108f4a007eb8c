import Audit
import Jobs
import Kernel
import Registers
import Search
import Standards
import Storage
import TestSupport
import Testing

@Suite("a legal register")
struct RegisterTests {
    private static let migrations =
        SearchMigrations.all + AuditMigrations.all + JobsMigrations.all + RegisterMigrations.all
    private static let start = Instant(milliseconds: 1_772_416_800_000)

    private static func occasion(_ hours: Int64 = 0) -> Occasion {
        Occasion(
            now: start + hours * Instant.hour,
            actor: Actor(.staff, id: "registrar", role: "registrar"),
            request: "test"
        )
    }

    private static func subject(_ code: String = "91150203MA0TEST01X") -> RegisterSubject {
        RegisterSubject(
            register: "company",
            code: code,
            name: "包头市试验商贸有限公司",
            state: .active,
            region: "150203",
            agency: "SCJG150203",
            establishedOn: start.date,
            items: ["name": "包头市试验商贸有限公司", "capitalFen": 100],
            isLegacy: false,
            version: 1,
            updatedAt: start
        )
    }

    private static func establish(_ code: String = "91150203MA0TEST01X", in database: any Database)
        async throws
    {
        try await database.write { tx in
            try Register.establish(
                subject(code),
                filings: [
                    RegisterFiling(
                        kind: "director",
                        value: ["name": "甲"],
                        isConfidential: false,
                        from: start.date
                    ),
                    RegisterFiling(
                        kind: "director",
                        value: ["name": "乙"],
                        isConfidential: false,
                        from: start.date
                    ),
                    RegisterFiling(
                        kind: "liaison",
                        value: ["name": "丙"],
                        isConfidential: true,
                        from: start.date
                    ),
                ],
                links: [("address", "a1"), ("person", "p1")],
                caseID: "case-1",
                occasion: occasion(),
                in: tx
            )
        }
    }

    @Test("an entry stands with its filings, links and history; a code is given once")
    func establish() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.establish(in: database)
            await #expect(throws: RegisterError.codeTaken) { try await Self.establish(in: database) }
            let code = "91150203MA0TEST01X"
            try await database.read { reader in
                #expect(try RegisterStore.find(code, in: reader)?.state == .active)
                #expect(try RegisterStore.filings(of: code, on: Self.start.date, in: reader).count == 3)
                #expect(try LinkStore.count("address", key: "a1", in: reader) == 1)
                #expect(try Register.firstBrokenEntry(of: code, in: reader) == nil)
                let open = try Extract.make(of: code, at: Self.start, confidential: false, in: reader)
                #expect(open?.content["filings"].elements.count == 2)
                #expect(
                    try Extract.make(of: code, at: Self.start + -1, confidential: false, in: reader) == nil
                )
            }
        }
    }

    @Test("a withdrawal keeps the history, ends the links and can be undone")
    func withdraw() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.establish(in: database)
            let code = "91150203MA0TEST01X"
            try await database.write { tx in
                try Register.act(
                    .withdraw,
                    on: code,
                    changes: [:],
                    caseID: "c2",
                    occasion: Self.occasion(1),
                    in: tx
                )
            }
            await #expect(throws: RegisterError.notAllowed(act: .change, in: .withdrawn)) {
                try await database.write { tx in
                    try Register.act(
                        .change,
                        on: code,
                        changes: ["name": "x"],
                        caseID: "c3",
                        occasion: Self.occasion(2),
                        in: tx
                    )
                }
            }
            try await database.write { tx in
                try Register.act(
                    .restore,
                    on: code,
                    changes: [:],
                    caseID: "c4",
                    occasion: Self.occasion(3),
                    in: tx
                )
            }
            try await database.read { reader in
                #expect(
                    try RegisterStore.entries(of: code, in: reader).map(\.act) == [
                        .establish, .withdraw, .restore,
                    ]
                )
                #expect(try LinkStore.count("address", key: "a1", in: reader) == 0)
                #expect(try Register.firstBrokenEntry(of: code, in: reader) == nil)
                let then = try Extract.make(
                    of: code,
                    at: Self.start + Instant.hour + 1,
                    confidential: false,
                    in: reader
                )
                #expect(then?.content["state"] == "withdrawn")
            }
        }
    }

    @Test("a changed line of the history is found")
    func tampering() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.establish(in: database)
            let code = "91150203MA0TEST01X"
            try await database.write { tx in
                try Register.act(
                    .correct,
                    on: code,
                    changes: ["name": "正"],
                    caseID: "c2",
                    occasion: Self.occasion(1),
                    in: tx
                )
                try tx.execute(
                    "UPDATE register_entry SET changes = $1 WHERE code = $2 AND sequence = 1",
                    "{}",
                    code
                )
            }
            #expect(try await database.read { try Register.firstBrokenEntry(of: code, in: $0) } == 1)
        }
    }

    @Test("a blocking note freezes the subject until it is lifted")
    func freeze() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.establish(in: database)
            let code = "91150203MA0TEST01X"
            let note = RegisterNote(
                id: Self.occasion().newID(),
                register: "company",
                object: code,
                kind: .courtNotice,
                text: "冻结",
                blocks: true,
                from: Self.start,
                until: nil,
                liftedAt: nil
            )
            try await database.write { try NoteStore.insert(note, in: $0) }
            await #expect(throws: RegisterError.frozen(kind: "court-notice")) {
                try await database.write { tx in
                    try Register.act(
                        .change,
                        on: code,
                        changes: ["name": "x"],
                        caseID: "c2",
                        occasion: Self.occasion(1),
                        in: tx
                    )
                }
            }
            try await database.write { tx in
                try NoteStore.lift(note.id, at: Self.start + Instant.hour, in: tx)
                try Register.act(
                    .change,
                    on: code,
                    changes: ["name": "x"],
                    caseID: "c2",
                    occasion: Self.occasion(2),
                    in: tx
                )
            }
        }
    }

    @Test("codes from leases never repeat, whoever asks at once")
    func codes() async throws {
        let standards = try Standards(home: try Home.find())
        try await forEachEngine(Self.migrations) { database in
            let nodes = (0..<3).map { _ in CodeSource(database: database, standards: standards, leaseSize: 7)
            }
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<90 {
                    group.addTask {
                        try await nodes[index % 3].next(authority: .enterprise, region: "150203").rawValue
                    }
                }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(Set(codes).count == 90)
        }
    }
}
