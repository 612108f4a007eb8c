import Foundation
import Testing

@Suite("code")
struct CodeTests {
    private let tree = SourceTree.shared

    // The words below are what is looked for in the sources; nothing here calls them.
    @Test(
        "does not call what the house forbids",
        arguments: [
            (#"\btry!"#, "try!"), (#"\bas!"#, "as!"), (#"\bfatalError\("#, "fatalError"),
            (#"\bTask\.detached\b"#, "Task.detached"), (#"\bTask \{"#, "Task {"),
            (#"\bnonisolated\(unsafe\)"#, "nonisolated(unsafe)"), (#"\bDispatchQueue\b"#, "DispatchQueue"),
            (#"\bBundle\.module\b"#, "Bundle.module"), (#"\bNSLock\b"#, "NSLock"),
        ]
    )
    func forbidden(pattern: String, name: String) {
        Ratchet.expect(name, counts(tree.sources, pattern, with: name))
    }

    @Test("names its services: a group prints one without a name whole, secrets too, at every start")
    func services() {
        let nameless = #"\.init\(\s*service:(?![^;]{0,160}serviceName:)"#
        Ratchet.expect("service without serviceName", counts(tree.sources, nameless, with: "service:"))
    }

    @Test("takes the time as a value")
    func time() {
        let files = tree.sources.filter { !["Server", "suban", "Bench"].contains($0.target) }
        Ratchet.expect("Date()", counts(files, #"\bDate(\(\)|\.now)"#, with: "Date"))
    }

    @Test("prints in programs only")
    func printing() {
        var found: [String: Int] = [:]
        for call in ["print(", "debugPrint(", "dump(", "NSLog("] {
            let pattern = #"(?<![.\w`])"# + call.dropLast() + #"\("#
            found.merge(counts(tree.libraries, pattern, with: call), uniquingKeysWith: +)
        }
        Ratchet.expect("print", found)
    }

    @Test("keeps periods and sizes in dated data")
    func numbers() {
        let files = tree.sources.filter {
            !["Bench", "Scenarios", "Simulators", "Population"].contains($0.target)
        }
        var periods: [String: Int] = [:]
        for (pattern, word) in [
            (#"\b(?:[2-9]|\d[\d_]+) \* Instant\.(?:minute|hour|day)\b"#, "Instant."),
            (#"\.(?:seconds|minutes|hours)\((?:[2-9]|\d[\d_]+)\)"#, "("),
            (#"\b60 \* 1_?000\b"#, "60 * 1"),
        ] {
            periods.merge(counts(files, pattern, with: word), uniquingKeysWith: +)
        }
        Ratchet.expect("period in code", periods)
        let faces = files.filter { $0.storey == "Faces" }
        Ratchet.expect("million in a face", counts(faces, #"\b\d{1,3}(?:_\d{3}){2,}\b"#, with: "_"))
    }

    @Test("has no names that say nothing")
    func names() {
        let words = [
            "Manager", "Helper", "Helpers", "Utils", "Utilities", "Common", "Base", "Impl", "Data", "Info",
        ]
        var found: [String: Int] = [:]
        for word in words {
            let pattern = #"\b(struct|class|enum|actor|protocol) \w*"# + word + #"\b"#
            found.merge(counts(tree.sources, pattern, with: word), uniquingKeysWith: +)
        }
        Ratchet.expect("empty name", found)
    }

    @Test("leaves no note for later")
    func notes() {
        let words = [["TO", "DO"], ["FIX", "ME"]].map { $0.joined() }
        let found = tree.swift.filter { $0.text.holds(anyOf: words) }
        #expect(found.map(\.path) == [])
    }

    // Each such type carries its reason within the four lines above it; this looks for those that do not.
    @Test("says why a type is sendable without the compiler's word")
    func unchecked() {
        let wrong = tree.sources.filter { $0.text.holds("@unchecked Sendable") }.filter { file in
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.indices.contains { at in
                guard lines[at].contains("@unchecked Sendable") else { return false }
                return !lines[max(0, at - 4)..<at].contains { $0.contains("//") }
            }
        }
        #expect(wrong.map(\.path) == [])
    }

    @Test("keeps files and functions short")
    func sizes() {
        var files: [String: Int] = [:]
        var functions: [String: Int] = [:]
        for file in tree.swift {
            let most = file.path.hasPrefix("Tests/") ? 600 : 400
            if file.lineCount > most { files[file.path] = (file.lineCount + 99) / 100 }
            let long = file.functionLengths.filter { $0 > 80 }
            if !long.isEmpty { functions[file.path] = long.count }
        }
        Ratchet.expect("hundreds of lines", files)
        Ratchet.expect("long function", functions)
    }

    @Test("says what it wants of the database in stores only")
    func sql() {
        let files = tree.sources.filter { file in
            !["Storage", "StorageSQLite", "StoragePostgres"].contains(file.target)
                && !file.name.contains("Store") && !file.name.contains("Migrations")
        }
        var found: [String: Int] = [:]
        for file in files {
            let count = file.strings.count(where: CodeTests.isStatement)
            if count > 0 { found[file.path] = count }
        }
        Ratchet.expect("SQL outside a store", found)
    }

    @Test("names the columns it reads")
    func columns() {
        let wrong = tree.sources.filter { file in
            file.strings.contains { $0.holds(anyOf: ["SELECT *", "select *"]) }
        }
        #expect(wrong.map(\.path) == [])
    }

    /// A program of the release before meets columns that it does not know (decision 0005).
    @Test("names the columns it writes")
    func written() {
        let wrong = tree.sources.filter { file in
            file.strings.contains { text in
                text.holds("INSERT INTO") && text.contains(#/INSERT INTO \w+\s+(VALUES|SELECT)/#)
            }
        }
        #expect(wrong.map(\.path) == [])
    }

    @Test("builds no statement from pieces")
    func pieces() {
        let wrong = tree.sources.filter { file in
            !["Storage", "StorageSQLite", "StoragePostgres"].contains(file.target)
                && file.strings.contains { CodeTests.isStatement($0) && $0.holds("\\(") }
        }
        #expect(wrong.map(\.path) == [])
    }

    private static let statements: [(head: String, needed: String)] = [
        ("SELECT", "FROM "), ("INSERT", "INTO "), ("UPDATE", "SET "), ("DELETE", "FROM "),
        ("CREATE", "TABLE "),
        ("CREATE", "INDEX "), ("ALTER", "TABLE "), ("DROP", "TABLE "), ("WITH", " AS ("),
    ]

    private static func isStatement(_ text: String) -> Bool {
        guard let first = text.utf8.first(where: { $0 != 0x20 && $0 != 0x0A }), (0x41...0x5A).contains(first)
        else {
            return false
        }
        let start = text.drop { $0 == " " || $0 == "\n" }
        return statements.contains { start.hasPrefix($0.head) && text.holds($0.needed) }
    }

    private func counts(_ files: [SwiftFile], _ pattern: String, with word: String) -> [String: Int] {
        var counts: [String: Int] = [:]
        for file in files {
            let count = file.count(pattern, with: word)
            if count > 0 { counts[file.path] = count }
        }
        return counts
    }
}

extension SwiftFile {
    /// Lines of each function and initialiser, braces included.
    var functionLengths: [Int] {
        let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
        var lengths: [Int] = []
        for (start, line) in lines.enumerated() {
            guard line.contains("func ") || line.contains("init"),
                line.contains(#/^\s*(?:[\w@()]+ )*(?:func \S|init[(<?])/#)
            else { continue }
            var depth = 0
            var isOpen = false
            search: for (offset, body) in lines[start...].enumerated() {
                for byte in body.utf8 {
                    if byte == UInt8(ascii: "{") {
                        depth += 1
                        isOpen = true
                    }
                    if byte == UInt8(ascii: "}") { depth -= 1 }
                }
                if isOpen && depth <= 0 {
                    lengths.append(offset + 1)
                    break search
                }
                if !isOpen && offset > 20 { break search }
            }
        }
        return lengths
    }
}
