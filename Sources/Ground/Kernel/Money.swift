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

    /// Groups of four digits with 万 and 亿; one 零 for any run of zeros inside.
    private static func capitals(_ number: UInt64) -> String {
        let units = ["", "拾", "佰", "仟"]
        let groups = ["", "万", "亿", "万亿"]
        var rest = number
        var parts: [UInt64] = []
        while rest > 0 {
            parts.append(rest % 10_000)
            rest /= 10_000
        }
        var text = ""
        var zero = false
        for index in parts.indices.reversed() {
            let group = parts[index]
            if group == 0 {
                zero = !text.isEmpty
                continue
            }
            for place in (0..<4).reversed() {
                let digit = Int(group / [1, 10, 100, 1_000][place] % 10)
                if digit == 0 {
                    zero = zero || !text.isEmpty
                } else {
                    if zero { text += digits[0] }
                    zero = false
                    text += digits[digit] + units[place]
                }
            }
            text += groups[index]
        }
        return text
    }
}
