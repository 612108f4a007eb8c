import Foundation
import Testing

/// Templates and messages that nothing uses, and keys that nothing words.
@Suite("words and templates")
struct WordTests {
    private let tree = SourceTree.shared

    private var templates: [String] {
        tree.files(under: "Resources/templates", suffix: ".mustache")
    }

    /// Keys of one language, `key: "text"` a line.
    private func keys(_ language: String) -> Set<String> {
        var keys: Set<String> = []
        for path in tree.files(under: "Resources/messages/\(language)", suffix: ".yaml") {
            for line in tree.text(path).split(separator: "\n") {
                guard let match = line.prefixMatch(of: #/"?([A-Za-z][A-Za-z0-9._-]*)"?:\s/#) else { continue }
                keys.insert(String(match.1))
            }
        }
        return keys
    }

    @Test("every template is used")
    func usedTemplates() {
        let names = Set(
            templates.map { String($0.dropFirst("Resources/templates/".count).dropLast(".mustache".count)) }
        )
        var used: Set<String> = []
        for path in templates {
            for match in tree.text(path).matches(of: #/\{\{\s*[<>]\s*([\w\/-]+)\s*\}\}/#) {
                used.insert(String(match.1))
            }
        }
        for file in tree.sources { used.formUnion(file.strings) }
        #expect(names.subtracting(used).sorted() == [])
    }

    @Test("every key is used")
    func usedKeys() throws {
        let source = Vocabulary(tree)
        let unused = keys("zh").filter { key in !source.uses(key) }
        #expect(unused.sorted() == [])
    }

    @Test("every key that a page asks for is worded")
    func worded() {
        let known = keys("zh")
        var missing: Set<String> = []
        for file in tree.sources where file.storey == "Faces" {
            for match in file.text.matches(of: #/\w\.text\(\s*"([a-z][a-z0-9.-]+)"/#)
            where !known.contains(String(match.1)) {
                missing.insert("\(file.path): \(match.1)")
            }
        }
        #expect(missing.sorted() == [])
    }

    @Test("every code that a rule compares is worded")
    func ruleValues() {
        let program = keys("zh")
        var missing: Set<String> = []
        for path in tree.files(under: "Systems", suffix: ".yaml") where path.contains("/rules/") {
            // What the program words, or the system itself.
            let own = tree.text(
                "\(path.split(separator: "/").prefix(2).joined(separator: "/"))/words.zh.yaml"
            )
            let known = program.union(
                own.split(separator: "\n").compactMap {
                    $0.firstMatch(of: #/^([^:]+):/#).map { String($0.1) }
                }
            )
            for line in tree.text(path).split(separator: "\n") {
                guard let when = line.firstMatch(of: #/when: \[(.*)\]/#) else { continue }
                for code in when.1.matches(of: #/"([A-Za-z-]+)"/#)
                where !known.contains("rule-value.\(code.1)") {
                    missing.insert("\(path): \(code.1)")
                }
            }
        }
        #expect(missing.sorted() == [])
    }

    @Test("every refusal is worded, with its next step, in both languages")
    func refusals() {
        var missing: Set<String> = []
        let known = [keys("zh"), keys("en")]
        for file in tree.sources where file.code.contains("Refusal") {
            for code in file.refusalCodes {
                let isWorded = known.allSatisfy {
                    $0.contains("refusal.\(code)") && $0.contains("refusal.\(code).next")
                }
                if !isWorded { missing.insert("\(file.path): \(code)") }
            }
        }
        #expect(missing.sorted() == [])
    }
}

/// Every text of the program in which a message key may stand.
private struct Vocabulary {
    let literals: Set<String>
    /// Pieces of literals between dots and `\(…)`, and names of enum cases: what keys are put together from.
    let words: Set<String>
    /// What stands before the first `\(` of a literal, such as `role.`.
    let heads: Set<String>
    let documents: String

    init(_ tree: SourceTree) {
        var literals: Set<String> = []
        var words: Set<String> = []
        var heads: Set<String> = []
        for text in tree.sources.flatMap(\.strings) where text.utf8.count <= 120 && !text.contains("\n") {
            if let open = text.range(of: "\\(") {
                let head = String(text[..<open.lowerBound])
                if head.contains("."), !head.contains(" ") { heads.insert(head) }
            } else {
                literals.insert(text)
            }
            if !text.contains(" ") {
                words.formUnion(text.split(whereSeparator: { ".()\\".contains($0) }).map(String.init))
            }
        }
        for file in tree.sources {
            for line in file.code.split(separator: "\n") {
                guard let match = line.range(of: "case ") else { continue }
                let names = line[match.upperBound...].split(whereSeparator: {
                    !$0.isLetter && !$0.isNumber && $0 != "`"
                })
                words.formUnion(names.map { $0.replacingOccurrences(of: "`", with: "") })
            }
        }
        self.literals = literals
        self.words = words
        self.heads = heads
        let paths =
            tree.files(under: "Resources/templates", suffix: ".mustache")
            + tree.files(under: "Systems", suffix: ".yaml")
            + tree.files(under: "Resources/parties", suffix: ".yaml")
            + tree.files(under: "Resources/company", suffix: ".tsv")
        documents = paths.map(tree.text).joined(separator: "\n")
    }

    /// Whether the program says the key itself, or can put it together from a head that it has and words that it knows.
    func uses(_ key: String) -> Bool {
        if literals.contains(key) || documents.holds(key) { return true }
        var bare = key.hasSuffix(".next") ? String(key.dropLast(5)) : key
        if literals.contains(bare) { return true }
        for prefix in ["refusal.", "problem."] where bare.hasPrefix(prefix) {
            bare = String(bare.dropFirst(prefix.count))
            return literals.contains(bare) || documents.holds(bare) || isMade(bare[...])
                || heads.contains { $0.utf8.count > 4 && bare.hasPrefix($0) }
        }
        return heads.contains {
            !["refusal.", "problem."].contains($0) && key.hasPrefix($0) && isMade(key.dropFirst($0.count))
        }
    }

    private func isMade(_ rest: Substring) -> Bool {
        rest.split(separator: ".").allSatisfy { piece in
            if words.contains(String(piece)) { return true }
            let parts = piece.split(separator: "-")
            let camel = parts.enumerated().map {
                $0.offset == 0 ? String($0.element) : $0.element.capitalized
            }.joined()
            return words.contains(camel) || documents.holds(String(piece))
        }
    }
}

extension SwiftFile {
    /// Literals in the bodies of `var code: String`.
    var refusalCodes: [String] {
        var codes: [String] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var depth = 0
        var isInside = false
        for line in lines {
            if line.contains("var code: String {") {
                isInside = true
                depth = 0
            }
            guard isInside else { continue }
            for match in line.matches(of: #/"([a-z][a-z0-9-]*\.[a-z0-9.-]+)"/#) {
                codes.append(String(match.1))
            }
            for byte in line.utf8 {
                if byte == UInt8(ascii: "{") { depth += 1 }
                if byte == UInt8(ascii: "}") { depth -= 1 }
            }
            if depth <= 0 { isInside = false }
        }
        return codes
    }
}
