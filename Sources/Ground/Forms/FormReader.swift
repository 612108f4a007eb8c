import Rules

extension FormDefinition {
    static let pageCountMax = 60
    static let fieldCountMax = 600

    /// Reads a form file.
    /// - Parameters:
    ///   - yaml: at most 1 MB.
    ///   - file: named in every error.
    ///   - library: texts of shared parts by file name, for `uses`.
    /// - Throws: the first thing that is wrong, with file, line and column.
    public init(yaml: String, file: String, library: [String: String] = [:]) throws(DefinitionError) {
        let root = try SourceNode(yaml: yaml, file: file)
        let map = try root.map(["form", "title", "uses", "parts", "pages"])
        var reader = FormReader(file: file)
        for node in try map["uses"]?.list() ?? [] {
            let name = try node.word()
            guard let text = library[name] else {
                throw DefinitionError(.fileMissing, at: node.position, ["name": name])
            }
            let shared = try SourceNode(yaml: text, file: name).map(["parts"])
            for entry in try shared.needed("parts").entries() {
                reader.parts[entry.key] = try entry.value.list()
            }
        }
        if let parts = map["parts"] {
            for entry in try parts.entries() { reader.parts[entry.key] = try entry.value.list() }
        }
        let pageNodes = try map.needed("pages").list()
        guard !pageNodes.isEmpty, pageNodes.count <= Self.pageCountMax else {
            throw DefinitionError(
                .badValue,
                at: root.position,
                ["value": "\(pageNodes.count) pages", "expected": "1 to \(Self.pageCountMax) pages"]
            )
        }
        var pages: [FormPage] = []
        for node in pageNodes {
            let page = try reader.page(node)
            guard !pages.contains(where: { $0.id == page.id }) else {
                throw DefinitionError(.duplicate, at: node.position, ["name": page.id])
            }
            pages.append(page)
        }
        id = try map.needed("form").word()
        title = try map.needed("title").bilingual()
        self.pages = pages
        fields = try FormField.merged(pages.flatMap(\.fields))
        self.file = file
        locks = pages.flatMap { Self.locks(of: $0.fields, at: FormPath()) }
        try FormNames(pages).check()
    }
}

private struct FormReader {
    let file: String
    /// Named lists of fields that pages may use more than once.
    var parts: [String: [SourceNode]] = [:]
    var count = 0

    mutating func page(_ node: SourceNode) throws(DefinitionError) -> FormPage {
        let map = try node.map(["page", "title", "hint", "visible", "fields", "valid"])
        return FormPage(
            id: try identifier(try map.needed("page")),
            title: try map.needed("title").bilingual(),
            hint: try bilingual(map["hint"]),
            visible: try condition(map["visible"]),
            fields: try fields(try map.needed("fields").list(), depth: 0),
            valid: try rules(map["valid"]),
            position: node.position
        )
    }

    mutating func fields(_ nodes: [SourceNode], depth: Int) throws(DefinitionError) -> [FormField] {
        var fields: [FormField] = []
        for node in nodes {
            if case .map(let entries) = node.content, entries.count == 1, entries[0].key == "part" {
                let name = try entries[0].value.word()
                guard let part = parts[name] else {
                    throw DefinitionError(
                        .unknownName,
                        at: entries[0].value.position,
                        ["kind": "part", "name": name, "known": parts.keys.sorted().joined(separator: ", ")]
                    )
                }
                guard depth < 10 else { throw DefinitionError(.tooDeep, at: node.position, ["limit": "10"]) }
                fields += try self.fields(part, depth: depth + 1)
            } else {
                fields.append(try field(node, depth: depth))
            }
        }
        for (index, field) in fields.enumerated() {
            guard !fields[..<index].contains(where: { $0.name == field.name }) else {
                throw DefinitionError(.duplicate, at: field.position, ["name": field.name])
            }
        }
        return fields
    }

    static let keys = [
        "name", "type", "label", "hint", "required", "visible", "valid", "computed", "prefill", "sensitive",
        "seenBy",
        "autocomplete", "options", "fields", "rows", "min", "max", "decimals", "length", "level", "kind",
        "version",
        "text", "accept", "sizeMax", "role", "members", "from", "landline",
    ]

