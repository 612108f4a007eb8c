/// A decimal number of 34 significant digits: IEEE 754-2008 decimal128 without infinities, NaN and signed zero,
/// rounding half to even (DMN 1.5, 10.3.2.3.1).
///
/// The value is ±`coefficient` × 10^`exponent`. `1.0` and `1.00` are kept apart for printing, and equal.
/// An operation whose result is out of range or does not exist answers nil.
public struct RuleDecimal: Sendable {
    /// The coefficient in two words, so that a value takes 24 bytes instead of 32.
    private let high: UInt64
    private let low: UInt64
    private let exponent16: Int16
    public let isNegative: Bool

    /// Below 10^34.
    var coefficient: UInt128 { UInt128(high) << 64 | UInt128(low) }
    var exponent: Int { Int(exponent16) }

    /// Digits of a coefficient.
    public static let precision = 34
    static let exponentMax = 6111
    static let exponentMin = -6176

    /// The parts must be in range; `rounding` brings them there.
    init(negative: Bool, coefficient: UInt128, exponent: Int) {
        high = UInt64(truncatingIfNeeded: coefficient >> 64)
        low = UInt64(truncatingIfNeeded: coefficient)
        exponent16 = Int16(truncatingIfNeeded: exponent)
        isNegative = negative && coefficient != 0
    }

    public init(_ value: Int) { self.init(Int64(value)) }

    public init(_ value: Int64) {
        high = 0
        low = value.magnitude
        exponent16 = 0
        isNegative = value < 0
    }

    public static let zero = RuleDecimal(0)
    public static let one = RuleDecimal(1)

    public var isZero: Bool { low == 0 && high == 0 }

    /// The value when it is a small whole number without a point: the fast path of most arithmetic.
    private var small: Int64? {
        guard exponent16 == 0, high == 0, low < 1 << 62 else { return nil }
        return isNegative ? -Int64(low) : Int64(low)
    }

    public var magnitude: RuleDecimal {
        RuleDecimal(negative: false, coefficient: coefficient, exponent: exponent)
    }
    public var negated: RuleDecimal {
        RuleDecimal(negative: !isNegative, coefficient: coefficient, exponent: exponent)
    }

    /// The whole number, nil when there is a fraction or it does not fit.
    public var int: Int? {
        if let small { return Int(small) }
        let whole = rounded(scale: 0, .down)
        guard whole == self else { return nil }
        guard whole.exponent <= 19, !whole.isZero else { return whole.isZero ? 0 : nil }
        let (product, overflow) = whole.coefficient.multipliedReportingOverflow(
            by: Self.ten(max(0, whole.exponent))
        )
        let reduced = whole.exponent < 0 ? whole.coefficient / Self.ten(-whole.exponent) : product
        guard !overflow else { return nil }
        return whole.isNegative ? Int(exactly: -Int128(exactly: reduced).orMax) : Int(exactly: reduced)
    }

    public var isWhole: Bool { exponent >= 0 || rounded(scale: 0, .down) == self }

    /// The nearest binary number, for estimates only.
    var double: Double { Double(description) ?? 0 }
}

extension Optional where Wrapped == Int128 {
    fileprivate var orMax: Int128 { self ?? .max }
}

// MARK: - Rounding

/// How digits are dropped (DMN 1.5, table 76).
public enum RuleRounding: Sendable, CaseIterable {
    /// Away from zero, towards zero, to the nearest with halves away from zero, towards zero, to even.
    case up, down, halfUp, halfDown, halfEven
    case floor, ceiling
}

