import Kernel

/// From a value of one column to the rows whose cell accepts it, as bits.
///
/// Between the fixed values that a column's cells mention, every value of a kind is treated alike. So each cell is
/// asked once for every such value and once for every gap between them, by the same code that evaluates it
/// otherwise, and the answers are kept.
struct ColumnIndex: Sendable {
    /// Sets of rows, `wordCount` words each, one after the other.
    private var sets: [UInt64] = []
    private let wordCount: Int

    /// Places in `sets` (multiples of `wordCount`).
    private var texts: [ExactText: Int] = [:]
    private var otherText = 0
    private var numbers = Steps<RuleDecimal>()
    private var dates = Steps<Int>()
    private var isTrue = 0
    private var isFalse = 0
    private var isNull = 0
    /// Rows that accept a value of any other kind: cells that hold `-`, and those that must be evaluated.
    private var other = 0
    /// Numbers as whole multiples of 10^-scale, when all fit: compared without decimal arithmetic.
    private var scaled: [Int64] = []
    private var scale = 0

    /// Sorted values with the set at each and in the gaps: place 2i+1 is value i, 2i the gap before it.
    private struct Steps<Value: Comparable & Sendable>: Sendable {
        var values: [Value] = []
        var sets: [Int] = [0]

        func set(for value: Value) -> Int {
            var low = 0
            var high = values.count
            while low < high {
                let middle = (low + high) / 2
                if values[middle] < value { low = middle + 1 } else { high = middle }
            }
            return sets[low < values.count && values[low] == value ? 2 * low + 1 : 2 * low]
        }
    }

    /// Equal when the bytes are: FEEL compares characters, not their canonical forms.
    private struct ExactText: Hashable, Sendable {
        let text: String

