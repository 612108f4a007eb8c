import Yams

/// A table as it was written, before any cell is read as FEEL. Mutations change this and read it again.
struct TableSource: Sendable {
    struct Text: Sendable {
        var text: String
        /// Of the first character of `text`.
        var position: SourcePosition
    }

    struct Input: Sendable {
        var name: Text
        var value: Text
        var type: Text?
        /// Allowed values as unary tests.
        var values: [Text]
    }

    struct Output: Sendable {
        var name: Text
        /// FEEL literals, highest priority first.
        var values: [Text]
        var otherwise: Text?
    }

    struct Row: Sendable {
        var id: Text
        var when: [Text]
        var then: [Text]
        var note: String?
    }

    var name: Text
    var hit: HitPolicy
    var inputs: [Input]
    var outputs: [Output]
    var rows: [Row]
    var note: String?
}

/// Reads the YAML of a table (Docs/rules.md). Text stays text: `no`, `1e3` and `2024-01-01` are what they are.
struct TableReader {
    private let file: String

    static let sizeBytesMax = 1_048_576
    static let rowsMax = 20_000
    static let columnsMax = 200
    private static let depthMax = 16

    static func read(_ yaml: String, file: String) throws(RuleError) -> TableSource {
        let start = SourcePosition(file: file)
        guard yaml.utf8.count <= sizeBytesMax else {
            throw RuleError(.tooLong, at: start, ["limit": String(sizeBytesMax)])
        }
        let root: Yams.Node?
        let parser: Yams.Parser
        do {
            // Anchors are only known while the parser lives.
            parser = try Yams.Parser(yaml: yaml)
            root = try parser.singleRoot()
        } catch {
            throw problem(error, file: file)
        }
        return try withExtendedLifetime(parser) { () throws(RuleError) -> TableSource in
            guard let root else { throw RuleError(.yaml, at: start, ["problem": "empty"]) }
            let reader = TableReader(file: file)
            try reader.refuseReferences(root, depth: 0)
            return try reader.table(root)
        }
    }

    private static func problem(_ error: any Error, file: String) -> RuleError {
        func at(_ mark: Mark?) -> SourcePosition {
            SourcePosition(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
        }
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return RuleError(.yaml, at: at(mark), ["problem": problem])
        case .duplicatedKeysInMapping(let duplicates, let context):
            return RuleError(.duplicate, at: at(context.mark), ["name": duplicates.joined(separator: ", ")])
        case .reader(let problem, _, _, _): return RuleError(.yaml, at: at(nil), ["problem": problem])
        default: return RuleError(.yaml, at: at(nil), ["problem": "unreadable"])
        }
    }

    private func position(_ node: Yams.Node) -> SourcePosition {
        SourcePosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// What YAML gives a value by its look; anything else was written as a tag.
    private static let plainTags: Set<String> = Set(
        ["str", "int", "float", "bool", "null", "seq", "map", "timestamp", "merge", "value"]
            .map { "tag:yaml.org,2002:" + $0 }
    )

    /// Anchors, aliases and tags are refused: a cell must say what it says where it stands.
    private func refuseReferences(_ node: Yams.Node, depth: Int) throws(RuleError) {
        guard depth < Self.depthMax else {
            throw RuleError(.tooDeep, at: position(node), ["limit": String(Self.depthMax)])
        }
        guard node.anchor == nil else { throw RuleError(.yaml, at: position(node), ["problem": "anchor"]) }
        guard Self.plainTags.contains(node.tag.description) else {
            throw RuleError(.yaml, at: position(node), ["problem": "tag"])
        }
        switch node {
        case .scalar: break
        case .alias: throw RuleError(.yaml, at: position(node), ["problem": "alias"])
        case .sequence(let nodes): for node in nodes { try refuseReferences(node, depth: depth + 1) }
        case .mapping(let pairs):
            for (key, value) in pairs {
                try refuseReferences(key, depth: depth + 1)
                try refuseReferences(value, depth: depth + 1)
            }
        }
    }

    // MARK: Shapes

    private func mapping(
        _ node: Yams.Node,
        _ key: String,
        known: Set<String>,
        needed: [String]
    ) throws(RuleError) -> [String: Yams.Node] {
        guard case .mapping(let pairs) = node else {
            throw RuleError(.badValue, at: position(node), ["key": key, "expected": "mapping"])
        }
        var members: [String: Yams.Node] = [:]
        for (name, value) in pairs {
            guard case .scalar(let scalar) = name, known.contains(scalar.string) else {
                let text = if case .scalar(let scalar) = name { scalar.string } else { "?" }
                throw RuleError(.unknownKey, at: position(name), ["key": text])
            }
            members[scalar.string] = value
        }
        for name in needed where members[name] == nil {
            throw RuleError(.missingKey, at: position(node), ["key": name])
        }
        return members
    }

    private func sequence(_ node: Yams.Node?, _ key: String, max: Int) throws(RuleError) -> [Yams.Node] {
        guard let node else { return [] }
        guard case .sequence(let nodes) = node else {
            throw RuleError(.badValue, at: position(node), ["key": key, "expected": "list"])
        }
        guard nodes.count <= max else {
            throw RuleError(.tooLong, at: position(node), ["limit": String(max)])
        }
        return Array(nodes)
    }

    private func text(_ node: Yams.Node?, _ key: String) throws(RuleError) -> TableSource.Text {
        guard let node, case .scalar(let scalar) = node else {
            let place = node.map(position) ?? SourcePosition(file: file)
            throw RuleError(.badValue, at: place, ["key": key, "expected": "text"])
        }
        var place = position(node)
        switch scalar.style {
        case .singleQuoted, .doubleQuoted: place.column += 1
        case .literal, .folded:
            place.line += 1
            place.column = 1
        case .any, .plain: break
        }
        let text = scalar.string
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw RuleError(.badValue, at: place, ["key": key, "expected": "text"])
        }
        return TableSource.Text(text: text, position: place)
    }

