import ArgumentParser
import Foundation
import Identity
import Kernel
import Logging
import Server
import Storage
import Web

/// The server: faces, jobs and the log's keeper in one process.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the platform on 127.0.0.1.")

    @OptionGroup var home: HomeOption
    @Flag(help: "Add demonstration accounts and a simulator for every outside party.")
    var demo = false
    @Option(help: "Where to listen.")
    var port = 8080
    @Option(
        help:
            "The address under which browsers see the site, such as https://suban.example; switches secure cookies on."
    )
    var origin: String?
    @Option(help: "The address of a proxy whose X-Forwarded-For counts; may be given several times.")
    var proxy: [String] = []
    @Option(help: "An address beside this machine's own that may read /metrics; may be given several times.")
    var metricsFrom: [String] = []
    @Option(help: "text, or json for a line of JSON each, with one for every request.")
    var log = LogForm.text
    @Option(help: "Keys, the SQLite file and the mirror of the log.")
    var data = "var"
    @Option(help: "The body that registers, a code of Resources/standards/agencies.tsv.")
    var authority = "NMSCJG"

    func validate() throws {
        try SiteOptions.check(
            port: port,
            origin: origin,
            addresses: [("proxy", proxy), ("metrics-from", metricsFrom)]
        )
    }

    func run() async throws {
        let home = try home.find()
        let folder = URL(fileURLWithPath: data).path
        let logger = log.logger("suban", level: .notice)
        let meters = Meters()
        var settings = PlatformSettings(home: home, folder: folder)
        settings.isDemonstration = demo
        settings.authority = authority
        settings.origin = origin ?? "http://127.0.0.1:\(port)"
        settings.databaseURL = DataOptions.databaseURL
        settings.replicaURL = DataOptions.replicaURL
        settings.watch = try meters.watch(home: home, logger: logger)
        settings.webhookNetworks = try DataOptions.webhookNetworks()
        let simulators = demo ? try parties(home: home, folder: folder) : nil
        defer { simulators?.end() }
        if let simulators { settings.transport = simulators.transport }
        // The parties start beside the platform, which asks them nothing before it serves.
        async let listening = simulators?.listening()
        let platform: Platform
        do { platform = try await Platform.open(settings) } catch let refusal as any Refusal {
            throw ValidationError(try self.home.words(refusal))
        }
        let server = try await HTTPServer(
            platform: platform,
            port: port,
            proxies: TrustedProxies(Set(proxy)),
            meters: meters,
            scrapers: Set(metricsFrom),
            requestLog: log == .json ? log.logger("suban.request", level: .info) : nil,
            logger: logger
        )
        let addresses = try await listening ?? [:]
        let accounts = demo ? try DemoAccounts.read(home: home) : []
        do {
            try await server.run { port in
                say("http://127.0.0.1:\(port)")
                for line in accounts { say("  \(line.login)  \(line.password)  \(line.name) \(line.role)") }
                for (party, address) in addresses.sorted(by: { $0.key < $1.key }) {
                    say("  \(party)  \(address)")
                }
            }
        } catch let refusal as ListeningError {
            throw ValidationError(try self.home.words(refusal))
        }
        await platform.database.close()
    }

    private func parties(home: Home, folder: String) throws -> SimulatorProcesses {
        let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
        return try SimulatorProcesses(
            program: program,
            home: home,
            folder: folder,
            platform: "http://127.0.0.1:\(port)"
        )
    }
}

/// How the operator's log is written.
enum LogForm: String, ExpressibleByArgument, CaseIterable {
    case text, json

    func logger(_ label: String, level: Logger.Level) -> Logger {
        var logger = Logger(label: label) { label in
            switch self {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLines(label: label)
            }
        }
        logger.logLevel = level
        return logger
    }
}
