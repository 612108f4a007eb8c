import ArgumentParser
import Identity
import Kernel
import Server

/// Second factors: for the first members of staff of an installation, and for who lost his.
struct FactorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "factor",
        abstract: "Hand out a code to enrol a second factor with, or take a lost one away.",
        subcommands: [Code.self, Reset.self]
    )

    struct Code: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hand out a one-time code with which a member of staff enrols; it is shown here only."
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "With what he signs in.")
        var login: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            let handed = try await data.maintained(by: person.by) { try await $0.handOutCode(to: login) }
            let values = ["login": login, "code": handed.code, "until": handed.until.minuteText]
            say(try data.words("factor.command.code", values))
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take away a second factor; every session of the account ends and its owner is told.",
            discussion: "Reasons: " + list(of: FactorReason.self)
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "With what he signs in.")
        var login: String
        @Option(help: "Why, of the list below.")
        var reason: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            let reason: FactorReason = try choice(reason, of: "--reason")
            try await data.maintained(by: person.by) {
                try await $0.takeFactor(from: login, reason: reason)
            }
            say(try data.words("factor.command.reset", ["login": login]))
        }
    }
}
