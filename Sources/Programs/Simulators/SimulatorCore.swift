public import Exchange
public import Kernel
import Synchronization

/// One outside party as it behaves: it checks and signs messages, remembers what it was asked, works for a while
/// and reports. The same code serves a socket and, without sockets and without sleeping, the scenario runner.
public final class SimulatorCore: Sendable {
    public let party: Party
    private let limits: EnvelopeLimits
    private let signer: EnvelopeSigner
    private let platform: PeerKey
    private let entropy: any Entropy
    private let memory: SimulatorMemory?
    private let state: Mutex<SimulatorState>

    /// `delay` is how long it works, in milliseconds, unless a switch says otherwise.
    public init(
        party: Party,
        limits: EnvelopeLimits,
        signer: EnvelopeSigner,
        platform: PeerKey,
        entropy: any Entropy = SystemEntropy(),
        delay: Int64,
        facts: [JSON] = [],
        file: String? = nil
    ) throws {
        self.party = party
        self.limits = limits
        self.signer = signer
        self.platform = platform
        self.entropy = entropy
        memory = try file.map { try SimulatorMemory(file: $0) }
        var state = SimulatorState(delay: delay, facts: facts)
        for line in memory?.lines ?? [] { state.recall(line) }
        self.state = Mutex(state)
    }

    // MARK: switches and facts

    /// Adds a failure; `up` takes all away.
    public func set(_ text: String) throws {
        let line: JSON = ["kind": "switch", "text": .string(text)]
        if text != "up" { _ = try SimulatorSwitch(parsing: text) }
        try change(line)
    }

    /// Something the party knows, such as `{"idNumber": "…", "dishonest": true}`. A later fact about the same
    /// subject counts.
    public func know(_ fact: JSON) throws { try change(["kind": "fact", "fact": fact]) }

    private func change(_ line: JSON) throws {
        try state.withLock { state in
            try memory?.append(line)
            state.recall(line)
        }
    }

    public var switches: [SimulatorSwitch] { state.withLock { $0.switches } }

    /// What the board shows: orders and questions, the latest first.
    public func journal(limit: Int = 50) -> [SimulatorEntry] {
        state.withLock { Array($0.journal.suffix(limit).reversed()) }
    }

    /// The texts of a carrier, the latest first.
    public func texts() -> [SimulatorText] { state.withLock { $0.texts.reversed() } }

    // MARK: messages

    /// Answers the bytes of a `WireRequest` with those of a `WireResponse`.
    public func answer(_ bytes: [UInt8], now: Instant) throws(TransportError) -> [UInt8] {
        guard let request = WireRequest(bytes: bytes) else { throw .down }
        return try answer(request, now: now).bytes
    }

    public func answer(_ request: WireRequest, now: Instant) throws(TransportError) -> WireResponse {
        let operation = request.path.split(separator: "/").last.map(String.init) ?? ""
        if isSet(.down, operation) { throw .down }
        let verified: Envelope.Verified
        do throws(EnvelopeError) {
            verified = try Envelope.verify(request, now: now, limits: limits) { keyID in
                keyID == self.platform.keyID ? self.platform : nil
            }
        } catch {
            return try signed(error.status.rawValue, ["refused": .string(error.code)], request, now)
        }
        guard let letter = Letter(verified.body), let known = party.operation(letter.operation),
            request.path == Exchange.path(party: party.id, operation: letter.operation)
        else { return try signed(422, ["refused": "simulator.letter"], request, now) }
        let outcome = state.withLock { state -> WireOutcome in
            guard state.use(nonce: verified.nonce, at: now, forgetting: now + -2 * limits.skewMost) else {
                return .refused(409, EnvelopeError.replay.code)
            }
            let (report, line) = state.take(letter, known, party: party, now: now)
            do { if let line { try memory?.append(line) } } catch { return .refused(507, "simulator.full") }
            return .report(report)
        }
        if isSet(.slow, operation) { throw .slow }
        switch outcome {
        case .refused(let status, let code):
            return try signed(status, ["refused": .string(code)], request, now)
        case .report(var report):
            if isSet(.nonsense, operation) { return try signed(200, ["ok": "maybe"], request, now) }
            if isSet(.wrongFirm, operation) { report.creditCode = Self.otherFirm(report.creditCode) }
            var response = try signed(200, report.json, request, now)
            if isSet(.unsigned, operation) { response.body.append(UInt8(ascii: " ")) }
            return response
        }
    }

