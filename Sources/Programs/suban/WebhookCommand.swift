import ArgumentParser
import Changes
import Kernel
import Server

/// Systems that are told of changes (Docs/formats/changes.md).
struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Who is told of changes: add, list, pause, resume, replay, remove.",
        subcommands: [Add.self, Show.self, Pause.self, Resume.self, Replay.self, Remove.self]
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell an address what changes from now on; its secret is shown here only."
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "What the receiver is called.")
        var name: String
        @Argument(help: "https://…; http:// into networks of SUBAN_WEBHOOK_NETWORKS only.")
        var address: String
        @Option(help: "Six digits: it is told of everything at or below this division.")
        var region: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            let (webhook, secret) = try await data.maintained(by: person.by) {
                try await $0.addWebhook(name: name, address: address, region: region)
            }
            say(
                try data.words(
                    "webhook.command.added",
                    ["id": webhook.id.rawValue, "secret": secret, "cursor": String(webhook.cursor)]
                )
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Each subscription: state, cursor, entries it is behind, failures, why, next try."
        )

        @OptionGroup var data: DataOptions

        func run() async throws {
            let standings = try await data.maintained { try await $0.webhooks() }
            say(try data.words(standings.isEmpty ? "webhook.command.none" : "webhook.command.columns", [:]))
            for standing in standings {
                let webhook = standing.webhook
                let next = standing.nextTry.map(\.description) ?? "-"
                say(
                    "\(webhook.id)\t\(webhook.name)\t\(webhook.address)\t\(webhook.region)\t\(webhook.state.rawValue)"
                        + "\t\(webhook.cursor)\t\(standing.lag)\t\(webhook.failures)\t\(webhook.why ?? "-")\t\(next)"
                )
            }
        }
    }

    /// The subscription that a command is about.
    struct Target: ParsableArguments {
        @OptionGroup var data: DataOptions
        @Argument(help: "The first column of `suban webhook list`.")
        var id: String
        @OptionGroup var person: OperatorOption

        func apply(_ act: WebhookAct) async throws {
            try await data.maintained(by: person.by) { try await $0.webhook(ID(id), act) }
            say(try data.words("webhook.command.done", ["id": id]))
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tell it nothing for now.")
        @OptionGroup var target: Target

        func run() async throws { try await target.apply(.pause) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Go on where it stopped, at once.")
        @OptionGroup var target: Target

        func run() async throws { try await target.apply(.resume) }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tell everything after a cursor again.")
        @OptionGroup var target: Target
        @Option(parsing: .unconditional, help: "The number of an entry of the log, -1 for the beginning.")
        var after: Int

        func run() async throws {
            guard after >= -1 else { throw ValidationError("--after is -1 or greater.") }
            try await target.apply(.replay(after: Int64(after)))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take the subscription away.")
        @OptionGroup var target: Target

        func run() async throws { try await target.apply(.remove) }
    }
}
