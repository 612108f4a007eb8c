import ArgumentParser
import Cryptography
import Kernel
import Server

/// The authorities that issue this installation's certificates.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "List the issuing authorities of an installation, or let a new one follow.",
        subcommands: [Show.self, Rotate.self]
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
}
