public import Forms
import Rules

extension SystemDefinition {
    /// Reads a whole folder: `system.yaml`, its forms, tables, limits, guides and variants.
    /// - Throws: the first thing that cannot be read. Whether what was read can *run* is `problems(in:)`.
    public init(_ folder: SystemFolder) throws(DefinitionError) {
        let file = "system.yaml"
        let root = try SourceNode(yaml: try folder.text(file), file: file)
        let map = try root.map([
            "id", "name", "source", "owner", "engines", "modules", "clauses", "numbers", "items", "rules",
        ])
        id = try map.needed("id").word()
        name = try map.needed("name").bilingual()
        source = try map.needed("source").word()
        owner = try map.needed("owner").word()
        engines = try map.needed("engines").words()
        modules = try map["modules"]?.words() ?? []
        numbers = try map["numbers"]?.words() ?? []
        clauses = try Clause.all(try map.needed("clauses"))
        limits =
            folder.files["limits.yaml"] == nil
            ? .none : try DatedLimits(yaml: try folder.text("limits.yaml"), file: "limits.yaml")
        var items: [ItemDefinition] = []
        for node in try map["items"]?.list() ?? [] {
            let item = try ItemDefinition(node)
            guard !items.contains(where: { $0.id == item.id }) else {
                throw DefinitionError(.duplicate, at: node.position, ["name": item.id])
            }
            items.append(item)
        }
        self.items = items
        var forms: [String: FormDefinition] = [:]
        var tables: [String: DecisionTable] = [:]
        var variants: [RegionVariant] = []
        var library: [String: String] = [:]
        for path in folder.paths where path.hasSuffix(".parts.yaml") {
            library[path.split(separator: "/").last.map(String.init) ?? path] = try folder.text(path)
        }
        for path in folder.paths {
            if path.hasSuffix(".form.yaml") {
                forms[path] = try FormDefinition(yaml: try folder.text(path), file: path, library: library)
            } else if path.hasPrefix("rules/"), path.hasSuffix(".yaml") {
                tables[String(path.dropFirst(6).dropLast(5))] = try Self.table(try folder.text(path), path)
            } else if path.hasPrefix("variants/"), path.hasSuffix(".yaml") {
                variants += try RegionVariant.all(try folder.text(path), path)
            }
        }
        self.forms = forms
        self.tables = tables
        self.variants = variants
        rules = try RuleUse.all(map["rules"])
        var guides: [String: String] = [:]
        for language in ["zh", "en"] where folder.files["guide.\(language).md"] != nil {
            guides[language] = try folder.text("guide.\(language).md")
        }
        self.guides = guides
        var words: [String: SystemWords] = [:]
        for language in ["zh", "en"] where folder.files["words.\(language).yaml"] != nil {
            let file = "words.\(language).yaml"
            words[language] = try SystemWords(yaml: try folder.text(file), file: file)
        }
        systemWords = words
        digest = folder.digest
    }

    private static func table(_ text: String, _ path: String) throws(DefinitionError) -> DecisionTable {
        do {
            return try DecisionTable(yaml: text, file: path)
        } catch {
            var position = error.position
            if position.file == nil { position.file = path }
            throw DefinitionError(
                .badExpression,
                at: position,
                ["expression": path, "problem": error.description]
            )
        }
    }
}

extension RuleUse {
    private static func condition(_ node: SourceNode?) throws(DefinitionError) -> FormCondition? {
        guard let node else { return nil }
        return try FormCondition(node)
    }

    static func all(_ node: SourceNode?) throws(DefinitionError) -> [RuleUse] {
        var uses: [RuleUse] = []
        for element in try node?.list() ?? [] {
            let map = try element.map(["table", "each", "when", "reads"])
            var each: Each?
            if let text = try map["each"]?.word() {
                let words = text.split(separator: " ").map(String.init)
                guard words.count == 3, words[1] == "in" else {
                    throw (map["each"] ?? element).bad("name in list, such as person in people")
                }
                each = Each(variable: words[0], list: words[2])
            }
            uses.append(
                RuleUse(
                    table: try map.needed("table").word(),
                    each: each,
                    when: try condition(map["when"]),
                    reads: try map["reads"]?.words() ?? []
                )
            )
        }
        return uses
    }
}