extension RuleDecimal {
    private static let tens: [UInt128] = {
        var powers: [UInt128] = [1]
        for _ in 1...38 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    /// 10^`power`, `power` in 0...38.
    static func ten(_ power: Int) -> UInt128 { tens[power] }

    static func digits(_ value: UInt128) -> Int {
        guard value != 0 else { return 1 }
        let estimate = ((128 - value.leadingZeroBitCount) * 1233) >> 12
        return value >= tens[estimate] ? estimate + 1 : estimate
    }

    var digits: Int { Self.digits(coefficient) }

    /// Drops `count` digits. `sticky` says that something not zero lay below the coefficient already.
    private static func dropping(
        _ count: Int,
        from value: UInt128,
        sticky: Bool,
        negative: Bool,
        _ mode: RuleRounding
    ) -> UInt128 {
        let quotient: UInt128
        /// The dropped part against one half: 0 nothing, 1 less, 2 half, 3 more.
        var part: Int
        if count > 38 {
            quotient = 0
            part = value == 0 && !sticky ? 0 : 1
        } else if count == 0 {
            quotient = value
            part = sticky ? 1 : 0
        } else {
            let unit = tens[count]
            let (whole, rest) = value.quotientAndRemainder(dividingBy: unit)
            quotient = whole
            let half = unit / 2
            part = rest == 0 ? 0 : rest < half ? 1 : rest == half ? 2 : 3
            if sticky { part = part == 0 ? 1 : part == 2 ? 3 : part }
        }
        let grows =
            switch mode {
            case .up: part > 0
            case .down: false
            case .halfUp: part >= 2
            case .halfDown: part == 3
            case .halfEven: part == 3 || (part == 2 && quotient & 1 == 1)
            case .floor: part > 0 && negative
            case .ceiling: part > 0 && !negative
            }
        return grows ? quotient + 1 : quotient
    }

    /// The nearest number of 34 digits, halves to even; nil when too large.
    static func rounding(
        negative: Bool,
        _ value: UInt128,
        sticky: Bool = false,
        exponent: Int
    ) -> RuleDecimal? {
        var value = value
        var exponent = exponent
        let drop = max(digits(value) - precision, exponentMin - exponent, 0)
        if drop > 0 || sticky {
            value = dropping(drop, from: value, sticky: sticky, negative: negative, .halfEven)
            exponent += drop
            if digits(value) > precision {
                value /= 10
                exponent += 1
            }
        }
        if exponent > exponentMax {
            guard value != 0 else { return .zero }
            let shift = exponent - exponentMax
            guard shift <= precision - digits(value) else { return nil }
            value *= tens[shift]
            exponent = exponentMax
        }
        return RuleDecimal(negative: negative, coefficient: value, exponent: exponent)
    }

    /// This number with at most `scale` digits after the point; a negative scale rounds to tens, hundreds and so on.
    /// - Parameter scale: -6111...6176.
    public func rounded(scale: Int, _ mode: RuleRounding) -> RuleDecimal {
        let drop = -exponent - scale
        guard drop > 0 else { return self }
        let value = Self.dropping(drop, from: coefficient, sticky: false, negative: isNegative, mode)
        return Self.rounding(negative: isNegative, value, exponent: -scale) ?? self
    }

    /// Without zeros at the end: one form for each value.
    public var normalised: RuleDecimal {
        guard !isZero else { return .zero }
        var value = coefficient
        var exponent = exponent
        for step in [16, 8, 4, 2, 1] {
            while exponent + step <= Self.exponentMax {
                let (quotient, rest) = value.quotientAndRemainder(dividingBy: Self.tens[step])
                guard rest == 0 else { break }
                value = quotient
                exponent += step
            }
        }
        return RuleDecimal(negative: isNegative, coefficient: value, exponent: exponent)
    }
}

// MARK: - Order

extension RuleDecimal: Hashable, Comparable {
    public static func == (left: Self, right: Self) -> Bool {
        if left.exponent16 == right.exponent16 {
            return left.low == right.low && left.high == right.high && left.isNegative == right.isNegative
        }
        return left.order(to: right) == 0
    }

    public static func < (left: Self, right: Self) -> Bool { left.order(to: right) < 0 }

    public func hash(into hasher: inout Hasher) {
        if exponent16 == 0, high == 0, low % 10 != 0 || low == 0 {
            hasher.combine(low)
            hasher.combine(0 as Int16)
            hasher.combine(isNegative)
            return
        }
        let normal = normalised
        hasher.combine(normal.low)
        if normal.high != 0 { hasher.combine(normal.high) }
        hasher.combine(normal.exponent16)
        hasher.combine(isNegative)
    }

    private func order(to other: RuleDecimal) -> Int {
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        let order = magnitudeOrder(to: other)
        return isNegative ? -order : order
    }

