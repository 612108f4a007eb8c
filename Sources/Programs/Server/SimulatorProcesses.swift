public import Exchange
import Foundation
public import Kernel
import Synchronization

/// The outside parties of a demonstration, each in a process of its own on loopback. They end when this process does:
/// each reads its standard input, which closes then. A party whose address the environment names runs elsewhere, such as
/// beside several nodes that share it, and is not started.
public final class SimulatorProcesses: Sendable {
    private let ports: Mutex<[String: String]> = Mutex([:])
    private let outputs: [(id: String, output: FileHandle)]
    /// Base addresses of parties that run elsewhere.
    private let elsewhere: [String: String]
    private let stop: @Sendable () -> Void

    public struct NotStarted: Error, CustomStringConvertible {
        public let description: String
    }

    /// Starts `program simulate PARTY …` for every party; `listening` waits for them, so that other work can go on.
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
        let parties = try Parties(home: home)
        elsewhere = PartyAddresses.named(parties)
        var running: [(id: String, process: Process, output: Pipe, input: Pipe)] = []
        for party in parties.all {
            _ = try keys.signer(party.id)
            if elsewhere[party.id] != nil { continue }
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
        outputs = started.map { ($0.id, $0.output.fileHandleForReading) }
    }

    /// Waits, on a thread of its own, until each says on which port it listens.
    /// - Returns: the base address of each party, by its identifier.
    /// - Throws: `NotStarted`.
    public func listening() async throws -> [String: String] {
        let outputs = outputs
        let started: [String: String] = try await withCheckedThrowingContinuation { answer in
            Thread.detachNewThread { answer.resume(with: Result { try Self.ports(outputs) }) }
        }
        let found = started.merging(elsewhere) { $1 }
        ports.withLock { $0 = found }
        return found
    }

    private static func ports(_ outputs: [(id: String, output: FileHandle)]) throws -> [String: String] {
        var addresses: [String: String] = [:]
        for (id, output) in outputs {
            let line = String(decoding: output.availableData, as: UTF8.self)
            guard let port = Int(line.filter(\.isNumber)), port > 0 else {
                throw NotStarted(
                    description:
                        "The simulator of \(id) did not start; run `suban simulate \(id)` to see why."
                )
            }
            addresses[id] = "http://127.0.0.1:\(port)"
        }
        return addresses
    }

    /// Carries the platform's messages to them; until they listen, all are down.
    public var transport: any Transport { Carrier(processes: self) }

    private struct Carrier: Transport {
        let processes: SimulatorProcesses

        func carry(
            _ request: WireRequest,
            to party: Party,
            within: Int64
        ) async throws(TransportError) -> WireResponse {
            let addresses = processes.ports.withLock { $0 }
            return try await PartyAddresses.http(addresses).carry(request, to: party, within: within)
        }
    }

    /// Ends them all.
    public func end() { stop() }
}
