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
        case .line:
            // What was not ticked may lack fields until it is taken up.
            try operation.check(fields: order.fields, of: order.party, isWhole: order.state == .pending)
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
    /// - Throws: `ExchangeError.notOptional` for a line that is not his to put off.
    public func setAside(_ id: ID<PartyLine>, occasion: Occasion, in tx: any Transaction) throws -> PartyLine
    {
        try move(id, .setAside, occasion: occasion, in: tx)
    }

    /// An officer halts a line, for a reason that he gives or because what it is about has fallen away; `reopen` takes
    /// it up again.
    public func halt(
        _ id: ID<PartyLine>,
        note: String? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> PartyLine {
        try move(id, .setAside, isWish: false, note: note, occasion: occasion, in: tx)
    }

    /// The founder does not want it: 暂不需要.
    /// - Throws: `ExchangeError.notOptional` for a line that is not his to drop.
    public func decline(_ id: ID<PartyLine>, occasion: Occasion, in tx: any Transaction) throws -> PartyLine {
        try move(id, .declined, occasion: occasion, in: tx)
    }

    /// The founder takes up again what was set aside, with the fields that it lacked.
    public func reopen(
        _ id: ID<PartyLine>,
        fields: JSON? = nil,
        note: String? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> PartyLine {
        try move(id, .reopened, fields: fields, note: note, occasion: occasion, in: tx)
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
        isWish: Bool = true,
        fields: JSON? = nil,
        note: String? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> PartyLine {
        guard let line = try ExchangeStore.lock(id, in: tx) else { throw ExchangeError.noSuchLine }
        let may = line.order.founderMay
        if isWish, event == .setAside && !may.contains(.later) || event == .declined && !may.contains(.drop) {
            throw ExchangeError.notOptional(party: line.order.party)
        }
        switch line.state.step(event) {
        case .refused: throw ExchangeError.notAllowed(event: event, state: line.state)
        case .stays: return line
        case .to(let state):
            var next = line.moved(to: state, at: occasion.now)
            switch event {
            case .reopened, .resubmitted:
                let operation = try parties.operation(line.order.operation, of: line.order.party)
                next.order.fields = fields ?? line.order.fields
                try operation.check(fields: next.order.fields, of: line.order.party)
                // The same content keeps its key: a party that has it already says how it stands.
                if event == .resubmitted || next.order.fields != line.order.fields { next.round += 1 }
                next.attempts = 0
                next.reasonCode = nil
                next.reasonText = nil
                next.dueAt = due(operation, from: occasion.now)
                try Jobs.cancel(kind: Self.deliverKind, key: next.roundKey, in: tx)
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

    func due(_ operation: PartyOperation, from now: Instant) -> Instant? {
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
