import Yams

/// A node of a template file with its place. Scalars are text until they are asked for as something else; tags,
/// anchors and keys that are not known are refused.
struct SheetSource {
    private let node: Node
    private let file: String

    static let sizeBytesMax = 262_144

    /// - Parameter read: what is made of the root; nodes point weakly at the parser, which outlives it here.
    static func read<Value>(
        _ yaml: String,
        file: String,
        as read: (SheetSource) throws(DocumentError) -> Value
    ) throws(DocumentError) -> Value {
        guard yaml.utf8.count <= sizeBytesMax else {
            throw .sheet("\(file): larger than \(sizeBytesMax) bytes; shorten it")
        }
        do {
            let parser = try Parser(yaml: yaml, resolver: .basic)
            return try withExtendedLifetime(parser) { () throws -> Value in
                guard let root = try parser.singleRoot() else {
                    throw DocumentError.sheet("\(file): the file is empty; write the sheet into it")
                }
                return try read(SheetSource(node: root, file: file))
            }
        } catch let error as DocumentError {
            throw error
        } catch {
            let problem = String(describing: error).replacing("\n", with: " ")
            throw .sheet("\(file): this is no YAML: \(problem); mend it there")
        }
    }

    var place: String { "\(file):\(node.mark?.line ?? 1)" }

    func wrong(_ problem: String) -> DocumentError { .sheet("\(place): \(problem)") }

    func text() throws(DocumentError) -> String {
        guard case .scalar(let scalar) = node, node.anchor == nil,
            node.tag.description == "tag:yaml.org,2002:str" || node.tag.description.isEmpty
        else { throw wrong("a text is expected here; write one, without tag or anchor") }
        return scalar.string
    }

    func number(_ range: ClosedRange<Double>) throws(DocumentError) -> Double {
        guard let number = Double(try text()), range.contains(number) else {
            throw wrong("write a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func one<Kind: RawRepresentable<String> & CaseIterable>(of _: Kind.Type) throws(DocumentError) -> Kind {
        guard let kind = Kind(rawValue: try text()) else {
            throw wrong("write one of " + Kind.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return kind
    }

    func list() throws(DocumentError) -> [SheetSource] {
        guard case .sequence(let sequence) = node, node.anchor == nil else {
            throw wrong("a list is expected here")
        }
        return sequence.map { SheetSource(node: $0, file: file) }
    }

    func numbers(_ count: Int, _ range: ClosedRange<Double>) throws(DocumentError) -> [Double] {
        var numbers: [Double] = []
        for element in try list() { numbers.append(try element.number(range)) }
        guard numbers.count == count else { throw wrong("write \(count) numbers") }
        return numbers
    }

    /// Keys and values in order.
    func entries() throws(DocumentError) -> [(key: String, value: SheetSource)] {
        guard case .mapping(let mapping) = node, node.anchor == nil else {
            throw wrong("a mapping is expected here")
        }
        var entries: [(key: String, value: SheetSource)] = []
        for (key, value) in mapping {
            let key = SheetSource(node: key, file: file)
            entries.append((try key.text(), SheetSource(node: value, file: file)))
        }
        return entries
    }

    func map(_ keys: [String]) throws(DocumentError) -> SheetSourceMap {
        let entries = try entries()
        for entry in entries where !keys.contains(entry.key) {
            throw entry.value.wrong(
                "unknown key \(entry.key); allowed are \(keys.joined(separator: ", "))"
            )
        }
        return SheetSourceMap(
            node: self,
            values: Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        )
    }
}

/// A mapping with known keys.
struct SheetSourceMap {
    let node: SheetSource
    fileprivate let values: [String: SheetSource]

    subscript(key: String) -> SheetSource? { values[key] }

    func needed(_ key: String) throws(DocumentError) -> SheetSource {
        guard let value = values[key] else { throw node.wrong("the key \(key) is missing; add it") }
        return value
    }

    func text(_ key: String) throws(DocumentError) -> String? { try values[key]?.text() }

    func number(_ key: String, _ range: ClosedRange<Double>, or usual: Double) throws(DocumentError)
        -> Double
    {
        try values[key]?.number(range) ?? usual
    }

    func flag(_ key: String) throws(DocumentError) -> Bool {
        switch try values[key]?.text() {
        case nil, "false": return false
        case "true": return true
        case .some: throw try needed(key).wrong("write true or false")
        }
    }

    /// `[x, y, width, height]`, on a page of at most 2 m.
    func box(_ key: String) throws(DocumentError) -> SheetBox {
        let node = try needed(key)
        let numbers = try node.numbers(4, 0...2000)
        guard numbers[2] > 0, numbers[3] > 0 else { throw node.wrong("a box needs a width and a height") }
        return SheetBox(numbers[0], numbers[1], numbers[2], numbers[3])
    }

    func point(_ key: String) throws(DocumentError) -> SheetPoint {
        let numbers = try needed(key).numbers(2, 0...2000)
        return SheetPoint(numbers[0], numbers[1])
    }

    /// Three numbers from 0 to 255, and a fourth from 0 to 1 for how much it covers.
    func ink(_ key: String) throws(DocumentError) -> Ink? {
        guard let node = values[key] else { return nil }
        let parts = try node.text().split(separator: " ").map { Double($0) ?? -1 }
        guard (3...4).contains(parts.count), parts.prefix(3).allSatisfy((0...255).contains),
            parts.dropFirst(3).allSatisfy((0...1).contains)
        else { throw node.wrong("write red, green and blue from 0 to 255, such as 200 0 0") }
        return Ink(UInt8(parts[0]), UInt8(parts[1]), UInt8(parts[2]), cover: parts.count == 4 ? parts[3] : 1)
    }
}
