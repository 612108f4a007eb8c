public import Rules
import Yams

/// One node of a definition file with its place. Every scalar is text until the schema types it: `no`, `12:30`
/// and `2022-02-07` stay what was written.
public struct SourceNode: Sendable {
    public indirect enum Content: Sendable {
        case text(String)
        case list([SourceNode])
        case map([SourceEntry])
    }

    public let position: SourcePosition
    public let content: Content

    public static let sizeBytesMax = 1_048_576
    static let depthMax = 40

    init(position: SourcePosition, content: Content) {
        self.position = position
        self.content = content
    }

    /// Reads one YAML document; tags, anchors, aliases and keys that come twice are refused.
    /// - Parameters:
    ///   - yaml: at most 1 MB, at most 40 levels deep.
    ///   - file: named in every error, as the folder knows it.
    public init(yaml: String, file: String) throws(DefinitionError) {
        let start = SourcePosition(file: file)
        guard yaml.utf8.count <= Self.sizeBytesMax else {
            throw DefinitionError(.tooLarge, at: start, ["limit": String(Self.sizeBytesMax)])
        }
        try Self.checkDepth(yaml, file: file)
        do {
            // The parser holds the anchors; nodes only point at them weakly, so it must outlive the walk.
            let parser = try Parser(yaml: yaml, resolver: .basic)
            guard let root = try parser.singleRoot() else {
                throw DefinitionError(.unreadable, at: start, ["problem": "the file is empty"])
            }
            self = try withExtendedLifetime(parser) { () throws(DefinitionError) -> SourceNode in
                try Self.convert(root, file: file, depth: 0)
            }
        } catch let error as DefinitionError {
            throw error
        } catch let error as YamlError {
            throw Self.describe(error, file: file)
        } catch {
            throw DefinitionError(.unreadable, at: start, ["problem": "it cannot be read"])
        }
    }

    /// The parser recurses once per level, so depth is bounded before it starts: open brackets on the way, and
    /// the leading `- ` and spaces of a line.
    private static func checkDepth(_ yaml: String, file: String) throws(DefinitionError) {
        var brackets = 0
        var line = 1
        var dashes = 0
        var leading = true
        for byte in yaml.utf8 {
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                dashes = 0
                leading = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                brackets += 1
                leading = false
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                brackets = max(0, brackets - 1)
                leading = false
            case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: " "):
                if leading { dashes += 1 }
            default: leading = false
            }
            if brackets > depthMax || dashes > depthMax * 8 {
                throw DefinitionError(
                    .tooDeep,
                    at: SourcePosition(file: file, line: line),
                    ["limit": String(depthMax)]
                )
            }
        }
    }

    private static func convert(_ node: Node, file: String, depth: Int) throws(DefinitionError) -> SourceNode
    {
        let position = SourcePosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        guard depth < depthMax else {
            throw DefinitionError(.tooDeep, at: position, ["limit": String(depthMax)])
        }
        if let anchor = node.anchor {
            throw DefinitionError(.tagOrAnchor, at: position, ["found": "&\(anchor.rawValue)"])
        }
        let tag = node.tag.description
        guard ["tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", ""].contains(tag)
        else {
            throw DefinitionError(.tagOrAnchor, at: position, ["found": tag])
        }
        switch node {
        case .scalar(let scalar): return SourceNode(position: position, content: .text(scalar.string))
        case .sequence(let sequence):
            var elements: [SourceNode] = []
            for element in sequence { elements.append(try convert(element, file: file, depth: depth + 1)) }
            return SourceNode(position: position, content: .list(elements))
        case .mapping(let mapping):
            var entries: [SourceEntry] = []
            for (key, value) in mapping {
                let converted = try convert(key, file: file, depth: depth + 1)
                entries.append(
                    SourceEntry(
                        key: try converted.text(),
                        position: converted.position,
                        value: try convert(value, file: file, depth: depth + 1)
                    )
                )
            }
            return SourceNode(position: position, content: .map(entries))
        case .alias: throw DefinitionError(.tagOrAnchor, at: position, ["found": "*"])
        }
    }

    private static func describe(_ error: YamlError, file: String) -> DefinitionError {
        let problem: String
        let mark: Mark?
        switch error {
        case .scanner(_, let text, let place, _), .parser(_, let text, let place, _),
            .composer(_, let text, let place, _):
            problem = text
            mark = place
        case .duplicatedKeysInMapping(let keys, let context):
            let position = SourcePosition(file: file, line: context.mark.line, column: context.mark.column)
            return DefinitionError(.duplicate, at: position, ["name": keys.joined(separator: ", ")])
        default:
            problem = "it cannot be read"
            mark = nil
        }
        let position = SourcePosition(
            file: file,
            line: max(1, mark?.line ?? 1),
            column: max(1, mark?.column ?? 1)
        )
        return DefinitionError(.unreadable, at: position, ["problem": problem])
    }
}

