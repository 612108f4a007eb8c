internal import Kernel
internal import Yams

/// Reads a definition strictly: text stays text, a key that nobody knows is refused with its line.
struct DefinitionReader {
    let node: Node
    let file: String

    init(node: Node, file: String) {
        self.node = node
        self.file = file
    }

    init(text: String, file: String) throws(CorrespondenceError) {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw CorrespondenceError.definition(file: file, what: "empty")
            }
            self.init(node: node, file: file)
        } catch let error as CorrespondenceError {
            throw error
        } catch {
            throw .definition(file: file, what: "not YAML: \(error)")
        }
    }

    func wrong(_ what: String) -> CorrespondenceError {
        .definition(file: file, what: "line \(node.mark?.line ?? 0): \(what)")
    }

    func only(_ keys: String...) throws(CorrespondenceError) {
        guard let mapping = node.mapping else { throw wrong("a mapping is expected") }
        for (key, _) in mapping {
            guard let key = key.scalar?.string, keys.contains(key) else {
                throw wrong("\(key.scalar?.string ?? "?") is not a key here")
            }
        }
    }

    private func child(_ key: String) throws(CorrespondenceError) -> DefinitionReader? {
        guard let mapping = node.mapping else { throw wrong("a mapping is expected") }
        for (name, value) in mapping where name.scalar?.string == key {
            return DefinitionReader(node: value, file: file)
        }
        return nil
    }

    func member(_ key: String) throws(CorrespondenceError) -> DefinitionReader {
        guard let child = try child(key) else { throw wrong("\(key) is missing") }
        return child
    }

    func scalar() throws(CorrespondenceError) -> String {
        guard let text = node.scalar?.string else { throw wrong("a text is expected") }
        return text
    }

    func text(_ key: String) throws(CorrespondenceError) -> String {
        let text = try member(key).scalar()
        guard !text.isEmpty else { throw wrong("\(key) is empty") }
        return text
    }

    func optionalText(_ key: String) throws(CorrespondenceError) -> String? { try child(key)?.scalar() }

    func date(_ key: String) throws(CorrespondenceError) -> LocalDate {
        guard let date = LocalDate(parsing: try text(key)) else { throw wrong("\(key) is not a date") }
        return date
    }

    func list(_ key: String, optional: Bool = false) throws(CorrespondenceError) -> [DefinitionReader] {
        guard let child = try child(key) else {
            if optional { return [] }
            throw wrong("\(key) is missing")
        }
        guard let sequence = child.node.sequence else { throw child.wrong("\(key) is not a list") }
        return sequence.map { DefinitionReader(node: $0, file: file) }
    }

    func members(_ key: String, optional: Bool = false) throws(CorrespondenceError) -> [(
        String, DefinitionReader
    )] {
        guard let child = try child(key) else {
            if optional { return [] }
            throw wrong("\(key) is missing")
        }
        guard let mapping = child.node.mapping else { throw child.wrong("\(key) is not a mapping") }
        var members: [(String, DefinitionReader)] = []
        for (name, value) in mapping {
            guard let name = name.scalar?.string else { throw child.wrong("a key is no text") }
            members.append((name, DefinitionReader(node: value, file: file)))
        }
        return members
    }
}
