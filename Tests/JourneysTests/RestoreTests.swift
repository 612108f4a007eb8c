import Audit
import Cases
import Credentials
import Foundation
import Kernel
import Server
import Storage
import StoragePostgres
import TestSupport
import Testing

/// An installation that was lost and is put back, as an operator does it: with the program and the tools of the
/// database, the keys and the mirror of the log copied beside it.
@Suite("an installation is saved and put back", .serialized)
struct RestoreTests {
    /// What a firm has and anybody can ask for.
    private struct Firm {
        let title: String
        let licence: Credential
    }

    @Test(
        "on SQLite: backup beside the open database, restore into a new folder, serve, and the licence verifies"
    )
    func sqlite() async throws {
        try await withTemporaryFolder { folder in
            let firm = try await openFirm(in: "\(folder)/lost")
            let saved = try Program.run(["backup", "--data", "\(folder)/lost", "\(folder)/saved.sqlite"])
            #expect(saved.exit == 0, "\(saved.error)")
            try copyKeys(from: "\(folder)/lost", to: "\(folder)/found")
            try FileManager.default.removeItem(atPath: "\(folder)/lost")
            let restored = try Program.run(["restore", "--data", "\(folder)/found", "\(folder)/saved.sqlite"])
            #expect(restored.exit == 0, "\(restored.error)")
            let again = try Program.run(["restore", "--data", "\(folder)/found", "\(folder)/saved.sqlite"])
            #expect(again.exit == 2, "nothing that is there is overwritten")
            try await serves(firm, from: "\(folder)/found")
        }
    }

    @Test("on PostgreSQL: pg_dump, pg_restore into a new database, serve, and the licence verifies")
    func postgres() async throws {
        guard let server = postgresURL() else { return }
        let administrator = try PostgresDatabase(url: server, connectionsMax: 1)
        let names = ["lost", "found"].map { "restore_\(ProcessInfo.processInfo.processIdentifier)_\($0)" }
        for name in names { try await administrator.createDatabase(name) }
        let urls = names.map { name in
            var parts = URLComponents(string: server)
            parts?.path = "/\(name)"
            return parts?.string ?? server
        }
        do {
            try await withTemporaryFolder { folder in
                let firm = try await openFirm(in: "\(folder)/lost", databaseURL: urls[0])
                try tool(
                    "pg_dump",
                    ["--format=custom", "--file=\(folder)/saved.dump", "--dbname=\(urls[0])"]
                )
                try await administrator.dropDatabase(names[0])
                try tool("pg_restore", ["--exit-on-error", "--dbname=\(urls[1])", "\(folder)/saved.dump"])
                try copyKeys(from: "\(folder)/lost", to: "\(folder)/found")
                try await serves(firm, from: "\(folder)/found", databaseURL: urls[1])
            }
        } catch {
            Issue.record("\(error)")
        }
        for name in names { try await administrator.dropDatabase(name) }
        await administrator.close()
    }

    /// Opens a company as the demonstration does, some days ago, and closes the platform.
    private func openFirm(in folder: String, databaseURL: String? = nil) async throws -> Firm {
        let home = try Home.find()
        let start = SystemClock().now + -3 * Instant.day
        let town = try await DemoTown(home: home, folder: folder, at: start) { $0.databaseURL = databaseURL }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/llc.json")))
        try await DemoJourney(town: town, say: { _ in }).openCompany(
            JSON.read(Array(bytes)),
            into: "\(folder)/out"
        )
        try await town.platform.keeper.round()
        let (subject, held) = try await town.platform.database.read { reader in
            let subject = try #require(try CaseStore.mine("demo-founder", limit: 1, in: reader).first)
            return (subject, try Credentials.held(by: try #require(subject.result), in: reader))
        }
        await town.platform.database.close()
        let licence = try #require(held.first { $0.record.type == "business-licence" })
        return Firm(title: subject.title, licence: licence)
    }

    /// What no database holds.
    private func copyKeys(from lost: String, to found: String) throws {
        try FileManager.default.createDirectory(atPath: found, withIntermediateDirectories: true)
        for part in ["keys", "exchange-keys", "heads.jsonl"] {
            try FileManager.default.copyItem(atPath: "\(lost)/\(part)", toPath: "\(found)/\(part)")
        }
    }

    private func tool(_ name: String, _ arguments: [String]) throws {
        let files = FileManager.default
        let versions = try files.contentsOfDirectory(atPath: "/usr/lib/postgresql").sorted {
            $0.compare($1, options: .numeric) == .orderedAscending
        }
        let newest = try #require(versions.last)
        let folder =
            ProcessInfo.processInfo.environment["SUBAN_POSTGRES_BIN"]
            ?? "/usr/lib/postgresql/\(newest)/bin"
        let answer = try Program.run(URL(fileURLWithPath: "\(folder)/\(name)"), arguments)
        #expect(answer.exit == 0, "\(name): \(answer.error)")
    }

    /// Starts the server on the folder and asks it as the public does.
    private func serves(_ firm: Firm, from folder: String, databaseURL: String? = nil) async throws {
        try await Served.from(folder, databaseURL: databaseURL) { served in
            #expect(try await served.get("/ready").status == 200)
            let page = try await served.get("/v/\(firm.licence.record.code.rawValue)")
            #expect(page.status == 200 && page.text.contains(firm.title))
            #expect(page.text.contains("有效"))
        }
        let checked = try Program.run(
            ["migrate", "--data", folder],
            environment: ["DATABASE_URL": databaseURL ?? ""]
        )
        #expect(checked.exit == 0, "\(checked.error)")
    }
}
