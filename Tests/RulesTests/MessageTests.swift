import Foundation
import Testing

@testable import Rules

@Suite("refusals of rules")
struct MessageTests {
    @Test("have a sentence and a next step in both languages", arguments: ["zh", "en"])
    func messages(language: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Resources/messages/\(language)/rules.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        for reason in RuleError.Reason.allCases {
            let code = RuleError(reason, at: SourcePosition()).code
            #expect(text.contains("refusal.\(code): "), "\(code)")
            #expect(text.contains("refusal.\(code).next: "), "\(code)")
        }
    }
}
