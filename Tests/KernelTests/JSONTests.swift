import Kernel
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "bad texts are refused where they go wrong",
        arguments: [
            ("", .unexpected, 0), ("{", .unexpected, 1), ("[1,]", .unexpected, 3),
            ("{\"a\":1,}", .unexpected, 7),
            ("{\"a\":1,\"a\":2}", .duplicateKey, 7), ("{\"a\":1,\"a\":tru}", .unexpected, 11),
            ("01", .badNumber, 2), ("1.", .badNumber, 2),
            ("-", .badNumber, 1),
            ("1e", .badNumber, 2), ("+1", .unexpected, 0), ("NaN", .unexpected, 0), ("tru", .unexpected, 0),
            ("\"\\x\"", .badEscape, 3), ("\"\\ud800\"", .badEscape, 7), ("\"a\nb\"", .unexpected, 2),
            ("1 2", .trailing, 2), ("\"open", .unexpected, 5), ("'a'", .unexpected, 0),
            ("{a:1}", .unexpected, 1),
        ] as [(String, JSONError.Reason, Int)]
    )
    func bad(text: String, reason: JSONError.Reason, offset: Int) {
        do {
            let value = try JSON.read(text)
            Issue.record("\(text) was read as \(value)")
        } catch {
            #expect(error.reason == reason, "\(text)")
            if error.reason == reason && reason != .badEscape && reason != .badNumber {
                #expect(error.offset == offset, "\(text)")
            }
        }
    }

    @Test("how many values there are has a limit")
    func values() throws {
        let bytes = Array(#"{"a":[1,{"b":2}]}"#.utf8)
        #expect(try JSON.read(bytes, valuesMax: 5)["a"].elements.count == 2)
        #expect(throws: JSONError.self) { try JSON.read(bytes, valuesMax: 4) }
    }

    @Test("depth and size have limits, to the byte")
    func limits() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try JSON.read(deep) != .null)
        #expect(throws: JSONError.self) { try JSON.read("[" + deep + "]") }
        let text = Array("\"abc\"".utf8)
        #expect(try JSON.read(text, sizeBytesMax: 5) == "abc")
        #expect {
            try JSON.read(text, sizeBytesMax: 4)
        } throws: {
            ($0 as? JSONError)?.reason == .tooLarge
        }
        let bomb = [UInt8](repeating: UInt8(ascii: "["), count: 4_000_000)
        #expect {
            try JSON.read(bomb)
        } throws: {
            ($0 as? JSONError)?.reason == .tooDeep
        }
    }

    @Test(
        "bytes that are no UTF-8 are refused",
        arguments: [[0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xFF], [0xE4, 0xB8]] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) {
        let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        #expect(throws: JSONError.self) { try JSON.read(quoted) }
    }

    @Test("the canonical text sorts keys and keeps every digit")
    func canonical() throws {
        let value = try JSON.read(#" { "b" : 1.50 , "a" : [ true , null , "\u4e2d\/\"\u0001😀" ] , "": {} } "#)
        #expect(value.canonical == #"{"":{},"a":[true,null,"中/\"\u0001😀"],"b":1.50}"#)
        #expect(try JSON.read(value.canonical) == value)
    }

    @Test("reading what was written gives the same value")
    func roundTrip() throws {
        let seed: UInt64 = 7
        let entropy = SeededEntropy(seed: seed)
        for _ in 0..<2_000 {
            let value = sample(entropy, depth: 0)
            #expect(try JSON.read(value.canonical) == value, "seed \(seed)")
        }
    }

    private func sample(_ entropy: SeededEntropy, depth: Int) -> JSON {
        switch entropy.number(below: depth > 4 ? 4 : 6) {
        case 0: .null
        case 1: .bool(entropy.number(below: 2) == 0)
        case 2: JSON(entropy.number(below: 2_000_000) - 1_000_000)
        case 3:
            .string(
                String(
                    String.UnicodeScalarView(
                        (0..<entropy.number(below: 8)).compactMap { _ in
                            Unicode.Scalar(UInt32(entropy.number(below: 0xD7FF)))
                        }
                    )
                )
            )
        case 4: .array((0..<entropy.number(below: 4)).map { _ in sample(entropy, depth: depth + 1) })
        default:
            .object(
                Dictionary(
                    (0..<entropy.number(below: 4)).map { ("k\($0)", sample(entropy, depth: depth + 1)) }
                ) { $1 }
            )
        }
    }
}
