internal import Audit
internal import Jobs
public import Kernel
public import Storage

extension Exchange {
    /// Opens a line in the caller's transaction. The same order key again gives the line that is there.
    public func open(_ order: LineOrder, occasion: Occasion, in tx: any Transaction) throws -> PartyLine {
        try open(order, parent: nil, occasion: occasion, in: tx)
    }

    func open(_ order: LineOrder, parent: ID<PartyLine>?, occasion: Occasion, in tx: any Transaction) throws
        -> PartyLine
    {
        let operation = try parties.operation(order.operation, of: order.party)
        switch operation.kind {
        case .line: try operation.check(fields: order.fields, of: order.party)
        case .report where parent != nil: break
        case .question, .report:
            throw ExchangeError.unknownOperation(party: order.party, operation: order.operation)
        }
        let asked = order.state == .pending
        let line = PartyLine(
            id: occasion.newID(),
            order: order,
            state: operation.kind == .report ? .working : order.state,
            version: 1,
            round: 1,
            attempts: 0,
            answer: [:],
            reasonCode: nil,
            reasonText: nil,
            openedAt: occasion.now,
            changedAt: occasion.now,
            dueAt: asked ? due(operation, from: occasion.now) : nil,
            endedAt: order.state.isEnd ? occasion.now : nil
        )
        guard try ExchangeStore.insert(line, parent: parent, in: tx) else {
            guard let there = try ExchangeStore.line(key: order.key, in: tx) else {
                throw ExchangeError.noSuchLine
            }
            return there
        }
        if asked { try enqueue(line, at: occasion.now, in: tx) }
        try tell(line, from: nil, occasion: occasion, in: tx)
        return line
    }

    /// The founder turns a line to 稍后办.
    public func setAside(_ id: ID<PartyLine>, occasion: Occasion, in tx: any Transaction) throws -> PartyLine
    {
        try move(id, .setAside, occasion: occasion, in: tx)
    }

    /// The founder does not want it: 暂不需要.
    public func decline(_ id: ID<PartyLine>, occasion: Occasion, in tx: any Transaction) throws -> PartyLine {
        try move(id, .declined, occasion: occasion, in: tx)
    }

    /// The founder takes up again what was set aside.
    public func reopen(_ id: ID<PartyLine>, occasion: Occasion, in tx: any Transaction) throws -> PartyLine {
        try move(id, .reopened, occasion: occasion, in: tx)
    }