extension Clause {
    static func all(_ node: SourceNode) throws(DefinitionError) -> [Clause] {
        var clauses: [Clause] = []
        for element in try node.list() {
            let map = try element.map(["must_do", "text", "later"])
            let number = try map.needed("must_do").integer(1...200)
            guard number == clauses.count + 1 else {
                throw (map["must_do"] ?? element).bad(
                    "the number \(clauses.count + 1): clauses are numbered without gaps"
                )
            }
            clauses.append(
                Clause(
                    id: "must_do.\(number)",
                    text: try map.needed("text").word(),
                    later: try map["later"]?.word()
                )
            )
        }
        return clauses
    }
}

extension ItemDefinition {
    /// Definitions that were published with one text for both languages go on being read.
    private static func named(_ node: SourceNode) throws(DefinitionError) -> Words {
        guard case .text = node.content else { return try node.bilingual() }
        let text = try node.word()
        return Words(zh: text, en: text)
    }

    init(_ node: SourceNode) throws(DefinitionError) {
        let map = try node.map([
            "id", "item", "title", "codes", "procedure", "for", "agency", "limits", "form", "materials",
            "trips", "fee", "charges",
            "flow", "gives", "papers", "case", "decision",
        ])
        id = try map.needed("id").word()
        item = try map["item"]?.word()
        title = try map.needed("title").bilingual()
        var codes: [String: String] = [:]
        for entry in try map["codes"]?.entries() ?? [] { codes[entry.key] = try entry.value.word() }
        self.codes = codes
        procedure = try map.needed("procedure").one(of: ProcedureProfile.self)
        decision = try DecisionWords(map["decision"], of: procedure)
        var applicants: [Applicant] = []
        let applicantNode = try map.needed("for")
        if case .text = applicantNode.content {
            applicants = [try applicantNode.one(of: Applicant.self)]
        } else {
            for element in try applicantNode.list() { applicants.append(try element.one(of: Applicant.self)) }
        }
        self.applicants = applicants
        agencyName = try Self.named(try map.needed("agency"))
        let limits = try map["limits"]?.map(["statutory", "promise"])
        statutoryLimit = try limits?["statutory"]?.word()
        promisedLimit = try limits?["promise"]?.word()
        form = try map["form"]?.word()
        trips = try map["trips"]?.integer(0...20) ?? 0
        if let node = map["fee"] { fee = try node.bilingual() } else { fee = nil }
        var charges: [ItemCharge] = []
        for element in try map["charges"]?.list() ?? [] { charges.append(try ItemCharge(element)) }
        self.charges = charges
        promiseOverride = nil
        var materials: [Material] = []
        for element in try map["materials"]?.list() ?? [] { materials.append(try Material(element)) }
        self.materials = materials
        var flow: [FlowStep] = []
        for entry in try map["flow"]?.entries() ?? [] { flow.append(try FlowStep(entry)) }
        self.flow = flow
        gives = try map["gives"]?.words() ?? []
        papers = try map["papers"]?.words() ?? []
        if let node = map["case"] { plain = try PlainCase(node) } else { plain = nil }
        position = node.position
    }
}

