import Foundation

/// Our own tree, as the tests read it.
struct SourceTree: Sendable {
    static let shared = SourceTree()

    let root: String
    /// Everything that is ours, by path from the root; folders that tools fill are left out.
    let paths: [String]

    private init() {
        root =
            URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let skipped: Set<String> = [".build", ".git", ".assets", "var", ".swiftpm"]
        var found: [String] = []
        if let walk = FileManager.default.enumerator(atPath: root) {
            while let path = walk.nextObject() as? String {
                let first = path.split(separator: "/").first.map(String.init) ?? ""
                if skipped.contains(first) || first.hasPrefix(".build") {
                    walk.skipDescendants()
                    continue
                }
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
                if !isFolder.boolValue { found.append(path) }
            }
        }
        paths = found.sorted()
    }

    func text(_ path: String) -> String {
        FileManager.default.contents(atPath: "\(root)/\(path)").map { String(decoding: $0, as: UTF8.self) }
            ?? ""
    }

    func files(under folder: String, suffix: String) -> [String] {
        paths.filter { $0.hasPrefix(folder + "/") && $0.hasSuffix(suffix) }
    }

    var swift: [SwiftFile] { Self.parsed }

    private static let parsed: [SwiftFile] = shared.paths
        .filter { ($0.hasPrefix("Sources/") || $0.hasPrefix("Tests/")) && $0.hasSuffix(".swift") }
        .map { SwiftFile(path: $0, text: shared.text($0)) }

    /// Library code: everything under `Sources` but the programs.
    var libraries: [SwiftFile] { swift.filter { $0.path.hasPrefix("Sources/") && $0.storey != "Programs" } }
    var sources: [SwiftFile] { swift.filter { $0.path.hasPrefix("Sources/") } }
    var tests: [SwiftFile] { swift.filter { $0.path.hasPrefix("Tests/") } }
}

/// A Swift file with its comments and strings told apart from its code.
struct SwiftFile: Sendable {
    let path: String
    let text: String
    /// The code, with comments and the insides of strings blanked; lines stay where they were.
    let code: String
    /// The insides of string literals as written, `\(…)` included.
    let strings: [String]
    /// Modules that the file imports.
    let imports: [String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        (code, strings) = SwiftFile.parted(Array(text.utf8))
        imports = SwiftFile.imports(of: code)
    }

    /// `Ground` of `Sources/Ground/Kernel/ID.swift`.
    var storey: String { part(1) }
    /// `Kernel` of `Sources/Ground/Kernel/ID.swift`.
    var target: String { part(2) }
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var lineCount: Int { text.utf8.count { $0 == 0x0A } }

    func part(_ index: Int) -> String {
        let parts = path.split(separator: "/")
        return parts.count > index ? String(parts[index]) : ""
    }

    private static func imports(of code: String) -> [String] {
        code.split(separator: "\n").filter { $0.contains("import ") }.compactMap { line in
            let words = line.split(separator: " ")
            guard let at = words.firstIndex(of: "import"), at + 1 < words.count,
                words[..<at].allSatisfy({
                    ["public", "internal", "private", "package", "@testable", "@preconcurrency"].contains($0)
                })
            else { return nil }
            let kinds: Set<Substring> = [
                "struct", "class", "enum", "func", "protocol", "typealias", "let", "var",
            ]
            let module = kinds.contains(words[at + 1]) && at + 2 < words.count ? words[at + 2] : words[at + 1]
            return module.split(separator: ".").first.map(String.init)
        }
    }

    /// How often a pattern stands in the code.
    /// - Parameter word: a text without which it cannot; most files are done with at once.
    func count(_ pattern: String, with word: String) -> Int {
        guard code.holds(word), let regex = try? Regex(pattern) else { return 0 }
        return code.matches(of: regex.anchorsMatchLineEndings()).count
    }

    private static func parted(_ bytes: [UInt8]) -> (String, [String]) {
        var reader = SwiftReader(bytes: bytes)
        reader.read()
        return (String(decoding: reader.code, as: UTF8.self), reader.strings)
    }
}

/// Walks over Swift text far enough to tell comments, strings and code apart.
private struct SwiftReader {
    let bytes: [UInt8]
    var code: [UInt8] = []
    var strings: [String] = []
    var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        code.reserveCapacity(bytes.count)
    }

    func has(_ text: StaticString, at offset: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard offset + count <= bytes.count else { return false }
        for step in 0..<count where bytes[offset + step] != text.utf8Start[step] { return false }
        return true
    }

    mutating func blank(_ count: Int) {
        for _ in 0..<count where index < bytes.count {
            code.append(bytes[index] == 0x0A ? 0x0A : 0x20)
            index += 1
        }
    }

    mutating func read() {
        while index < bytes.count {
            if has("//", at: index) {
                while index < bytes.count, bytes[index] != 0x0A { blank(1) }
            } else if has("/*", at: index) {
                while index < bytes.count, !has("*/", at: index) { blank(1) }
                blank(2)
            } else if bytes[index] == UInt8(ascii: "\"") || (bytes[index] == UInt8(ascii: "#") && hashes > 0)
            {
                string()
            } else {
                code.append(bytes[index])
                index += 1
            }
        }
    }

    /// Number signs before an opening quote, 0 when there is none.
    var hashes: Int {
        var count = 0
        while index + count < bytes.count, bytes[index + count] == UInt8(ascii: "#") { count += 1 }
        return index + count < bytes.count && bytes[index + count] == UInt8(ascii: "\"") ? count : 0
    }

    mutating func string() {
        let marks = hashes
        blank(marks)
        let isLong = has("\"\"\"", at: index)
        let quotes = isLong ? 3 : 1
        code.append(contentsOf: Array(repeating: UInt8(ascii: "\""), count: quotes))
        index += quotes
        let start = index
        var depth = 0
        while index < bytes.count {
            if depth == 0, isEnd(isLong: isLong, marks: marks) { break }
            if marks == 0, has("\\(", at: index) {
                depth += 1
                blank(2)
            } else if depth > 0, bytes[index] == UInt8(ascii: "(") {
                depth += 1
                blank(1)
            } else if depth > 0, bytes[index] == UInt8(ascii: ")") {
                depth -= 1
                blank(1)
            } else if marks == 0, bytes[index] == UInt8(ascii: "\\") {
                blank(2)
            } else if !isLong, bytes[index] == 0x0A {
                break
            } else {
                blank(1)
            }
        }
        strings.append(String(decoding: bytes[start..<min(index, bytes.count)], as: UTF8.self))
        code.append(contentsOf: Array(repeating: UInt8(ascii: "\""), count: min(quotes, bytes.count - index)))
        index = min(bytes.count, index + quotes + marks)
    }

    func isEnd(isLong: Bool, marks: Int) -> Bool {
        guard isLong ? has("\"\"\"", at: index) : bytes[index] == UInt8(ascii: "\"") else { return false }
        let after = index + (isLong ? 3 : 1)
        guard after + marks <= bytes.count else { return false }
        return bytes[after..<after + marks].allSatisfy { $0 == UInt8(ascii: "#") }
    }
}

extension String {
    /// Whether the bytes of `word` stand in this text.
    func holds(_ word: String) -> Bool {
        withCString { text in word.withCString { strstr(text, $0) != nil } }
    }

    func holds(anyOf words: [String]) -> Bool { words.contains { holds($0) } }
}
