import ArgumentParser
import Credentials
import Cryptography
import Kernel
import Server

/// The authorities that issue this installation's certificates.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract:
            "List the issuing authorities of an installation, let a new one follow, or replace the key of the time stamps.",
        subcommands: [Show.self, Rotate.self, ReplaceStamps.self, Losses.self]
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the issuing authorities, the oldest of each family first; the newest issues."
        )

        @OptionGroup var data: DataOptions

        func run() async throws {
            let (issuers, due) = try await data.maintained { maintenance in
                let issuers = try maintenance.issuers()
                return (issuers, issuers.map(maintenance.isDue))
            }
            say(try data.words("keys.command.columns", [:]))
            for (index, issuer) in issuers.enumerated() {
                let isNewest = index + 1 == issuers.count || issuers[index + 1].family != issuer.family
                let state = !isNewest ? "older" : due[index] ? "due" : "issuing"
                let parts = [
                    "\(issuer.family.rawValue)-\(issuer.number)", issuer.subject.commonName,
                    "\(issuer.validFrom.date) - \(issuer.validUntil.date)",
                    try data.words("keys.command.\(state)", ["day": issuer.dueSince.date.description]),
                    Hex.encode(issuer.fingerprint),
                ]
                say(parts.joined(separator: "\t"))
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new issuing authority below the same root; what the old one issued stays good.",
            discussion: "Families: " + list(of: PlatformKeys.Family.self)
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "Which family, of the list below.")
        var family: String
        @Option(help: "Why, such as the number of the decision.")
        var reason: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            try need(reason, of: "--reason")
            let family: PlatformKeys.Family = try choice(family, of: "FAMILY")
            let made = try await data.maintained(by: person.by) {
                try await $0.rotateIssuer(family, reason: reason)
            }
            say(
                try data.words(
                    "keys.command.rotated",
                    [
                        "name": made.subject.commonName, "day": made.validUntil.date.description,
                        "sha256": Hex.encode(made.fingerprint),
                    ]
                )
            )
        }
    }

    struct ReplaceStamps: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "replace-stamps",
            abstract: "Make another key for time stamps; after a theft take the former one's stamps back.",
            discussion: """
                Stop all servers first, copy the folder of keys to every node afterwards, and start them again. With \
                --stolen-since no stamp of the former key counts any more; files of licences and archives that the log knew \
                before that moment are stamped anew by the servers, all others stay refused.
                """
        )

        @OptionGroup var data: DataOptions
        @Option(
            name: .customLong("stolen-since"),
            help: "From when on the key may have been known to others."
        )
        var stolenSince: String?
        @Option(help: "Why, such as the number of the decision.")
        var reason: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            try need(reason, of: "--reason")
            let theft = try stolenSince.map { text in
                guard let moment = Instant(parsing: text) else {
                    throw ValidationError(try data.words("keys.command.moment", ["text": text]))
                }
                return moment
            }
            let made = try await data.maintained(by: person.by) {
                try await $0.replaceStamps(stolenSince: theft, reason: reason)
            }
            say(
                try data.words(
                    theft == nil ? "keys.command.stamps-replaced" : "keys.command.stamps-taken-back",
                    [
                        "day": made.validUntil.date.description, "time": theft?.minuteText ?? "",
                        "sha256": Hex.encode(SHA256.digest(made.der)),
                    ]
                )
            )
        }
    }

    struct Losses: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stamp-losses",
            abstract: "List thefts of the key of the time stamps, with how many files were made anew."
        )

        @OptionGroup var data: DataOptions

        func run() async throws {
            let losses = try await data.maintained { try await $0.stampLosses() }
            say(try data.words("keys.command.loss-columns", [:]))
            for loss in losses {
                let runs = try data.words("keys.command.loss-runs", [:])
                let state = loss.doneAt?.minuteText ?? runs
                let parts = [
                    loss.since.minuteText, loss.begunAt.minuteText, String(loss.looked),
                    String(loss.renewed), String(loss.unproven), state,
                ]
                say(parts.joined(separator: "\t"))
            }
        }
    }
}
