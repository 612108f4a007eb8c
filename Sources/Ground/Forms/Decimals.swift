/// Decimal numbers as text: no digit is lost on the way through a form.
enum Decimals {
    /// `-007.50` → `-7.5`; nil when the text is no decimal of at most 30 digits.
    static func canonical(_ text: String) -> String? {
        var rest = Substring(text)
        var negative = false
        if rest.first == "-" || rest.first == "+" {
            negative = rest.first == "-"
            rest = rest.dropFirst()
        }
        let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, rest.utf8.count <= 31,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        let units = whole.drop { $0 == "0" }
        let decimals = parts.count == 2 ? String(parts[1].reversed().drop { $0 == "0" }.reversed()) : ""
        let digits = (units.isEmpty ? "0" : String(units)) + (decimals.isEmpty ? "" : ".\(decimals)")
        return negative && digits != "0" ? "-\(digits)" : digits
    }

    /// How many digits stand after the point of a canonical text.
    static func decimals(_ text: String) -> Int {
        text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
    }

    /// Whether `left` is below `right`, both canonical.
    static func isBelow(_ left: String, _ right: String) -> Bool {
        let leftNegative = left.hasPrefix("-")
        let rightNegative = right.hasPrefix("-")
        guard leftNegative == rightNegative else { return leftNegative }
        let order = compare(magnitude(left), magnitude(right))
        return leftNegative ? order > 0 : order < 0
    }

    private static func magnitude(_ text: String) -> Substring {
        text.hasPrefix("-") ? text.dropFirst() : Substring(text)
    }

    private static func compare(_ left: Substring, _ right: Substring) -> Int {
        let leftParts = left.split(separator: ".")
        let rightParts = right.split(separator: ".")
        if leftParts[0].utf8.count != rightParts[0].utf8.count {
            return leftParts[0].utf8.count < rightParts[0].utf8.count ? -1 : 1
        }
        if leftParts[0] != rightParts[0] { return leftParts[0] < rightParts[0] ? -1 : 1 }
        let leftDecimals = leftParts.count > 1 ? leftParts[1] : ""
        let rightDecimals = rightParts.count > 1 ? rightParts[1] : ""
        if leftDecimals == rightDecimals { return 0 }
        return leftDecimals.utf8.lexicographicallyPrecedes(rightDecimals.utf8) ? -1 : 1
    }
}
