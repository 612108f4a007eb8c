import Credentials
import Cryptography
import Forms
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// Licences of other places: good under the root that is trusted for their type on that day, kept as they came.
@Suite("recognising licences of other places")
struct RecognitionTests {
    private static let keys = Result {
        try PlatformKeys.openOrCreate(
            in: .open(
                folder: FileManager.default.temporaryDirectory.path + "/suban-keys-\(UUID().uuidString)"
            ),
            organization: "某省",
            now: start + -Instant.day
        )
    }

    static func yaml(_ pem: String, types: String = "[food-operation]", until: String = "") -> String {
        let lines = pem.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        return "name: 某省\nfrom: \(start.date.adding(days: -1))\n\(until)types: \(types)\nroot: |\n\(lines)\n"
    }

    @Test(
        "a file is kept as it came, once, with the root that it leads to; any other is refused with what is wrong"
    )
    func recognised() async throws {
        try await forEachEngine(migrations) { database in
            let (keys, home) = (try Self.keys.get(), try Home.find())
            let theirs = try CredentialAuthority(home: home, keys: keys, database: database)
            let types = theirs.types.licences
            let food = try #require(types["food-operation"])
            let drug = try #require(types["drug-retail"])
            let file = try await theirs.prepare(sample(of: food), occasion: occasion()).signed.file
            let other = try await theirs.prepare(sample(of: drug), occasion: occasion()).signed.file
            let ours = try await authority(on: database).prepare(sample(of: food), occasion: occasion())
                .signed.file
            let root = try ForeignRoots.Root(yaml: Self.yaml(keys.root.pem), file: "some.yaml", types: types)
            let recognition = Recognition(types: types, roots: ForeignRoots([root]))
            let kept = try await recognition.recognise(file, occasion: occasion(), in: database)
            #expect(kept.file == file && kept.root == "some" && kept.type == "food-operation")
            let held = try await database.read { try Recognition.held(by: company.code, in: $0) }
            #expect(held == [kept], "never signed again")
            await #expect(throws: RecognitionError.known) {
                _ = try await recognition.recognise(file, occasion: occasion(), in: database)
            }
            // Not for this type; not theirs; one byte changed; no credential.
            let untrusted = RecognitionError.notProven("credential.certificate.untrusted")
            #expect(throws: untrusted) { try recognition.verify(other, at: start) }
            #expect(throws: untrusted) { try recognition.verify(ours, at: start) }
            #expect(throws: RecognitionError.notProven("credential.format")) {
                try recognition.verify(Array(file.dropLast()), at: start)
            }
            // The day before the first and the day after the last.
            let dated = try ForeignRoots.Root(
                yaml: Self.yaml(keys.root.pem, until: "until: \(start.date)\n"),
                file: "some.yaml",
                types: types
            )
            let short = Recognition(types: types, roots: ForeignRoots([dated]))
            _ = try short.verify(file, at: start)
            for days in [-2, 1] {
                #expect(throws: untrusted) { try short.verify(file, at: start + Int64(days) * Instant.day) }
            }
        }
    }

    @Test("a root file with an unknown key, an unknown type or no certificate is refused with its line")
    func files() throws {
        let types = try LicenceTypes(home: try Home.find())
        let pem = try Self.keys.get().root.pem
        func problem(_ yaml: String) -> String {
            do {
                _ = try ForeignRoots.Root(yaml: yaml, file: "some.yaml", types: types)
                return ""
            } catch { return "\(error)" }
        }
        #expect(problem(Self.yaml(pem)) == "")
        #expect(problem(Self.yaml(pem, types: "[colour]")).contains("some.yaml:3:"))
        #expect(problem(Self.yaml("no certificate")).contains("a certificate in PEM"))
        #expect(problem(Self.yaml(pem) + "colour: red\n").contains("unknown key colour"))
    }
}
