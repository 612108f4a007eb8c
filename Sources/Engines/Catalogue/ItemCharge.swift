public import Forms
public import Kernel
public import Rules

/// One thing that an item charges for, as a list of charges publishes it.
public struct ItemCharge: Sendable {
    public let code: String
    public let name: Words
    /// Statute and article, or the price list that fixes it.
    public let law: Words
    /// In fen, from the form and the dated limits; nothing is charged when it is not a positive whole number.
    public let amount: FormCondition
    /// How often the amount is charged, from the form; nil: once.
    public let times: FormCondition?
    /// What it is charged for each of, such as a copy; nil: the whole.
    public let unit: Words?
    /// Charged only then; nil: always.
    public let when: FormCondition?
    public let reduction: Reduction?
    public let position: SourcePosition

    /// What is taken off, for whom.
    public struct Reduction: Sendable {
        public let when: FormCondition
        /// In fen; never more than the amount counts.
        public let amount: FormCondition
        public let reason: Words
    }

    /// What is to be paid for a form with these answers.
    public struct Due: Sendable, Equatable {
        public let amount: Money
        public let reduction: Money
        /// Why it is reduced; nil when it is not.
        public let reason: Words?
    }

    /// - Parameter context: the form's answers, and `limits` in force on the day.
    /// - Returns: nil when nothing is charged.
    public func due(in context: RuleContext) -> Due? {
        if let when, !when.expression.evaluate(in: context).isTrue { return nil }
        guard let once = amount.fen(in: context), let amount = multiplied(once, in: context), amount > .zero
        else { return nil }
        guard let reduction, reduction.when.expression.evaluate(in: context).isTrue,
            let off = reduction.amount.fen(in: context), off > .zero
        else { return Due(amount: amount, reduction: .zero, reason: nil) }
        return Due(amount: amount, reduction: min(off, amount), reason: reduction.reason)
    }

    private func multiplied(_ once: Money, in context: RuleContext) -> Money? {
        guard let times else { return once }
        guard let count = times.expression.evaluate(in: context).value.json.int else { return nil }
        let (fen, isOver) = once.fen.multipliedReportingOverflow(by: count)
        return isOver ? nil : Money(fen: fen)
    }
}

extension ItemCharge {
    /// What a list of charges names before anybody has filled in a form: the amount, or that of each one, and what is taken
    /// off it; nil where it takes answers to work it out.
    /// - Parameter limits: in force where and when it is asked for.
    public func listed(_ limits: JSON) -> (amount: Money?, off: Money?) {
        var context = RuleContext()
        context["limits"] = RuleValue(limits)
        func named(_ amount: FormCondition?) -> Money? {
            amount.flatMap { $0.fen(in: context) }.flatMap { $0 > .zero ? $0 : nil }
        }
        return (named(amount), named(reduction?.amount))
    }
}

extension ItemCharge {
    /// Definitions that were published with one text for both languages go on being read.
    private static func law(_ node: SourceNode) throws(DefinitionError) -> Words {
        guard case .text = node.content else { return try node.bilingual() }
        let text = try node.word()
        return Words(zh: text, en: text)
    }

    /// Whether one of its expressions reads `limits.<name>`.
    func reads(limit name: String) -> Bool {
        [amount, times, when, reduction?.when, reduction?.amount].contains {
            $0?.reads(limit: name) ?? false
        }
    }
}

extension FormCondition {
    fileprivate func fen(in context: RuleContext) -> Money? {
        expression.evaluate(in: context).value.json.int.map { Money(fen: $0) }
    }
}

extension ItemCharge {
    init(_ node: SourceNode) throws(DefinitionError) {
        let map = try node.map(["code", "name", "law", "amount", "times", "unit", "when", "reduce"])
        code = try map.needed("code").word()
        name = try map.needed("name").bilingual()
        law = try Self.law(try map.needed("law"))
        amount = try FormCondition(try map.needed("amount"))
        if let node = map["times"] { times = try FormCondition(node) } else { times = nil }
        if let node = map["unit"] { unit = try node.bilingual() } else { unit = nil }
        if let node = map["when"] { when = try FormCondition(node) } else { when = nil }
        if let node = map["reduce"] {
            let map = try node.map(["when", "amount", "for"])
            reduction = Reduction(
                when: try FormCondition(try map.needed("when")),
                amount: try FormCondition(try map.needed("amount")),
                reason: try map.needed("for").bilingual()
            )
        } else {
            reduction = nil
        }
        position = node.position
    }
}
