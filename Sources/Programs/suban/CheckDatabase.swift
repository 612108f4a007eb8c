import ArgumentParser
import Foundation
import Kernel
import Server

/// Checks the database of an installation as a whole.
struct CheckDatabase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-database",
        abstract:
            "Check an installation's database: 0 all is good, 1 something is wrong, 2 it cannot be checked.",
        discussion: """
            One line a check: what the engine says of its own pages and indexes, missing tables and columns, foreign keys, counters and states
            against rows, the library of names against its keys, files against rows and digests, the log, and the
            tables that it bears out. A server may run meanwhile.
            """
    )

    @OptionGroup var data: DataOptions
    @Flag(help: "One line of JSON a check.")
    var json = false

    func run() async throws {
        let bar = ProgressBar(isShown: !json && ProgressBar.isTerminal)
        var isGood = true
        do {
            let settings = try data.settings()
            if settings.databaseURL == nil, !FileManager.default.fileExists(atPath: data.file) {
                throw LogCheckupError.noDatabase(path: data.file)
            }
            try await DatabaseCheckup(settings).run(progress: { bar.show("checks", $0, $1) }) { finding in
                isGood = isGood && finding.isGood
                bar.clear()
                if json { say(finding.json.canonical) } else { try tell(finding) }
            }
        } catch let refusal as any Refusal {
            bar.clear()
            throw ValidationError(try data.words(refusal))
        }
        bar.clear()
        if !isGood { throw ExitCode(1) }
    }

    private func tell(_ finding: DatabaseFinding) throws {
        let label = try data.words("check.\(finding.name)", [:])
        if let failure = finding.failure {
            say("?  \(finding.name)  \(label)  \(try data.words("check.failed", ["why": failure]))")
            return
        }
        let counts = ["checked": String(finding.checked), "wrong": String(finding.wrong.count)]
        say(
            "\(finding.isGood ? "ok" : "✗ ")  \(finding.name)  \(label)  \(try data.words("check.counts", counts))"
        )
        for name in finding.wrong.prefix(Self.shown) { say("      \(name)") }
        let more = finding.wrong.count - Self.shown
        if more > 0 { say("      " + (try data.words("log.more", ["count": String(more)]))) }
    }

    /// A terminal has so many lines for one check.
    private static let shown = 10
}
