import ArgumentParser
import Identity
import Kernel
import Server

/// Members of staff of an installation in service.
struct StaffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staff",
        abstract: "Open accounts for members of staff.",
        subcommands: [Open.self]
    )

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Open an account with one post; its first password and enrolment code are shown here only.",
            discussion: "Roles: " + list(of: StaffRole.self)
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "With what he will sign in.")
        var login: String
        @Option(help: "His name.")
        var name: String
        @Option(help: "What the post is for, of the list below.")
        var role: String
        @Option(help: "Code of the agency, such as NMSCJG.")
        var agency: String
        @Option(help: "The division whose body it is, six digits such as 150203.")
        var region: String
        @Option(help: "The appointment, such as the number of its document.")
        var basis: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            let role: StaffRole = try choice(role, of: "--role")
            let opened = try await data.maintained(by: person.by) {
                try await $0.openStaff(
                    login,
                    name: name,
                    role: role,
                    agency: agency,
                    region: region,
                    basis: basis
                )
            }
            let values = [
                "login": opened.login, "password": opened.password, "code": opened.code,
                "until": opened.until.minuteText,
            ]
            say(try data.words("staff.command.open", values))
        }
    }
}
