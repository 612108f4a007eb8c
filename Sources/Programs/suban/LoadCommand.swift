import ArgumentParser
import Foundation
import Kernel
import Population
import Server
import Storage

/// Fills an installation with a made-up population.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Fill an installation with made-up subjects, cases and licences: 0 loaded, 2 refused.",
        discussion: """
            Only into one in which nothing has happened yet, which it marks as loaded. A load that was stopped goes on \
            where it was when the same numbers and seed are given again.
            """
    )

    @OptionGroup var data: DataOptions
    @Option(help: "Firms and sole traders, each with the person who stands for it.")
    var subjects: Int
    @Option(help: "Cases in every state, with their histories.")
    var cases: Int
    @Option(help: "Licences and seals.")
    var licences: Int
    @Option(
        help:
            "A league or division by its code, such as 150200: only its population; else that of the whole region."
    )
    var region: String?
    @Option(help: "Equal seeds make equal populations on equal days.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (1...20_000_000).contains(subjects) else {
            throw ValidationError("--subjects must be 1...20000000.")
        }
        for (name, count) in [("--cases", cases), ("--licences", licences)] {
            guard (0...50_000_000).contains(count) else {
                throw ValidationError("\(name) must be 0...50000000.")
            }
        }
    }

    func run() async throws {
        var settings = try data.settings()
        settings.isFilling = true
        let platform = try await Platform.open(settings)
        do {
            try await load(platform)
            await platform.database.close()
        } catch {
            await platform.database.close()
            guard let refusal = error as? any Refusal else { throw error }
            throw ValidationError(try data.words(refusal))
        }
    }

    private func load(_ platform: Platform) async throws {
        let request = PopulationRequest(
            subjects: subjects,
            cases: cases,
            licences: licences,
            seed: seed,
            region: region,
            day: platform.clock.now.date
        )
        let bar = ProgressBar(isShown: ProgressBar.isTerminal)
        let start = ContinuousClock.now
        let rows = try await Population(request, in: platform).load { run in
            bar.show("subjects, cases and licences", run.done, run.total)
        }
        bar.clear()
        let taken = ContinuousClock.now - start
        let seconds = max(
            0.001,
            Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
        )
        let shown = String(format: "%.3f", seconds)
        say("\(rows) rows in \(shown) s, \(Int(Double(rows) / seconds)) rows/s, seed \(seed)")
    }
}
