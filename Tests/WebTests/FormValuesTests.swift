import Kernel
import Testing

@testable import Web

@Suite("submitted fields")
struct FormValuesTests {
    @Test("are read in order, with spaces, repeats and Chinese")
    func reads() throws {
        let form = try FormValues.read(Array("a=1&b=%E5%90%8D+x&a=2&c&=d&&shareholders%5B0%5D.name=z".utf8))
        #expect(form.all("a") == ["1", "2"])
        #expect(form["b"] == "名 x")
        #expect(form["c"] == "")
        #expect(form["shareholders[0].name"] == "z")
        #expect(form.trimmed("c") == nil)
        #expect(form.byName["a"] == ["1", "2"])
    }

    @Test(
        "are refused when they cannot be read one way only",
        arguments: ["a=%", "a=%4", "a=%zz", "a=%00", "a=%C0%AF", "a=%ED%A0%80", "a=%FF", "%E5=1"]
    )
    func refuses(text: String) {
        #expect(throws: WebRefusal.self) { try FormValues.read(Array(text.utf8)) }
    }

    @Test("are limited in number and in the length of names")
    func limits() throws {
        let many = Array(repeating: "a=1", count: 11).joined(separator: "&")
        #expect(throws: WebRefusal.tooManyFields(max: 10)) {
            try FormValues.read(Array(many.utf8), fieldsMax: 10)
        }
        let ten = Array(repeating: "a=1", count: 10).joined(separator: "&")
        #expect(try FormValues.read(Array(ten.utf8), fieldsMax: 10).pairs.count == 10)
        let long = String(repeating: "n", count: 201) + "=1"
        #expect(throws: WebRefusal.self) { try FormValues.read(Array(long.utf8)) }
    }

    @Test("any bytes give values or a refusal, and what was escaped comes back", arguments: 0..<40)
    func generated(seed: UInt64) throws {
        let entropy = SeededEntropy(seed: seed)
        _ = try? FormValues.read(entropy.bytes(entropy.number(below: 400)))
        let text = String(decoding: entropy.bytes(40), as: UTF8.self).filter { $0 != "\u{0}" }
        let sent = "x=" + TestSite.escape(text)
        #expect(try FormValues.read(Array(sent.utf8))["x"] == text, "seed \(seed)")
    }
}
