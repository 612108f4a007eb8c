import ArgumentParser
import Foundation
import Kernel
import Server
import Storage

/// Walks a journey in the terminal, with every outside party simulated in the same process.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Walk a journey in the terminal.",
        subcommands: [OpenCompany.self]
    )

    struct OpenCompany: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "open-company",
            abstract: "Open a company and write its licence and seals to a folder."
        )

        @OptionGroup var home: HomeOption
        @Option(help: "Where licence, seals and receipt are written.")
        var out = "demo-company"

        func run() async throws {
            let home = try home.find()
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "suban-demo-\(UUID().uuidString)"
            )
            defer { try? FileManager.default.removeItem(at: folder) }
            let data = try JSON.read(
                Array(try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/llc.json"))))
            )
            // What the journey signs is signed by now, so that `suban verify` believes it.
            let start = SystemClock().now + -2 * DemoJourney.duration
            let town = try await DemoTown(home: home, folder: folder.path, at: start)
            say("演示从 \(start.minuteText) 开始，时间随各单位办理前移（demonstration clock, earlier than now）")
            try await DemoJourney(town: town, say: say).openCompany(data, into: out)
            await town.platform.database.close()
        }
    }
}
