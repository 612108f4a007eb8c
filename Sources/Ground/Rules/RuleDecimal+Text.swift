extension RuleDecimal: CustomStringConvertible, ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self.init(Int64(value)) }

    /// Reads `[-]digits[.digits][e[±]digits]`, also `.5` and `5.`; digits beyond the 34th are rounded half to even.
    /// - Returns: nil when it is no number, or out of range.
    public init?(parsing text: some StringProtocol) {
        var value: UInt128 = 0
        var count = 0
        var exponent = 0
        var sticky = false
        var sawDigit = false
        var afterPoint = false
        var negative = false
        var written = 0
        var writtenNegative = false
        var phase = 0
        for (index, byte) in text.utf8.enumerated() {
            switch (byte, phase) {
            case (UInt8(ascii: "-"), 0) where index == 0: negative = true
            case (UInt8(ascii: "+"), 0) where index == 0: break
            case (UInt8(ascii: "."), 0) where !afterPoint: afterPoint = true
            case (UInt8(ascii: "e"), 0) where sawDigit, (UInt8(ascii: "E"), 0) where sawDigit: phase = 1
            case (UInt8(ascii: "-"), 1):
                writtenNegative = true
                phase = 2
            case (UInt8(ascii: "+"), 1): phase = 2
            case (0x30...0x39, 0):
                sawDigit = true
                let digit = UInt128(byte - 0x30)
                if count < 37 {
                    value = value * 10 + digit
                    if value != 0 { count += 1 }
                    if afterPoint { exponent -= 1 }
                } else {
                    sticky = sticky || digit != 0
                    if !afterPoint { exponent += 1 }
                }
            case (0x30...0x39, 1...3):
                phase = 3
                written = min(written * 10 + Int(byte - 0x30), 100_000)
            default: return nil
            }
        }
        guard sawDigit, phase == 0 || phase == 3 else { return nil }
        exponent += writtenNegative ? -written : written
        guard let number = Self.rounding(negative: negative, value, sticky: sticky, exponent: exponent) else {
            return nil
        }
        self = number
    }

    /// All digits, without an exponent: `-1234.50`.
    public var description: String {
        let digits = String(coefficient)
        let sign = isNegative ? "-" : ""
        if isZero { return exponent < 0 ? "0." + String(repeating: "0", count: -exponent) : "0" }
        if exponent >= 0 { return sign + digits + String(repeating: "0", count: exponent) }
        let whole = digits.utf8.count + exponent
        if whole > 0 { return sign + digits.prefix(whole) + "." + digits.dropFirst(whole) }
        return sign + "0." + String(repeating: "0", count: -whole) + digits
    }
}
