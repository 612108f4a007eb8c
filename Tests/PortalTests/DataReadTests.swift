import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Testing
import Web

/// The list of who read one's data.
@Suite("who read my data")
struct DataReadTests {
    @Test("every act by which data are read, and every post, has words in both languages")
    func words() throws {
        let messages = try Messages.load(try Home.find())
        for language in [Web.Language.zh, .en] {
            for act in DataReads.acts { #expect(messages.has("data-read.\(act)", in: language), "\(act)") }
            for role in StaffRole.allCases {
                #expect(messages.has("post.\(role.rawValue)", in: language), "\(role)")
            }
        }
    }

    @Test("no act outside the list is written anywhere")
    func list() throws {
        let sources = try URL(fileURLWithPath: Home.find().root).appendingPathComponent("Sources")
        let files = try #require(
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        )
        var found: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            // The act is the first argument, or of the face's own helpers.
            for match in text.matches(of: /(?:AuditLog\.read|CaseReads\.note)\(\s*"([^"]+)"/) {
                found.insert(String(match.output.1))
            }
            for match in text.matches(of: /act: "(log\.[a-z]+)"/) { found.insert(String(match.output.1)) }
            // Or what a use of a licence is told as.
            for match in text.matches(of: /as: "(licence\.[a-z]+)"/) { found.insert(String(match.output.1)) }
        }
        #expect(found.sorted() == DataReads.acts)
    }
}
