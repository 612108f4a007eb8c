extension Builtin {
    static let contexts: [Builtin] = [
        Builtin("get value", "m, key", "context, key") { _, arguments in
            guard case .context(let record) = arguments[0].single, let key = arguments[1].argumentText else {
                return nil
            }
            return record[key] ?? .null
        },
        Builtin("get entries", "m", "context") { _, arguments in
            guard case .context(let record) = arguments[0].single else { return nil }
            return .list(
                record.entries.map { .context(RuleRecord([("key", .string($0.name)), ("value", $0.value)])) }
            )
        },
        Builtin("context", "entries") { (machine, arguments) throws(RuleError) in
            guard let entries = arguments[0].argumentList else { return nil }
            var record = RuleRecord()
            for entry in entries {
                guard case .context(let pair) = entry, let key = pair["key"]?.argumentText,
                    let value = pair["value"],
                    record[key] == nil
                else { return nil }
                try machine.charge(1)
                record[key] = value
            }
            return .context(record)
        },
        Builtin("context put", "context, key, value", "context, keys, value") {
            (machine, arguments) throws(RuleError) in
            guard case .context(let record) = arguments[0].single else { return nil }
            try machine.charge(record.count)
            if let key = arguments[1].text {
                var result = record
                result[key] = arguments[2]
                return .context(result)
            }
            guard let keys = arguments[1].elements, !keys.isEmpty else { return nil }
            let names = keys.compactMap(\.text)
            guard names.count == keys.count, names.count <= 64 else { return nil }
            return put(record, names[...], arguments[2]).map { .context($0) }
        },
        Builtin("context merge", "contexts") { (machine, arguments) throws(RuleError) in
            guard let contexts = arguments[0].argumentList else { return nil }
            var result = RuleRecord()
            for context in contexts {
                guard case .context(let record) = context else { return nil }
                try machine.charge(record.count)
                for entry in record.entries { result[entry.name] = entry.value }
            }
            return .context(result)
        },
    ]

    private static func put(_ record: RuleRecord, _ names: ArraySlice<String>, _ value: RuleValue)
        -> RuleRecord?
    {
        guard let first = names.first else { return nil }
        var result = record
        if names.count == 1 {
            result[first] = value
            return result
        }
        let inner: RuleRecord
        switch record[first] {
        case .context(let found): inner = found
        case nil, .null: inner = RuleRecord()
        default: return nil
        }
        guard let changed = put(inner, names.dropFirst(), value) else { return nil }
        result[first] = .context(changed)
        return result
    }
}
