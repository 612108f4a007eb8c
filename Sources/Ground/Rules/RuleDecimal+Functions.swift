import Foundation

/// Roots, powers, logarithms. `squareRoot` is rounded correctly; the others are right to about 32 digits (a power
/// whose exact value has at most 34 digits is exact).
extension RuleDecimal {
    /// - Returns: nil for a negative number.
    public func squareRoot() -> RuleDecimal? {
        guard !isZero else { return .zero }
        guard !isNegative else { return nil }
        // A whole number N of 69 or 70 digits with an even power of ten: its root has 35 digits.
        var shift = 69 - digits
        if (exponent - shift) % 2 != 0 { shift += 1 }
        let first = min(shift, Self.precision - digits + 4)
        let number = (coefficient * Self.ten(first)).multipliedFullWidth(by: Self.ten(shift - first))
        let estimate = (Double(coefficient) * pow(10, Double(shift))).squareRoot()
        var root = UInt128(exactly: estimate.rounded()) ?? Self.ten(35)
        for _ in 0..<4 { root = (root + root.dividingFullWidth(number).quotient) / 2 }
        while Self.isLess(number, root.multipliedFullWidth(by: root)) { root -= 1 }
        while !Self.isLess(number, (root + 1).multipliedFullWidth(by: root + 1)) { root += 1 }
        let square = root.multipliedFullWidth(by: root)
        let exact = square.high == number.high && square.low == number.low
        let result = Self.rounding(
            negative: false,
            root,
            sticky: !exact,
            exponent: (exponent - shift) / 2
        )
        return exact ? result?.shortened(to: exponent / 2) : result
    }

    private static func isLess(
        _ left: (high: UInt128, low: UInt128),
        _ right: (high: UInt128, low: UInt128)
    ) -> Bool { left.high != right.high ? left.high < right.high : left.low < right.low }

    /// Zeros at the end dropped while the exponent stays below `ideal`.
    private func shortened(to ideal: Int) -> RuleDecimal {
        var value = coefficient
        var exponent = exponent
        while exponent < ideal, value % 10 == 0 {
            value /= 10
            exponent += 1
        }
        return RuleDecimal(negative: isNegative, coefficient: value, exponent: exponent)
    }

    private static let lnTen = RuleDecimal(parsing: "2.302585092994045684017991454684364") ?? .one

    /// e to this power; nil beyond the range.
    public func exponential() -> RuleDecimal? {
        guard let turns = divided(by: Self.lnTen)?.rounded(scale: 0, .halfEven).int, abs(turns) < 6_200,
            let reduced = RuleDecimal(turns).multiplied(by: Self.lnTen), let rest = subtracting(reduced)
        else { return isNegative ? .zero : nil }
        var sum = RuleDecimal.one
        var term = RuleDecimal.one
        for index in 1...60 {
            guard let next = term.multiplied(by: rest)?.divided(by: RuleDecimal(index)),
                let total = sum.adding(next)
            else { return nil }
            if next.isZero || total == sum { break }
            term = next
            sum = total
        }
        return Self.rounding(negative: sum.isNegative, sum.coefficient, exponent: sum.exponent + turns)
    }

    /// Nil for zero and below.
    public func naturalLogarithm() -> RuleDecimal? {
        guard !isNegative, !isZero else { return nil }
        if self == .one { return .zero }
        if let gap = subtracting(.one),
            gap.magnitude < RuleDecimal(negative: false, coefficient: 1, exponent: -1)
        {
            return logarithm(nearOne: gap)
        }
        let power = digits + exponent
        let mantissa = RuleDecimal(negative: false, coefficient: coefficient, exponent: -digits)
        // Two steps of Halley's iteration triple the digits of a binary estimate each time.
        guard var guess = RuleDecimal(parsing: "\(log(mantissa.double))") else { return nil }
        for _ in 0..<3 {
            guard let image = guess.exponential(), let gap = mantissa.subtracting(image),
                let sum = mantissa.adding(image),
                let step = gap.multiplied(by: 2)?.divided(by: sum), let next = guess.adding(step)
            else { return nil }
            guess = next
        }
        return RuleDecimal(power).multiplied(by: Self.lnTen)?.adding(guess)
    }

    /// 2 artanh(x / (2 + x)) for the logarithm of 1 + x: no digits are lost to cancellation.
    private func logarithm(nearOne gap: RuleDecimal) -> RuleDecimal? {
        guard let sum = gap.adding(2), let ratio = gap.divided(by: sum),
            let square = ratio.multiplied(by: ratio)
        else { return nil }
        var total = ratio
        var power = ratio
        for index in 1...40 {
            guard let next = power.multiplied(by: square),
                let part = next.divided(by: RuleDecimal(2 * index + 1)),
                let following = total.adding(part)
            else { return nil }
            if following == total { break }
            power = next
            total = following
        }
        return total.multiplied(by: 2)
    }

    /// This number to the power of `exponent`; nil when there is no real result or it is out of range.
    public func power(_ exponent: RuleDecimal) -> RuleDecimal? {
        if let count = exponent.int { return power(count) }
        guard !isZero else { return exponent.isNegative ? nil : .zero }
        return naturalLogarithm()?.multiplied(by: exponent)?.exponential()
    }

    private func power(_ count: Int) -> RuleDecimal? {
        if count == 0 { return .one }
        guard !isZero else { return count < 0 ? nil : .zero }
        guard count.magnitude <= 999_999_999 else {
            return magnitude == .one ? (count % 2 == 0 ? .one : self) : nil
        }
        var result = RuleDecimal.one
        let size = Int(count.magnitude)
        for bit in (0..<(Int.bitWidth - size.leadingZeroBitCount)).reversed() {
            guard let square = result.multiplied(by: result) else { return count < 0 ? .zero : nil }
            result = square
            if size >> bit & 1 == 1 {
                guard let next = result.multiplied(by: self) else { return count < 0 ? .zero : nil }
                result = next
            }
        }
        return count < 0 ? RuleDecimal.one.divided(by: result) : result
    }
}
