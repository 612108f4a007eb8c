internal import Audit
internal import Jobs
internal import Kernel
internal import Storage

extension Exchange {
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
                    note: report.reasonCode,
                    staff: occasion.staff
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
            order.founderMay = []
            do {
                _ = try open(order, parent: line.id, occasion: occasion, in: tx)
            } catch ExchangeError.fieldMissing {
                // What the party said is not enough to go on with; what it said counts all the same.
                try openItem(.nonsense, for: line, occasion: occasion, in: tx)
            }
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
                note: note.map { String($0.prefix(200)) },
                staff: occasion.staff
            ),
            of: line.id,
            in: tx
        )
        if next.state != line.state || next.round != line.round {
            try tell(next, from: line.state, occasion: occasion, in: tx)
        }
    }

    func tell(_ line: PartyLine, from: LineState?, occasion: Occasion, in tx: any Transaction) throws {
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
}

extension Occasion {
    /// The member of staff who acts; nil for everybody else.
    fileprivate var staff: String? { actor.kind == .staff ? actor.id : nil }
}
