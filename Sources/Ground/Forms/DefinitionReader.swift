public import Kernel
import Rules

/// An engine's own error that can say why one of its files cannot be used.
public protocol DefinitionFailure: Error {
    static func definition(file: String, what: String) -> Self
}

/// Reads a definition strictly: text stays text, a key that nobody knows is refused with its line. One reader for the
/// files of all engines; each gets its own error.
public struct DefinitionReader<Failure: DefinitionFailure>: Sendable {
    private let node: SourceNode

    private init(_ node: SourceNode) { self.node = node }

    /// - Parameter file: named in every error.
    public init(text: String, file: String) throws(Failure) {
        do { node = try SourceNode(yaml: text, file: file) } catch {
            throw .definition(file: file, what: error.description)
        }
    }

    public func wrong(_ what: String) -> Failure {
        .definition(file: node.position.file ?? "", what: "line \(node.position.line): \(what)")
    }

    private func entries() throws(Failure) -> [SourceEntry] {
        guard case .map(let entries) = node.content else { throw wrong("a mapping is expected") }
        return entries
    }

    private func child(_ key: String) throws(Failure) -> Self? {
        try entries().first { $0.key == key }.map { Self($0.value) }
    }

    /// No other keys than these may stand here.
    public func only(_ keys: String...) throws(Failure) {
        for entry in try entries() where !keys.contains(entry.key) {
            throw .definition(
                file: entry.position.file ?? "",
                what: "line \(entry.position.line): \(entry.key) is not a key here"
            )
        }
    }

    public func member(_ key: String) throws(Failure) -> Self {
        guard let child = try child(key) else { throw wrong("\(key) is missing") }
        return child
    }

    public func scalar() throws(Failure) -> String {
        guard case .text(let text) = node.content else { throw wrong("a text is expected") }
        return text
    }

    /// A text that is not empty.
    public func text(_ key: String) throws(Failure) -> String {
        let text = try member(key).scalar()
        guard !text.isEmpty else { throw wrong("\(key) is empty") }
        return text
    }

    public func optionalText(_ key: String) throws(Failure) -> String? { try child(key)?.scalar() }

    public func whole(_ key: String) throws(Failure) -> Int {
        guard let number = Int(try text(key)) else { throw wrong("\(key) is not a whole number") }
        return number
    }

    public func date(_ key: String) throws(Failure) -> LocalDate {
        guard let date = LocalDate(parsing: try text(key)) else { throw wrong("\(key) is not a date") }
        return date
    }

    /// `3 s`, `30 min`, `12 h`, `2 d`, in milliseconds.
    public func span(_ key: String) throws(Failure) -> Int64 {
        let parts = try text(key).split(separator: " ")
        let units: [Substring: Int64] = ["ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard parts.count == 2, let amount = Int64(parts[0]), amount > 0, amount <= 100_000,
            let unit = units[parts[1]]
        else { throw wrong("\(key) is not a span like 30 min") }
        return amount * unit
    }

    public func list(_ key: String, optional: Bool = false) throws(Failure) -> [Self] {
        guard let child = try child(key) else {
            if optional { return [] }
            throw wrong("\(key) is missing")
        }
        guard case .list(let elements) = child.node.content else { throw child.wrong("\(key) is not a list") }
        return elements.map { Self($0) }
    }

    /// The entries of a mapping, in order.
    public func members(_ key: String, optional: Bool = false) throws(Failure) -> [(String, Self)] {
        guard let child = try child(key) else {
            if optional { return [] }
            throw wrong("\(key) is missing")
        }
        guard case .map(let entries) = child.node.content else {
            throw child.wrong("\(key) is not a mapping")
        }
        return entries.map { ($0.key, Self($0.value)) }
    }
}
