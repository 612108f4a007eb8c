import Cases
import Credentials
import Foundation
import Kernel
import Storage
import StoragePostgres
import StorageSQLite
import TestSupport
import Testing

@testable import Server

/// What the previous release left behind is brought up to date and used; `Scripts/release-fixture` made it.
@Suite("the data of the previous release", .serialized)
struct PreviousReleaseTests {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let fixture = tests.deletingLastPathComponent().appendingPathComponent("Fixtures/release")

    /// A migration as a database remembers it.
    private struct Step: Hashable {
        let target: String
        let number: Int
    }

    private struct Listed {
        let step: Step
        let effect: String
        let back: String
    }

    /// `migrations.tsv`: what came since, what it does to programs from before, and the way back.
    private static func listed() throws -> [Listed] {
        let text = try String(contentsOf: tests.appendingPathComponent("migrations.tsv"), encoding: .utf8)
        return try text.split(separator: "\n").dropFirst().map { line in
            let parts = line.split(separator: "\t").map(String.init)
            try #require(parts.count == 4, "\(line)")
            return Listed(
                step: Step(target: parts[0], number: try #require(Int(parts[1]))),
                effect: parts[2],
                back: parts[3]
            )
        }
    }

    /// Runs `body` on the data of the release, not migrated yet, on each engine.
    private func each(
        _ body: (_ folder: String, _ url: String?, any Database) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try keys(into: folder)
            try shell("gunzip -c \(Self.fixture.path)/release.sqlite.gz > \(folder)/suban.sqlite")
            let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
            try await body(folder, nil, database)
            await database.close()
        }
        guard let server = postgresURL() else { return }
        let administrator = try PostgresDatabase(url: server, connectionsMax: 1)
        let name = "release_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await administrator.createDatabase(name)
        var parts = URLComponents(string: server)
        parts?.path = "/\(name)"
        let url = parts?.string ?? server
        do {
            try await withTemporaryFolder { folder in
                try keys(into: folder)
                try shell(
                    "gunzip -c \(Self.fixture.path)/release.sql.gz | psql -q -v ON_ERROR_STOP=1 '\(url)' >/dev/null"
                )
                let database = try PostgresDatabase(url: url, connectionsMax: 2)
                try await body(folder, url, database)
                await database.close()
            }
        } catch { Issue.record("on postgres: \(error)") }
        try await administrator.dropDatabase(name)
        await administrator.close()
    }

    private func keys(into folder: String) throws {
        try shell("tar -C \(folder) -xzf \(Self.fixture.path)/keys.tar.gz")
    }

    private func shell(_ command: String) throws {
        let answer = try Program.run(URL(fileURLWithPath: "/bin/bash"), ["-o", "pipefail", "-c", command])
        try #require(answer.exit == 0, "\(command): \(answer.error)")
    }

    private func remembered(in database: any Database) async throws -> Set<Step> {
        let rows = try await database.read { try $0.query("SELECT target, number FROM suban_migration") }
        return Set(try rows.map { Step(target: try $0.text(0), number: try $0.int(1)) })
    }

    @Test("is migrated, checked, served, and its licence verifies")
    func used() async throws {
        try await each { folder, url, database in
            let environment = ["DATABASE_URL": url ?? ""]
            let migrated = try Program.run(["migrate", "--data", folder], environment: environment)
            #expect(migrated.exit == 0, "\(migrated.error)")
            let steps = try await remembered(in: database)
            #expect(steps == Set(Schema.all.map { Step(target: $0.remembered, number: $0.number) }))
            for command in [["verify", "--log"], ["check-database"]] {
                let answer = try Program.run(command + ["--data", folder], environment: environment)
                #expect(answer.exit == 0, "\(command): \(answer.out)\(answer.error)")
            }
            let opened = try Platform.sealing(database, folder: folder)
            let (subject, held) = try await opened.read { reader in
                let subject = try #require(try CaseStore.mine("demo-founder", limit: 1, in: reader).first)
                return (subject, try Credentials.held(by: try #require(subject.result), in: reader))
            }
            let licence = try #require(held.first { $0.record.type == "business-licence" })
            try await Served.from(folder, databaseURL: url) { served in
                #expect(try await served.get("/ready").status == 200)
                let page = try await served.get("/v/\(licence.record.code.rawValue)")
                #expect(page.status == 200 && page.text.contains(subject.title) && page.text.contains("有效"))
            }
        }
    }

    @Test(
        "a program that knows the schema of that release only starts on the one of today, when all is additive"
    )
    func rolledBack() async throws {
        try await each { _, _, database in
            let before = try await remembered(in: database)
            let old = Schema.all.filter { before.contains(Step(target: $0.target, number: $0.number)) }
            #expect(old.count == before.count)
            try await database.migrate(Schema.all)
            let isCompatible = try Self.listed().allSatisfy { $0.effect == "additive" }
            if isCompatible {
                try await database.migrate(old)
                // Its own code looks for newer numbers of the targets that it knows, and for nothing else.
                let newest = Dictionary(grouping: before, by: \.target).mapValues {
                    $0.map(\.number).max() ?? 0
                }
                let refused = try await remembered(in: database).filter {
                    $0.number > newest[$0.target] ?? .max
                }
                #expect(refused == [])
            } else {
                await #expect(throws: StorageError.self) { try await database.migrate(old) }
            }
        }
    }

    @Test("an index of it that a disk tore is found, and keeps no other check from being made")
    func torn() async throws {
        try await withTemporaryFolder { folder in
            try keys(into: folder)
            try shell("gunzip -c \(Self.fixture.path)/release.sqlite.gz > \(folder)/suban.sqlite")
            let migrated = try Program.run(["migrate", "--data", folder], environment: ["DATABASE_URL": ""])
            #expect(migrated.exit == 0, "\(migrated.error)")
            try await tear("jobs_event_at", in: "\(folder)/suban.sqlite")
            let told = try Program.run(
                ["check-database", "--data", folder],
                environment: ["DATABASE_URL": ""]
            )
            #expect(told.exit == 1, "\(told.error)")
            #expect(
                told.out.contains("?  integrity") && told.out.contains("ok  tables-logged"),
                "\(told.out)"
            )
        }
    }

    @Test("every migration since is listed, with what it does to programs from before and the way back")
    func listedAll() async throws {
        let before = try await withTemporaryFolder { folder -> Set<Step> in
            try shell("gunzip -c \(Self.fixture.path)/release.sqlite.gz > \(folder)/suban.sqlite")
            let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
            let before = try await remembered(in: database)
            await database.close()
            return before
        }
        let newer = Schema.all.filter { !before.contains(Step(target: $0.target, number: $0.number)) }
        let listed = try Self.listed()
        #expect(
            Set(listed.map(\.step)) == Set(newer.map { Step(target: $0.target, number: $0.number) }),
            "Tests/JourneysTests/migrations.tsv names each migration that the previous release does not have"
        )
        for migration in newer {
            let name = "\(migration.target) \(migration.number)"
            let line = listed.first { $0.step == Step(target: migration.target, number: migration.number) }
            #expect(line?.effect == (migration.isAdditive ? "additive" : "breaking"), "\(name)")
            #expect(line?.back.isEmpty == false, "\(name) has no way back")
            let own = migration.statements.map(\.description)
            let isShaped = own.allSatisfy { Self.isAdditive($0, with: own) }
            #expect(isShaped == migration.isAdditive, "\(name): write Migration.additive for what only adds")
        }
    }

