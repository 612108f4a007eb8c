public import Jobs
internal import Kernel
internal import Storage

extension Exchange {
    static let deliverKind = "exchange.deliver"

    /// The kinds of job that the runner must know.
    public var jobKinds: [JobKind] {
        [JobKind(Self.deliverKind, retry: .standard) { job in try await deliver(job) }]
    }

    /// Hands a line's message over, asks again with growing pauses, and notices when the party's time is over.
    /// One job per round lives as long as the line waits for the party.
    private func deliver(_ job: Job) async throws -> JobOutcome {
        guard let id = job.payload["line"].text.map({ ID<PartyLine>($0) }) else { return .done }
        guard let line = try await database.read({ try ExchangeStore.line(id, in: $0) }),
            line.round == job.payload["round"].int, line.state.isWaiting
        else { return .done }
        let now = clock.now
        if let dueAt = line.dueAt, dueAt <= now, line.state != .overdue {
            try await timeOut(id, job)
            return .again(at: now, why: "overdue")
        }
        let party = try parties.party(line.order.party)
        let operation = try parties.operation(line.order.operation, of: line.order.party)
        let terms = party.terms(on: now.date)
        let isConfirmed = line.state == .received || line.state == .working
        if operation.kind == .report || isConfirmed {
            // The party has it and reports by itself. After its time is over it is asked again.
            guard let dueAt = line.dueAt, dueAt > now else {
                return .again(at: now + terms.pauseMost, why: "waiting")
            }
            return .again(at: dueAt, why: "waiting")
        }
        let opening = terms.open(from: now)
        guard opening == now else { return .again(at: earlier(opening, line, now), why: "closed") }
        let letter = Letter(line)
        let exchanged = await exchange(
            letter,
            message: line.roundKey,
            with: party,
            within: terms.answerWithin
        )
        let after = try await record(exchanged, letter: letter, line: line, operation: operation, job: job)
        guard after.state.isWaiting, after.round == line.round else { return .done }
        switch after.state {
        case .received, .working: return .again(at: after.dueAt ?? now + terms.pauseMost, why: "waiting")
        case .pending, .sent, .overdue, .done, .returned, .personNeeded, .notNeeded, .later:
            let retry = terms.open(from: now + terms.pause(after: after.attempts))
            return .again(at: earlier(retry, after, now), why: exchanged.failure ?? "waiting")
        }
    }

    /// No later than the moment at which the party's time is over.
    private func earlier(_ moment: Instant, _ line: PartyLine, _ now: Instant) -> Instant {
        guard let dueAt = line.dueAt, dueAt > now, line.state != .overdue else { return moment }
        return min(moment, dueAt)
    }

    private func timeOut(_ id: ID<PartyLine>, _ job: Job) async throws {
        let occasion = occasion(job)
        try await database.write { tx in
            guard let line = try ExchangeStore.lock(id, in: tx) else { return }
            switch line.state.step(.timedOut) {
            case .stays, .refused: return
            case .to(let state):
                try write(
                    line.moved(to: state, at: occasion.now),
                    from: line,
                    event: .timedOut,
                    note: nil,
                    occasion: occasion,
                    in: tx
                )
                try openItem(.overdue, for: line, occasion: occasion, in: tx)
            }
        }
    }

    /// Keeps both messages and applies what the party said, or counts the failure.
    private func record(
        _ exchanged: Exchanged,
        letter: Letter,
        line: PartyLine,
        operation: PartyOperation,
        job: Job
    ) async throws -> PartyLine {
        let occasion = occasion(job)
        let entries = exchanged.entries(
            letter: letter,
            party: line.order.party,
            line: line.id,
            at: occasion.now,
            entropy: entropy
        )
        return try await database.write { tx in
            for entry in entries { try ExchangeStore.keep(entry, in: tx) }
            guard let line = try ExchangeStore.lock(line.id, in: tx) else { throw ExchangeError.noSuchLine }
            guard line.roundKey == letter.key else { return line }
            switch exchanged.result {
            case .success(let report):
                guard let event = report.status.event,
                    event != .done || operation.accepts(answer: report.answer)
                else { return try count(line, .nonsense, occasion: occasion, in: tx) }
                if event == .returned, let code = report.reasonCode, operation.reason(code)?.passes == true {
                    return try count(line, .refused, occasion: occasion, in: tx)
                }
                if line.state == .overdue, event == .received || event == .working {
                    return try count(line, nil, occasion: occasion, in: tx)
                }
                let actor = Actor(.party, id: line.order.party, role: line.order.party)
                // It was handed over, and answered at once.
                var answered = line
                answered.attempts += 1
                _ = try apply(report, event: event, to: answered, occasion: occasion.by(actor), in: tx)
            case .failure(let failure):
                return try count(line, failure, occasion: occasion, in: tx)
            }
            return try ExchangeStore.line(line.id, in: tx) ?? line
        }
    }

    /// One more attempt without result. A message that left without an answer may have arrived: `sent`.
    private func count(
        _ line: PartyLine,
        _ failure: Answer.Unknown?,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> PartyLine {
        var next = line
        if failure != .down, failure != .notRecorded, case .to(let state) = line.state.step(.sent) {
            next.state = state
        }
        next.version += 1
        next.attempts += 1
        next.changedAt = occasion.now
        try write(next, from: line, event: .sent, note: failure?.rawValue, occasion: occasion, in: tx)
        if failure == .nonsense || failure == .unsigned {
            try openItem(.nonsense, for: line, occasion: occasion, in: tx)
        }
        return next
    }

    private func occasion(_ job: Job) -> Occasion {
        Occasion(
            now: clock.now,
            actor: .platform("exchange"),
            request: "job:\(job.kind):\(job.key)",
            entropy: entropy
        )
    }
}

extension Letter {
    fileprivate init(_ line: PartyLine) {
        let order = line.order
        self.init(
            operation: order.operation,
            caseNumber: order.caseNumber,
            creditCode: order.creditCode,
            purpose: order.purpose,
            consent: order.consent,
            key: line.roundKey,
            fields: order.fields
        )
    }
}

extension Exchanged {
    fileprivate var failure: String? {
        if case .failure(let failure) = result { failure.rawValue } else { nil }
    }
}
