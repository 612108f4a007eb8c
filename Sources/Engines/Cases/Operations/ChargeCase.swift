import Catalogue
public import Forms
public import Kernel
import Rules
public import Storage

/// What is charged for a case, as its form and the limits of the day have it.
public struct CaseCharge: Sendable, Equatable {
    public let code: String
    public let name: Words
    public let law: Words
    public let amount: Money
    public let reduction: Money
    /// Why it is reduced; nil when it is not.
    public let reducedFor: Words?
}

/// What cases need of whoever keeps the bills; `Server` binds it.
public struct ChargePort: Sendable {
    /// Raises the bill of a case that was handed in. Handed in again it replaces one that nobody has paid.
    public var raise:
        @Sendable (Case, [CaseCharge], _ payee: String, Occasion, any Transaction) throws -> Void
    /// The number of a bill that is still owed; nil when everything is settled.
    public var owed: @Sendable (Case, any Reader) throws -> String?
    /// The case came to nothing: what was not paid is cancelled, what was is asked back.
    public var end: @Sendable (Case, CaseEvent, Occasion, any Transaction) throws -> Void

    public init(
        raise: @escaping @Sendable (Case, [CaseCharge], String, Occasion, any Transaction) throws -> Void,
        owed: @escaping @Sendable (Case, any Reader) throws -> String?,
        end: @escaping @Sendable (Case, CaseEvent, Occasion, any Transaction) throws -> Void
    ) {
        self.raise = raise
        self.owed = owed
        self.end = end
    }
}

extension CaseDesk {
    /// What a form with these answers costs in a region on a day.
    public func charges(for data: JSON, definition: CaseDefinition, region: String, on day: LocalDate)
        -> [CaseCharge]
    {
        var context = RuleContext(json: data, today: day, calendar: ruleCalendar)
        context["limits"] = RuleValue(definition.limits(region, day))
        return definition.item.charges.compactMap { charge in
            charge.due(in: context).map { due in
                CaseCharge(
                    code: charge.code,
                    name: charge.name,
                    law: charge.law,
                    amount: due.amount,
                    reduction: due.reduction,
                    reducedFor: due.reason
                )
            }
        }
    }

    /// Bills what was handed in.
    func charge(_ subject: Case, definition: CaseDefinition, occasion: Occasion, in tx: any Transaction)
        throws
    {
        guard !definition.item.charges.isEmpty else { return }
        let charges = charges(
            for: subject.data,
            definition: definition,
            region: subject.region,
            on: occasion.now.date
        )
        let payee = try module(of: definition).bodyName(subject.agency)
        try ports.charges.raise(subject, charges, payee, occasion, tx)
    }

    /// Nothing is granted before it is paid.
    func requirePaid(_ subject: Case, definition: CaseDefinition, in reader: any Reader) throws {
        guard !definition.item.charges.isEmpty, let bill = try ports.charges.owed(subject, reader) else {
            return
        }
        throw CaseError.unpaid(bill: bill)
    }

    /// A bill of the case was paid, or the money went back: it stands in the case's history.
    public func billMoved(
        _ what: String,
        bill: String,
        of id: ID<Case>,
        occasion: Occasion,
        in tx: any Transaction
    )
        throws
    {
        try note(
            what,
            on: try CaseStore.find(id, in: tx),
            details: ["bill": .string(bill)],
            occasion: occasion,
            in: tx
        )
    }

    /// What was held for a case that came to nothing is let go, and what was paid goes back.
    func letGo(
        _ subject: Case,
        by event: CaseEvent,
        definition: CaseDefinition,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try module(of: definition).released(subject, by: event, occasion: occasion, in: tx)
        if !definition.item.charges.isEmpty { try ports.charges.end(subject, event, occasion, tx) }
    }
}
