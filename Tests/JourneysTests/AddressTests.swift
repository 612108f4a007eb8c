import Foundation
import Kernel
import Storage
import StoragePostgres
import TestSupport
import Testing

/// What somebody reads who has just written a DATABASE_URL.
@Suite("an address of a database that does not do is told in one line", .timeLimit(.minutes(5)))
struct AddressTests {
    private struct Wrong {
        let url: String
        let says: String
        let next: String
    }

    @Test("scheme, host, port, password, database and rights, each with what to do, and 2")
    func told() async throws {
        try await withTemporaryFolder { folder in
            let server = try PostgresServer(folder: "\(folder)/server")
            defer { server.stop() }
            let port = server.port
            try protect(server)
            let cases = [
                Wrong(url: "mysql://h/x", says: "cannot be read", next: "postgres://user:password@host"),
                Wrong(
                    url: "postgres://x@no-such-host.invalid/x",
                    says: "Nobody knows the host",
                    next: "Check the host"
                ),
                Wrong(
                    url: "postgres://x@127.0.0.1:1/x",
                    says: "No PostgreSQL server answers",
                    next: "Check host and port"
                ),
                Wrong(
                    url: "postgres://guarded:wrong-secret@127.0.0.1:\(port)/postgres",
                    says: "does not let this user in",
                    next: "Check user and password"
                ),
                Wrong(
                    url: "postgres://suban@127.0.0.1:\(port)/none",
                    says: "no database of that name",
                    next: "createdb"
                ),
                Wrong(
                    url: "postgres://guarded:right-secret@127.0.0.1:\(port)/postgres",
                    says: "may not do in this database",
                    next: "ALTER DATABASE"
                ),
            ]
            for (number, wrong) in cases.enumerated() {
                for command in [["migrate"], ["serve", "--port", "1"]] {
                    let answer = try run(command, url: wrong.url, folder: "\(folder)/\(number)")
                    #expect(answer.exit == 2, "\(wrong.url)")
                    #expect(answer.error.split(separator: "\n").count == 1, "\(answer.error)")
                    #expect(answer.error.contains(wrong.says), "\(command) \(answer.error)")
                    #expect(answer.error.contains(wrong.next), "\(command) \(answer.error)")
                    #expect(!answer.error.contains("secret"), "\(answer.error)")
                }
            }
        }
    }

    @Test(
        "a schema of a newer program, and one that was changed, are told in one line; an empty one is filled"
    )
    func schemas() async throws {
        try await withOwnDatabase("address") { url in
            try await withTemporaryFolder { folder in
                let filled = try run(["migrate"], url: url, folder: folder)
                #expect(filled.exit == 0, "\(filled.error)")
                let database = try PostgresDatabase(url: url, connectionsMax: 1)
                let changes: [StaticString] = [
                    "UPDATE suban_migration SET number = number + 1000 WHERE target = 'jobs' AND number = 1",
                    "UPDATE suban_migration SET statements = 'x' WHERE target = 'jobs' AND number = 1001",
                ]
                for change in changes {
                    try await database.write { tx in
                        try tx.execute(change)
                        try tx.execute("UPDATE suban_migration SET number = 1 WHERE statements = 'x'")
                    }
                    let answer = try run(["migrate"], url: url, folder: folder)
                    #expect(answer.exit == 2)
                    #expect(answer.error.split(separator: "\n").count == 1, "\(answer.error)")
                    #expect(answer.error.contains("different versions"), "\(answer.error)")
                }
                await database.close()
            }
        }
    }

    private func run(_ command: [String], url: String, folder: String) throws -> Program.Answer {
        try Program.run(
            command + ["--data", folder],
            environment: ["DATABASE_URL": url, "LANG": "en_US.UTF-8"]
        )
    }

    /// A user who needs a password, and may do nothing.
    private func protect(_ server: PostgresServer) throws {
        let file = "\(server.folder)/data/pg_hba.conf"
        let open = try String(contentsOfFile: file, encoding: .utf8)
        try "host all guarded 127.0.0.1/32 scram-sha-256\n\(open)".write(
            toFile: file,
            atomically: false,
            encoding: .utf8
        )
        for command in [
            "CREATE ROLE guarded LOGIN PASSWORD 'right-secret'", "SELECT pg_reload_conf()",
        ] {
            try server.run("psql", ["--quiet", "--dbname", server.url, "--command", command])
        }
    }
}
