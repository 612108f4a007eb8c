import Foundation
import Kernel
import Standards
import Testing

@Suite("messages of the ground")
struct MessageTests {
    private static let files = ["standards", "deadlines", "draws", "identity"]

    /// Flat lines of `key: "text"`.
    private func messages(_ file: String, _ language: String) throws -> [String: String] {
        let text = try String(
            contentsOfFile: home.get().resource("messages/\(language)/\(file).yaml"),
            encoding: .utf8
        )
        var messages: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1)
            try #require(parts.count == 2, "\(line)")
            let value = parts[1].trimmingCharacters(in: .whitespaces)
            try #require(value.hasPrefix("\"") && value.hasSuffix("\"") && value.count > 2, "\(line)")
            #expect(messages.updateValue(value, forKey: String(parts[0])) == nil, "\(parts[0]) twice")
        }
        return messages
    }

    @Test(
        "both languages have the same keys and placeholders, and each refusal says what to do next",
        arguments: files
    )
    func sameKeys(file: String) throws {
        let chinese = try messages(file, "zh")
        let english = try messages(file, "en")
        #expect(Set(chinese.keys) == Set(english.keys))
        for (key, text) in chinese {
            #expect(placeholders(text) == placeholders(english[key] ?? ""), "\(key)")
            guard key.hasPrefix("refusal."), !key.hasSuffix(".next") else { continue }
            #expect(chinese[key + ".next"] != nil, "\(key)")
        }
    }

    @Test(
        "every kind and reason of an identifier's error has its words",
        arguments: IdentifierError.Kind.allCases
    )
    func identifiers(kind: IdentifierError.Kind) throws {
        let chinese = try messages("standards", "zh")
        for reason in IdentifierError.Reason.allCases {
            #expect(chinese["refusal.\(IdentifierError(kind, reason).code)"] != nil)
        }
    }

    /// The names in braces that a message fills from its arguments, such as `{year}`: a translation must have the same.
    private func placeholders(_ text: String) -> Set<String> {
        Set(
            text.split(separator: "{").dropFirst().compactMap {
                $0.split(separator: "}").first.map(String.init)
            }
        )
    }
}
