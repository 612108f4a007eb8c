import Audit
import Jobs
import Kernel
import Registers
import Search
import Storage
import TestSupport
import Testing

@Suite("what the public reads of a register")
struct PublicRecordTests {
    private static let migrations =
        SearchMigrations.all + AuditMigrations.all + JobsMigrations.all + RegisterMigrations.all
    private static let start = Instant(milliseconds: 1_772_416_800_000)
    private static let code = "91150203MA0TEST01X"

    private static func occasion(_ hours: Int64 = 0) -> Occasion {
        Occasion(
            now: start + hours * Instant.hour,
            actor: Actor(.staff, id: "registrar", role: "registrar"),
            request: "test"
        )
    }

    private static func establish(in database: any Database) async throws {
        let subject = RegisterSubject(
            register: "company",
            code: code,
            name: "包头市试验商贸有限公司",
            state: .active,
            region: "150203",
            agency: "SCJG150203",
            establishedOn: start.date,
            items: ["name": "包头市试验商贸有限公司"],
            isLegacy: false,
            version: 1,
            updatedAt: start
        )
        try await database.write { tx throws in
            try Register.establish(
                subject,
                filings: ["甲", "乙"].map {
                    RegisterFiling(
                        kind: "director",
                        value: ["name": .string($0)],
                        isConfidential: false,
                        from: start.date
                    )
                } + [
                    RegisterFiling(
                        kind: "liaison",
                        value: ["name": "丙"],
                        isConfidential: true,
                        from: start.date
                    )
                ],
                links: [],
                caseID: "case-1",
                occasion: occasion(),
                in: tx
            )
        }
    }

    private static func change(_ name: String, hours: Int64, in database: any Database) async throws {
        try await database.write { tx throws in
            _ = try Register.act(
                .change,
                on: code,
                changes: ["name": .string(name)],
                caseID: "case-2",
                occasion: occasion(hours),
                in: tx
            )
        }
    }

    @Test("an extract is current until something is entered, then it says by how much it is behind")
    func standing() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.establish(in: database)
            let shown = try await database.read { reader throws in
                try #require(
                    try Extract.make(of: Self.code, at: Self.start, confidential: false, in: reader)
                ).content
            }
            #expect(try await database.read { try Extract.standing(of: shown, in: $0) } == .current)
            try await Self.change("包头市另名商贸有限公司", hours: 1, in: database)
            #expect(
                try await database.read { try Extract.standing(of: shown, in: $0) }
                    == .outdated(entriesSince: 1)
            )
            for (key, value) in [
                ("items", ["name": "伪造商贸有限公司"] as JSON), ("code", "91150203MA0TEST02X"), ("history", []),
                ("history", [["sequence": 1, "digest": "00"]]),
            ] {
                var forged = shown
                forged[key] = value
                let claim = forged
                #expect(try await database.read { try Extract.standing(of: claim, in: $0) } == .foreign)
            }
        }
    }

    @Test("the public record holds history, open filings and publications, and no complaint")
    func record() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.establish(in: database)
            try await Self.change("包头市另名商贸有限公司", hours: 1, in: database)
            try await database.write { tx throws in
                for kind in [RegisterNote.Kind.complaint, .abnormal] {
                    try NoteStore.insert(
                        RegisterNote(
                            id: Self.occasion().newID(),
                            register: "company",
                            object: Self.code,
                            kind: kind,
                            text: "x",
                            blocks: false,
                            from: Self.start,
                            until: nil,
                            liftedAt: nil
                        ),
                        in: tx
                    )
                }
            }
            let now = Self.start + 2 * Instant.hour
            let record = try await database.read {
                try #require(try PublicRecord.read(Self.code, at: now, in: $0))
            }
            #expect(record.subject.name == "包头市另名商贸有限公司")
            #expect(record.history.map(\.act) == [.establish, .change])
            #expect(record.filings.map(\.kind) == ["director", "director"])
            #expect(record.notes.map(\.kind) == [.abnormal])
            #expect(record.problem == nil)
            #expect(try await database.read { try PublicRecord.read("nobody", at: now, in: $0) } == nil)
        }
    }

    @Test("of a kind of filing one may end while another stands")
    func ending() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.establish(in: database)
            try await database.write { tx throws in
                _ = try Register.act(
                    .withdrawItem,
                    on: Self.code,
                    changes: [:],
                    ending: ["director"],
                    caseID: "case-2",
                    occasion: Self.occasion(30),
                    in: tx
                )
            }
            let day = Self.start.date.adding(days: 2)
            try await database.read { reader throws in
                #expect(
                    try RegisterStore.filings(of: Self.code, on: day, in: reader).map(\.kind) == ["liaison"]
                )
                #expect(
                    try RegisterStore.filings("director", of: Self.code, on: Self.start.date, in: reader)
                        .count == 2
                )
            }
        }
    }

    @Test("a publication is closed once, overdue once, and the most urgent stands first")
    func publications() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.establish(in: database)
            func publication(_ id: String, due: String?) -> Publication {
                Publication(
                    id: ID(id),
                    register: "company",
                    code: Self.code,
                    what: "establish",
                    content: [:],
                    arisenAt: Self.start,
                    dueOn: due.flatMap { LocalDate(parsing: $0) },
                    publishedAt: nil
                )
            }
            let (none, late, soon) = (
                publication("a", due: nil), publication("b", due: "2026-04-02"),
                publication("c", due: "2026-03-30")
            )
            try await database.write { tx throws in
                for entry in [none, late, soon] { try PublicationStore.insert(entry, in: tx) }
            }
            let open = try await database.read { try PublicationStore.open(limit: 9, in: $0).map(\.id) }
            #expect(open == [soon.id, late.id, none.id])
            let now = Self.start + Instant.day
            try await database.write { tx throws in
                #expect(try PublicationStore.setOverdue(soon.id, at: now, in: tx))
                #expect(try !PublicationStore.setOverdue(soon.id, at: now + 1, in: tx))
                #expect(try PublicationStore.close(soon.id, receipt: "G1", at: now, in: tx))
                #expect(try !PublicationStore.close(soon.id, receipt: "G2", at: now + 1, in: tx))
                #expect(try !PublicationStore.setOverdue(soon.id, at: now + 2, in: tx))
            }
            let closed = try await database.read { try PublicationStore.find(soon.id, in: $0) }
            #expect(closed?.receipt == "G1")
            #expect(closed?.publishedAt == now)
            #expect(closed?.overdueAt == now)
        }
    }
}
