import Exchange
import Jobs
import Foundation
public import Kernel
public import Simulators

/// A platform with every outside party in the same process: for the terminal demonstration, scenarios and tests.
public struct DemoTown: Sendable {
    public let platform: Platform
    public let town: SimulatedTown
    public let clock: ManualClock

    /// - Parameter configure: changes the settings before the platform is opened.
    public init(
        home: Home,
        folder: String,
        at start: Instant,
        seed: UInt64 = 1,
        facts: [String: [JSON]]? = nil,
        configure: (inout PlatformSettings) -> Void = { _ in }
    ) async throws {
        clock = ManualClock(start)
        var settings = PlatformSettings(home: home, folder: folder)
        settings.clock = clock
        settings.entropy = SeededEntropy(seed: seed)
        configure(&settings)
        try FileManager.default.createDirectory(
            atPath: "\(folder)/exchange-keys",
            withIntermediateDirectories: true
        )
        let keys = ExchangeKeyFolder(path: "\(folder)/exchange-keys")
        let parties = try settings.parties()
        _ = try keys.signer("platform")
        var signers: [String: EnvelopeSigner] = [:]
        for party in parties.all { signers[party.id] = try keys.signer(party.id) }
        town = try SimulatedTown(
            parties: parties,
            platform: try keys.peer("platform"),
            signers: signers,
            clock: clock,
            entropy: SeededEntropy(seed: seed &+ 1),
            facts: try facts ?? SimulatedTown.facts(home: home)
        )
        settings.transport = town.transport
        platform = try await Platform.open(settings)
    }

    /// Lets jobs, events and parties work until nothing is left to do at this moment.
    public func settle() async throws {
        for _ in 0..<50 {
            try await platform.runner.runUntilQuiet()
            let exchange = platform.exchange
            let delivered = await town.deliverDue { await exchange.receive($0) }
            if delivered == 0 { return }
        }
    }

    /// Moves the clock, running everything that falls due on the way at its own time and in order.
    public func move(to moment: Instant) async throws {
        try await settle()
        while true {
            let job = try await platform.runner.nextDue()
            let next = [job, town.nextReport].compactMap { $0 }.filter { $0 > clock.now }.min()
            guard let next, next <= moment else { break }
            clock.set(next)
            try await settle()
        }
        clock.set(moment)
        try await settle()
    }
}