    private func magnitudeOrder(to other: RuleDecimal) -> Int {
        if isZero || other.isZero { return isZero ? (other.isZero ? 0 : -1) : 1 }
        let top = digits + exponent
        let otherTop = other.digits + other.exponent
        if top != otherTop { return top < otherTop ? -1 : 1 }
        let left = coefficient * Self.tens[max(0, exponent - other.exponent)]
        let right = other.coefficient * Self.tens[max(0, other.exponent - exponent)]
        return left == right ? 0 : left < right ? -1 : 1
    }
}

// MARK: - Arithmetic

extension RuleDecimal {
    public func adding(_ other: RuleDecimal) -> RuleDecimal? {
        if let left = small, let right = other.small { return RuleDecimal(left + right) }
        let (big, little) = exponent >= other.exponent ? (self, other) : (other, self)
        if big.isZero { return little }
        let gap = big.exponent - little.exponent
        let room = 37 - big.digits
        let shift = min(gap, room)
        let first = big.coefficient * Self.tens[shift]
        let rest = gap - shift
        var second = little.coefficient
        var sticky = false
        if rest > 38 {
            sticky = second != 0
            second = 0
        } else if rest > 0 {
            let (quotient, remainder) = second.quotientAndRemainder(dividingBy: Self.tens[rest])
            second = quotient
            sticky = remainder != 0
        }
        let exponent = little.exponent + rest
        if big.isNegative == little.isNegative {
            return Self.rounding(negative: big.isNegative, first + second, sticky: sticky, exponent: exponent)
        }
        if first >= second {
            let value = first - second - (sticky ? 1 : 0)
            return Self.rounding(negative: big.isNegative, value, sticky: sticky, exponent: exponent)
        }
        return Self.rounding(negative: little.isNegative, second - first, sticky: sticky, exponent: exponent)
    }

    public func subtracting(_ other: RuleDecimal) -> RuleDecimal? { adding(other.negated) }

    public func multiplied(by other: RuleDecimal) -> RuleDecimal? {
        if let left = small, let right = other.small {
            let (product, overflow) = left.multipliedReportingOverflow(by: right)
            if !overflow, product > .min { return RuleDecimal(product) }
        }
        let negative = isNegative != other.isNegative
        let exponent = exponent + other.exponent
        let product = coefficient.multipliedFullWidth(by: other.coefficient)
        if product.high == 0 { return Self.rounding(negative: negative, product.low, exponent: exponent) }
        // 36 or 37 digits stay: enough to round to 34 with what falls off as a sticky bit.
        let drop = digits + other.digits - 37
        let (quotient, rest) = Self.tens[drop].dividingFullWidth(product)
        return Self.rounding(negative: negative, quotient, sticky: rest != 0, exponent: exponent + drop)
    }

    /// - Returns: nil for a divisor of zero.
    public func divided(by other: RuleDecimal) -> RuleDecimal? {
        guard !other.isZero else { return nil }
        if isZero { return .zero }
        if let left = small, let right = other.small, left % right == 0 { return RuleDecimal(left / right) }
        let negative = isNegative != other.isNegative
        let ideal = exponent - other.exponent
        let shift = Self.precision - digits
        let widen = other.digits + 1
        let numerator = (coefficient * Self.tens[shift]).multipliedFullWidth(by: Self.tens[widen])
        var (quotient, rest) = other.coefficient.dividingFullWidth(numerator)
        var exponent = ideal - shift - widen
        if rest == 0 {
            for step in [16, 8, 4, 2, 1] {
                while exponent + step <= ideal {
                    let (fewer, left) = quotient.quotientAndRemainder(dividingBy: Self.tens[step])
                    guard left == 0 else { break }
                    quotient = fewer
                    exponent += step
                }
            }
        }
        return Self.rounding(negative: negative, quotient, sticky: rest != 0, exponent: exponent)
    }

    /// `self - other * floor(self / other)`, exact: the sign is the divisor's (DMN 1.5, table 77). Nil for zero.
    public func modulo(_ other: RuleDecimal) -> RuleDecimal? {
        guard !other.isZero else { return nil }
        let unit = min(exponent, other.exponent)
        let value: UInt128
        let divisor = other.coefficient
        if exponent >= other.exponent {
            var factor = UInt128(10) % divisor
            var power = exponent - other.exponent
            var rest = coefficient % divisor
            while power > 0 {
                if power & 1 == 1 {
                    rest = divisor.dividingFullWidth(rest.multipliedFullWidth(by: factor)).remainder
                }
                factor = divisor.dividingFullWidth(factor.multipliedFullWidth(by: factor)).remainder
                power >>= 1
            }
            value = rest
        } else if other.exponent - exponent + other.digits > 38 {
            value = coefficient
        } else {
            value = coefficient % (divisor * Self.tens[other.exponent - exponent])
        }
        let rest = Self.rounding(negative: isNegative, value, exponent: unit)
        guard let rest, !rest.isZero, rest.isNegative != other.isNegative else { return rest }
        return rest.adding(other)
    }
}