    // MARK: Parts

    private func table(_ root: Yams.Node) throws(RuleError) -> TableSource {
        let members = try mapping(
            root,
            "table",
            known: ["table", "hit", "note", "inputs", "outputs", "rows"],
            needed: ["table", "inputs", "outputs", "rows"]
        )
        let name = try text(members["table"], "table")
        var hit = HitPolicy.unique
        if let node = members["hit"] {
            let written = try text(node, "hit")
            guard let policy = HitPolicy(rawValue: written.text) else {
                let names = HitPolicy.allCases.map(\.rawValue).joined(separator: ", ")
                throw RuleError(.badValue, at: written.position, ["key": "hit", "expected": names])
            }
            hit = policy
        }
        var source = TableSource(name: name, hit: hit, inputs: [], outputs: [], rows: [], note: nil)
        if let note = members["note"] { source.note = try text(note, "note").text }
        for node in try sequence(members["inputs"], "inputs", max: Self.columnsMax) {
            source.inputs.append(try input(node))
        }
        for node in try sequence(members["outputs"], "outputs", max: Self.columnsMax) {
            source.outputs.append(try output(node))
        }
        for node in try sequence(members["rows"], "rows", max: Self.rowsMax) {
            source.rows.append(try row(node, source))
        }
        try refuseDuplicates(source.inputs.map(\.name))
        try refuseDuplicates(source.outputs.map(\.name))
        try refuseDuplicates(source.rows.map(\.id))
        try checkPolicy(source)
        return source
    }

    private func checkPolicy(_ source: TableSource) throws(RuleError) {
        guard let first = source.outputs.first else {
            throw RuleError(.missingKey, at: source.name.position, ["key": "outputs"])
        }
        if source.hit.isOrdered, !source.outputs.contains(where: { !$0.values.isEmpty }) {
            throw RuleError(.missingKey, at: first.name.position, ["key": "values"])
        }
        if source.hit.aggregates, source.outputs.count > 1 {
            let place = source.outputs[1].name.position
            throw RuleError(.badValue, at: place, ["key": "outputs", "expected": "one output"])
        }
    }

    private func refuseDuplicates(_ names: [TableSource.Text]) throws(RuleError) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name.text).inserted {
            throw RuleError(.duplicate, at: name.position, ["name": name.text])
        }
    }

    private func input(_ node: Yams.Node) throws(RuleError) -> TableSource.Input {
        let members = try mapping(
            node,
            "inputs",
            known: ["name", "value", "type", "values"],
            needed: ["name"]
        )
        let name = try text(members["name"], "name")
        var input = TableSource.Input(name: name, value: name, type: nil, values: [])
        if let value = members["value"] { input.value = try text(value, "value") }
        if let type = members["type"] {
            let written = try text(type, "type")
            guard RuleType.named[written.text] != nil else {
                throw RuleError(.badValue, at: written.position, ["key": "type", "expected": "FEEL type"])
            }
            input.type = written
        }
        for value in try sequence(members["values"], "values", max: 1_000) {
            input.values.append(try text(value, "values"))
        }
        return input
    }

    private func output(_ node: Yams.Node) throws(RuleError) -> TableSource.Output {
        let members = try mapping(node, "outputs", known: ["name", "values", "default"], needed: ["name"])
        var output = TableSource.Output(name: try text(members["name"], "name"), values: [], otherwise: nil)
        for value in try sequence(members["values"], "values", max: 1_000) {
            output.values.append(try text(value, "values"))
        }
        if let otherwise = members["default"] { output.otherwise = try text(otherwise, "default") }
        return output
    }

    private func row(_ node: Yams.Node, _ source: TableSource) throws(RuleError) -> TableSource.Row {
        let members = try mapping(
            node,
            "rows",
            known: ["id", "when", "then", "note"],
            needed: ["id", "when", "then"]
        )
        var row = TableSource.Row(id: try text(members["id"], "id"), when: [], then: [], note: nil)
        if let note = members["note"] { row.note = try text(note, "note").text }
        row.when = try cells(members["when"], "when", row.id, count: source.inputs.count)
        row.then = try cells(members["then"], "then", row.id, count: source.outputs.count)
        return row
    }

    private func cells(
        _ node: Yams.Node?,
        _ key: String,
        _ row: TableSource.Text,
        count: Int
    ) throws(RuleError) -> [TableSource.Text] {
        let nodes = try sequence(node, key, max: Self.columnsMax)
        guard nodes.count == count else {
            throw RuleError(
                .cellCount,
                at: node.map(position) ?? row.position,
                ["row": row.text, "expected": String(count), "found": String(nodes.count)]
            )
        }
        var cells: [TableSource.Text] = []
        for node in nodes { cells.append(try text(node, key)) }
        return cells
    }
}
