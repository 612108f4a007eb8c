import Forms

/// One difference between two versions of a system.
public struct VersionChange: Sendable, Hashable {
    public let file: String
    /// Inside a YAML file, such as `limits.nameReservation.values[0].value`; empty for a whole file or a guide.
    public let path: String
    /// Nil when it was not there.
    public let before: String?
    public let after: String?
}

public enum VersionComparison {
    /// Every added, removed and changed value, file by file in order. Lists whose elements have a name (`name`, `id`,
    /// `page`, `code`, `item`, `must_do`) are compared by it, so that moving a row is no change.
    public static func changes(from old: SystemFolder, to new: SystemFolder) -> [VersionChange] {
        var changes: [VersionChange] = []
        for path in Set(old.paths).union(new.paths).sorted() {
            let before = old.files[path]
            let after = new.files[path]
            if before == after { continue }
            guard path.hasSuffix(".yaml"), let left = values(old, path), let right = values(new, path) else {
                changes.append(
                    VersionChange(
                        file: path,
                        path: "",
                        before: before.map { SystemFolder.digest(of: $0) },
                        after: after.map { SystemFolder.digest(of: $0) }
                    )
                )
                continue
            }
            for key in Set(left.keys).union(right.keys).sorted() where left[key] != right[key] {
                changes.append(VersionChange(file: path, path: key, before: left[key], after: right[key]))
            }
        }
        return changes
    }

    /// Every text of a YAML file by its path; nil when a side has no such file or it cannot be read.
    private static func values(_ folder: SystemFolder, _ path: String) -> [String: String]? {
        guard folder.files[path] != nil, let text = try? folder.text(path),
            let root = try? SourceNode(yaml: text, file: path)
        else { return nil }
        var values: [String: String] = [:]
        flatten(root, "", into: &values)
        return values
    }

    private static let names = ["name", "id", "page", "code", "item", "must_do", "part"]

    private static func flatten(_ node: SourceNode, _ path: String, into values: inout [String: String]) {
        switch node.content {
        case .text(let text): values[path] = text
        case .list(let elements):
            for (index, element) in elements.enumerated() {
                flatten(element, "\(path)[\(name(of: element) ?? String(index))]", into: &values)
            }
        case .map(let entries):
            for entry in entries {
                flatten(entry.value, path.isEmpty ? entry.key : "\(path).\(entry.key)", into: &values)
            }
        }
    }

    private static func name(of node: SourceNode) -> String? {
        guard case .map(let entries) = node.content else { return nil }
        for key in names {
            if let entry = entries.first(where: { $0.key == key }), case .text(let text) = entry.value.content
            {
                return text
            }
        }
        return nil
    }
}
