import Testing

@Suite("dated limits")
struct LimitTests {
    private let tree = SourceTree.shared

    /// A number that nothing reads is a promise that nobody keeps, whatever `usedBy` says.
    @Test("each is read by the program, or by a rule, form or step of its system")
    func read() {
        // What is played and measured with them does not make a promise kept.
        let code = tree.sources.filter { $0.target != "Scenarios" && $0.target != "Bench" }.map(\.text)
            .joined(separator: "\n")
        let words = Set(code.split { !($0.isLetter || $0.isNumber) })
        var unread: [String] = []
        for path in tree.paths where path.hasPrefix("Systems/") && path.hasSuffix("/limits.yaml") {
            let folder = path.dropLast("/limits.yaml".count)
            let data = tree.paths.filter {
                $0.hasPrefix("\(folder)/rules/") || $0.hasPrefix("\(folder)/forms/")
                    || $0 == "\(folder)/system.yaml"
            }.map { tree.text($0) }.joined(separator: "\n")
            for match in tree.text(path).matches(of: /(?m)^  - (?:\{)?name: ([A-Za-z0-9]+)/) {
                let name = match.output.1
                if words.contains(name) { continue }
                let isRead =
                    data.contains("limits.\(name)") || data.contains("limit: \(name)")
                    || data.contains("statutory: \(name)") || data.contains("promise: \(name)")
                if !isRead { unread.append("\(path): \(name)") }
            }
        }
        #expect(unread.isEmpty, "nothing reads \(unread.joined(separator: ", "))")
    }
}
