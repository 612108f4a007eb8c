import ArgumentParser
import Kernel
import Server
import Web

/// Announced times in which nothing can be changed.
struct MaintenanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintenance",
        abstract:
            "Announce a time in which nothing can be changed, take it back, and list what is announced.",
        subcommands: [Announce.self, Cancel.self, Show.self]
    )

    struct Announce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Announce a window: pages say it, in it reading goes on and nothing is changed."
        )

        @OptionGroup var data: DataOptions
        @Option(help: "Its beginning, Beijing time, such as \"2026-12-01 22:00\".")
        var from: String
        @Option(help: "Its end, such as \"2026-12-02 02:00\".")
        var to: String
        @Option(help: "What people read, in Chinese.")
        var notice: String
        @Option(help: "What people read, in English.")
        var noticeEn = "Planned maintenance."
        @OptionGroup var person: OperatorOption

        func run() async throws {
            let (first, last) = (try moment(from, "--from"), try moment(to, "--to"))
            let window = try await data.maintained(by: person.by) {
                try await $0.announce(from: first, to: last, notice: Bilingual(zh: notice, en: noticeEn))
            }
            say(
                try data.words(
                    "maintenance.command.announced",
                    ["id": window.id, "from": window.from.minuteText, "to": window.to.minuteText]
                )
            )
        }

        private func moment(_ text: String, _ option: String) throws -> Instant {
            guard let moment = Instant(parsing: text) else {
                throw ValidationError("\(option) \(text) is no moment. Write \"2026-12-01 22:00\".")
            }
            return moment
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a window back, or end one that is on. Days that clocks were given stay given."
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "What `suban maintenance show` names first.")
        var id: String
        @Option(help: "Why.")
        var reason: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            try await data.maintained(by: person.by) { try await $0.cancelWindow(id, reason: reason) }
            say(try data.words("maintenance.command.cancelled", ["id": id]))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List windows that are on or to come.")

        @OptionGroup var data: DataOptions

        func run() async throws {
            let windows = try await data.maintained { try await $0.windows() }
            if windows.isEmpty { say(try data.words("maintenance.command.none", [:])) }
            for window in windows {
                say("\(window.id)  \(window.from.minuteText)  \(window.to.minuteText)  \(window.notice.zh)")
            }
        }
    }
}
