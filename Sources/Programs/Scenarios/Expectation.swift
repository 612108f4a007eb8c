import Forms
import Kernel
import Rules

/// What must be true at this moment; exact for the keys that are named.
struct Expectation: Sendable {
    var of: String?
    var state: String?
    /// `R08.name.near`, every one that stands in the way.
    var reasons: [String]?
    /// Rules' rows that hit, `R08.reserved`; exact for the rules that are named.
    var rows: [String]?
    var refusal: String?
    /// Codes of what is wrong with the form.
    var problems: [String]?
    /// By step: the state of its line.
    var lines: [String: String] = [:]
    /// By step: the state of the step.
    var flow: [String: String] = [:]
    var complete: String?
    var licence: String?
    var name: String?
    var entry: String?
    var title: String?
    var voided: String?
    /// Kinds of papers that the authority has issued, all of them.
    var papers: [String]?
    /// How often something happened in the case's timeline.
    var happened: [String: String] = [:]
    var tasks: [String: String] = [:]
    var messages: [String: String] = [:]
    var instant: String?
    var position = SourcePosition()

    static let keys = [
        "of", "state", "reasons", "rows", "refusal", "problems", "lines", "flow", "complete", "licence",
        "name", "entry",
        "title", "voided", "papers", "happened", "tasks", "messages", "instant",
    ]

    init(_ node: SourceNode) throws(DefinitionError) {
        position = node.position
        let map = try node.map(Self.keys)
        of = try map["of"]?.word()
        state = try map["state"]?.word()
        reasons = try map["reasons"]?.words()
        rows = try map["rows"]?.words()
        refusal = try map["refusal"]?.word()
        problems = try map["problems"]?.words()
        lines = try Self.pairs(map["lines"])
        flow = try Self.pairs(map["flow"])
        complete = try map["complete"].map { (node) throws(DefinitionError) in String(try node.flag()) }
        licence = try map["licence"]?.word()
        name = try map["name"]?.word()
        entry = try map["entry"]?.word()
        title = try map["title"]?.word()
        voided = try map["voided"]?.word()
        papers = try map["papers"]?.words()
        happened = try Self.pairs(map["happened"])
        tasks = try Self.pairs(map["tasks"])
        messages = try Self.pairs(map["messages"])
        instant = try map["instant"].map { (node) throws(DefinitionError) in String(try node.flag()) }
    }

    private static func pairs(_ node: SourceNode?) throws(DefinitionError) -> [String: String] {
        var pairs: [String: String] = [:]
        for entry in try node?.entries() ?? [] { pairs[entry.key] = try entry.value.word() }
        return pairs
    }
}
