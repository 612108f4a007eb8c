import ArgumentParser
import Foundation
import Kernel
import Server

/// The year's holidays, as the State Council announces them in the autumn before.
struct CalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "Publish a year's holidays and make-up days: 0 published, 2 the file or the year is wrong.",
        discussion: """
            The file has a header line and tab-separated columns: date (2027-01-01), kind (holiday or workday),
            name. Open deadlines that wait for that year get their dates; a running server takes it over.
            """
    )

    @OptionGroup var data: DataOptions
    @Argument(help: "The year after the last published one, or one of those to correct it.")
    var year: Int
    @Argument(help: "UTF-8, tab-separated.")
    var file: String
    @Option(help: "The notice that announces it.")
    var source: String
    @OptionGroup var person: OperatorOption
    @Flag(help: "Read and check only; keep nothing.")
    var trial = false

    func run() async throws {
        guard let bytes = FileManager.default.contents(atPath: file),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw ValidationError("\(file) cannot be read as UTF-8. Name a file that exists.") }
        let days = try await data.maintained(by: person.by) {
            try await $0.publishCalendar(year, text: text, file: file, source: source, isTrial: trial)
        }
        say("\(year): \(days) days \(trial ? "are good; nothing was kept" : "published")")
    }
}
