import Cases
import Charges
import Exchange
import Foundation
import Jobs
import Kernel
import Storage

/// Where bills meet cases and the payment platform.
struct Charging: Sendable {
    let exchange: Exchange
    let database: any Database
    let clock: any Clock
    let entropy: any Entropy
    let agencies: DecidingAgencies

    private static let party = "payment"

    /// What a payer and a cashier do.
    var desk: PaymentDesk {
        PaymentDesk(
            database: database,
            order: { [self] order, occasion, tx in try open(order, occasion, tx) },
            standing: { key, reader in try ExchangeStore.line(key: key, in: reader).map(Self.standing) }
        )
    }

    // MARK: - Cases

    var port: ChargePort {
        ChargePort(
            raise: { [self] in try raise($0, $1, payee: $2, $3, $4) },
            owed: { subject, reader in
                try Bills.of(subject.object, in: reader).first { $0.state == .due }?.number
            },
            end: { subject, event, occasion, tx in
                for bill in try Bills.of(subject.object, in: tx) {
                    switch bill.state {
                    case .due: try Bills.cancel(bill.id, reason: event.rawValue, occasion: occasion, in: tx)
                    case .paid where try Refunds.kept(bill.id, in: tx) > .zero:
                        try Refunds.ask(bill.id, reason: event.rawValue, occasion: occasion, in: tx)
                    case .paid, .cancelled, .refunding, .refunded: break
                    }
                }
            }
        )
    }

    /// Handed in again with other answers: what nobody has paid is replaced, and of what was paid only what is missing
    /// is asked for. What is too much goes back, once a second person has released it.
    private func raise(
        _ subject: Case,
        _ charges: [CaseCharge],
        payee: String,
        _ occasion: Occasion,
        _ tx: any Transaction
    )
        throws
    {
        let bills = try Bills.of(subject.object, in: tx)
        for bill in bills where bill.state == .due {
            try Bills.cancel(bill.id, reason: "handed in again", occasion: occasion, in: tx)
        }
        let settled = try bills.filter { $0.state == .paid }.map {
            (bill: $0, kept: try Refunds.kept($0.id, in: tx))
        }
        let paid = settled.reduce(Money.zero) { $0 + $1.kept }
        var rest = paid
        let lines = charges.compactMap { charge -> BillLine? in
            // What was paid counts against the first charges.
            let known = min(rest, charge.amount - charge.reduction)
            rest = rest - known
            guard known < charge.amount - charge.reduction || paid == .zero else { return nil }
            return BillLine(
                code: charge.code,
                name: charge.name,
                law: charge.law,
                amount: charge.amount,
                reduction: charge.reduction,
                reducedFor: charge.reduction == .zero ? nil : charge.reducedFor,
                paidBefore: known
            )
        }
        for (bill, kept) in settled.reversed() where rest > .zero && kept > .zero {
            let part = min(rest, kept)
            try Refunds.askSurplus(part, of: bill.id, reason: "less-owed", occasion: occasion, in: tx)
            rest = rest - part
        }
        guard !lines.isEmpty else { return }
        try Bills.raise(
            Bills.Order(
                number: "\(subject.number)-F\(bills.count + 1)",
                object: subject.object,
                caseNumber: subject.number,
                payer: subject.applicant,
                payee: Payee(code: subject.agency, name: payee, agency: agencies.agency(of: subject)),
                region: String(subject.region.prefix(6)),
                lines: lines,
                dueAt: nil
            ),
            occasion: occasion,
            in: tx
        )
        try Self.compare(occasion.now.date, in: tx)
    }

    // MARK: - The payment platform

    private func open(_ order: PaymentOrder, _ occasion: Occasion, _ tx: any Transaction) throws {
        let (operation, key, number, fields): (String, String, String, JSON) =
            switch order {
            case .collect(let bill, let key):
                (
                    "collect", key, bill.number,
                    [
                        "bill": .string(bill.number), "amountFen": JSON(bill.total.fen),
                        "payee": .string(bill.payee.code), "payeeName": .string(bill.payee.name),
                    ]
                )
            case .giveBack(let refund, let number):
                (
                    "refund", "refund/\(refund.id)", number,
                    [
                        "transaction": .string(refund.transaction), "amountFen": JSON(refund.amount.fen),
                        "bill": .string(number),
                    ]
                )
            }
        _ = try exchange.open(
            LineOrder(
                party: Self.party,
                operation: operation,
                caseID: "",
                caseNumber: number,
                creditCode: "",
                purpose: "charge.\(operation)",
                consent: "service",
                fields: fields,
                key: key,
                counts: false
            ),
            occasion: occasion,
            in: tx
        )
    }

    private static func standing(_ line: PartyLine) -> OrderStanding {
        switch line.state {
        case .pending, .sent, .received, .working, .overdue: .underWay
        case .done: .done(provider: party, transaction: line.answer["transaction"].text ?? "")
        case .returned, .personNeeded: .failed(line.reasonCode ?? line.state.rawValue)
        case .notNeeded, .later: .failed(line.state.rawValue)
        }
    }

