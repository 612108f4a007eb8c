import Kernel

extension Money {
    /// Reads what somebody typed as yuan: at most two decimals, up to 999,999,999,999 yuan, no separators.
    init?(yuan text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        func number(_ digits: Substring, _ digitsMax: Int) -> Int64? {
            guard !digits.isEmpty, digits.utf8.count <= digitsMax,
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            return Int64(digits)
        }
        guard let whole = parts.first.flatMap({ number($0, 12) }) else { return nil }
        var fen: Int64 = 0
        if parts.count == 2 {
            guard let fraction = number(parts[1], 2) else { return nil }
            fen = parts[1].utf8.count == 1 ? fraction * 10 : fraction
        }
        self.init(fen: whole * 100 + fen)
    }
}