extension Material {
    init(_ node: SourceNode) throws(DefinitionError) {
        let map = try node.map(["name", "provenBy", "orElse", "asks", "when", "note"])
        name = try map.needed("name").bilingual()
        provenBy = try map["provenBy"]?.word()
        orElse = try map["orElse"]?.word()
        asks = try map["asks"]?.word()
        if let provenBy, !Self.proofs.contains(String(provenBy.prefix { $0 != " " })) {
            throw (map["provenBy"] ?? node).bad(
                "one of " + Self.proofs.joined(separator: ", ") + ", the last four with a name"
            )
        }
        if let orElse, !["commitment", "upload", "counter"].contains(orElse) {
            throw (map["orElse"] ?? node).bad("commitment, upload or counter")
        }
        when = try map["when"].map { (node) throws(DefinitionError) in try FormCondition(node) }
        if let node = map["note"] { note = try node.bilingual() } else { note = nil }
        position = node.position
    }

    static let proofs = ["identity", "signature", "form", "licence", "exchange", "paper", "register"]
}

extension FlowStep {
    init(_ entry: SourceEntry) throws(DefinitionError) {
        let map = try entry.value.map([
            "by", "label", "table", "tables", "role", "agency", "limit", "after", "when", "otherwise",
            "party",
            "operation", "closes", "asks", "module", "sends", "gives", "papers", "needs", "founderMay",
        ])
        name = entry.key
        position = entry.position
        by = try map.needed("by").one(of: Doer.self)
        if let node = map["label"] { label = try node.bilingual() } else { label = nil }
        var tables = try map["tables"]?.words() ?? []
        if let table = map["table"] { tables.insert(try table.word(), at: 0) }
        self.tables = tables
        role = try map["role"]?.word()
        agency = try map["agency"]?.word()
        limit = try map["limit"]?.word()
        needs = try map["needs"]?.words() ?? []
        after = try (map["after"]?.words() ?? []) + needs
        founderMay = try map["founderMay"]?.words() ?? []
        if let strange = founderMay.first(where: { !Self.wishes.contains($0) }), let node = map["founderMay"]
        {
            throw node.bad("of \(Self.wishes.joined(separator: ", ")), not \(strange)")
        }
        if let node = map["when"] { when = try FormCondition(node) } else { when = nil }
        otherwise = try map["otherwise"]?.word()
        party = try map["party"]?.word()
        operation = try map["operation"]?.word()
        closes = try map["closes"]?.flag() ?? true
        asks = try map["asks"]?.word()
        module = try map["module"]?.word()
        sends =
            try map["sends"].map { (node) throws(DefinitionError) in try PlainCase.Licence.values(node) }
            ?? []
        gives = try map["gives"]?.words() ?? []
        papers = try map["papers"]?.words() ?? []
        let needed: String? =
            switch by {
            case .rule: tables.isEmpty ? "tables" : nil
            case .staff: role == nil ? "role" : nil
            case .outside: party == nil ? "party" : (operation == nil ? "operation" : nil)
            case .module: module == nil ? "module" : nil
            case .signers, .applicant: nil
            }
        if let needed { throw DefinitionError(.missingKey, at: entry.position, ["key": needed]) }
    }

    static let wishes = ["later", "none"]
}

extension RegionVariant {
    /// Reads `variants/150200.yaml`: `{items: [{item: llc, promise: 1 wd, trips: 0, without: [材料]}]}`.
    static func all(_ text: String, _ path: String) throws(DefinitionError) -> [RegionVariant] {
        let root = try SourceNode(yaml: text, file: path)
        let region = String(path.dropFirst(9).dropLast(5))
        guard region.utf8.count == 6, region.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw root.bad("a file name of six digits, the region's code")
        }
        var variants: [RegionVariant] = []
        for node in try root.map(["items"]).needed("items").list() {
            let map = try node.map(["item", "promise", "trips", "without"])
            var promise: LimitPeriod?
            if let node = map["promise"] {
                promise = LimitPeriod(parsing: try node.word())
                if promise == nil { throw node.bad("a period such as 1 wd") }
            }
            variants.append(
                RegionVariant(
                    region: region,
                    item: try map.needed("item").word(),
                    promise: promise,
                    trips: try map["trips"]?.integer(0...20),
                    without: try map["without"]?.words() ?? [],
                    position: node.position
                )
            )
        }
        return variants
    }
}