        static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            let isDone: Void? = text.utf8.withContiguousStorageIfAvailable {
                hasher.combine(bytes: UnsafeRawBufferPointer($0))
            }
            if isDone == nil { for byte in text.utf8 { hasher.combine(byte) } }
        }
    }

    /// Memory for the sets of one column.
    private static let wordsMax = 1 << 19

    func rows(for value: RuleValue) -> Int {
        switch value {
        case .string(let text): texts.isEmpty ? otherText : texts[ExactText(text: text)] ?? otherText
        case .number(let number): set(for: number)
        case .date(let date): dates.set(for: date.dayNumber)
        case .boolean(let value): value ? isTrue : isFalse
        case .null: isNull
        case .time, .dateTime, .duration, .months, .list, .context, .range, .function: other
        }
    }

    private func set(for number: RuleDecimal) -> Int {
        guard !scaled.isEmpty, let wanted = number.multiple(ofTenth: scale) else {
            return numbers.set(for: number)
        }
        var low = 0
        var high = scaled.count
        while low < high {
            let middle = (low + high) / 2
            if scaled[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return numbers.sets[low < scaled.count && scaled[low] == wanted ? 2 * low + 1 : 2 * low]
    }

    /// Takes away from `rows` those that do not accept the value of set `place`.
    func intersect(_ rows: UnsafeMutableBufferPointer<UInt64>, _ place: Int) {
        sets.withUnsafeBufferPointer { sets in
            for word in 0..<wordCount { rows[word] &= sets[place + word] }
        }
    }

    // MARK: Building

    private init(wordCount: Int) { self.wordCount = wordCount }

    /// - Returns: the index and the rows whose cell it cannot answer.
    static func build(_ cells: [RuleExpression], wordCount: Int) -> (ColumnIndex, left: [Int]) {
        var index = ColumnIndex(wordCount: wordCount)
        var fixed = cells.map(FixedCell.init)
        var found = Mentions(fixed)
        let sets = found.texts.count + 2 * found.numbers.count + 2 * found.dates.count + 8
        if sets * wordCount > wordsMax {
            // Too large to keep: `-` is still known, everything else is evaluated.
            fixed = fixed.map { $0?.isAny == true ? $0 : nil }
            found = Mentions(fixed)
        }
        index.fill(fixed, found)
        return (index, fixed.indices.filter { fixed[$0] == nil })
    }

    private mutating func add(_ cells: [FixedCell?], _ value: RuleValue) -> Int {
        let place = sets.count
        sets.append(contentsOf: [UInt64](repeating: 0, count: wordCount))
        for (row, cell) in cells.enumerated() where cell.map({ $0.accepts(value) }) ?? true {
            sets[place + row / 64] |= 1 << UInt64(row % 64)
        }
        return place
    }

    private mutating func fill(_ cells: [FixedCell?], _ found: Mentions) {
        isNull = add(cells, .null)
        isTrue = add(cells, .boolean(true))
        isFalse = add(cells, .boolean(false))
        other = add(cells, .list([.null, .null]))
        otherText = add(cells, .string(found.strangeText))
        for text in found.texts { texts[ExactText(text: text)] = add(cells, .string(text)) }
        fillNumbers(cells, found.numbers)
        fillDates(cells, found.dates)
    }

    private mutating func fillNumbers(_ cells: [FixedCell?], _ values: [RuleDecimal]) {
        numbers.values = values
        numbers.sets = []
        for (place, value) in values.enumerated() {
            let gap = place == 0 ? value.adding(-1) : values[place - 1].adding(value)?.divided(by: 2)
            numbers.sets.append(add(cells, .number(gap ?? value)))
            numbers.sets.append(add(cells, .number(value)))
        }
        numbers.sets.append(add(cells, .number(values.last?.adding(1) ?? .zero)))
        scale = values.map { max(0, -$0.exponent) }.max() ?? 0
        let multiples = values.compactMap { $0.multiple(ofTenth: scale) }
        scaled = multiples.count == values.count ? multiples : []
    }

    private mutating func fillDates(_ cells: [FixedCell?], _ values: [Int]) {
        dates.values = values
        dates.sets = []
        for day in values {
            dates.sets.append(add(cells, .date(LocalDate(dayNumber: day - 1))))
            dates.sets.append(add(cells, .date(LocalDate(dayNumber: day))))
        }
        dates.sets.append(add(cells, .date(LocalDate(dayNumber: (values.last ?? 0) + 1))))
    }
}

/// The fixed values that a column's cells compare with, each kind sorted.
private struct Mentions {
    var texts: [String] = []
    var numbers: [RuleDecimal] = []
    var dates: [Int] = []

    init(_ cells: [FixedCell?]) {
        var texts: Set<String> = []
        var numbers: Set<RuleDecimal> = []
        var dates: Set<Int> = []
        for value in cells.compactMap(\.self).flatMap(\.mentions) {
            switch value {
            case .string(let text): texts.insert(text)
            case .number(let number): numbers.insert(number)
            case .date(let date): dates.insert(date.dayNumber)
            default: break
            }
        }
        self.texts = texts.sorted()
        self.numbers = numbers.sorted()
        self.dates = dates.sorted()
    }

    /// A text that no cell mentions.
    var strangeText: String {
        var text = "\u{1}"
        while texts.contains(text) { text += "\u{1}" }
        return text
    }
}

/// A cell that compares the input with fixed values only.
private struct FixedCell {
    private enum Test {
        case compare(Comparison, RuleValue)
        case range(RuleRange)
    }

    let isAny: Bool
    private let negated: Bool
    private let tests: [Test]
    let mentions: [RuleValue]

    /// Nil when the cell must be evaluated.
    init?(_ cell: RuleExpression) {
        guard case .tests(let written, _) = cell.root.kind else { return nil }
        isAny = written.isAny
        negated = written.negated
        var tests: [Test] = []
        var mentions: [RuleValue] = []
        for test in written.tests {
            switch test {
            case .compare(let operation, let node):
                guard case .literal(let value) = node.kind, Self.isIndexed(value, operation) else {
                    return nil
                }
                tests.append(.compare(operation, value))
                mentions.append(value)
            case .value(let node, _):
                switch node.kind {
                case .literal(let value):
                    guard Self.isIndexed(value, .equal) else { return nil }
                    tests.append(.compare(.equal, value))
                    mentions.append(value)
                case .range:
                    guard let range = Self.fixedRange(cell, node) else { return nil }
                    tests.append(.range(range))
                    mentions += [range.start, range.end].compactMap(\.self)
                default: return nil
                }
            }
        }
        self.tests = tests
        self.mentions = mentions
    }

    /// Text is found by its hash, so it can be equal or not, but has no order here.
    private static func isIndexed(_ value: RuleValue, _ operation: Comparison) -> Bool {
        switch value {
        case .null, .boolean: true
        case .string: operation == .equal || operation == .notEqual
        case .number, .date: true
        default: false
        }
    }

    private static func fixedRange(_ cell: RuleExpression, _ node: Node) -> RuleRange? {
        guard case .range(let start, let startIncluded, let end, let endIncluded) = node.kind else {
            return nil
        }
        var ends: [RuleValue?] = []
        for part in [start, end] {
            switch part?.kind {
            case nil: ends.append(nil)
            case .literal(let value):
                guard isIndexed(value, .less), value.decimal != nil || value.date != nil else { return nil }
                ends.append(value)
            default: return nil
            }
        }
        let range = RuleRange(
            start: ends[0],
            startIncluded: startIncluded,
            end: ends[1],
            endIncluded: endIncluded
        )
        return range.problem == nil ? range : nil
    }

    /// As `Machine.test` answers, true only for true.
    func accepts(_ value: RuleValue) -> Bool {
        if isAny { return true }
        var answer: Bool? = false
        for test in tests {
            let one =
                switch test {
                case .compare(let operation, let other): Self.compare(operation, value, other)
                case .range(let range): Operators.contains(range, value)
                }
            if one == true {
                answer = true
                break
            }
            if one == nil { answer = nil }
        }
        return (negated ? answer.map { !$0 } : answer) == true
    }

    private static func compare(_ operation: Comparison, _ left: RuleValue, _ right: RuleValue) -> Bool? {
        var budget = 1_000
        return Operators.compare(operation, left, right, budget: &budget)
    }
}

extension RuleDecimal {
    /// This number times 10^`scale` when that is a whole number of 63 bits.
    func multiple(ofTenth scale: Int) -> Int64? {
        let power = exponent + scale
        guard power >= 0, power <= 18, digits + power <= 18 else { return nil }
        let size = Int64(truncatingIfNeeded: coefficient * Self.ten(power))
        return isNegative ? -size : size
    }
}
