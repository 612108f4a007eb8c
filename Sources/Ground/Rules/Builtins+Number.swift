extension Builtin {
    static let numbers: [Builtin] = [
        Builtin("decimal", "n, scale") { _, arguments in rounded(arguments, .halfEven) },
        Builtin("round up", "n, scale?") { _, arguments in rounded(arguments, .up) },
        Builtin("round down", "n, scale?") { _, arguments in rounded(arguments, .down) },
        Builtin("round half up", "n, scale?") { _, arguments in rounded(arguments, .halfUp) },
        Builtin("round half down", "n, scale?") { _, arguments in rounded(arguments, .halfDown) },
        Builtin("floor", "n, scale?") { _, arguments in rounded(arguments, .floor) },
        Builtin("ceiling", "n, scale?") { _, arguments in rounded(arguments, .ceiling) },
        Builtin("abs", "n") { _, arguments in
            switch arguments[0].single {
            case .number(let number): .number(number.magnitude)
            case .duration(let duration):
                .duration(RuleDuration(nanoseconds: Int128(duration.nanoseconds.magnitude)))
            case .months(let months): .months(abs(months))
            default: nil
            }
        },
        Builtin("modulo", "dividend, divisor") { _, arguments in
            guard let dividend = arguments[0].argumentNumber, let divisor = arguments[1].argumentNumber else {
                return nil
            }
            return dividend.modulo(divisor).map { .number($0) }
        },
        Builtin("sqrt", "number") { _, arguments in number(arguments) { $0.squareRoot() } },
        Builtin("log", "number") { _, arguments in number(arguments) { $0.naturalLogarithm() } },
        Builtin("exp", "number") { _, arguments in number(arguments) { $0.exponential() } },
        Builtin("odd", "number") { _, arguments in parity(arguments, 1) },
        Builtin("even", "number") { _, arguments in parity(arguments, 0) },
    ]

    private static func number(
        _ arguments: [RuleValue],
        _ function: (RuleDecimal) -> RuleDecimal?
    ) -> RuleValue? {
        arguments[0].argumentNumber.flatMap(function).map { .number($0) }
    }

    private static func rounded(_ arguments: [RuleValue], _ mode: RuleRounding) -> RuleValue? {
        guard let number = arguments[0].argumentNumber else { return nil }
        guard arguments.count > 1 else { return .number(number.rounded(scale: 0, mode)) }
        guard let scale = arguments[1].argumentInt, (-6111...6176).contains(scale) else { return nil }
        return .number(number.rounded(scale: scale, mode))
    }

    private static func parity(_ arguments: [RuleValue], _ wanted: RuleDecimal) -> RuleValue? {
        guard let number = arguments[0].argumentNumber, number.isWhole else { return nil }
        return number.modulo(2).map { .boolean($0 == wanted) }
    }
}
