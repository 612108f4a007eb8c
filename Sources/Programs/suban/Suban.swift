import ArgumentParser
import Foundation
import Kernel
import Server

@main
struct Suban: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suban", abstract: "One integrated government-services platform.",
        subcommands: [Demo.self])
}

/// Where the program's own data lie.
struct HomeOption: ParsableArguments {
    @Option(help: "The folder that holds Resources and Systems.")
    var home: String?

    func find() throws -> Home {
        do { return try Home.find(named: home) } catch { throw ValidationError(error.description) }
    }
}

/// Everything that a person reads goes through here.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}
