import ArgumentParser
import Server
import Storage

/// Divides the log's table of a large installation.
struct DivideLog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "divide-log",
        abstract: "Divide the log's table by months (PostgreSQL): 0 divided, 2 refused.",
        discussion: """
            For a log of some hundred million entries. What there is becomes the first part; it is read once to be sure of \
            it, and nobody writes meanwhile: announce a window. Later parts are made by the server, three months ahead. \
            A divided log is only added to; it does not become one table again.
            """
    )

    @OptionGroup var data: DataOptions

    func run() async throws {
        let months = try await data.maintained { try await $0.divideLog() }
        say(try data.words("log.command.divided", ["count": String(months.made)]))
    }
}