/// One `key: value` of a mapping.
public struct SourceEntry: Sendable {
    public let key: String
    public let position: SourcePosition
    public let value: SourceNode
}

extension SourceNode {
    var shape: String {
        switch content {
        case .text: "a text"
        case .list: "a list"
        case .map: "a mapping"
        }
    }

    private func wrong(_ expected: String) -> DefinitionError {
        DefinitionError(.wrongShape, at: position, ["expected": expected, "found": shape])
    }

    /// The text as written; an empty value is an empty text.
    public func text() throws(DefinitionError) -> String {
        guard case .text(let text) = content else { throw wrong("a text") }
        return text
    }

    /// A text that is not empty.
    public func word() throws(DefinitionError) -> String {
        let text = try text()
        guard !text.isEmpty else { throw bad("a text that is not empty") }
        return text
    }

    public func list() throws(DefinitionError) -> [SourceNode] {
        guard case .list(let elements) = content else { throw wrong("a list") }
        return elements
    }

    /// A list of texts; a single text stands for a list of one.
    public func words() throws(DefinitionError) -> [String] {
        if case .text = content { return [try word()] }
        var words: [String] = []
        for element in try list() { words.append(try element.word()) }
        return words
    }

    /// Entries in order, any keys allowed.
    public func entries() throws(DefinitionError) -> [SourceEntry] {
        guard case .map(let entries) = content else { throw wrong("a mapping") }
        return entries
    }

    /// A mapping whose keys must be among `keys`.
    public func map(_ keys: [String]) throws(DefinitionError) -> SourceMap {
        let entries = try entries()
        for entry in entries where !keys.contains(entry.key) {
            throw DefinitionError(
                .unknownKey,
                at: entry.position,
                ["key": entry.key, "allowed": keys.joined(separator: ", ")]
            )
        }
        return SourceMap(position: position, entries: entries)
    }

    public func integer(_ range: ClosedRange<Int> = 0...1_000_000_000) throws(DefinitionError) -> Int {
        guard let number = Int(try text()), range.contains(number) else {
            throw bad("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `true` or `false`, nothing else.
    public func flag() throws(DefinitionError) -> Bool {
        switch try text() {
        case "true": true
        case "false": false
        default: throw bad("true or false")
        }
    }

    public func one<Kind: RawRepresentable<String> & CaseIterable>(of _: Kind.Type) throws(DefinitionError)
        -> Kind
    {
        guard let kind = Kind(rawValue: try text()) else {
            throw bad("one of " + Kind.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return kind
    }

    /// An error about this value.
    public func bad(_ expected: String) -> DefinitionError {
        var value = shape
        if case .text(let text) = content { value = String(text.prefix(80)) }
        return DefinitionError(.badValue, at: position, ["value": value, "expected": expected])
    }
}

/// A mapping with known keys.
public struct SourceMap: Sendable {
    public let position: SourcePosition
    let entries: [SourceEntry]

    public subscript(key: String) -> SourceNode? { entries.first { $0.key == key }?.value }

    public func needed(_ key: String) throws(DefinitionError) -> SourceNode {
        guard let node = self[key] else { throw DefinitionError(.missingKey, at: position, ["key": key]) }
        return node
    }
}
