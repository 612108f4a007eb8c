internal import Audit
internal import Kernel
internal import Storage

/// What became of a party's report. Each is one clean outcome, told to the party and kept.
public enum ReportOutcome: Hashable, Sendable {
    case changed(LineState)
    /// It came twice, late or out of order: nothing changed.
    case stayed(LineStep.Reason)
    case refused(code: String, status: Int)

    /// The name under which the message is kept.
    public var name: String {
        switch self {
        case .changed(let state): state.rawValue
        case .stayed(let reason): reason.rawValue
        case .refused(let code, _): code
        }
    }
}

extension Exchange {
    /// Takes a party's signed report and answers it, signed. Never throws: every message has an answer. What nobody known
    /// has signed gets an answer without signature: nobody can have words of his own signed by asking.
    public func receive(_ request: WireRequest) async -> WireResponse {
        let verified: Envelope.Verified
        do {
            guard request.method == "POST", request.path == Self.reportPath, request.query.isEmpty else {
                return Self.plain("exchange.path", status: 404)
            }
            let peer = try await keys.find(request.headers[EnvelopeHeader.key], in: database)
            verified = try Envelope.verify(request, now: clock.now, limits: parties.limits) { _ in peer }
        } catch let error as EnvelopeError {
            return Self.plain(error.code, status: error.status.rawValue)
        } catch {
            return Self.plain("exchange.unavailable", status: 503)
        }
        let occasion = Occasion(
            now: clock.now,
            actor: Actor(.party, id: verified.owner, role: verified.owner),
            request: "message:\(verified.message)",
            entropy: entropy
        )
        let entry: ID<KeptMessage> = occasion.newID()
        do {
            let outcome = try await database.write { tx in
                let outcome = try take(verified, occasion: occasion, in: tx)
                if outcome.name != EnvelopeError.replay.code {
                    try keep(request, verified, outcome, as: entry, occasion: occasion, in: tx)
                }
                return outcome
            }
            return answer(outcome, to: request)
        } catch let refusal as any Refusal {
            return answer(.refused(code: refusal.code, status: refusal.status.rawValue), to: request)
        } catch {
            return answer(.refused(code: "exchange.unavailable", status: 503), to: request)
        }
    }

    private func take(
        _ verified: Envelope.Verified,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> ReportOutcome {
        let forget = occasion.now + -2 * parties.limits.skewMost
        guard
            try ExchangeStore.use(
                nonce: verified.nonce,
                keyID: verified.keyID,
                at: occasion.now,
                forgetting: forget,
                in: tx
            )
        else { return refusal(EnvelopeError.replay) }
        guard let report = Report(verified.body), let event = report.status.event else {
            try openItem(.nonsense, party: verified.owner, occasion: occasion, in: tx)
            return .refused(code: "exchange.report-malformed", status: 422)
        }
        guard let (id, round) = Self.lineAndRound(report.key), let first = try ExchangeStore.lock(id, in: tx)
        else {
            try openItem(.nonsense, party: verified.owner, occasion: occasion, in: tx)
            return refusal(ExchangeError.noSuchLine)
        }
        guard first.order.party == verified.owner else {
            try AuditLog.refused(
                "exchange.report",
                object: "line:\(id)",
                refusal: ExchangeError.noSuchLine,
                occasion: occasion,
                in: tx
            )
            return refusal(ExchangeError.noSuchLine)
        }
        var line = first
        if report.operation != first.order.operation {
            guard let next = try ExchangeStore.follower(of: id, operation: report.operation, in: tx),
                next.order.party == verified.owner, let locked = try ExchangeStore.lock(next.id, in: tx)
            else { return .refused(code: "exchange.not-yet", status: 409) }
            line = locked
        }
        guard report.creditCode == line.order.creditCode, report.caseNumber == line.order.caseNumber else {
            try openItem(.otherFirm, for: line, occasion: occasion, in: tx)
            return .refused(code: "exchange.other-firm", status: 409)
        }
        let operation = try parties.operation(line.order.operation, of: line.order.party)
        if event == .done, !operation.accepts(answer: report.answer) {
            try openItem(.nonsense, for: line, occasion: occasion, in: tx)
            return .refused(code: "exchange.answer-incomplete", status: 422)
        }
        guard round == first.round else {
            try ExchangeStore.note(
                LineChange(
                    at: occasion.now,
                    event: event,
                    from: line.state,
                    to: line.state,
                    stayed: .late,
                    note: "round \(round)"
                ),
                of: line.id,
                in: tx
            )
            if event == .done { try openItem(.unwanted, for: line, occasion: occasion, in: tx) }
            return .stayed(.late)
        }
        switch try apply(report, event: event, to: line, occasion: occasion, in: tx) {
        case .to(let state): return .changed(state)
        case .stays(let reason): return .stayed(reason)
        case .refused: return refusal(ExchangeError.notAllowed(event: event, state: line.state))
        }
    }

    private func refusal(_ error: any Refusal) -> ReportOutcome {
        .refused(code: error.code, status: error.status.rawValue)
    }

    /// `<line>-<round>`, as `Line.roundKey` writes it.
    private static func lineAndRound(_ key: String) -> (ID<PartyLine>, Int64)? {
        guard let dash = key.lastIndex(of: "-"), let round = Int64(key[key.index(after: dash)...]) else {
            return nil
        }
        return (ID(String(key[..<dash])), round)
    }

    private func openItem(
        _ why: WorkItem.Why,
        party: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try ExchangeStore.openItem(
            WorkItem(
                id: occasion.newID(),
                line: nil,
                party: party,
                operation: "",
                caseNumber: "",
                queue: try parties.party(party).queue,
                why: why,
                openedAt: occasion.now,
                closedAt: nil
            ),
            in: tx
        )
    }

    private func keep(
        _ request: WireRequest,
        _ verified: Envelope.Verified,
        _ outcome: ReportOutcome,
        as id: ID<KeptMessage>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let body = verified.body
        let line = body["key"].text.flatMap(Self.lineAndRound)?.0
        try ExchangeStore.keep(
            KeptMessage(
                id: id,
                message: verified.message,
                kind: .report,
                party: verified.owner,
                operation: String((body["operation"].text ?? "").prefix(100)),
                line: line,
                caseNumber: String((body["case"].text ?? "").prefix(100)),
                at: occasion.now,
                keyID: verified.keyID,
                bytes: request.bytes,
                outcome: outcome.name
            ),
            in: tx
        )
    }

    private static func plain(_ code: String, status: Int) -> WireResponse {
        let body: JSON = ["refused": .string(code)]
        return WireResponse(
            status: status,
            headers: [EnvelopeHeader.type: EnvelopeHeader.json],
            body: body.canonicalBytes
        )
    }

    private func answer(_ outcome: ReportOutcome, to request: WireRequest) -> WireResponse {
        let body: JSON
        let status: Int
        switch outcome {
        case .changed(let state):
            status = 200
            body = ["outcome": "changed", "state": .string(state.rawValue)]
        case .stayed(let reason):
            status = 200
            body = ["outcome": .string(reason.rawValue)]
        case .refused(let code, let refused):
            status = refused
            body = ["refused": .string(code)]
        }
        let message = request.headers[EnvelopeHeader.message] ?? "none"
        let plain = WireResponse(
            status: status,
            headers: [EnvelopeHeader.type: EnvelopeHeader.json],
            body: body.canonicalBytes
        )
        do {
            return try signer.sign(
                status: status,
                body: body,
                answering: message,
                at: clock.now,
                nonce: freshNonce()
            )
        } catch {
            // An answer without signature proves nothing, and the party asks again.
            return plain
        }
    }
}
