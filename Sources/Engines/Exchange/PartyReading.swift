public import Forms
internal import Foundation
public import Kernel

extension Parties {
    /// Reads `Resources/parties/*.yaml`; `envelope.yaml` holds the limits of the envelope.
    public init(home: Home) throws(ExchangeError) { try self.init(folder: home.resource("parties")) }

    /// One party alone, for a process that stands in for it: whom its lines are followed by is not looked up.
    public init(home: Home, only id: String) throws(ExchangeError) {
        try self.init(folder: home.resource("parties"), only: id)
    }

    public init(folder: String, only id: String? = nil) throws(ExchangeError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw .definition(file: folder, what: "the folder cannot be read")
        }
        var parties: [Party] = []
        var limits: EnvelopeLimits?
        let wanted = id.map { ["envelope.yaml", "\($0).yaml"] }
        for name in names where wanted?.contains(name) ?? name.hasSuffix(".yaml") {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)"),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw .definition(file: name, what: "not readable as UTF-8") }
            let reader = try Reading(text: text, file: name)
            if name == "envelope.yaml" {
                try reader.only("skewMost", "bodyBytesMax")
                limits = EnvelopeLimits(
                    skewMost: try reader.span("skewMost"),
                    bodyBytesMax: try reader.whole("bodyBytesMax")
                )
            } else {
                let party = try Party(reader)
                guard "\(party.id).yaml" == name else { throw reader.wrong("id is not the file's name") }
                parties.append(party)
            }
        }
        guard let limits else { throw .definition(file: "envelope.yaml", what: "missing") }
        self.init(parties, limits: limits)
        for party in all where id == nil {
            for operation in party.operations {
                for follower in operation.followers {
                    _ = try self.operation(follower.operation, of: follower.party)
                }
            }
        }
    }
}

extension Party {
    fileprivate init(_ reader: Reading) throws(ExchangeError) {
        try reader.only("id", "name", "kind", "address", "queue", "terms", "operations")
        id = try reader.text("id")
        name = try reader.names("name")
        guard let kind = Kind(rawValue: try reader.text("kind")) else {
            throw reader.wrong("kind is unknown")
        }
        self.kind = kind
        addressSetting = try reader.text("address")
        queue = try reader.text("queue")
        var terms: [Dated<Terms>] = []
        for entry in try reader.list("terms") { terms.append(try Dated(entry)) }
        guard !terms.isEmpty else { throw reader.wrong("terms is empty") }
        self.terms = terms.sorted { $0.from < $1.from }
        var operations: [PartyOperation] = []
        for (name, entry) in try reader.members("operations") {
            operations.append(try PartyOperation(name, entry))
        }
        guard !operations.isEmpty else { throw reader.wrong("operations is empty") }
        self.operations = operations
    }
}

extension Dated<Terms> {
    fileprivate init(_ reader: Reading) throws(ExchangeError) {
        try reader.only("from", "answerWithin", "pause", "hours")
        let pause = try reader.member("pause")
        try pause.only("first", "factor", "most")
        let factor = Int64(try pause.whole("factor"))
        guard (1...10).contains(factor) else { throw pause.wrong("factor is not 1...10") }
        let hours = try reader.text("hours").split(separator: "-").map { Self.timeOfDay($0) }
        guard hours.count == 2, let start = hours[0], let end = hours[1], start < end else {
            throw reader.wrong("hours is not like 08:30-17:30")
        }
        self.init(
            from: try reader.date("from"),
            value: Terms(
                answerWithin: try reader.span("answerWithin"),
                pauseFirst: try pause.span("first"),
                pauseFactor: factor,
                pauseMost: try pause.span("most"),
                hours: start..<end
            )
        )
    }

    private static func timeOfDay(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":").map { Int64($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...24).contains(hour),
            (0..<60).contains(minute), hour * 60 + minute <= 1_440
        else { return nil }
        return hour * Instant.hour + minute * Instant.minute
    }
}

extension PartyOperation {
    fileprivate init(_ id: String, _ reader: Reading) throws(ExchangeError) {
        try reader.only("name", "does", "asks", "gives", "overdueAfter", "law", "reasons", "then")
        self.id = id
        name = try reader.names("name")
        guard let kind = Kind(rawValue: try reader.text("does")) else {
            throw reader.wrong("does is unknown")
        }
        self.kind = kind
        asks = try Self.fields(try reader.members("asks", optional: true))
        gives = try Self.fields(try reader.members("gives", optional: true))
        var overdue: [Dated<Int64>] = []
        for entry in try reader.list("overdueAfter", optional: kind == .question) {
            try entry.only("from", "value")
            overdue.append(Dated(from: try entry.date("from"), value: try entry.span("value")))
        }
        overdueAfter = overdue.sorted { $0.from < $1.from }
        law = try reader.optionalText("law")
        var reasons: [Reason] = []
        for (code, entry) in try reader.members("reasons", optional: true) {
            try entry.only("text", "next", "again")
            reasons.append(
                Reason(
                    code: code,
                    text: try entry.names("text"),
                    next: try entry.names("next"),
                    passes: try entry.optionalText("again") == "true"
                )
            )
        }
        self.reasons = reasons
        var followers: [Follower] = []
        for entry in try reader.list("then", optional: true) {
            try entry.only("party", "operation", "counts")
            followers.append(
                Follower(
                    party: try entry.text("party"),
                    operation: try entry.text("operation"),
                    counts: try entry.optionalText("counts") != "false"
                )
            )
        }
        self.followers = followers
    }

    /// `name: text` is required, `name?: text` is not.
    private static func fields(_ entries: [(String, Reading)]) throws(ExchangeError) -> [Field] {
        var fields: [Field] = []
        for (key, entry) in entries {
            guard let shape = Field.Shape(rawValue: try entry.scalar()) else {
                throw entry.wrong("\(key): shape is unknown")
            }
            let optional = key.hasSuffix("?")
            fields.append(
                Field(name: optional ? String(key.dropLast()) : key, shape: shape, required: !optional)
            )
        }
        return fields
    }
}

private typealias Reading = DefinitionReader<ExchangeError>

extension ExchangeError: DefinitionFailure {}

extension DefinitionReader<ExchangeError> {
    fileprivate func names(_ key: String) throws(ExchangeError) -> Names {
        let names = try member(key)
        try names.only("zh", "en")
        return Names(zh: try names.text("zh"), en: try names.text("en"))
    }
}