    /// Whether a table is one that old programs do not know.
    private static func isNew(_ table: String) -> Bool {
        let listed = (try? Self.listed()) ?? []
        return Schema.all.contains { migration in
            listed.contains { $0.step == Step(target: migration.target, number: migration.number) }
                && migration.statements.contains { $0.description.hasPrefix("CREATE TABLE \(table) ") }
        }
    }

    /// A table, an index that refuses nothing old programs write, a column that they may leave out. An index that goes
    /// makes them slower, unless they lean on its being unique.
    private static func isAdditive(_ statement: String, with own: [String]) -> Bool {
        let words = statement.split { $0.isWhitespace || $0 == "(" || $0 == ")" || $0 == "," }.map(
            String.init
        )
        switch words.prefix(2).joined(separator: " ") {
        case "CREATE TABLE", "CREATE INDEX": return true
        case "CREATE UNIQUE":
            // On a table or a column of the same step, where old programs write nothing.
            guard let at = words.firstIndex(of: "ON"), at + 2 < words.count else { return false }
            return own.contains {
                $0.hasPrefix("CREATE TABLE \(words[at + 1]) ")
                    || $0.hasPrefix("ALTER TABLE \(words[at + 1]) ADD COLUMN \(words[at + 2]) ")
            }
        case "ALTER TABLE":
            return statement.contains("ADD COLUMN")
                && (!statement.contains("NOT NULL") || statement.contains("DEFAULT"))
        case "DROP INDEX":
            let unique = Schema.all.flatMap(\.statements).map(\.description).first {
                $0.hasPrefix("CREATE UNIQUE INDEX \(words.last ?? "") ")
            }
            let table = unique?.split { $0.isWhitespace }.drop { $0 != "ON" }.dropFirst().first
            return table.map { isNew(String($0)) } ?? true
        case "INSERT INTO", "WITH RECURSIVE":
            // Rows of a table that old programs do not know.
            guard let at = words.firstIndex(of: "INTO"), at + 1 < words.count else { return false }
            return isNew(words[at + 1])
        default: return false
        }
    }

    @Test(
        "what is additive is told from what is not",
        arguments: [
            ("CREATE TABLE a (id TEXT)", true), ("CREATE INDEX a_b ON a (b)", true),
            ("CREATE UNIQUE INDEX a_b ON a (b)", false), ("ALTER TABLE a ADD COLUMN b TEXT", true),
            ("ALTER TABLE a ADD COLUMN b TEXT NOT NULL", false),
            ("ALTER TABLE a ADD COLUMN b BIGINT NOT NULL DEFAULT 0", true),
            ("INSERT INTO search_gram (kind) VALUES ('case')", true),
            ("INSERT INTO jobs_head (name) VALUES ('a')", false), ("ALTER TABLE a DROP COLUMN b", false),
            ("DROP TABLE a", false), ("UPDATE a SET b = 1", false),
            ("DROP INDEX jobs_event_sequence", false), ("DROP INDEX jobs_event_at", true),
        ]
    )
    func shapes(statement: String, isAdditive: Bool) {
        #expect(Self.isAdditive(statement, with: [statement]) == isAdditive)
        let added = "ALTER TABLE a ADD COLUMN b TEXT"
        #expect(Self.isAdditive("CREATE UNIQUE INDEX a_b ON a (b) WHERE b IS NOT NULL", with: [added]))
    }
}