    /// What the platform tells becomes money in the ledger, and a bill that moved is told to its case.
    func subscribers(desk: CaseDesk) -> [Subscriber] {
        [
            Subscriber("payments", events: ["exchange.line-changed"]) { event, tx in
                guard event.payload["party"].text == Self.party, let id = event.payload["line"].text,
                    let line = try ExchangeStore.line(ID(id), in: tx)
                else { return }
                let occasion = Occasion(
                    now: event.at,
                    actor: .platform("charges"),
                    request: event.request,
                    entropy: entropy
                )
                try Self.heard(line, occasion: occasion, in: tx)
            },
            Subscriber("case-bills", events: Set(Self.told.keys)) { event, tx in
                guard event.object.hasPrefix("case:"), let bill = event.payload["number"].text,
                    let act = Self.told[event.name]
                else { return }
                try desk.billMoved(
                    act,
                    bill: bill,
                    of: ID(String(event.object.dropFirst("case:".count))),
                    occasion: Occasion(now: event.at, actor: .platform("charges"), request: event.request),
                    in: tx
                )
            },
        ]
    }

    /// What of a bill stands in its case's history.
    private static let told = [
        "bill.raised": "bill-raised", "bill.paid": "bill-paid", "bill.refunded": "bill-refunded",
    ]

    private static func heard(_ line: PartyLine, occasion: Occasion, in tx: any Transaction) throws {
        let refund =
            line.order.key.hasPrefix("refund/") ? ID<Refund>(String(line.order.key.dropFirst(7))) : nil
        switch line.state {
        case .done:
            guard let payment = payment(line.answer, line.order.caseNumber, refund == nil ? .taken : .given)
            else {
                throw ExchangeError.noSuchLine
            }
            try compare(payment.at.date, in: tx)
            if let refund {
                try Refunds.given(refund, by: payment, occasion: occasion, in: tx)
            } else {
                try Payments.take(payment, occasion: occasion, in: tx)
            }
        case .returned, .personNeeded:
            // A payment that came to nothing moves nothing; its page says so.
            guard let refund, try Refunds.find(refund, in: tx)?.state == .released else { return }
            try Refunds.failed(refund, reason: line.reasonCode ?? "failed", occasion: occasion, in: tx)
        case .pending, .sent, .received, .working, .overdue, .notNeeded, .later: break
        }
    }

    private static func payment(_ answer: JSON, _ number: String, _ direction: Payment.Direction) -> Payment?
    {
        guard let transaction = answer["transaction"].text, let fen = answer["amountFen"].int,
            let at = answer["paidAt"].text.flatMap({ Instant(parsing: $0) })
        else { return nil }
        return Payment(
            provider: party,
            transaction: transaction,
            direction: direction,
            number: number,
            amount: Money(fen: fen),
            at: at
        )
    }

    // MARK: - Statements

    private static let reconciling = "charge-reconciliation"
    /// When the statement of the day before is there.
    private static let hour = 4

    /// Each day on which a bill was raised or money moved is compared once, the morning after.
    private static func compare(_ day: LocalDate, in tx: any Transaction) throws {
        try Jobs.enqueue(
            kind: reconciling,
            key: day.description,
            payload: ["day": .string(day.description)],
            at: Instant(day.adding(days: 1), hour: hour),
            in: tx
        )
    }

    /// Compares a day with its statement; asks again after an hour while there is none that can be read.
    var reconciliation: JobKind {
        JobKind(Self.reconciling) { [self] job in
            guard let day = job.payload["day"].text.flatMap({ LocalDate(parsing: $0) }) else { return .done }
            let occasion = Occasion(
                now: clock.now,
                actor: .platform("charges"),
                request: "\(Self.reconciling):\(day)",
                entropy: entropy
            )
            let answer = await exchange.ask(
                Question(
                    party: Self.party,
                    operation: "statement",
                    purpose: "charge.statement",
                    consent: "service",
                    fields: ["day": .string(day.description)]
                ),
                occasion: occasion
            )
            guard let entries = answer.content?["entries"].elements else {
                return .again(at: clock.now + Instant.hour, why: "no-statement")
            }
            let statement = entries.map { entry in
                Self.payment(
                    entry,
                    entry["bill"].text ?? "",
                    entry["operation"] == "refund" ? .given : .taken
                )
            }
            let readable = statement.compactMap { $0 }
            guard readable.count == statement.count else {
                return .again(at: clock.now + Instant.hour, why: "unreadable-statement")
            }
            try await database.write { tx in
                try Reconciliation.compare(
                    day,
                    provider: Self.party,
                    statement: readable,
                    occasion: occasion,
                    in: tx
                )
            }
            return .done
        }
    }
}
