import Testing

/// What is not yet as it should be, counted: `ratchet.tsv` has a line `rule<tab>path<tab>count` for each. A count may
/// fall, and then its line is lowered; it may not rise, and no line may be added.
enum Ratchet {
    private static let lines: [String: [String: Int]] = {
        var lines: [String: [String: Int]] = [:]
        let text = SourceTree.shared.text("Tests/TidyTests/ratchet.tsv")
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let cells = line.split(separator: "\t").map(String.init)
            if cells.count == 3, let count = Int(cells[2]) { lines[cells[0], default: [:]][cells[1]] = count }
        }
        return lines
    }()

    /// - Parameter found: how often the rule is broken, by path.
    static func expect(
        _ rule: String,
        _ found: [String: Int],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let allowed = lines[rule] ?? [:]
        for (path, count) in found.sorted(by: { $0.key < $1.key }) where count > 0 {
            let most = allowed[path] ?? 0
            if count > most {
                Issue.record("\(rule): \(path) has \(count), allowed \(most)", sourceLocation: sourceLocation)
            }
        }
        for (path, count) in allowed.sorted(by: { $0.key < $1.key }) where (found[path] ?? 0) < count {
            Issue.record(
                "\(rule): \(path) is down to \(found[path] ?? 0); lower its line in ratchet.tsv",
                sourceLocation: sourceLocation
            )
        }
    }
}
