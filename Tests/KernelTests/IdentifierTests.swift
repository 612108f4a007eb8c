import Kernel
import Testing

@Suite("identifiers and encodings")
struct IdentifierTests {
    @Test(
        "Base32 of known bytes",
        arguments: [([], ""), ([0], "00"), ([255], "ZW"), ([1, 2, 3, 4, 5], "04106105")]
            as [([UInt8], String)]
    )
    func base32(bytes: [UInt8], text: String) { #expect(Base32.encode(bytes) == text) }

    @Test("Hex reads what it writes, in both cases, and nothing else")
    func hex() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(Hex.decode("fF0a") == [255, 10])
        for bad in ["f", "0g", "０0", "0x00", " 00"] { #expect(Hex.decode(bad) == nil) }
    }

    @Test("new identifiers are 26 characters, different, and sort by time")
    func ids() {
        let entropy = SeededEntropy(seed: 1)
        var seen: Set<String> = []
        var last = ""
        for step in 0..<10_000 {
            let id = ID<Money>.new(
                at: Instant(milliseconds: 1_700_000_000_000 + Int64(step)),
                entropy: entropy
            )
            #expect(id.rawValue.utf8.count == 26)
            #expect(seen.insert(id.rawValue).inserted)
            #expect(id.rawValue > last)
            last = id.rawValue
        }
    }

    @Test("a seed repeats its numbers, and each is equally likely")
    func entropy() {
        let first = SeededEntropy(seed: 42)
        let second = SeededEntropy(seed: 42)
        #expect(first.bytes(100) == second.bytes(100))
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[first.number(below: 7)] += 1 }
        for count in counts { #expect((9_500...10_500).contains(count)) }
    }
}
