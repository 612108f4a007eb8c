import Testing

@Suite("tests and scripts")
struct TestingTests {
    private let tree = SourceTree.shared

    @Test("no test is switched off")
    func disabled() {
        let wrong = tree.tests.filter {
            $0.part(1) != "TidyTests" && $0.code.holds(anyOf: [".disabled(", "withKnownIssue", "XCTSkip"])
        }
        #expect(wrong.map(\.path) == [])
    }

    @Test("no test waits for a time instead of a state")
    func sleeping() {
        var found: [String: Int] = [:]
        for file in tree.tests {
            let count = file.count(#"\b(Task\.sleep|usleep|sleep|Thread\.sleep)\("#, with: "sleep(")
            if count > 0 { found[file.path] = count }
        }
        Ratchet.expect("sleeping test", found)
    }

    @Test("every proof of a promise is a test that is there")
    func promises() {
        func rows(_ path: String) -> [[String]] {
            tree.text(path).split(separator: "\n").dropFirst().map { line in
                line.split(separator: "\t").map(String.init)
            }
        }
        let ids = Set(rows("Resources/standards/promises.tsv").compactMap(\.first))
        let proofs = rows("Tests/promises.tsv")
        #expect(proofs.count > 60)
        #expect(Set(proofs.map { $0[0] }).subtracting(ids) == [])
        let missing = proofs.map { $0[1] }.filter { proof in
            let parts = proof.split(whereSeparator: { $0 == "." || $0 == "/" }).map(String.init)
            guard parts.count == 3 else { return true }
            return !tree.tests.contains { file in
                file.part(1) == parts[0]
                    && file.code.ranges(of: "func \(parts[2])(").contains { place in
                        // The type that the function stands in, not just any of the file.
                        file.code[..<place.lowerBound].matches(
                            of: /^(?:@Suite(?:\([^\n]*\))? )?(?:struct|extension) (\w+)/
                                .anchorsMatchLineEndings()
                        ).last?.1 == Substring(parts[1])
                    }
            }
        }
        #expect(missing == [])
    }

    private var scripts: [String] {
        tree.paths.filter { path in
            (path.hasPrefix("Scripts/") || path.hasPrefix(".ci/") || path.hasSuffix(".sh"))
                && tree.text(path).prefix(80).contains(#/^#!.*\b(?:ba)?sh\b/#)
        }
    }

    @Test("scripts stop at the first failure")
    func strict() {
        let wrong = scripts.filter { !tree.text($0).contains("set -euo pipefail") }
        #expect(wrong == [])
    }

    @Test("no script leaves before its checks")
    func leaving() {
        var wrong: [String] = []
        for path in scripts {
            let lines = tree.text(path).split(separator: "\n", omittingEmptySubsequences: true)
            for (index, line) in lines.enumerated() where index + 1 < lines.count {
                if line.hasPrefix("exit") || line.hasPrefix("return") { wrong.append("\(path): \(line)") }
            }
        }
        #expect(wrong == [])
    }

    @Test("no file names a machine")
    func machines() {
        let words = [["/wo", "rk/"], ["/ro", "ot/"], ["/tmp", "/h/"], ["/home", "/"]].map { $0.joined() }
        let kinds = [
            ".swift", ".md", ".yaml", ".tsv", ".py", ".mustache", ".css", ".js", ".c", ".h", ".txt",
            ".resolved",
        ]
        let scripts = Set(scripts)
        var wrong: [String] = []
        for path in tree.paths
        where kinds.contains(where: path.hasSuffix) || scripts.contains(path) || path == "Makefile" {
            let text = tree.text(path)
            for word in words where text.contains(word) { wrong.append("\(path): \(word)") }
        }
        #expect(wrong == [])
    }
}
