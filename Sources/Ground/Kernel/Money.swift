/// An amount of renminbi in whole fen.
public struct Money: Hashable, Comparable, Sendable, Codable {
    public var fen: Int64

    public init(fen: Int64) { self.fen = fen }

    public static let zero = Money(fen: 0)

    public static func < (left: Self, right: Self) -> Bool { left.fen < right.fen }

    public static func + (left: Self, right: Self) -> Self { Self(fen: left.fen + right.fen) }

    public static func - (left: Self, right: Self) -> Self { Self(fen: left.fen - right.fen) }

    /// Reads an amount in 万元 with at most six decimals (one fen is 0.000001 万元), up to 99,999,999 万元.
    public init?(tenThousandYuan text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, whole.utf8.count <= 8,
            whole.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let units = Int64(whole)
        else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            let decimals = parts[1]
            guard !decimals.isEmpty, decimals.utf8.count <= 6,
                decimals.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let value = Int64(decimals + String(repeating: "0", count: 6 - decimals.utf8.count))
            else { return nil }
            fraction = value
        }
        fen = units * 1_000_000 + fraction
    }

    /// Reads an amount in 元 with at most two decimals, up to 999,999,999,999 元.
    public init?(yuan text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...12).contains(whole.utf8.count),
            parts.count == 1 || (1...2).contains(parts[1].utf8.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }), let yuan = Int64(whole)
        else { return nil }
        let decimals = parts.count == 2 ? String(parts[1]) : ""
        let cents = Int64(decimals + String(repeating: "0", count: 2 - decimals.utf8.count)) ?? 0
        fen = yuan * 100 + cents
    }

    /// `100.5` for 1,005,000 yuan: 万元 without trailing zeros.
    public var tenThousandYuanText: String {
        let sign = fen < 0 ? "-" : ""
        let magnitude = fen.magnitude
        let fraction = padded(magnitude % 1_000_000, 6)
        let trimmed = String(fraction.reversed().drop { $0 == "0" }.reversed())
        return "\(sign)\(magnitude / 1_000_000)\(trimmed.isEmpty ? "" : ".\(trimmed)")"
    }

    /// `1234567.89`: yuan with two decimals.
    public var yuanText: String {
        "\(fen < 0 ? "-" : "")\(fen.magnitude / 100).\(padded(fen.magnitude % 100, 2))"
    }

    /// The amount in Chinese capital numerals, as licences and cheques write it: `壹佰万元整`, `壹万零伍拾元叁角整`.
    public var chineseCapitals: String {
        guard fen != 0 else { return "零元整" }
        let magnitude = fen.magnitude
        let yuan = magnitude / 100
        let jiao = Int(magnitude / 10 % 10)
        let cents = Int(magnitude % 10)
        var text = fen < 0 ? "负" : ""
        if yuan > 0 { text += Self.capitals(yuan) + "元" }
        if jiao == 0 && cents == 0 { return text + "整" }
        if jiao > 0 {
            if yuan > 0 && yuan % 10 == 0 { text += "零" }
            text += Self.digits[jiao] + "角"
        } else if yuan > 0 {
            text += "零"
        }
        return cents > 0 ? text + Self.digits[cents] + "分" : text + "整"
    }

    private static let digits = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"]

    /// Groups of four digits: 万 inside, and everything above 亿 read as a number of its own (壹万零壹亿).
    private static func capitals(_ number: UInt64) -> String {
        let hundredMillion: UInt64 = 100_000_000
        let (high, low) = number.quotientAndRemainder(dividingBy: hundredMillion)
        guard high > 0 else { return small(low) }
        guard low > 0 else { return capitals(high) + "亿" }
        let gap = high % 10 == 0 || low < hundredMillion / 10
        return capitals(high) + "亿" + (gap ? digits[0] : "") + small(low)
    }

    /// Below 亿; one 零 for any run of zeros inside.
    private static func small(_ number: UInt64) -> String {
        var text = ""
        var zero = false
        for (index, unit) in ["仟万", "佰万", "拾万", "万", "仟", "佰", "拾", ""].enumerated() {
            let place = 7 - index
            let power = (0..<place).reduce(UInt64(1)) { product, _ in product * 10 }
            let digit = Int(number / power % 10)
            if digit == 0 {
                zero = zero || !text.isEmpty
                // 万 is said once for its group, also when its last digit is a zero.
                if place == 4 && number / 10_000 > 0 { text += "万" }
                continue
            }
            if zero { text += digits[0] }
            zero = false
            text += digits[digit] + (place > 4 ? String(unit.prefix(1)) : unit)
        }
        return text
    }
}
