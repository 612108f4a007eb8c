public import Forms
import Kernel
import Rules

extension LicenceType {
    private static let keys = [
        "key", "code", "name", "holder", "defines", "issues", "agency", "fields", "validity", "template",
        "items",
        "security",
        "proves", "query",
    ]

    /// Reads one file.
    /// - Parameter file: named in every error.
    /// - Throws: `DefinitionError` with line and column: an unknown key, a value that is none, a field that comes twice.
    public init(yaml: String, file: String) throws(DefinitionError) {
        let map = try SourceNode(yaml: yaml, file: file).map(Self.keys)
        key = try map.needed("key").plain()
        let code = try map.needed("code").map(["value", "certainty"])
        let defining = try map.needed("defines").map(["code", "name"])
        let authority = try defining.needed("code")
        defines = IssuingBody(code: try authority.word(), name: try defining.needed("name").word())
        let value = try code.needed("value")
        self.code = try value.word()
        guard self.code.utf8.count == 21, self.code.hasPrefix(defines.code),
            self.code.suffix(3).utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw value.bad("the defining authority's credit code and three digits") }
        certainty = try code.needed("certainty").word()
        name = try map.needed("name").bilingual()
        let holder = try map.needed("holder").map(["kind", "code"])
        self.holder = try holder.needed("kind").one(of: Holder.Kind.self)
        holderCodeType = try holder.needed("code").word()
        issues = try map.needed("issues").bilingual()
        agency = try map["agency"]?.plain()
        fields = try Self.fields(try map.needed("fields"))
        validity = try LicenceValidity(try map.needed("validity"), fields: fields)
        template = try map.needed("template").one(of: LicenceTemplate.self)
        items = try Self.names(map["items"])
        security = try map.needed("security").one(of: LicenceSecurity.self)
        proves = try Self.names(map["proves"])
        query = try Self.names(map["query"])
        if let node = map["query"] {
            let open = Set(fields.filter { !$0.isMasked }.map(\.key))
            guard fields.contains(where: { $0.catalogue == LicenceField.numberName }),
                open.isSuperset(of: query)
            else {
                throw node.bad("keys of fields that are not masked, of a type with a printed number")
            }
        }
    }

    private static func names(_ node: SourceNode?) throws(DefinitionError) -> [String] {
        guard let node else { return [] }
        let names = try node.words()
        guard Set(names).count == names.count else { throw node.bad("each name once") }
        return names
    }

    private static func fields(_ node: SourceNode) throws(DefinitionError) -> [LicenceField] {
        var fields: [LicenceField] = []
        for element in try node.list() {
            let field = try LicenceField(element)
            let catalogue = field.catalogue
            guard
                !fields.contains(where: {
                    $0.key == field.key || (catalogue != nil && $0.catalogue == catalogue)
                })
            else { throw DefinitionError(.duplicate, at: element.position, ["name": field.key]) }
            fields.append(field)
        }
        return fields
    }
}

extension LicenceField {
    /// What a text may measure where the file says nothing: a page.
    private static let lengthUsual = 2_000

    init(_ node: SourceNode) throws(DefinitionError) {
        let map = try node.map(["key", "zh", "en", "kind", "required", "masked", "catalogue", "max"])
        key = try map.needed("key").plain()
        name = Words(zh: try map.needed("zh").word(), en: try map.needed("en").word())
        kind = try map.needed("kind").one(of: Kind.self)
        isRequired = try map["required"]?.flag() ?? false
        isMasked = try map["masked"]?.flag() ?? false
        let named = map["catalogue"]
        catalogue = try named?.word()
        if let named, let catalogue, !Self.isCatalogueName(catalogue) {
            throw named.bad("capitals, digits and _, such as KZ_JYCS")
        }
        lengthMax = try map["max"]?.integer(1...100_000) ?? Self.lengthUsual
    }

    private static func isCatalogueName(_ name: String) -> Bool {
        name.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}

extension LicenceValidity {
    init(_ node: SourceNode, fields: [LicenceField]) throws(DefinitionError) {
        let map = try node.map(["years", "until", "open", "dated"])
        if let years = map["years"] {
            self = .years(try years.integer(1...99))
        } else if let until = map["until"] {
            let key = try until.word()
            guard fields.contains(where: { $0.key == key && $0.kind == .date && $0.isRequired }) else {
                throw until.bad("a required field of kind date")
            }
            self = .until(field: key)
        } else if let open = map["open"] {
            guard try open.flag() else { throw open.bad("true") }
            self = .open
        } else if let dated = map["dated"] {
            guard try dated.flag() else { throw dated.bad("true") }
            self = .dated
        } else {
            throw node.bad("one of years, until, open, dated")
        }
        guard try node.entries().count == 1 else { throw node.bad("one of years, until, open, dated") }
    }
}

extension SourceNode {
    /// A name that programs use: letters, digits and hyphens.
    fileprivate func plain() throws(DefinitionError) -> String {
        let word = try word()
        let isPlain = word.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || $0 == 0x2D
        }
        guard isPlain else { throw bad("letters, digits and hyphens") }
        return word
    }
}
