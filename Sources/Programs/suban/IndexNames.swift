import ArgumentParser
import Server

/// Makes findable by name what an older program wrote.
struct IndexNames: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index-names",
        abstract: "Make cases and firms findable by name that are not: 0 done.",
        discussion: """
            For what an older program wrote while a newer one was at work already: during a rolling upgrade, or after a \
            return to the older one. Looks over every case and every firm, adds what is missing and changes nothing else. A \
            server may run meanwhile; broken off, it may be run again.
            """
    )

    @OptionGroup var data: DataOptions

    func run() async throws {
        let index = try await data.maintained { try await $0.indexNames() }
        let counts = [
            "cases": String(index.cases), "subjects": String(index.subjects), "put": String(index.put),
        ]
        say(try data.words("suban.index-names.done", counts))
    }
}
