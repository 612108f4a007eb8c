public import Exchange
import Foundation
public import Kernel

/// The outside parties of a demonstration, each in a process of its own on loopback. They end when this process does:
/// each reads its standard input, which closes then.
public final class SimulatorProcesses: Sendable {
    /// Base address of each party, by its identifier.
    public let addresses: [String: String]
    private let stop: @Sendable () -> Void

    public struct NotStarted: Error, CustomStringConvertible {
        public let description: String
    }

    /// Starts `program simulate PARTY …` for every party and waits until each says on which port it listens.
    /// - Parameters:
    ///   - folder: the platform's folder; keys and the parties' states lie under it.
    ///   - platform: where reports go, such as `http://127.0.0.1:8080`.
    public init(program: String, home: Home, folder: String, platform: String) throws {
        let keys = ExchangeKeyFolder(path: "\(folder)/exchange-keys")
        try FileManager.default.createDirectory(
            atPath: "\(folder)/parties",
            withIntermediateDirectories: true
        )
        _ = try keys.signer("platform")
        let parties = try Parties(home: home).all
        var running: [(id: String, process: Process, output: Pipe, input: Pipe)] = []
        for party in parties {
            _ = try keys.signer(party.id)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = [
                "simulate", party.id, "--port", "0", "--data", folder, "--home", home.root, "--platform",
                platform,
                "--with-parent",
            ]
            let (output, input) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardInput = input
            try process.run()
            running.append((party.id, process, output, input))
        }
        let started = running
        let inputs = started.map(\.input.fileHandleForWriting)
        let identifiers = started.map(\.process.processIdentifier)
        stop = {
            for input in inputs { try? input.close() }
            for identifier in identifiers { kill(identifier, SIGTERM) }
        }
        var addresses: [String: String] = [:]
        for (id, _, output, _) in started {
            let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            guard let port = Int(line.filter(\.isNumber)), port > 0 else {
                for identifier in identifiers { kill(identifier, SIGTERM) }
                throw NotStarted(
                    description:
                        "The simulator of \(id) did not start; run `suban simulate \(id)` to see why."
                )
            }
            addresses[id] = "http://127.0.0.1:\(port)"
        }
        self.addresses = addresses
    }

    /// Carries the platform's messages to them.
    public var transport: any Transport { PartyAddresses.http(addresses) }

    /// Ends them all.
    public func end() { stop() }
}
