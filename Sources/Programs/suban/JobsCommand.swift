import ArgumentParser
import Jobs
import Kernel
import Server

/// Background work that came to nothing.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List jobs and deliveries that failed for the last time, and start them again.",
        subcommands: [Dead.self, Retry.self]
    )

    struct Dead: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what failed for the last time: 0 nothing, 1 there is something."
        )

        @OptionGroup var data: DataOptions

        func run() async throws {
            let dead = try await data.maintained { try await $0.deadLetters() }
            if !dead.isEmpty { say(try data.words("jobs.command.columns", [:])) }
            for letter in dead {
                say(
                    [
                        letter.what.rawValue, letter.kind, letter.key, letter.object, String(letter.attempts),
                        letter.why ?? "-", letter.since.description,
                    ].joined(separator: "\t")
                )
            }
            say(try data.words("jobs.command.dead", ["count": String(dead.count)]))
            if !dead.isEmpty { throw ExitCode(1) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start one again, or all of a kind; a running server does them.",
            discussion: "What: " + list(of: DeadLetter.What.self)
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "The first column of `suban jobs dead`.")
        var what: String
        @Argument(help: "The second.")
        var kind: String
        @Option(help: "The third; without it all of the kind.")
        var key: String?
        @OptionGroup var person: OperatorOption

        func run() async throws {
            let what: DeadLetter.What = try choice(what, of: "WHAT")
            let count = try await data.maintained(by: person.by) {
                try await $0.retry(what, kind: kind, key: key)
            }
            say(try data.words("jobs.command.retried", ["count": String(count)]))
        }
    }
}
