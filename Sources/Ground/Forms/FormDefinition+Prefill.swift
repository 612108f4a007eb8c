public import Kernel

/// Data together with where each prefilled value came from, by path: `{"applicant.name": "account"}`.
public struct PrefilledData: Hashable, Sendable {
    public var data: JSON
    public var sources: [String: String]

    public init(data: JSON, sources: [String: String]) {
        self.data = data
        self.sources = sources
    }
}

extension FormDefinition {
    /// Fills what the account, the enterprise, a licence or the exchange already knows (design.md rule 6). What a
    /// person typed stays, unless the field is locked.
    /// - Parameter given: what each source knows, in its own shape.
    public func prefilled(
        _ draft: PrefilledData,
        from given: [Prefill.Source: JSON],
        context: FormContext
    ) -> PrefilledData {
        var next = draft
        for page in pages { fill(page.fields, at: FormPath(), from: given, in: &next) }
        next.data = settled(next.data, context: context)
        next.sources = next.sources.filter { source in
            FormPath(parsing: source.key).map { !next.data[$0].isNull } ?? false
        }
        return next
    }

    /// The data with every locked field as its source has it, whatever somebody wrote there. Nothing else is touched.
    public func locked(_ data: JSON, from given: [Prefill.Source: JSON]) -> JSON {
        var data = data
        for lock in locks {
            guard let value = given[lock.source]?[lock.from], !value.isNull else { continue }
            data[lock.field] = value
        }
        return data
    }

    private func fill(
        _ fields: [FormField],
        at path: FormPath,
        from given: [Prefill.Source: JSON],
        in draft: inout PrefilledData
    ) {
        for field in fields {
            let place = path.member(field.name)
            if let prefill = field.prefill, let source = given[prefill.source],
                let from = FormPath(parsing: prefill.path), !source[from].isNull,
                prefill.isLocked || draft.data[place].isNull
            {
                draft.data[place] = source[from]
                draft.sources[place.description] = prefill.source.rawValue
            }
            if case .group(let children) = field.kind { fill(children, at: place, from: given, in: &draft) }
        }
    }

    /// The recorded sources after a page was handed in: a value that was changed is the person's own.
    public func sources(_ sources: [String: String], from before: JSON, to after: JSON) -> [String: String] {
        sources.filter { path, _ in
            guard let path = FormPath(parsing: path) else { return false }
            return !after[path].isNull && before[path] == after[path]
        }
    }

    /// The part of the data that a party receives: fields that name it in `seenBy`, or stand in a group that does
    /// (least data per department).
    public func disclosed(_ data: JSON, to party: String) -> JSON {
        Self.disclosed(fields, data, to: party, inherited: false)
    }

    private static func disclosed(_ fields: [FormField], _ data: JSON, to party: String, inherited: Bool)
        -> JSON
    {
        var members: [String: JSON] = [:]
        for field in fields {
            let value = data[field.name]
            if value.isNull { continue }
            let sees = field.seenBy.isEmpty ? inherited : field.seenBy.contains(party)
            switch field.kind {
            case .group(let children):
                let inner = disclosed(children, value, to: party, inherited: sees)
                if inner != .object([:]) { members[field.name] = inner }
            case .rows(let children, _, _):
                let rows = value.elements.map { disclosed(children, $0, to: party, inherited: sees) }
                if rows.contains(where: { $0 != .object([:]) }) { members[field.name] = .array(rows) }
            case .sameAs: continue
            default: if sees { members[field.name] = value }
            }
        }
        return .object(members)
    }
}
