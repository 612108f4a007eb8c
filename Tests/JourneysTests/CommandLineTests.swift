import Foundation
import Testing

/// Scripts rely on these: one line on standard error that says what is wrong and what to do, and 2.
@Suite("the command line refuses clearly")
struct CommandLineTests {
    @Test(
        "one line and 2",
        arguments: [
            (["bogus"], "bogus"),
            (["check", "no-such-system"], "no-such-system"),
            (["check", "--no-such-option"], "--no-such-option"),
            (["bench", "no-such-bench"], "no-such-bench"),
            (["factor", "reset", "x", "--reason", "bored"], "bored"),
            (
                [
                    "staff", "open", "x", "--name", "x", "--role", "king", "--agency", "NMSCJG", "--region",
                    "150203",
                    "--basis", "1",
                ], "king"
            ), (["staff", "close", "x", "--reason", " "], "--reason"),
            (["serve", "--port", "abc"], "--port"),
            (["serve", "--port", "0"], "--port"),
            (["front", "--relay", "x", "--keys", "x", "--port", "70000"], "--port"),
            (["front", "--relay", "x", "--keys", "x", "--origin", "http://a.example"], "--origin"),
            (["front", "--relay", "x", "--keys", "x", "--proxy", "here"], "--proxy"),
            (["relay", "--relay", "x", "--keys", "x", "--to", "127.0.0.1:8080/desk"], "--to"),
            (["verify"], "files"),
            (["verify", "/no/such/file"], "/no/such/root.pem"),
            (["verify", "x", "--at", "yesterday"], "yesterday"),
            (["systems", "--home", "/no/such/home"], "/no/such/home"),
            (["calendar", "2027", "/no/such/days.tsv", "--source", "notice"], "/no/such/days.tsv"),
        ]
    )
    func refusal(arguments: [String], names: String) throws {
        let answer = try Program.run(arguments)
        #expect(answer.exit == 2)
        #expect(answer.out.isEmpty)
        #expect(answer.error.hasPrefix("suban: "))
        #expect(answer.error.split(separator: "\n").count == 1, "\(answer.error)")
        #expect(answer.error.contains(names), "\(answer.error)")
    }

    @Test(
        "where there is no installation nothing is read, changed or made",
        arguments: [
            ["jobs", "dead"], ["webhook", "list"], ["maintenance", "show"], ["authority", "show"],
            ["backup", "copy.sqlite"], ["divide-log"], ["factor", "code", "nobody"],
            ["staff", "close", "nobody", "--reason", "x"], ["publish", "company-opening"],
        ]
    )
    func nowhere(command: [String]) throws {
        for database in ["", "postgres://127.0.0.1:1/none"] where database.isEmpty || command[0] != "backup" {
            let folder = "\(NSTemporaryDirectory())/suban-nowhere-\(UUID().uuidString)"
            let answer = try Program.run(
                command + ["--data", folder],
                environment: ["DATABASE_URL": database, "LANG": "en_US.UTF-8"]
            )
            #expect(answer.exit == 2 && answer.out.isEmpty, "\(answer.out)")
            #expect(answer.error.contains("no installation in \(folder)"), "\(answer.error)")
            #expect(answer.error.split(separator: "\n").count == 1)
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test("`migrate` says whether it did anything")
    func migrates() throws {
        let folder = "\(NSTemporaryDirectory())/suban-migrated-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for words in ["steps were applied", "nothing was changed"] {
            let answer = try Program.run(
                ["migrate", "--data", folder],
                environment: ["DATABASE_URL": "", "LANG": "en_US.UTF-8"]
            )
            #expect(answer.exit == 0 && answer.out.contains(words), "\(answer.out)\(answer.error)")
        }
    }

    @Test(
        "help is no error",
        arguments: [[], ["serve"], ["front"], ["relay"], ["check"], ["verify"], ["bench"], ["systems"]]
    )
    func help(command: [String]) throws {
        let answer = try Program.run(command + ["--help"])
        #expect(answer.exit == 0)
        #expect(answer.out.contains("USAGE: suban"))
        #expect(answer.error.isEmpty)
    }
}
