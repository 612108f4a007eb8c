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
    /// By type: the state of the last licence that somebody's own wallet holds.
    var holds: [String: String] = [:]
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
    /// The outcomes of all decisions, in order.
    var decisions: [String]?
    /// Who took the last decision: `rules`, or the role of a member of staff.
    var decider: String?
    /// The sources whose data the rules of the last decision read, each with a time not after the decision.
    var reads: [String]?
    /// By rule: what its table saw, by the name of the column.
    var inputs: [String: [String: String]] = [:]
    /// The number of the published version that the case keeps.
    var version: String?
    /// Last day of the clock that runs for the case.
    var due: String?
    /// The last warning that the clock gave: `none`, `yellow`, `red` …
    var light: String?
    /// By step: every member of what its party receives, no more and no less.
    var fields: [String: [String]] = [:]
    /// By step: values of what its party receives.
    var sent: [String: [String: String]] = [:]
    /// By step: values of what its party answered last.
    var answered: [String: [String: String]] = [:]
    /// Registered items by path.
    var items: [String: String] = [:]
    /// Words of the licence by path, and `holder`: the name of whom it is for.
    var licensed: [String: String] = [:]
    /// Acts in the register's history of the entry, in order.
    var acts: [String]?
    /// What was made public about the entry.
    var published: [String]?
    /// By what: until when it must be public.
    var publicBy: [String: String] = [:]
    /// Where the matter of a wrong registration stands, and until when it is to be investigated or published.
    var matter: String?
    var matterDue: String?
    /// Who may not register at present.
    var banned: [String]?
    /// Last day of the name's reservation.
    var nameUntil: String?
    /// What the credit code begins with.
    var code: String?
    /// How often an act stands in the log about the case.
    var logged: [String: String] = [:]
    /// The measures of all cases of this item in this region: `filling`, `approval` in minutes, `target` in hours, …
    var measures: [String: String] = [:]
    /// The draw of the case for later control: `drawn`, `rate` in parts of a million, `day` of the seed, and `verdict`:
    /// `secret` while the seed is, then `valid` when all that was published follows from it.
    var sample: [String: String] = [:]
    /// By system: how many versions are published.
    var versions: [String: String] = [:]
    /// By system: what the newest version changed against the one before.
    var changes: [String: [String]] = [:]
    /// The states of the case's bills, the oldest first.
    var bills: [String]?
    /// By account of the ledger: debits less credits, in fen.
    var ledger: [String: String] = [:]
    /// What about money waits for a person.
    var differences: [String]?
    /// By kind of the firm's seals: the state of the newest one, and how often it was used.
    var seals: [String: String] = [:]
    var uses: [String: String] = [:]
    /// What is said of the file that was handed out last: `valid`, or the classes of its faults; and some of what is proven.
    var verdict: [String]?
    var proven: [String]?
    /// What is only claimed of it.
    var claimed: [String]?
    /// Of the case's archive.
    var archive: [String: String] = [:]
    /// What came of the stock that arrived last.
    var stock: [String: String] = [:]
    /// How many certificates the published list of an authority names.
    var lists: [String: String] = [:]
    var position = SourcePosition()

    static let keys = [
        "of", "state", "reasons", "rows", "refusal", "problems", "lines", "flow", "complete", "licence",
        "holds",
        "name", "entry",
        "title", "voided", "papers", "happened", "tasks", "messages", "instant",
        "decisions", "decider", "reads", "inputs", "version", "due", "light", "fields", "sent", "answered",
        "items",
        "licensed", "acts",
        "published", "publicBy", "matter", "matterDue", "banned", "nameUntil", "code", "logged", "measures",
        "sample",
        "versions",
        "changes", "bills", "ledger", "differences", "seals", "uses", "verdict", "proven", "claimed",
        "archive", "stock", "lists",
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
        holds = try Self.pairs(map["holds"])
        name = try map["name"]?.word()
        entry = try map["entry"]?.word()
        title = try map["title"]?.word()
        voided = try map["voided"]?.word()
        papers = try map["papers"]?.words()
        happened = try Self.pairs(map["happened"])
        tasks = try Self.pairs(map["tasks"])
        messages = try Self.pairs(map["messages"])
        instant = try map["instant"].map { (node) throws(DefinitionError) in String(try node.flag()) }
        try readMore(map)
    }

    private mutating func readMore(_ map: SourceMap) throws(DefinitionError) {
        decisions = try map["decisions"]?.words()
        decider = try map["decider"]?.word()
        reads = try map["reads"]?.words()
        for entry in try map["inputs"]?.entries() ?? [] { inputs[entry.key] = try Self.pairs(entry.value) }
        version = try map["version"]?.word()
        due = try map["due"]?.word()
        light = try map["light"]?.word()
        for entry in try map["fields"]?.entries() ?? [] { fields[entry.key] = try entry.value.words() }
        for entry in try map["sent"]?.entries() ?? [] { sent[entry.key] = try Self.pairs(entry.value) }
        for entry in try map["answered"]?.entries() ?? [] {
            answered[entry.key] = try Self.pairs(entry.value)
        }
        items = try Self.pairs(map["items"])
        licensed = try Self.pairs(map["licensed"])
        acts = try map["acts"]?.words()
        published = try map["published"]?.words()
        publicBy = try Self.pairs(map["publicBy"])
        matter = try map["matter"]?.word()
        matterDue = try map["matterDue"]?.word()
        banned = try map["banned"]?.words()
        nameUntil = try map["nameUntil"]?.word()
        code = try map["code"]?.word()
        logged = try Self.pairs(map["logged"])
        measures = try Self.pairs(map["measures"])
        sample = try Self.pairs(map["sample"])
        versions = try Self.pairs(map["versions"])
        bills = try map["bills"]?.words()
        ledger = try Self.pairs(map["ledger"])
        differences = try map["differences"]?.words()
        seals = try Self.pairs(map["seals"])
        uses = try Self.pairs(map["uses"])
        verdict = try map["verdict"]?.words()
        proven = try map["proven"]?.words()
        claimed = try map["claimed"]?.words()
        archive = try Self.pairs(map["archive"])
        stock = try Self.pairs(map["stock"])
        lists = try Self.pairs(map["lists"])
        for entry in try map["changes"]?.entries() ?? [] { changes[entry.key] = try entry.value.words() }
    }

    private static func pairs(_ node: SourceNode?) throws(DefinitionError) -> [String: String] {
        var pairs: [String: String] = [:]
        for entry in try node?.entries() ?? [] { pairs[entry.key] = try entry.value.word() }
        return pairs
    }
}