    /// Sends a returned or overdue line out anew with mended fields, such as another engraver.
    public func resubmit(
        _ id: ID<PartyLine>,
        fields: JSON,
        note: String? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> PartyLine {
        try move(id, .resubmitted, fields: fields, note: note, occasion: occasion, in: tx)
    }

    /// A clerk has dealt with a work item.
    public func close(
        _ item: ID<WorkItem>,
        note: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let closed = try ExchangeStore.closeItem(
            item,
            by: occasion.actor.id,
            note: String(note.prefix(500)),
            at: occasion.now,
            in: tx
        )
        guard closed == 1 else { throw ExchangeError.noSuchItem }
        try AuditLog.append(
            "exchange.item-closed",
            object: "item:\(item)",
            after: ["note": .string(note)],
            occasion: occasion,
            in: tx
        )
    }

    private func move(
        _ id: ID<PartyLine>,
        _ event: LineEvent,
        fields: JSON? = nil,
        note: String? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> PartyLine {
        guard let line = try ExchangeStore.lock(id, in: tx) else { throw ExchangeError.noSuchLine }
        switch line.state.step(event) {
        case .refused: throw ExchangeError.notAllowed(event: event, state: line.state)
        case .stays: return line
        case .to(let state):
            var next = line.moved(to: state, at: occasion.now)
            switch event {
            case .reopened, .resubmitted:
                let operation = try parties.operation(line.order.operation, of: line.order.party)
                if let fields {
                    try operation.check(fields: fields, of: line.order.party)
                    next.order.fields = fields
                }
                next.round += 1
                next.attempts = 0
                next.reasonCode = nil
                next.reasonText = nil
                next.dueAt = due(operation, from: occasion.now)
                try enqueue(next, at: occasion.now, in: tx)
            case .setAside, .declined:
                try Jobs.cancel(kind: Self.deliverKind, key: line.roundKey, in: tx)
            case .sent, .received, .working, .done, .returned, .personNeeded, .timedOut: break
            }
            try ExchangeStore.closeItems(
                of: id,
                why: .overdue,
                by: occasion.actor.id,
                note: event.rawValue,
                at: occasion.now,
                in: tx
            )
            try write(next, from: line, event: event, note: note, occasion: occasion, in: tx)
            return next
        }
    }

    /// Applies what a party says. The line is locked by the caller.
    func apply(
        _ report: Report,
        event: LineEvent,
        to line: PartyLine,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> LineStep {
        let step = line.state.step(event)
        switch step {
        case .refused: break
        case .stays(let reason):
            try ExchangeStore.note(
                LineChange(
                    at: occasion.now,
                    event: event,
                    from: line.state,
                    to: line.state,
                    stayed: reason,
                    note: report.reasonCode
                ),
                of: line.id,
                in: tx
            )
            if line.state == .notNeeded, event == .done {
                try openItem(.unwanted, for: line, occasion: occasion, in: tx)
            }
        case .to(let state):
            var next = line.moved(to: state, at: occasion.now)
            for (name, value) in report.answer.members { next.answer[name] = value }
            switch state {
            case .returned, .personNeeded:
                next.reasonCode = report.reasonCode ?? "unnamed"
                next.reasonText = report.reasonText
            case .done, .received, .working, .pending, .sent, .overdue, .notNeeded, .later:
                next.reasonCode = nil
                next.reasonText = nil
            }
            if line.state == .overdue {
                try ExchangeStore.closeItems(
                    of: line.id,
                    why: .overdue,
                    by: line.order.party,
                    note: event.rawValue,
                    at: occasion.now,
                    in: tx
                )
            }
            try write(next, from: line, event: event, note: report.reasonCode, occasion: occasion, in: tx)
            if !state.isWaiting { try Jobs.cancel(kind: Self.deliverKind, key: line.roundKey, in: tx) }
            if state == .done { try openFollowers(of: next, occasion: occasion, in: tx) }
        }
        return step
    }

    /// Opens what the definition says comes after: its fields are looked for in what this line gave, then in
    /// what it asked for, then in the lines before it.
    private func openFollowers(of line: PartyLine, occasion: Occasion, in tx: any Transaction) throws {
        let operation = try parties.operation(line.order.operation, of: line.order.party)
        guard !operation.followers.isEmpty else { return }
        var sources = [line.answer, line.order.fields]
        var ancestor = try ExchangeStore.parent(of: line.id, in: tx)
        for _ in 0..<4 {
            guard let id = ancestor, let before = try ExchangeStore.line(id, in: tx) else { break }
            sources += [before.answer, before.order.fields]
            ancestor = try ExchangeStore.parent(of: id, in: tx)
        }
        for follower in operation.followers {
            let next = try parties.operation(follower.operation, of: follower.party)
            var fields: JSON = [:]
            for field in next.asks {
                if let value = sources.lazy.map({ $0[field.name] }).first(where: { !$0.isNull }) {
                    fields[field.name] = value
                }
            }
            var order = line.order
            order.party = follower.party
            order.operation = follower.operation
            order.fields = fields
            order.key = "\(line.id)>\(follower.party).\(follower.operation)"
            order.counts = follower.counts
            order.state = .pending
            _ = try open(order, parent: line.id, occasion: occasion, in: tx)
        }
    }

    func openItem(_ why: WorkItem.Why, for line: PartyLine, occasion: Occasion, in tx: any Transaction) throws
    {
        try ExchangeStore.openItem(
            WorkItem(
                id: occasion.newID(),
                line: line.id,
                party: line.order.party,
                operation: line.order.operation,
                caseNumber: line.order.caseNumber,
                queue: try parties.party(line.order.party).queue,
                why: why,
                openedAt: occasion.now,
                closedAt: nil
            ),
            in: tx
        )
        try Outbox.emit(
            "exchange.item-opened",
            object: line.outboxObject,
            payload: [
                "line": .string(line.id.rawValue), "party": .string(line.order.party),
                "why": .string(why.rawValue),
            ],
            occasion: occasion,
            in: tx
        )
    }

    func write(
        _ next: PartyLine,
        from line: PartyLine,
        event: LineEvent,
        note: String?,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try ExchangeStore.update(next, expecting: line.version, in: tx)
        try ExchangeStore.note(
            LineChange(
                at: occasion.now,
                event: event,
                from: line.state,
                to: next.state,
                stayed: nil,
                note: note.map { String($0.prefix(200)) }
            ),
            of: line.id,
            in: tx
        )
        if next.state != line.state || next.round != line.round {
            try tell(next, from: line.state, occasion: occasion, in: tx)
        }
    }

    private func tell(_ line: PartyLine, from: LineState?, occasion: Occasion, in tx: any Transaction) throws
    {
        try AuditLog.append(
            "exchange.line-changed",
            object: "line:\(line.id)",
            before: from.map { .string($0.rawValue) },
            after: ["state": .string(line.state.rawValue), "answer": line.answer],
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "exchange.line-changed",
            object: line.outboxObject,
            payload: [
                "line": .string(line.id.rawValue), "party": .string(line.order.party),
                "operation": .string(line.order.operation), "case": .string(line.order.caseID),
                "caseNumber": .string(line.order.caseNumber), "creditCode": .string(line.order.creditCode),
                "from": JSON(from?.rawValue), "to": .string(line.state.rawValue),
                "counts": .bool(line.order.counts), "reasonCode": JSON(line.reasonCode),
            ],
            occasion: occasion,
            in: tx
        )
    }

    private func due(_ operation: PartyOperation, from now: Instant) -> Instant? {
        operation.overdueAfter.inEffect(on: now.date).map { now + $0 }
    }

    private func enqueue(_ line: PartyLine, at: Instant, in tx: any Transaction) throws {
        try Jobs.enqueue(
            kind: Self.deliverKind,
            key: line.roundKey,
            payload: ["line": .string(line.id.rawValue), "round": JSON(line.round)],
            at: at,
            in: tx
        )
    }
}

extension PartyLine {
    /// Events of one case keep their order.
    var outboxObject: String { order.caseID.isEmpty ? "line:\(id)" : "case:\(order.caseID)" }

    func moved(to state: LineState, at now: Instant) -> PartyLine {
        var next = self
        next.state = state
        next.version += 1
        next.changedAt = now
        next.endedAt = state.isEnd ? now : nil
        return next
    }
}
