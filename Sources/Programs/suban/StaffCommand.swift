import ArgumentParser
import Identity
import Kernel
import Server

/// Members of staff of an installation in service.
struct StaffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staff",
        abstract: "Open and shut accounts of members of staff, give them posts and end these.",
        subcommands: [Open.self, GivePost.self, EndPost.self, Close.self]
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
        @OptionGroup var post: PostOptions
        @OptionGroup var person: OperatorOption

        func run() async throws {
            try need(post.basis, of: "--basis")
            let role: StaffRole = try choice(post.role, of: "--role")
            let opened = try await data.maintained(by: person.by) {
                try await $0.openStaff(
                    login,
                    name: name,
                    role: role,
                    agency: post.agency,
                    region: post.region,
                    basis: post.basis
                )
            }
            let values = [
                "login": opened.login, "password": opened.password, "code": opened.code,
                "until": opened.until.minuteText,
            ]
            say(try data.words("staff.command.open", values))
        }
    }

    struct GivePost: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "give-post",
            abstract: "Give a further post to somebody who has an account.",
            discussion: "Roles: " + list(of: StaffRole.self)
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "With what he signs in.")
        var login: String
        @OptionGroup var post: PostOptions
        @Option(help: "Its first day, such as 2026-12-01; today when left out.")
        var from: String?
        @Option(help: "Its last day; open when left out.")
        var until: String?
        @OptionGroup var person: OperatorOption

        func run() async throws {
            try need(post.basis, of: "--basis")
            let role: StaffRole = try choice(post.role, of: "--role")
            let first = try from.map { try day($0, of: "--from") }
            let last = try until.map { try day($0, of: "--until") }
            let given = try await data.maintained(by: person.by) {
                try await $0.giveStaffPost(
                    login,
                    role: role,
                    agency: post.agency,
                    region: post.region,
                    from: first,
                    until: last,
                    basis: post.basis
                )
            }
            let values = ["login": login, "day": given.from.description]
            say(try data.words("staff.command.give-post", values))
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shut an account at once; what its owner has claimed goes back to the pool."
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "With what he signs in.")
        var login: String
        @Option(help: "Why, such as the number of the document.")
        var reason: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            try need(reason, of: "--reason")
            let freed = try await data.maintained(by: person.by) {
                try await $0.closeStaff(login, reason: reason)
            }
            say(try data.words("staff.command.close", ["login": login, "count": String(freed)]))
        }
    }

    struct EndPost: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end-post",
            abstract: "End a post with the end of a day; what was claimed in it goes back to the pool.",
            discussion: "Roles: " + list(of: StaffRole.self)
        )

        @OptionGroup var data: DataOptions
        @Argument(help: "With what he signs in.")
        var login: String
        @Option(help: "What the post is for, of the list below.")
        var role: String
        @Option(help: "The division whose body it is; needed when he holds the role in several.")
        var region: String?
        @Option(help: "His last day, such as 2026-12-31.")
        var on: String
        @Option(help: "Why, such as the number of the document.")
        var reason: String
        @OptionGroup var person: OperatorOption

        func run() async throws {
            try need(reason, of: "--reason")
            let role: StaffRole = try choice(role, of: "--role")
            let last = try day(on, of: "--on")
            let freed = try await data.maintained(by: person.by) {
                try await $0.endStaffPost(login, role: role, region: region, on: last, reason: reason)
            }
            let values = ["login": login, "day": last.description, "count": String(freed)]
            say(try data.words("staff.command.end-post", values))
        }
    }
}

/// A post as an appointment gives it.
struct PostOptions: ParsableArguments {
    @Option(help: "What the post is for, of the list below.")
    var role: String
    @Option(help: "Code of the agency, such as NMSCJG.")
    var agency: String
    @Option(help: "The division whose body it is, six digits such as 150203.")
    var region: String
    @Option(help: "The appointment, such as the number of its document.")
    var basis: String
}
