import Kernel
import Testing

@Suite("money")
struct MoneyTests {
    /// Cases of the payment rules' annex (支付结算办法 附件一) and of places where zeros lie.
    @Test(
        "Chinese capital numerals",
        arguments: [
            (0, "零元整"), (1, "壹分"), (10, "壹角整"), (11, "壹角壹分"), (100, "壹元整"), (101, "壹元零壹分"),
            (110, "壹元壹角整"), (1_000, "壹拾元整"), (1_010, "壹拾元零壹角整"), (1_001, "壹拾元零壹分"),
            (140_950, "壹仟肆佰零玖元伍角整"), (600_714, "陆仟零柒元壹角肆分"), (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (32_504, "叁佰贰拾伍元零肆分"), (168_032, "壹仟陆佰捌拾元零叁角贰分"),
            (100_000_000, "壹佰万元整"), (1_000_000_000, "壹仟万元整"), (10_000_000_000, "壹亿元整"),
            (10_000_000_100, "壹亿零壹元整"), (10_000_500_000, "壹亿零伍仟元整"), (100_500_000, "壹佰万零伍仟元整"),
            (123_456_789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"), (1_005_030, "壹万零伍拾元零叁角整"),
            (100_000_100, "壹佰万零壹元整"), (100_000_000_000, "壹拾亿元整"), (100_005_000_000, "壹拾亿零伍万元整"),
            (100_000_000_000_000, "壹万亿元整"), (100_010_000_000_000, "壹万零壹亿元整"),
            (999_999_999_999, "玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"), (-2_001, "负贰拾元零壹分"),
        ] as [(Int64, String)]
    )
    func capitals(fen: Int64, text: String) {
        #expect(Money(fen: fen).chineseCapitals == text)
    }

    @Test(
        "amounts in 万元 are read to the fen",
        arguments: [
            ("100", 100_000_000), ("0.000001", 1), ("1.5", 1_500_000),
            ("99999999.999999", 99_999_999_999_999),
            ("0", 0), ("007", 7_000_000),
        ] as [(String, Int64)]
    )
    func reads(text: String, fen: Int64) {
        #expect(Money(tenThousandYuan: text)?.fen == fen)
    }

    @Test(
        "what is no amount is refused",
        arguments: [
            "", ".", "1.", ".5", "1.0000001", "100000000", "-1", "1e3", "１", "1 ", "1,000", "0x1", "1.2.3",
        ]
    )
    func refuses(text: String) {
        #expect(Money(tenThousandYuan: text) == nil)
    }

    @Test("printing and reading 万元 are inverse")
    func roundTrip() {
        let seed: UInt64 = 20_261_121
        let entropy = SeededEntropy(seed: seed)
        for _ in 0..<10_000 {
            let money = Money(fen: Int64(entropy.number(below: 99_999_999_999_999)))
            #expect(Money(tenThousandYuan: money.tenThousandYuanText) == money, "seed \(seed)")
        }
        #expect(Money(fen: -1_005).yuanText == "-10.05")
    }
}
