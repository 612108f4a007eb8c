import ArgumentParser
import Identity
import Kernel
import Server

/// Who decides from which day on: mergers and delegations of an installation in service.
struct AuthorityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract: "Give a body's power to another from a day on, take it back, and list what was given.",
        subcommands: [Give.self, End.self, Show.self]
    )

    struct Give: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give the power of a body to another from a day on.",
            discussion: "Kinds: " + list(of: AuthorityChange.Kind.self)
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "What happened, of the list below.")
        var kind: String
        @Option(help: "The matter, such as company-registration; all of them when left out.")
        var matter = ""
        @Option(help: "Code of the agency whose power it was, such as NMSCJG.")
        var agency: String
        @Option(help: "The division and everything below it, six digits; all of them when left out.")
        var region: String?
        @Option(help: "Code of the agency that takes over.")
        var toAgency: String
        @Option(help: "The division whose body takes over, six digits; the same one when left out.")
        var toRegion: String?
        @Option(help: "Its first day, such as 2026-12-01.")
        var from: String
        @Option(help: "Its last day; open when left out.")
        var until: String?
        @Option(help: "The decision, such as the number of its document.")
        var basis: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            try need(basis, of: "--basis")
            let kind: AuthorityChange.Kind = try choice(kind, of: "KIND")
            let (first, last) = (try day(from, of: "--from"), try until.map { try day($0, of: "--until") })
            let change = try await data.maintained(by: person.by) {
                try await $0.changeAuthority(
                    kind,
                    matter: matter,
                    agency: agency,
                    region: region,
                    toAgency: toAgency,
                    toRegion: toRegion,
                    from: first,
                    until: last,
                    basis: basis
                )
            }
            say(try data.words("authority.command.given", ["id": change.id, "day": change.from.description]))
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a power back with the end of a day.")

        @OptionGroup var data: DataOptions
        @Argument(help: "What `suban authority show` names first.")
        var id: String
        @Option(help: "Its last day, such as 2026-12-31.")
        var on: String
        @Option(help: "Why, such as the number of the document.")
        var reason: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            try need(reason, of: "--reason")
            let last = try day(on, of: "--on")
            try await data.maintained(by: person.by) {
                try await $0.endAuthority(id, on: last, reason: reason)
            }
            say(try data.words("authority.command.ended", ["id": id, "day": last.description]))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what was given, the earliest first.")

        @OptionGroup var data: DataOptions

        func run() async throws {
            let changes = try await data.maintained { try await $0.authorityChanges() }
            say(
                try data.words(
                    changes.isEmpty ? "authority.command.none" : "authority.command.columns",
                    [:]
                )
            )
            for change in changes {
                let parts = [
                    change.id, change.kind.rawValue, change.matter.isEmpty ? "*" : change.matter,
                    "\(change.agency) \(change.regionPrefix)*", "\(change.toAgency) \(change.toRegion)",
                    "\(change.from) - \(change.until?.description ?? "")", change.basis,
                ]
                say(parts.joined(separator: "\t"))
            }
        }
    }
}
