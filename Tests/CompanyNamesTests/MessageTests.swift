import CompanyNames
import Foundation
import Kernel
import Testing

@Suite("Messages of names and reference tables")
struct MessageTests {
    private static func keys(_ language: String) throws -> [String: String] {
        let path = try Fixture.home.get().resource("messages/\(language)/company-names.yaml")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            guard let colon = line.range(of: ": ") else { return nil }
            return (String(line[..<colon.lowerBound]), String(line[colon.upperBound...]))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Every code that the module's source writes, with the variants of those that end in a value.
    private static func codes() throws -> Set<String> {
        let folder = "\(try Fixture.home.get().root)/Sources/Modules/CompanyNames"
        let files = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        var codes: Set<String> = []
        for file in files where file.hasSuffix(".swift") {
            let source = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            for match in source.matches(of: /"((?:name|reference)\.[a-z0-9-]+[a-z0-9])"/) {
                codes.insert(String(match.1))
            }
        }
        codes.formUnion((1...9).map { "name.forbidden-\($0)" })
        codes.formUnion(NameSubject.allCases.map { "name.form-not-allowed-\($0.rawValue)" })
        codes.formUnion(NameError.Unreadable.allCases.map { "name.unreadable-\($0.rawValue)" })
        let limited = try Set(
            ReferenceImport.shipped(
                "limited-words",
                home: Fixture.home.get(),
                standards: Fixture.standards.get()
            ).rows.map { $0["kind"] }
        )
        codes.formUnion(limited.map { "name.limited-\($0)" })
        // A name of a value in name-limits.tsv, and one of a recount: no codes.
        return codes.subtracting(["name.length-max", "name.keys"])
    }

    @Test("every code says what is wrong and what to do, in both languages with the same placeholders")
    func complete() throws {
        let chinese = try Self.keys("zh")
        let english = try Self.keys("en")
        #expect(Set(chinese.keys) == Set(english.keys))
        for code in try Self.codes() {
            #expect(
                chinese["refusal.\(code)"] != nil && chinese["refusal.\(code).next"] != nil,
                "\(code)"
            )
        }
        let placeholder = /\{[a-z]+\}/
        for (key, text) in chinese {
            let left = Set(text.matches(of: placeholder).map { String($0.0) })
            let right = Set((english[key] ?? "").matches(of: placeholder).map { String($0.0) })
            #expect(left == right, "\(key)")
        }
    }
}
