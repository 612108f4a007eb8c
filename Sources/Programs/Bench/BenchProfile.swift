import Foundation

/// Moments at which somebody looked at what a core was doing, put in order.
struct BenchProfile {
    private struct Frame {
        /// Readable.
        let name: String
        /// The library or program, without its folder.
        let module: String
    }

    private(set) var count = 0
    private var parts: [String: Int] = [:]
    private var functions: [String: Int] = [:]
    private var below: [String: Int] = [:]

    /// What a moment was spent on: the first line that a frame fits, from the innermost frame outwards. Libraries without
    /// frames of their own end a chain, so they stand for themselves.
    private static let kinds: [(name: String, words: [String])] = [
        ("SQL", ["libsqlite3", "libpq", "StorageSQLite.", "StoragePostgres."]),
        ("sealing of columns", ["ColumnSeal", "ColumnBox", "SealedBox"]),
        ("log: entries and tree", ["Audit."]),
        ("signing, verifying, hashing", ["libcrypto", "Cryptography."]),
        ("envelopes and lines to parties", ["Exchange."]),
        ("JSON", ["Kernel.JSON"]),
        ("rules", ["Rules."]), ("forms", ["Forms."]), ("jobs and events", ["Jobs."]),
        ("pages", ["Mustache.", "Web.Template", "Web.FrameView"]),
        ("middleware: session, limits, routing, headers", ["Web.", "Identity.", "Server."]),
        (
            "work of the call",
            [
                "API.", "Portal.", "Workbench.", "Cases.", "Catalogue.", "CompanyOpening.", "CompanyNames.",
                "Registers.", "Credentials.", "Correspondence.", "Deadlines.", "Standards.", "Storage.",
                "Simulators.",
            ]
        ),
        ("HTTP library", ["NIO", "Hummingbird"]),
    ]

    /// - Parameter perf: what `perf script -F pid,ip,sym,dso` prints.
    init(perf: String) {
        var chain: [Frame] = []
        var names: [Substring: String] = [:]
        for line in perf.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.first == "\t" || line.first == " ", let space = Self.address(line) else {
                add(chain)
                chain = []
                continue
            }
            let rest = line[space...].dropFirst()
            guard let open = rest.lastIndex(of: "(") else { continue }
            let symbol = rest[..<open].dropLast()
            let name = names[symbol] ?? Self.readable(String(symbol))
            names[symbol] = name
            let path = rest[open...].dropFirst().dropLast()
            let module = path.split(separator: "/").last.map(String.init) ?? String(path)
            chain.append(Frame(name: name, module: module))
        }
        add(chain)
    }

    /// Where the hexadecimal address of a frame ends; nil when the line is no frame.
    private static func address(_ line: Substring) -> Substring.Index? {
        let start = line.firstIndex { $0 != " " && $0 != "\t" } ?? line.endIndex
        guard let end = line[start...].firstIndex(of: " "), line[start..<end].allSatisfy(\.isHexDigit) else {
            return nil
        }
        return end
    }

    private mutating func add(_ chain: [Frame]) {
        guard let first = chain.first else { return }
        count += 1
        let own = first.module == "[kernel.kallsyms]" ? "kernel" : first.module
        functions["\(Self.short(first.name))  \(own)", default: 0] += 1
        let kind = chain.lazy.compactMap(Self.kind).first
        let runtime =
            first.module.hasPrefix("libswift") || first.module.hasPrefix("libc.")
            ? "Swift and C runtime" : "the rest"
        parts[kind ?? (own == "kernel" ? "kernel" : runtime), default: 0] += 1
        var seen: Set<String> = []
        for frame in chain where frame.module == "suban" && seen.insert(Self.short(frame.name)).inserted {
            below[Self.short(frame.name), default: 0] += 1
        }
    }

    private static func kind(_ frame: Frame) -> String? {
        kinds.first { kind in
            kind.words.contains { word in
                frame.name.hasPrefix(word) || frame.module.hasPrefix(word)
                    || word.hasPrefix("Column") && frame.name.contains(word)
            }
        }?.name
    }

    var text: String {
        "where the time went, of \(count) looks\n"
            + Self.table("what for", parts, count, most: 20)
            + Self.table("heaviest functions, alone", functions, count, most: 25)
            + Self.table("heaviest functions of ours, with what they call", below, count, most: 40)
    }

    private static func table(_ heading: String, _ shares: [String: Int], _ count: Int, most: Int) -> String {
        let rows = shares.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(most).map { name, share in
            String(format: "%7.1f %%  ", Double(share) * 100 / Double(count)) + name
        }
        return "\n  \(heading)\n" + rows.map { "  \($0)\n" }.joined()
    }

    /// The name with its types, in Swift's words.
    private static func readable(_ symbol: String) -> String {
        guard symbol.hasPrefix("$s") || symbol.hasPrefix("$S") else { return symbol }
        let text = symbol.utf8CString.withUnsafeBufferPointer { bytes -> String? in
            guard let start = bytes.baseAddress,
                let words = demangle(start, bytes.count - 1, nil, nil, 0)
            else { return nil }
            defer { free(words) }
            return String(cString: words)
        }
        guard var text else { return symbol }
        // Whose part it is counts, not which piece of it.
        while let cut = text.range(of: " of ") ?? text.range(of: " for "),
            text[..<cut.lowerBound].allSatisfy({ $0.isLetter || $0.isNumber || " #<>()[]_@-".contains($0) }),
            !text[..<cut.lowerBound].contains(".")
        {
            text = String(text[cut.upperBound...])
        }
        for word in ["static ", "closure #1 in ", "closure #2 in ", "closure #3 in "] {
            text = text.replacingOccurrences(of: word, with: "")
        }
        return text
    }

    /// Without arguments and types.
    private static func short(_ name: String) -> String {
        String(name.prefix { $0 != "(" && $0 != "<" }.prefix(90))
    }
}

/// Of Swift's own runtime.
@_silgen_name("swift_demangle")
private func demangle(
    _ name: UnsafePointer<CChar>,
    _ count: Int,
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: UnsafeMutablePointer<Int>?,
    _ flags: UInt32
) -> UnsafeMutablePointer<CChar>?
