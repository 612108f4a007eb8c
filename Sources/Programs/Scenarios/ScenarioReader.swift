public import Forms
import Foundation
public import Kernel
import Rules

extension Scenario {
    /// Reads one file; unknown keys and verbs are refused with file, line and column.
    public init(yaml: String, file: String, system: String) throws(DefinitionError) {
        let root = try SourceNode(yaml: yaml, file: file)
        let map = try root.map(["scenario", "proves", "clock", "steps"])
        name = try map.needed("scenario").word()
        proves = try map.needed("proves").words()
        let clock = try map.needed("clock")
        guard let start = Instant(parsing: try clock.word()) else { throw clock.bad("a day and a time") }
        self.start = start
        self.file = file
        self.system = system
        var steps: [Step] = []
        for node in try map.needed("steps").list() { steps.append(try Self.step(node)) }
        self.steps = steps
        let expects = steps.contains { step in
            switch step.verb {
            case .expect, .judge, .judgeForm, .visits, .may: true
            default: false
            }
        }
        guard expects else { throw DefinitionError(.missingKey, at: root.position, ["key": "expect"]) }
    }

    /// All scenarios of a system, in the order of their file names.
    public static func all(of system: String, home: Home) throws -> [Scenario] {
        let folder = "\(home.systems)/\(system)/scenarios"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
            .sorted()
            .map { path in
                try Scenario(
                    yaml: String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8),
                    file: "\(system)/scenarios/\(path)",
                    system: system
                )
            }
    }

    private static func step(_ node: SourceNode) throws(DefinitionError) -> Step {
        let entries = try node.entries()
        guard entries.count == 1, let entry = entries.first else { throw node.bad("one `who does: what`") }
        return Step(position: entry.position, text: entry.key, verb: try verb(entry))
    }

    private static let verbs =
        [
            "opens", "applies", "decides", "uses seal", "reserves", "edits", "attaches", "asks", "submits",
            "withdraws",
            "renews",
            "objects",
            "asks to take back", "takes back", "signs",
            "shows", "is",
            "knows", "has", "have", "judges", "form judges", "line", "corrects", "has account", "signs in",
            "visits",
            "sends", "fills in", "pays", "releases refund",
            "calls", "authorises", "revokes", "acts for", "may", "seals", "licences", "archives",
            "signs elsewhere", "trusts", "issues",
            "recognises",
            "arrives",
        ] + Verb.StaffAct.allCases.map(\.rawValue)

    private static func verb(_ entry: SourceEntry) throws(DefinitionError) -> Verb {
        switch entry.key {
        case "expect": return .expect(try Expectation(entry.value))
        case "clock": return .clock(try move(entry.value))
        case "register has": return .register(try registered(entry.value))
        case "register notes": return .note(try noted(entry.value))
        case "names have": return .names(try named(entry.value))
        case "register acts": return .later(try registerAct(entry.value))
        case "catalogue publishes": return .publishes(try publishing(entry.value))
        case "catalogue withdraws":
            let map = try entry.value.map(["system", "why"])
            return .withdrawsVersion(
                system: try map.needed("system").word(),
                why: try map.needed("why").text()
            )
        case "stock arrives": return .takesOver(try stockArrival(entry.value))
        case "codes taken": return .codesTaken(try entry.value.word())
        default: break
        }
        let words = entry.key.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2 else { throw unknown(entry) }
        let (who, node) = (words[0], entry.value)
        switch words[1] {
        case "opens": return .opens(who, try opening(node))
        case "applies": return .applies(who, try application(node))
        case "decides": return .decides(who, try licenceAct(node))
        case "uses seal": return .usesSeal(who, try firmSealAct(node))
        case "reserves": return .reserves(who, try opening(node))
        case "edits": return .edits(who, try node.entries())
        case "attaches": return .attaches(who, try handedFile(node))
        case "asks signatures": return .asksSignatures(who)
        case "submits": return .submits(who)
        case "withdraws": return .withdraws(who)
        case "pays": return .pays(who)
        case "releases refund": return .releasesRefund(who)
        case "reminds": return .renews(who, try node.word())
        case "objects": return .objects(who, try node.word())
        case "asks to take back": return .asksToTakeBack(who)
        case "takes back": return .takesBack(who)
        case "signs": return .signs(who)
        case "shows face": return .showsFace(who, try node.map(["score"]).needed("score").integer(0...1_000))
        case "is": return .partyIs(who, try node.word())
        case "knows": return .partyKnows(who, try fact(node))
        case "line": return .line(who, try node.one(of: Verb.LineWish.self))
        case "fills in": return .fillsIn(who, try opening(node))
        case "corrects": return .corrects(who, try correction(node))
        case "has account": return .hasAccount(who, try holding(node))
        case "signs in":
            let map = try optional(node, ["password", "status"])
            return .signsIn(
                who,
                password: try map?["password"]?.word(),
                status: try map?["status"]?.integer(200...599) ?? 303
            )
        case "visits", "sends", "calls": return .visits(who, try errand(node))
        case "authorises": return .authorises(who, try mandate(node))
        case "revokes": return .revokes(who, agent: try node.word())
        case "acts for": return .actsFor(who, of: try node.text() == "himself" ? nil : try node.word())
        case "seals": return .seals(who, try sealAct(node))
        case "licences": return .licences(who, try libraryAct(node))
        case "issues", "recognises":
            return .foreign(who, try foreignAct(words[1] == "issues" ? .issues : .recognises, node))
        case "signs elsewhere": return .signsElsewhere(who, try elsewhereAct(node))
        case "trusts": return .recognises(who, try node.word())
        case "archives": return .archives(who, try archiveAct(node))
        case "may": return .may(who, try wish(node))
        case "form judges": return .judgeForm(try formJudgement(who, node))
        case "judges":
            let item = who.split(separator: "/").map(String.init)
            return .judge(try judgement(item, node))
        default:
            guard let act = Verb.StaffAct(rawValue: words[1]) else { throw unknown(entry) }
            return try staff(who, act, node)
        }
    }

    /// A mapping, or nothing at all.
    private static func optional(_ node: SourceNode, _ keys: [String]) throws(DefinitionError) -> SourceMap? {
        if case .text(let text) = node.content, text.isEmpty { return nil }
        return try node.map(keys)
    }

    private static func unknown(_ entry: SourceEntry) -> DefinitionError {
        DefinitionError(
            .unknownName,
            at: entry.position,
            ["kind": "verb", "name": entry.key, "known": verbs.joined(separator: ", ")]
        )
    }

    private static func opening(_ node: SourceNode) throws(DefinitionError) -> Opening {
        var opening = Opening()
        if case .text(let text) = node.content, text.isEmpty { return opening }
        let map = try node.map(["item", "change", "reserve", "sign", "submit", "times"])
        if let item = map["item"] { opening.item = try item.word() }
        opening.change = try map["change"]?.entries() ?? []
        if let reserve = map["reserve"] { opening.reserve = try reserve.flag() }
        if let submit = map["submit"] { opening.submit = try submit.flag() }
        if let times = map["times"] { opening.times = try times.integer(1...100) }
        if let sign = map["sign"] { opening.sign = try signing(sign) }
        return opening
    }

    /// `everybody`, `nobody`, a name or several.
    static func signing(_ node: SourceNode) throws(DefinitionError) -> Opening.Signing {
        guard case .text(let text) = node.content else { return .only(try node.words()) }
        switch text {
        case "everybody": return .everybody
        case "nobody": return .nobody
        default: return .only([text])
        }
    }

    /// `+1 wd`, `+3 h`, `+20 min`, `+2 d`, or a day and time.
    private static func move(_ node: SourceNode) throws(DefinitionError) -> Move {
        let text = try node.word()
        guard text.hasPrefix("+") else {
            guard let moment = Instant(parsing: text) else { throw node.bad("a day and a time, or +3 h") }
            return .to(moment)
        }
        let words = text.dropFirst().split(separator: " ")
        let units: [Substring: Int64] = ["min": Instant.minute, "h": Instant.hour, "d": Instant.day]
        guard words.count == 2, let amount = Int64(words[0]), (0...100_000).contains(amount) else {
            throw node.bad("+ a number and wd, d, h or min")
        }
        if words[1] == "wd" { return .workingDays(Int(amount)) }
        guard let unit = units[words[1]] else { throw node.bad("wd, d, h or min") }
        return .by(amount * unit)
    }

    private static func registered(_ node: SourceNode) throws(DefinitionError) -> Registered {
        let map = try node.map(
            ["firms", "code", "name", "state", "representative", "address", "phone", "applicant"])
        var held = Registered()
        if let firms = map["firms"] { held.firms = try firms.integer(1...1_000) }
        held.code = try map["code"]?.word()
        if let name = map["name"] { held.name = try name.word() }
        if let state = map["state"] { held.state = try state.word() }
        if let person = map["representative"] { held.representative = try person.word() }
        held.address = try map["address"]?.entries() ?? []
        held.phone = try map["phone"]?.word()
        held.applicant = try map["applicant"]?.word()
        return held
    }

    private static func noted(_ node: SourceNode) throws(DefinitionError) -> Noted {
        let map = try node.map(["kind", "on", "until", "address"])
        return Noted(
            kind: try map.needed("kind").word(),
            on: try map.needed("on").word(),
            until: try map["until"]?.word(),
            address: try map["address"]?.entries() ?? []
        )
    }

    private static func named(_ node: SourceNode) throws(DefinitionError) -> Named {
        let map = try node.map(
            ["division", "brand", "trade", "industry", "form", "scope", "region", "enterprise", "leaves"])
        var named = Named(brand: try map.needed("brand").word())
        if let word = map["division"] { named.division = try word.text() }
        if let word = map["trade"] { named.trade = try word.text() }
        if let word = map["industry"] { named.industry = try word.word() }
        if let word = map["form"] { named.form = try word.word() }
        if let word = map["scope"] { named.scope = try word.word() }
        if let word = map["region"] { named.region = try word.word() }
        if let word = map["enterprise"] { named.enterprise = try word.word() }
        named.leaves = try map["leaves"]?.word()
        return named
    }

    private static func judgement(_ names: [String], _ node: SourceNode) throws(DefinitionError) -> Judgement
    {
        var lines: [Judgement.Line] = []
        for line in try node.list() {
            let map = try line.map(["change", "row", "says", "reason", "arguments", "region"])
            var arguments: [String: String]?
            if let node = map["arguments"] {
                arguments = [:]
                for entry in try node.entries() { arguments?[entry.key] = try entry.value.text() }
            }
            lines.append(
                Judgement.Line(
                    position: line.position,
                    change: try map["change"]?.entries() ?? [],
                    row: try map["row"]?.word(),
                    says: try map.needed("says").word(),
                    reason: try map["reason"]?.text(),
                    arguments: arguments,
                    region: try map["region"]?.word()
                )
            )
        }
        return Judgement(rule: names.last ?? "", item: names.count > 1 ? names[0] : "llc", lines: lines)
    }

    private static func formJudgement(_ item: String, _ node: SourceNode) throws(DefinitionError)
        -> FormJudgement
    {
        var lines: [FormJudgement.Line] = []
        for line in try node.list() {
            let map = try line.map(["change", "problems", "keeps", "drops", "materials", "region"])
            lines.append(
                FormJudgement.Line(
                    position: line.position,
                    change: try map["change"]?.entries() ?? [],
                    problems: try map.needed("problems").words(),
                    keeps: try map["keeps"]?.words() ?? [],
                    drops: try map["drops"]?.words() ?? [],
                    materials: try map["materials"]?.words(),
                    region: try map["region"]?.word()
                )
            )
        }
        return FormJudgement(item: item, lines: lines)
    }

    /// Texts, but `true`, `false` and whole numbers written bare become what they look like in a party's fact.
    static func fact(_ node: SourceNode) throws(DefinitionError) -> JSON {
        switch node.content {
        case .text(let text):
            switch text {
            case "true": return true
            case "false": return false
            default: return text.count < 10 ? Int(text).map { JSON($0) } ?? .string(text) : .string(text)
            }
        case .list(let elements):
            var list: [JSON] = []
            for element in elements { list.append(try fact(element)) }
            return .array(list)
        case .map(let entries):
            var members: [String: JSON] = [:]
            for entry in entries { members[entry.key] = try fact(entry.value) }
            return .object(members)
        }
    }
}
