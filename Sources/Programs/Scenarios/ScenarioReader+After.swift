import Forms
import Kernel

/// The verbs of what comes after, around and beside an opening: corrections, versions, accounts, pages.
extension Scenario {
    /// A reason alone, or `{words: …, settle: [accept, strike]}`.
    static func staff(_ who: String, _ act: Verb.StaffAct, _ node: SourceNode) throws(DefinitionError) -> Verb
    {
        if case .text = node.content { return .staff(who, act, try node.text(), []) }
        let map = try node.map(["words", "settle"])
        return .staff(who, act, try map.needed("words").text(), try map["settle"]?.words() ?? [])
    }

    static func correction(_ node: SourceNode) throws(DefinitionError) -> CorrectionAct {
        let map = try node.map(["act", "words", "item", "applicant", "responsible", "value"])
        var act = CorrectionAct(kind: try map.needed("act").one(of: CorrectionAct.Kind.self))
        if let words = map["words"] { act.words = try words.text() }
        act.item = try map["item"]?.word()
        if let applicant = map["applicant"] { act.applicant = try applicant.word() }
        act.responsible = try map["responsible"]?.words() ?? []
        if let value = map["value"] { act.value = try fact(value) }
        return act
    }

    static func publishing(_ node: SourceNode) throws(DefinitionError) -> Publishing {
        let map = try node.map(["system", "file", "replace", "with", "region", "effective"])
        var publishing = Publishing(
            system: try map.needed("system").word(),
            file: try map.needed("file").word(),
            replace: try map.needed("replace").word(),
            with: try map.needed("with").text()
        )
        if let region = map["region"] { publishing.region = try region.word() }
        publishing.effective = try map["effective"]?.word()
        return publishing
    }

    static func holding(_ node: SourceNode) throws(DefinitionError) -> Holding {
        var holding = Holding()
        if case .text(let text) = node.content, text.isEmpty { return holding }
        let map = try node.map(["level", "password"])
        if let level = map["level"] { holding.level = try level.word() }
        if let password = map["password"] { holding.password = try password.word() }
        return holding
    }

    static func errand(_ node: SourceNode) throws(DefinitionError) -> Errand {
        let map = try node.map([
            "page", "fields", "body", "method", "status", "goes", "sees", "misses", "same",
        ])
        var errand = Errand(page: try map.needed("page").word())
        if let fields = map["fields"] {
            var all: [String: String] = [:]
            if case .map(let entries) = fields.content {
                for entry in entries { all[entry.key] = try entry.value.text() }
            }
            errand.fields = all
        }
        if let body = map["body"] { errand.body = try words(body) }
        if let method = map["method"] { errand.method = try method.word() }
        errand.status = try map["status"]?.integer(200...599)
        errand.goes = try map["goes"]?.word()
        errand.sees = try map["sees"]?.words() ?? []
        errand.misses = try map["misses"]?.words() ?? []
        errand.same = try map["same"]?.word()
        return errand
    }

    /// A body of texts; codes keep their zeros.
    private static func words(_ node: SourceNode) throws(DefinitionError) -> JSON {
        switch node.content {
        case .text(let text): return text == "true" ? true : text == "false" ? false : .string(text)
        case .list(let elements):
            var list: [JSON] = []
            for element in elements { list.append(try words(element)) }
            return .array(list)
        case .map(let entries):
            var members: [String: JSON] = [:]
            for entry in entries { members[entry.key] = try words(entry.value) }
            return .object(members)
        }
    }

    static func registerAct(_ node: SourceNode) throws(DefinitionError) -> LaterAct {
        let map = try node.map(["act", "items", "filings", "region", "agency", "year"])
        var act = LaterAct(kind: try map.needed("act").one(of: LaterAct.Kind.self))
        if let items = map["items"] { act.items = try fact(items) }
        if let filings = map["filings"] { act.filings = try fact(filings) }
        act.region = try map["region"]?.word()
        act.agency = try map["agency"]?.word()
        act.year = try map["year"]?.integer(2_000...2_100)
        return act
    }

    static func mandate(_ node: SourceNode) throws(DefinitionError) -> Mandate {
        let map = try node.map(["agent", "scope", "until"])
        return Mandate(
            agent: try map.needed("agent").word(),
            scope: try map.needed("scope").words(),
            until: try map.needed("until").word()
        )
    }

    static func wish(_ node: SourceNode) throws(DefinitionError) -> Wish {
        let map = try node.map(["do", "of", "answer"])
        return Wish(
            operation: try map.needed("do").word(),
            of: try map["of"]?.word(),
            answer: try map.needed("answer").word()
        )
    }

    static func handedFile(_ node: SourceNode) throws(DefinitionError) -> HandedFile {
        let map = try node.map(["bytes", "held", "heldMegabytes"])
        return HandedFile(
            bytes: try map.needed("bytes").integer(24...1_048_576),
            held: try map["held"]?.integer(0...1_000) ?? 0,
            heldMegabytes: try map["heldMegabytes"]?.integer(0...1_000) ?? 0
        )
    }
}