    mutating func field(_ node: SourceNode, depth: Int) throws(DefinitionError) -> FormField {
        guard depth < 10 else { throw DefinitionError(.tooDeep, at: node.position, ["limit": "10"]) }
        count += 1
        guard count <= FormDefinition.fieldCountMax else {
            throw DefinitionError(
                .tooLarge,
                at: node.position,
                ["limit": "\(FormDefinition.fieldCountMax) fields"]
            )
        }
        let map = try node.map(Self.keys)
        let kind = try kind(map, depth: depth)
        return FormField(
            name: try identifier(try map.needed("name")),
            kind: kind,
            label: try map.needed("label").bilingual(),
            hint: try bilingual(map["hint"]),
            required: try requirement(map["required"], kind: kind),
            visible: try condition(map["visible"]),
            valid: try rules(map["valid"]),
            computed: try condition(map["computed"]),
            prefill: try prefill(map["prefill"]),
            isSensitive: try map["sensitive"]?.flag() ?? false,
            seenBy: try map["seenBy"]?.words() ?? [],
            autocomplete: try map["autocomplete"]?.word(),
            position: node.position
        )
    }

    private func identifier(_ node: SourceNode) throws(DefinitionError) -> String {
        let text = try node.word()
        let first = text.utf8.first.map { (0x61...0x7A).contains($0) } ?? false
        let rest = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0)
        }
        guard first, rest, text.utf8.count <= 40 else {
            throw node.bad("a camelCase name of 1 to 40 letters and digits")
        }
        return text
    }

    private func bilingual(_ node: SourceNode?) throws(DefinitionError) -> Words? {
        guard let node else { return nil }
        return try node.bilingual()
    }

    func condition(_ node: SourceNode?) throws(DefinitionError) -> FormCondition? {
        guard let node else { return nil }
        return try FormCondition(node)
    }

    private func requirement(_ node: SourceNode?, kind: FieldKind) throws(DefinitionError)
        -> FormField.Requirement
    {
        guard let node else {
            switch kind {
            case .signature, .sameAs: return .never
            default: return .always
            }
        }
        switch try node.text() {
        case "true": return .always
        case "false": return .never
        default: return .when(try FormCondition(node))
        }
    }

    private func rules(_ node: SourceNode?) throws(DefinitionError) -> [FormRule] {
        guard let node else { return [] }
        var rules: [FormRule] = []
        for element in try node.list() {
            let map = try element.map(["rule", "code", "message", "arguments", "money"])
            var arguments: [(name: String, value: FormCondition, isMoney: Bool)] = []
            for (key, isMoney) in [("arguments", false), ("money", true)] {
                for entry in try map[key]?.entries() ?? [] {
                    arguments.append((entry.key, try FormCondition(entry.value), isMoney))
                }
            }
            rules.append(
                FormRule(
                    condition: try FormCondition(try map.needed("rule")),
                    code: try map.needed("code").word(),
                    message: try map.needed("message").bilingual(),
                    arguments: arguments
                )
            )
        }
        return rules
    }

    private func prefill(_ node: SourceNode?) throws(DefinitionError) -> Prefill? {
        guard let node else { return nil }
        let map = try node.map(["from", "path", "locked"])
        return Prefill(
            source: try map.needed("from").one(of: Prefill.Source.self),
            path: try map.needed("path").word(),
            isLocked: try map["locked"]?.flag() ?? false
        )
    }

    private func options(_ map: SourceMap) throws(DefinitionError) -> [FormOption] {
        var options: [FormOption] = []
        for node in try map.needed("options").list() {
            let map = try node.map(["code", "zh", "en", "hint", "visible"])
            let option = FormOption(
                code: try map.needed("code").word(),
                label: Words(zh: try map.needed("zh").word(), en: try map.needed("en").word()),
                hint: try bilingual(map["hint"]),
                visible: try condition(map["visible"])
            )
            guard !options.contains(where: { $0.code == option.code }) else {
                throw DefinitionError(.duplicate, at: node.position, ["name": option.code])
            }
            options.append(option)
        }
        guard !options.isEmpty, options.count <= 200 else {
            throw DefinitionError(
                .badValue,
                at: map.position,
                ["value": "\(options.count) options", "expected": "1 to 200 options"]
            )
        }
        return options
    }

    /// `1..50` or one number for the most.
    private func length(_ node: SourceNode?, else standard: ClosedRange<Int>) throws(DefinitionError)
        -> ClosedRange<Int>
    {
        guard let node else { return standard }
        let parts = try node.text().split(separator: ".", omittingEmptySubsequences: true).map { Int($0) }
        if parts.count == 1, let most = parts[0], most >= 1, most <= 20_000 { return min(1, most)...most }
        if parts.count == 2, let least = parts[0], let most = parts[1], least >= 0, least <= most,
            most <= 20_000
        {
            return least...most
        }
        throw node.bad("a length such as 2..50, at most 20000")
    }

    private func number(_ node: SourceNode?, else standard: Int64) throws(DefinitionError) -> Int64 {
        guard let node else { return standard }
        guard let number = Int64(try node.text()) else { throw node.bad("a whole number") }
        return number
    }

    private func decimalBound(_ node: SourceNode?) throws(DefinitionError) -> String? {
        guard let node else { return nil }
        guard let text = Decimals.canonical(try node.text()) else { throw node.bad("a decimal number") }
        return text
    }

    // One case a type of field: a table, long and flat.
    private mutating func kind(_ map: SourceMap, depth: Int) throws(DefinitionError) -> FieldKind {
        let node = try map.needed("type")
        switch try node.word() {
        case "text": return .text(length: try length(map["length"], else: 1...200))
        case "name": return .name(length: try length(map["length"], else: 2...50))
        case "multiline": return .multiline(length: try length(map["length"], else: 1...2_000))
        case "integer":
            let least = try number(map["min"], else: 0)
            let most = try number(map["max"], else: 1_000_000_000)
            guard least <= most else { throw node.bad("a min that is not above max") }
            return .integer(range: least...most)
        case "decimal":
            return .decimal(
                min: try decimalBound(map["min"]),
                max: try decimalBound(map["max"]),
                decimals: try map["decimals"]?.integer(0...12) ?? 2
            )
        case "money": return .money
        case "percent": return .percent(decimals: try map["decimals"]?.integer(0...8) ?? 2)
        case "date": return .date
        case "time": return .time
        case "choice": return .choice(try options(map))
        case "multichoice": return .multichoice(try options(map))
        case "yes-no": return .yesNo
        case "region":
            let level = try map["level"]?.word()
            if let level, !["league", "banner"].contains(level) {
                throw node.bad("league or banner as level")
            }
            return .region(level: level)
        case "identity-number": return .identityNumber(kindField: try map["kind"]?.word() ?? "idKind")
        case "phone": return .phone(landline: try map["landline"]?.flag() ?? false)
        case "email": return .email
        case "credit-code": return .creditCode
        case "scope": return .scope(max: try map["max"]?.integer(1...500) ?? 100)
        case "industry": return .industry
        case "file":
            return .file(
                accept: try map["accept"]?.words() ?? ["pdf", "jpg", "png", "ofd"],
                sizeBytesMax: try map.needed("sizeMax").integer(1...104_857_600)
            )
        case "promise":
            return .promise(
                version: try map.needed("version").word(),
                text: try map.needed("text").bilingual()
            )
        case "signature": return .signature(role: try map.needed("role").word())
        case "same-as":
            return .sameAs(from: try map.needed("from").words(), members: try map.needed("members").words())
        case "group": return .group(try fields(try map.needed("fields").list(), depth: depth + 1))
        case "rows":
            let range = try map["rows"]?.map(["min", "max"])
            let least = try range?["min"]?.integer(0...200) ?? 0
            let most = try range?["max"]?.integer(1...200) ?? 50
            guard least <= most else { throw node.bad("rows whose min is not above max") }
            return .rows(try fields(try map.needed("fields").list(), depth: depth + 1), min: least, max: most)
        case let other:
            throw DefinitionError(
                .unknownName,
                at: node.position,
                ["kind": "field type", "name": other, "known": FormReader.types.joined(separator: ", ")]
            )
        }
    }

    static let types = [
        "text", "name", "multiline", "integer", "decimal", "money", "percent", "date", "time", "choice",
        "multichoice",
        "yes-no", "region", "identity-number", "phone", "email", "credit-code", "scope", "industry", "file",
        "promise",
        "signature", "same-as", "group", "rows",
    ]
}

extension FormCondition {
    /// Reads FEEL at its place in the file.
    public init(_ node: SourceNode) throws(DefinitionError) {
        let text = try node.word()
        do {
            expression = try FEEL.parse(text, at: node.position)
        } catch {
            throw DefinitionError(
                .badExpression,
                at: error.position,
                [
                    "expression": String(text.prefix(80)),
                    "problem": error.arguments["expected"].map { "expected \($0)" } ?? error.code,
                ]
            )
        }
        position = node.position
    }
}
