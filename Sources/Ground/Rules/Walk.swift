import Kernel

/// The values that `for`, `some` and `every` go through: a list, a range, or two ends (DMN 1.5, 10.3.2.14).
struct Walk {
    private enum Source {
        case list([RuleValue])
        /// Numbers or day numbers, one by one, upwards or downwards.
        case numbers(next: RuleDecimal, last: RuleDecimal, step: RuleDecimal)
        case dates(next: Int, last: Int, step: Int)
    }

    private var source: Source
    private var index = 0

    /// A list's elements, a closed range's whole steps, or one value by itself.
    init?(_ value: RuleValue) {
        switch value {
        case .list(let elements): source = .list(elements)
        case .null: return nil
        case .range(let range):
            guard let start = range.start, let end = range.end,
                let steps = Self.steps(start, end, range.startIncluded, range.endIncluded)
            else { return nil }
            source = steps
        default: source = .list([value])
        }
    }

    init?(from start: RuleValue, to end: RuleValue) {
        guard let steps = Self.steps(start, end, true, true) else { return nil }
        source = steps
    }

    private static func steps(
        _ start: RuleValue,
        _ end: RuleValue,
        _ startIncluded: Bool,
        _ endIncluded: Bool
    ) -> Source? {
        switch (start, end) {
        case (.number(let first), .number(let last)):
            guard first.isWhole, last.isWhole else { return nil }
            let step: RuleDecimal = first <= last ? 1 : -1
            guard let next = startIncluded ? first : first.adding(step),
                let stop = endIncluded ? last : last.subtracting(step)
            else { return nil }
            return .numbers(next: next, last: stop, step: step)
        case (.date(let first), .date(let last)):
            let step = first <= last ? 1 : -1
            return .dates(
                next: first.dayNumber + (startIncluded ? 0 : step),
                last: last.dayNumber - (endIncluded ? 0 : step),
                step: step
            )
        default: return nil
        }
    }

    mutating func next() -> RuleValue? {
        switch source {
        case .list(let elements):
            guard index < elements.count else { return nil }
            defer { index += 1 }
            return elements[index]
        case .numbers(let next, let last, let step):
            guard step.isNegative ? next >= last : next <= last, let following = next.adding(step),
                following != next
            else { return nil }
            source = .numbers(next: following, last: last, step: step)
            return .number(next)
        case .dates(let next, let last, let step):
            guard step < 0 ? next >= last : next <= last else { return nil }
            source = .dates(next: next + step, last: last, step: step)
            return .date(LocalDate(dayNumber: next))
        }
    }
}
