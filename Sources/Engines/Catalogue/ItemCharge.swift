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
        guard let amount = amount.fen(in: context), amount > .zero else { return nil }
        guard let reduction, reduction.when.expression.evaluate(in: context).isTrue,
            let off = reduction.amount.fen(in: context), off > .zero
        else { return Due(amount: amount, reduction: .zero, reason: nil) }
        return Due(amount: amount, reduction: min(off, amount), reason: reduction.reason)
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
        [amount, when, reduction?.when, reduction?.amount].contains { $0?.reads(limit: name) ?? false }
    }
}

extension FormCondition {
    fileprivate func fen(in context: RuleContext) -> Money? {
        expression.evaluate(in: context).value.json.int.map { Money(fen: $0) }
    }
}

extension ItemCharge {
    init(_ node: SourceNode) throws(DefinitionError) {
        let map = try node.map(["code", "name", "law", "amount", "when", "reduce"])
        code = try map.needed("code").word()
        name = try map.needed("name").bilingual()
        law = try Self.law(try map.needed("law"))
        amount = try FormCondition(try map.needed("amount"))
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
