import Testing

@testable import Rules

@Suite("decimals of 34 digits")
struct DecimalTests {
    struct Vector: CustomTestStringConvertible {
        let operation: String
        let left: String
        let right: String
        let result: String
        var testDescription: String { "\(operation) \(left) \(right)" }

        static let all: [Vector] = decimalVectors.split(separator: "\n").map { line in
            let parts = line.split(separator: " ").map(String.init)
            return Vector(operation: parts[0], left: parts[1], right: parts[2], result: parts[3])
        }
    }

    @Test("answers what Python's decimal module answers")
    func vectors() throws {
        #expect(Vector.all.count > 400)
        for vector in Vector.all {
            let left = try #require(RuleDecimal(parsing: vector.left), "\(vector.left)")
            let right = try #require(RuleDecimal(parsing: vector.right), "\(vector.right)")
            let wanted = try #require(RuleDecimal(parsing: vector.result), "\(vector.result)")
            let modes: [String: RuleRounding] = [
                "up": .up, "down": .down, "halfUp": .halfUp, "halfDown": .halfDown, "halfEven": .halfEven,
                "floor": .floor, "ceiling": .ceiling,
            ]
            let answer: RuleDecimal?
            switch vector.operation {
            case "+": answer = left.adding(right)
            case "-": answer = left.subtracting(right)
            case "*": answer = left.multiplied(by: right)
            case "/": answer = left.divided(by: right)
            case "sqrt": answer = left.squareRoot()
            case "mod": answer = left.modulo(right)
            case "order": answer = left < right ? -1 : left == right ? 0 : 1
            case "exp", "ln", "**":
                let value =
                    switch vector.operation {
                    case "exp": left.exponential()
                    case "ln": left.naturalLogarithm()
                    default: left.power(right)
                    }
                if wanted.isZero {
                    #expect(value?.isZero == true)
                    continue
                }
                let gap = try #require(value?.subtracting(wanted)?.divided(by: wanted)).magnitude
                let bound = try #require(RuleDecimal(parsing: "1e-31"))
                #expect(gap < bound, "\(vector)")
                continue
            default:
                let mode = try #require(modes[vector.operation])
                answer = left.rounded(scale: try #require(right.int), mode)
            }
            #expect(
                answer == wanted,
                "\(vector.testDescription) = \(answer?.description ?? "nil"), not \(wanted)"
            )
        }
    }

    @Test(
        "sums keep the digits they were written with",
        arguments: [
            ("0.10", "0.20", "0.30"), ("1", "0.00", "1.00"), ("1.5", "-1.5", "0.0"), ("1e3", "1", "1001"),
        ]
    )
    func digits(left: String, right: String, sum: String) throws {
        let left = try #require(RuleDecimal(parsing: left))
        let right = try #require(RuleDecimal(parsing: right))
        #expect(left.adding(right)?.description == sum)
    }

    @Test(
        "reads and prints numbers",
        arguments: [
            ("0", "0"), ("-0", "0"), ("007", "7"), (".5", "0.5"), ("5.", "5"), ("-1.50", "-1.50"),
            ("1e3", "1000"),
            ("1E-3", "0.001"), ("12345678901234567890123456789012345", "12345678901234567890123456789012340"),
            ("0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"),
            ("99999999999999999999999999999999999", "100000000000000000000000000000000000"),
        ]
    )
    func text(written: String, printed: String) throws {
        #expect(try #require(RuleDecimal(parsing: written)).description == printed)
    }

    @Test(
        "refuses what is no number",
        arguments: ["", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "1 2", "１", "0x1", "1e9999"]
    )
    func noNumber(text: String) { #expect(RuleDecimal(parsing: text) == nil) }

    @Test("printing and reading give the number back, from seed 7")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<5_000 {
            let size = UInt128(random.next()) << 64 | UInt128(random.next())
            let limited = size % RuleDecimal.ten(Int(random.next() % 34) + 1)
            let number = RuleDecimal(
                negative: random.next() % 2 == 0,
                coefficient: limited,
                exponent: Int(random.next() % 60) - 40
            )
            let again = try #require(RuleDecimal(parsing: number.description))
            #expect(again == number)
            #expect(again.hashValue == number.hashValue)
            #expect(number.normalised == number)
            #expect(try #require(number.adding(number.negated)).isZero)
        }
    }

    @Test("beyond the range there is no result")
    func range() throws {
        let large = try #require(RuleDecimal(parsing: "9e6111"))
        #expect(large.multiplied(by: 10_000_000) != nil)
        #expect(large.multiplied(by: large) == nil)
        #expect(RuleDecimal(1).divided(by: 0) == nil)
        #expect(RuleDecimal(-1).squareRoot() == nil)
        #expect(RuleDecimal(0).naturalLogarithm() == nil)
        #expect(RuleDecimal(2).power(100_000) == nil)
        #expect(RuleDecimal(10).power(-7_000)?.isZero == true)
        #expect(RuleDecimal(5).int == 5)
        #expect(RuleDecimal(parsing: "5.0")?.int == 5)
        #expect(RuleDecimal(parsing: "5.5")?.int == nil)
        #expect(RuleDecimal(parsing: "-9223372036854775808")?.int == .min)
        #expect(RuleDecimal(parsing: "9223372036854775808")?.int == nil)
        #expect(RuleDecimal(parsing: "1e30")?.int == nil)
    }
}

/// SplitMix64, so that a failing case can be made again from its seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
