import ArgumentParser
import Exchange
import Foundation
import Kernel
import Logging
import Server
import Simulators

/// One outside party as a process of its own, with a board where its failures are switched.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Simulate one outside party, such as tax, on 127.0.0.1."
    )

    @Argument(help: "The party's identifier, as in Resources/parties.")
    var party: String
    @OptionGroup var home: HomeOption
    @Option(help: "Where to listen; 0 for any that is free.")
    var port = 0
    @Option(help: "The folder with the exchange's keys; the party's state is kept there too.")
    var data = "var"
    @Option(help: "Where reports go.")
    var platform = "http://127.0.0.1:8080"
    @Flag(help: "End when the standard input closes.")
    var withParent = false

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port is a number from 0 to 65535.")
        }
    }

    func run() async throws {
        let home = try home.find()
        try FileManager.default.createDirectory(atPath: "\(data)/parties", withIntermediateDirectories: true)
        let core = try SimulatorServer.core(
            party: party,
            home: home,
            keys: ExchangeKeyFolder(path: "\(data)/exchange-keys"),
            file: "\(data)/parties/\(party).jsonl"
        )
        var logger = Logger(label: party, factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .error
        if withParent { Self.endWithParent() }
        let server = SimulatorServer(
            core: core,
            port: port,
            platform: platform,
            clock: SystemClock(),
            logger: logger
        )
        try await server.run { port in say("\(port)") }
    }

    /// Waits on a thread of its own until nobody holds the other end of the standard input.
    private static func endWithParent() {
        Thread.detachNewThread {
            while !FileHandle.standardInput.availableData.isEmpty {}
            kill(getpid(), SIGTERM)
        }
    }
}
