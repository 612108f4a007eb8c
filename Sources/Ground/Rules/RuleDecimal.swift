/// A decimal number of 34 significant digits: IEEE 754-2008 decimal128 without infinities, NaN and signed zero,
/// rounding half to even (DMN 1.5, 10.3.2.3.1).
///
/// The value is ±`coefficient` × 10^`exponent`. `1.0` and `1.00` are kept apart for printing, and equal.
public struct RuleDecimal: Sendable {
    /// Kept as two words so that a value takes 24 bytes.
    let high: UInt64
    let low: UInt64
    let exponent16: Int16
    public let isNegative: Bool

    /// Below 10^34.
    var coefficient: UInt128 { UInt128(high) << 64 | UInt128(low) }
    var exponent: Int { Int(exponent16) }

    /// Digits of a coefficient.
    public static let precision = 34
    static let exponentMax = 6111
    static let exponentMin = -6176

    /// The parts must be in range; `rounded` brings them there.
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
}
