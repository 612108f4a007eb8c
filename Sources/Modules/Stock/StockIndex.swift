import Kernel
import Standards

/// What of a file can only be told by all its rows: numbers that come twice. It keeps fingerprints of 64 bits, not texts,
/// so that the registers of a region fit into memory.
struct StockIndex: Sendable {
    private struct Seen {
        let first: Int32
        let identity: Int
        /// A line with the same number that is about somebody or something else; 0 when there is none.
        var other: Int32 = 0
    }

    private var seen: [Int: Seen] = [:]
    let kind: StockKind
    /// How many rows the file has.
    private(set) var rows = 0

    init(_ kind: StockKind) { self.kind = kind }

    /// A row that is wrong goes back to the source: whoever else has its numbers is not measured by it.
    mutating func add(_ read: ReadRow) {
        rows += 1
        let line = read.row.line
        note("row", read.key, "", line)
        guard !read.isWrong else { return }
        for (use, number, identity) in numbers(read.values) { note(use, number, identity, line) }
    }

    func findings(of read: ReadRow) -> [StockFinding] {
        let row = read.row
        var findings: [StockFinding] = []
        func found(_ code: String, _ line: Int) {
            findings.append(StockFinding(row.line, "", code, ["line": String(line)]))
        }
        for (use, number, _) in read.isWrong ? [] : numbers(read.values) {
            guard let seen = seen[Self.print(use, number)] else { continue }
            let first = Int(seen.first)
            // Of the first one the later line is named, of all later ones the first.
            let other = row.line == first ? Int(seen.other) : first
            switch use {
            case "suspect": if seen.other > 0 { found("stock.suspect", other) }
            case "document":
                if seen.other > 0 {
                    found("stock.same-document", other)
                } else if row.line != first {
                    found("stock.repeated-person", first)
                }
            default:
                if seen.other > 0 || row.line != first { found("stock.same-\(use)", other) }
            }
        }
        let first = seen[Self.print("row", read.key)].map { Int($0.first) } ?? row.line
        if row.line != first, findings.isEmpty { found("stock.repeated-row", first) }
        return findings
    }

    /// What should be there once, and whose it is.
    private func numbers(_ values: StockValues) -> [(use: String, number: String, identity: String)] {
        func text(_ name: String) -> String? { values.texts[name] }
        var numbers: [(use: String, number: String, identity: String)] = []
        switch kind {
        case .person:
            guard let document = values.documents["document"], let name = text("name") else { return [] }
            numbers.append(("document", document.lookupText, name))
            if let birth = document.birth ?? values.days["birth"] {
                numbers.append(("suspect", "\(name) \(birth)", document.lookupText))
            }
        case .enterprise:
            if let code = text("code") { numbers.append(("code", code, "")) }
            if let old = text("oldNumber") { numbers.append(("old-number", old, text("code") ?? "")) }
        case .licence:
            if let number = text("number"), let type = text("type"), let issuer = text("issuer") {
                numbers.append(("number", "\(type) \(issuer) \(number)", ""))
            }
        }
        return numbers
    }

    private mutating func note(_ use: String, _ number: String, _ identity: String, _ line: Int) {
        let identity = Self.print("identity", identity)
        guard var known = seen[Self.print(use, number)] else {
            seen[Self.print(use, number)] = Seen(first: Int32(line), identity: identity)
            return
        }
        // Where nobody may share the number, any second line is another one.
        if known.other == 0, known.identity != identity || use == "code" || use == "number" {
            known.other = Int32(line)
            seen[Self.print(use, number)] = known
        }
    }

    private static func print(_ use: String, _ text: String) -> Int {
        var hasher = Hasher()
        hasher.combine(use)
        hasher.combine(text)
        return hasher.finalize()
    }
}
