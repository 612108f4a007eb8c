internal import Audit
public import Kernel
public import Storage

/// What a party's own clerk says about a line where his system does not say it.
public enum WordByHand: Hashable, Sendable {
    /// Done, with what the operation's definition says that the party gives.
    case done(answer: JSON)
    /// Cannot be done: a reason of the definition, or the clerk's own words.
    case returned(reasonCode: String?, words: String?)

    var event: LineEvent {
        switch self {
        case .done: .done
        case .returned: .returned
        }
    }

    var status: Report.Status {
        switch self {
        case .done: .done
        case .returned: .returned
        }
    }
}

extension Exchange {
    /// Takes a clerk's answer for his party, as if its system had reported it: the same states, the same fields, the
    /// same followers. What the system reports later about this round changes nothing any more.
    /// - Throws: `ExchangeError.fieldMissing` and `.fieldNotAllowed` for an answer that is not what the party gives,
    ///   `.reasonMissing` for a refusal without a reason, `.notAllowed` where the line has ended.
    @discardableResult
    public func answer(
        _ id: ID<PartyLine>,
        by word: WordByHand,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> PartyLine {
        guard let line = try ExchangeStore.lock(id, in: tx) else { throw ExchangeError.noSuchLine }
        let operation = try parties.operation(line.order.operation, of: line.order.party)
        var report = Report(
            operation: line.order.operation,
            caseNumber: line.order.caseNumber,
            creditCode: line.order.creditCode,
            key: line.roundKey,
            status: word.status,
            dataTime: occasion.now
        )
        switch word {
        case .done(let answer):
            try operation.check(answer: answer, of: line.order.party)
            report.answer = answer
        case .returned(let code, let words):
            guard code.map({ operation.reason($0) != nil }) ?? (words?.isEmpty == false) else {
                throw ExchangeError.reasonMissing
            }
            report.reasonCode = code
            report.reasonText = words.map { String($0.prefix(500)) }
        }
        guard case .to = try apply(report, event: word.event, to: line, occasion: occasion, in: tx) else {
            throw ExchangeError.notAllowed(event: word.event, state: line.state)
        }
        try AuditLog.append(
            "exchange.line-answered",
            object: "line:\(id)",
            after: [
                "status": .string(word.status.rawValue), "answer": report.answer,
                "reasonCode": JSON(report.reasonCode), "reasonText": JSON(report.reasonText),
            ],
            occasion: occasion,
            in: tx
        )
        guard let after = try ExchangeStore.line(id, in: tx) else { throw ExchangeError.noSuchLine }
        return after
    }
}

extension PartyOperation {
    /// Checks that an answer holds all that the party gives, each in its shape, and nothing besides.
    func check(answer: JSON, of party: String) throws(ExchangeError) {
        guard case .object(let members) = answer else { throw .fieldMissing(party: party, field: "answer") }
        for name in members.keys.sorted() where !gives.contains(where: { $0.name == name }) {
            throw .fieldNotAllowed(party: party, field: name)
        }
        if let field = gives.first(where: { !$0.accepts(members[$0.name]) }) {
            throw .fieldMissing(party: party, field: field.name)
        }
    }
}
