/// A rule that the rows of an engine must keep and that no constraint holds: what stands twice, as a state and as a step,
/// as a counter and as rows, is counted anew. Declared by the engine that owns the tables.
public struct Recount: Sendable {
    /// `engine.what`; `check.<name>` is its label.
    public let name: String
    private let all: StaticString
    private let wrong: StaticString

    /// - Parameters:
    ///   - all: how many things the rule is about.
    ///   - wrong: names of those that break it, in their order; `$1` of them at most.
    public init(_ name: String, all: StaticString, wrong: StaticString) {
        self.name = name
        self.all = all
        self.wrong = wrong
    }

    public func count(max: Int, in reader: any Reader) throws -> (checked: Int, wrong: [String]) {
        (Int(try reader.number(all)), try reader.query(wrong, max).map { try $0.text(0) })
    }
}
