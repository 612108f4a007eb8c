/// Allen's relations between points and ranges (DMN 1.5, 10.3.4.9, table 78).
extension Builtin {
    static let ranges: [Builtin] = [
        relation("before", "1") { left, right in
            guard let end = left.last, let start = right.first else { return nil }
            return before(end, start)
        },
        relation("after", "1") { left, right in
            guard let start = left.first, let end = right.last else { return nil }
            return before(end, start)
        },
        relation("meets", "2") { left, right in
            guard let end = left.last, let start = right.first else { return nil }
            return end.included && start.included && order(end.value, start.value) == 0
        },
        relation("met by", "2") { left, right in
            guard let start = left.first, let end = right.last else { return nil }
            return end.included && start.included && order(end.value, start.value) == 0
        },
        relation("overlaps", "2") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let isBefore = before(b, c), let isAfter = before(d, a) else { return nil }
            return !isBefore && !isAfter
        },
        relation("overlaps before", "2") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let starts = startOrder(a, c), let ends = endOrder(b, d), let isBefore = before(b, c) else {
                return nil
            }
            return starts < 0 && !isBefore && ends <= 0
        },
        relation("overlaps after", "2") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let starts = startOrder(a, c), let ends = endOrder(b, d), let isAfter = before(d, a) else {
                return nil
            }
            return starts >= 0 && !isAfter && ends > 0
        },
        relation("finishes", "1r") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let starts = startOrder(a, c), let ends = endOrder(b, d) else { return nil }
            return starts >= 0 && ends == 0
        },
        relation("finished by", "r1") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let starts = startOrder(a, c), let ends = endOrder(b, d) else { return nil }
            return starts <= 0 && ends == 0
        },
        relation("includes", "r1") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let starts = startOrder(a, c), let ends = endOrder(b, d) else { return nil }
            return starts <= 0 && ends >= 0
        },
        relation("during", "1r") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let starts = startOrder(a, c), let ends = endOrder(b, d) else { return nil }
            return starts >= 0 && ends <= 0
        },
        relation("starts", "1r") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let starts = startOrder(a, c), let ends = endOrder(b, d) else { return nil }
            return starts == 0 && ends <= 0
        },
        relation("started by", "r1") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let starts = startOrder(a, c), let ends = endOrder(b, d) else { return nil }
            return starts == 0 && ends >= 0
        },
        relation("coincides", "same") { left, right in
            guard let a = left.first, let b = left.last, let c = right.first, let d = right.last else {
                return nil
            }
            guard let starts = startOrder(a, c), let ends = endOrder(b, d) else { return nil }
            return starts == 0 && ends == 0
        },
    ]

    private struct End {
        let value: RuleValue
        let included: Bool
    }

    /// A range, or a point as the range that begins and ends with it. Nil ends are open.
    private struct Span {
        let first: End?
        let last: End?
        let isPoint: Bool

        init?(_ value: RuleValue) {
            switch value {
            case .range(let range):
                first = range.start.map { End(value: $0, included: range.startIncluded) }
                last = range.end.map { End(value: $0, included: range.endIncluded) }
                isPoint = false
            case .null, .list, .context, .function, .boolean: return nil
            default:
                first = End(value: value, included: true)
                last = first
                isPoint = true
            }
        }
    }

    /// - Parameter shape: which of the two may be points: `1` both, `2` neither, `1r` the first, `r1` the second,
    ///   `same` both or neither.
    private static func relation(
        _ name: String,
        _ shape: String,
        _ holds: @escaping @Sendable (Span, Span) -> Bool?
    ) -> Builtin {
        let signatures =
            switch shape {
            case "1": ["point1, point2", "point, range", "range, point", "range1, range2"]
            case "2": ["range1, range2"]
            case "1r": ["point, range", "range1, range2"]
            case "r1": ["range, point", "range1, range2"]
            default: ["point1, point2", "range1, range2"]
            }
        return Builtin(name, listed: signatures) { _, arguments in
            guard let left = Span(arguments[0].single), let right = Span(arguments[1].single) else {
                return nil
            }
            let fits =
                switch shape {
                case "1": true
                case "2": !left.isPoint && !right.isPoint
                case "1r": !right.isPoint
                case "r1": !left.isPoint
                default: left.isPoint == right.isPoint
                }
            guard fits, let answer = holds(left, right) else { return nil }
            return .boolean(answer)
        }
    }

    private static func order(_ left: RuleValue, _ right: RuleValue) -> Int? { Operators.order(left, right) }

    /// Whether a range that ends with `end` lies wholly before one that begins with `start`.
    private static func before(_ end: End, _ start: End) -> Bool? {
        guard let order = order(end.value, start.value) else { return nil }
        return order < 0 || (order == 0 && !(end.included && start.included))
    }

    /// An excluded start lies just after its value.
    private static func startOrder(_ left: End, _ right: End) -> Int? {
        guard let order = order(left.value, right.value) else { return nil }
        if order != 0 || left.included == right.included { return order }
        return left.included ? -1 : 1
    }

    /// An excluded end lies just before its value.
    private static func endOrder(_ left: End, _ right: End) -> Int? {
        guard let order = order(left.value, right.value) else { return nil }
        if order != 0 || left.included == right.included { return order }
        return left.included ? 1 : -1
    }
}
