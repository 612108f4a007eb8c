import Catalogue
import Kernel
import Server
import Storage
import StoragePostgres
import TestSupport
import Testing

@testable import Cases

/// C4 of trust.md; a million numbers in the drill.
@Suite("case numbers from several nodes", .serialized)
struct ManyNodesTests {
    private static let entropy = SystemEntropy()
    private static let day = Result { try #require(Instant(parsing: "2026-03-02 10:00")) }

    @Test("four nodes that start cases at once never give one number twice, and each number checks")
    func unique() async throws {
        let count = drilled(2_000, full: 1_000_000)
        try await withNodes { nodes in
            let share = count / (nodes.count * 16)
            let drawn = try await withThrowingTaskGroup(of: Int.self) { group in
                for node in nodes {
                    for _ in 0..<16 {
                        group.addTask {
                            var drawn = 0
                            for _ in 0..<share { drawn += try await start(on: node) }
                            return drawn
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            let (kept, different) = try await nodes[0].read { reader in
                (
                    try reader.number("SELECT COUNT(*) FROM case_case"),
                    try reader.number("SELECT COUNT(DISTINCT number) FROM case_case")
                )
            }
            #expect(kept == share * nodes.count * 16 && different == kept, "\(nodes[0].engine)")
            try await check(nodes[0])
            // Of a million drawn from a hundred million some meet, and were drawn anew.
            #expect(drawn >= Int(kept))
        }
    }

    private func check(_ database: any Database) async throws {
        var (last, wrong) = ("", 0)
        while true {
            let after = last
            let numbers = try await database.read { reader in
                try reader.query(
                    "SELECT number FROM case_case WHERE number > $1 ORDER BY number LIMIT 5000",
                    after
                ).map { try $0.text(0) }
            }
            guard let end = numbers.last else { break }
            wrong += numbers.count { !CaseNumber.isWellFormed($0) || !$0.hasPrefix("15020320260302") }
            last = end
        }
        #expect(wrong == 0)
    }

    /// As `CaseDesk.start` draws a number.
    /// - Returns: how many were drawn.
    private func start(on node: any Database) async throws -> Int {
        let now = try Self.day.get()
        for tries in 1...4 {
            let draft = Case(
                id: ID.new(at: now, entropy: Self.entropy),
                number: CaseNumber.make(region: "150203", on: now.date, entropy: Self.entropy),
                lookupCode: CaseNumber.makeLookupCode(entropy: Self.entropy),
                system: "s",
                item: "i",
                procedure: .registration,
                definition: ID("d"),
                state: .draft,
                region: "150203",
                agency: "",
                applicant: "p",
                channel: .online,
                data: [:],
                text: 1,
                version: 1,
                createdAt: now,
                touchedAt: now,
                submittedAt: nil,
                signedAt: nil,
                decidedAt: nil,
                completedAt: nil,
                title: "",
                result: nil
            )
            do {
                try await node.write { try CaseStore.insert(draft, in: $0) }
                return tries
            } catch StorageError.constraint {
                continue
            }
        }
        throw StorageError.unavailable("no free case number")
    }

    private func withNodes(_ body: @Sendable ([any Database]) async throws -> Void) async throws {
        try await forEachEngine(Schema.all) { database in
            guard let first = database as? PostgresDatabase, let url = postgresURL() else {
                return try await body([database])
            }
            let others = try (0..<3).map { _ in
                try PostgresDatabase(url: url, schema: first.schema, connectionsMax: 4)
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body([first] + others)) } catch { result = .failure(error) }
            for other in others { await other.close() }
            try result.get()
        }
    }
}
