import ArgumentParser
import Foundation
import Kernel
import Server

@main
struct Suban: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suban",
        abstract: "One integrated government-services platform.",
        subcommands: [
            Serve.self, Check.self, SystemsCommand.self, Simulate.self, Demo.self, Verify.self,
            BenchCommand.self, Import.self, CalendarCommand.self, Publish.self, Migrate.self, Backup.self,
            Restore.self, CheckDatabase.self, StaffCommand.self, FactorCommand.self, AuthorityCommand.self,
            LoadCommand.self, Front.self, RelayCommand.self, JobsCommand.self, WebhookCommand.self,
            MaintenanceCommand.self, KeysCommand.self, DivideLog.self, IndexNames.self,
        ]
    )

    /// Unknown names, unreadable files and bad values end with 2 and one line that says what is wrong.
    static func main() async {
        // Whatever the program writes is its owner's alone: databases, keys, logs of parties.
        umask(0o077)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch {
            // `--help` arrives as an error that is a success.
            if exitCode(for: error) == .success {
                say(fullMessage(for: error))
                Foundation.exit(0)
            }
            FileHandle.standardError.write(Data("suban: \(line(for: error))\n".utf8))
            Foundation.exit(2)
        }
    }
}

extension Suban {
    /// What is wrong and what to do, in one line: usage and lists of options are what `--help` is for.
    private static func line(for error: any Error) -> String {
        guard exitCode(for: error) == .validationFailure else { return "\(error)" }
        let text = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
        return ".。".contains(text.last ?? ".") ? text : "\(text). `suban --help` lists what there is."
    }
}

/// Where the program's own data lie.
struct HomeOption: ParsableArguments {
    @Option(help: "The folder that holds Resources and Systems.")
    var home: String?

    func find() throws -> Home {
        do { return try Home.find(named: home) } catch { throw ValidationError(error.description) }
    }
}

/// Everything that a person reads goes through here. Where nobody reads any more, such as behind `| head`, it is lost.
func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
}
