public import Exchange
import Foundation
public import Kernel

/// All parties in one process, without sockets and without sleeping: what takes time waits for the clock that
/// the runner moves.
public struct SimulatedTown: Sendable {
    private let cores: [String: SimulatorCore]
    private let clock: any Clock

    /// Makes a key for each party, has the exchange's own key known to all, and reads what the parties know from
    /// `Resources/parties/facts/<party>.jsonl`.
    public init(
        parties: Parties,
        platform: PeerKey,
        signers: [String: EnvelopeSigner],
        clock: any Clock,
        entropy: any Entropy,
        delay: Int64 = 120_000,
        facts: [String: [JSON]] = [:]
    ) throws {
        self.clock = clock
        var cores: [String: SimulatorCore] = [:]
        for party in parties.all {
            guard let signer = signers[party.id] else { throw SimulatorError.unknownParty(party.id) }
            cores[party.id] = try SimulatorCore(
                party: party,
                limits: parties.limits,
                signer: signer,
                platform: platform,
                entropy: entropy,
                delay: delay,
                facts: facts[party.id] ?? []
            )
        }
        self.cores = cores
    }

    public func party(_ id: String) throws(SimulatorError) -> SimulatorCore {
        guard let core = cores[id] else { throw .unknownParty(id) }
        return core
    }

    /// Carries the platform's messages to the parties as bytes.
    public var transport: LoopTransport {
        var handlers: [String: LoopTransport.Handler] = [:]
        for (id, core) in cores { handlers[id] = Self.handler(core, clock) }
        return LoopTransport(handlers)
    }

    private static func handler(_ core: SimulatorCore, _ clock: any Clock) -> LoopTransport.Handler {
        { bytes in
            do throws(TransportError) { return .success(try core.answer(bytes, now: clock.now)) } catch {
                return .failure(error)
            }
        }
    }

    /// When the next report is due, or nil.
    public var nextReport: Instant? { cores.values.compactMap(\.nextReport).min() }

    /// Gives every report that is due to the platform. Returns how many there were.
    public func deliverDue(to receive: @Sendable (WireRequest) async -> WireResponse) async -> Int {
        var count = 0
        for id in cores.keys.sorted() {
            guard let core = cores[id] else { continue }
            for report in core.dueReports(now: clock.now) {
                guard let request = WireRequest(bytes: report.request.bytes) else { continue }
                let response = await receive(request)
                core.delivered(report, response, now: clock.now)
                count += 1
            }
        }
        return count
    }

    /// What the parties of the demo know at first.
    public static func facts(home: Home) throws -> [String: [JSON]] {
        let folder = home.resource("parties/facts")
        var facts: [String: [JSON]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".jsonl")
        {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            facts[String(name.dropLast(6))] = try bytes.split(separator: UInt8(ascii: "\n")).map {
                try JSON.read($0)
            }
        }
        return facts
    }
}
