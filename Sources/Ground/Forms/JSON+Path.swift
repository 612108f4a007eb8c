public import Kernel

extension JSON {
    /// The value at a path; null where there is none.
    public subscript(path: FormPath) -> JSON {
        get {
            var value = self
            for step in path.steps {
                switch step {
                case .member(let name): value = value[name]
                case .index(let index): value = value[index]
                }
            }
            return value
        }
        set { self = Self.replacing(self, path.steps[...], with: newValue) }
    }

    /// Null removes the member, and groups that become empty with it.
    private static func replacing(_ value: JSON, _ steps: ArraySlice<FormPath.Step>, with new: JSON) -> JSON {
        guard let step = steps.first else { return new }
        switch step {
        case .member(let name):
            var members = value.members
            let inner = replacing(members[name] ?? .null, steps.dropFirst(), with: new)
            if inner.isNull || (new.isNull && inner == .object([:])) {
                members[name] = nil
            } else {
                members[name] = inner
            }
            return .object(members)
        case .index(let index):
            var elements = value.elements
            if elements.indices.contains(index) {
                elements[index] = replacing(elements[index], steps.dropFirst(), with: new)
            } else if !new.isNull {
                while elements.count < index { elements.append(.object([:])) }
                elements.append(replacing(.object([:]), steps.dropFirst(), with: new))
            }
            return .array(elements)
        }
    }
}
