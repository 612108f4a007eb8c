public import Forms
import Kernel
import Rules

extension DatedLimits {
    /// Reads `limits.yaml`:
    ///
    ///     limits:
    ///       - name: nameReservation
    ///         label: {zh: 名称保留期, en: Name reservation}
    ///         law: 企业名称登记管理规定第十八条
    ///         values: [{region: 150000, from: 2021-03-01, value: 2 mo}]
    public init(yaml: String, file: String) throws(DefinitionError) {
        let root = try SourceNode(yaml: yaml, file: file).map(["limits"])
        var limits: [DatedLimit] = []
        for node in try root.needed("limits").list() {
            let limit = try DatedLimit(node)
            guard !limits.contains(where: { $0.name == limit.name }) else {
                throw DefinitionError(.duplicate, at: node.position, ["name": limit.name])
            }
            limits.append(limit)
        }
        self.init(limits)
    }
}

extension DatedLimit {
    init(_ node: SourceNode) throws(DefinitionError) {
        let map = try node.map(["name", "label", "law", "usedBy", "values"])
        let nameNode = try map.needed("name")
        let name = try nameNode.word()
        guard
            name.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            })
        else { throw nameNode.bad("a camelCase name") }
        self.name = name
        label = try map.needed("label").bilingual()
        law = try map["law"]?.word()
        usedBy = try map["usedBy"]?.words() ?? []
        entries = try DatedLimit.entries(try map.needed("values"))
        position = node.position
    }

    /// `[{region, from, until?, value}]`, region being the whole autonomous region when it is not named.
    static func entries(_ node: SourceNode) throws(DefinitionError) -> [Entry] {
        var entries: [Entry] = []
        var kind: String?
        for element in try node.list() {
            let map = try element.map(["region", "from", "until", "value"])
            let region = try map["region"]?.word() ?? "150000"
            guard region.utf8.count == 6, region.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw (map["region"] ?? element).bad("six digits of a region")
            }
            let from = try Self.date(try map.needed("from"))
            let until: LocalDate?
            if let node = map["until"] { until = try Self.date(node) } else { until = nil }
            if let until, until < from { throw element.bad("an until that is not before from") }
            let valueNode = try map.needed("value")
            let value = try LimitValue(valueNode)
            if let kind, kind != value.kind { throw valueNode.bad("a \(kind), as the values before it") }
            kind = value.kind
            let entry = Entry(region: region, from: from, until: until, value: value)
            guard !entries.contains(where: { $0.region == region && $0.from == from }) else {
                throw DefinitionError(.duplicate, at: element.position, ["name": "\(region) from \(from)"])
            }
            entries.append(entry)
        }
        guard !entries.isEmpty else { throw node.bad("at least one value") }
        return entries
    }

    private static func date(_ node: SourceNode) throws(DefinitionError) -> LocalDate {
        guard let date = LocalDate(parsing: try node.text()) else {
            throw node.bad("a date YYYY-MM-DD that exists")
        }
        return date
    }
}

extension LimitValue {
    /// `50`, `5 wd`, `25 %`, `1000 万元`, `80 元`, `true`, or a list of words.
    init(_ node: SourceNode) throws(DefinitionError) {
        if case .list = node.content {
            self = .list(try node.words())
            return
        }
        let text = try node.word()
        if text == "true" || text == "false" {
            self = .flag(text == "true")
        } else if let period = LimitPeriod(parsing: text) {
            self = .period(period)
        } else if text.hasSuffix("%"), Self.isNumber(text.dropLast().trimmed) {
            self = .percent(String(text.dropLast().trimmed))
        } else if text.hasSuffix("万元"), let money = Money(tenThousandYuan: text.dropLast(2).trimmed) {
            self = .money(money)
        } else if text.hasSuffix("元"), let money = Money(yuan: text.dropLast().trimmed) {
            self = .money(money)
        } else if Self.isNumber(Substring(text)) {
            self = .number(text)
        } else {
            throw node.bad(
                "a number, a period such as 5 wd, a percentage such as 25 %, an amount in 元 or 万元, true, false or a list"
            )
        }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && text.utf8.count <= 20
            && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }

    var kind: String {
        switch self {
        case .number: "number"
        case .period: "period"
        case .percent: "percentage"
        case .money: "amount"
        case .flag: "flag"
        case .list: "list"
        }
    }
}

extension Substring {
    var trimmed: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