    private enum WireOutcome { case refused(Int, String), report(Report) }

    /// The reports that are due, signed anew each time they are sent. The caller sends them and tells how it went
    /// with `delivered`.
    public func dueReports(now: Instant) -> [SimulatorReport] {
        if switches.contains(where: { $0.mode == .down }) { return [] }
        let due = state.withLock { $0.due(now: now) }
        return due.compactMap { waiting in
            var report = waiting.report
            if isSet(.wrongFirm, report.operation) { report.creditCode = Self.otherFirm(report.creditCode) }
            let body: JSON =
                isSet(.nonsense, report.operation)
                ? ["ok": "maybe", "key": .string(report.key)] : report.json
            guard
                var request = try? signer.sign(
                    path: Exchange.reportPath,
                    body: body,
                    message: "\(report.key)-\(waiting.number)",
                    at: now,
                    nonce: Hex.encode(entropy.bytes(16))
                )
            else { return nil }
            if isSet(.unsigned, report.operation) { request.body.append(UInt8(ascii: " ")) }
            return SimulatorReport(number: waiting.number, request: request)
        }
    }

    /// When the next report is due, or nil.
    public var nextReport: Instant? {
        if switches.contains(where: { $0.mode == .down }) { return nil }
        return state.withLock { $0.nextReport }
    }

    /// How the platform answered a report; nil when it did not. What may pass by waiting is sent again.
    public func delivered(_ report: SimulatorReport, _ response: WireResponse?, now: Instant) {
        let again =
            response.map { response in
                response.status >= 500 || response.status == 429
                    || String(decoding: response.body, as: UTF8.self).contains("exchange.not-yet")
            } ?? true
        state.withLock { state in
            let line: JSON =
                again
                ? ["kind": "again", "number": JSON(report.number), "at": JSON(now.milliseconds)]
                : ["kind": "told", "number": JSON(report.number), "status": JSON(response?.status ?? 0)]
            // The file is an aid after a restart; a report sent twice does no harm.
            try? memory?.append(line)
            state.recall(line)
        }
    }

    private func isSet(_ mode: SimulatorSwitch.Mode, _ operation: String) -> Bool {
        state.withLock { $0.isSet(mode, operation) }
    }

    private func signed(
        _ status: Int,
        _ body: JSON,
        _ request: WireRequest,
        _ now: Instant
    ) throws(TransportError) -> WireResponse {
        do {
            return try signer.sign(
                status: status,
                body: body,
                answering: request.headers["suban-message"] ?? "none",
                at: now,
                nonce: Hex.encode(entropy.bytes(16))
            )
        } catch { throw .down }
    }

    /// A well-formed code of some other firm.
    static func otherFirm(_ code: String) -> String {
        code == "91150203MA0000007D" ? "91150203MA00000158" : "91150203MA0000007D"
    }
}

/// A report on its way to the platform.
public struct SimulatorReport: Sendable {
    let number: Int
    public let request: WireRequest
}

/// A text as the telephone shows it that gets it.
public struct SimulatorText: Hashable, Sendable {
    public let at: Instant
    public let phone: String
    public let text: String
}

/// A line of the board.
public struct SimulatorEntry: Hashable, Sendable {
    public let at: Instant
    public let operation: String
    public let caseNumber: String
    public let creditCode: String
    public let outcome: String
    /// How often the same order came.
    public var times: Int
}
