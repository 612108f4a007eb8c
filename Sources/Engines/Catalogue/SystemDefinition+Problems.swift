public import Forms
import Kernel
import Rules

/// What a definition may lean on. A set that is nil is not checked.
public struct CatalogueWorld: Sendable {
    /// Listed Swift modules.
    public var modules: Set<String>?
    /// Outside parties with their operations.
    public var parties: [String: Set<String>]?
    public var papers: Set<String>?
    /// Kinds of licence that the platform can show by itself, with the Chinese names of what they prove.
    public var licences: [String: [String]]?
    public var engines: Set<String>?
    /// Names of items.tsv.
    public var items: Set<String>?
    /// Codes of agencies.tsv.
    public var agencies: Set<String>?
    /// Types of licence that a grant may issue, by key.
    public var licenceTypes: [String: KnownLicence]?
    /// Types of electronic seal, by key.
    public var seals: Set<String>?
    /// What operations are sent, by `party.operation`.
    public var asks: [String: KnownOperation]?

    public init(
        modules: Set<String>? = nil,
        parties: [String: Set<String>]? = nil,
        papers: Set<String>? = nil,
        licences: [String: [String]]? = nil,
        engines: Set<String>? = nil,
        items: Set<String>? = nil,
        agencies: Set<String>? = nil,
        licenceTypes: [String: KnownLicence]? = nil,
        seals: Set<String>? = nil,
        asks: [String: KnownOperation]? = nil
    ) {
        self.modules = modules
        self.parties = parties
        self.papers = papers
        self.licences = licences
        self.engines = engines
        self.items = items
        self.agencies = agencies
        self.licenceTypes = licenceTypes
        self.seals = seals
        self.asks = asks
    }

    /// The licence that shows what a material shows: the first by name where several do.
    func licence(proving material: String) -> String? {
        licences?.filter { $0.value.contains(material) }.keys.min()
    }
}

extension SystemDefinition {
    /// Everything that would keep this definition from running, in the order of the file. Empty: it may be published.
    public func problems(in world: CatalogueWorld = CatalogueWorld()) -> [DefinitionError] {
        var found: [DefinitionError] = []
        let top = items.first?.position ?? SourcePosition(file: "system.yaml")
        unknown("engine", engines, world.engines, at: top, into: &found)
        unknown("module", modules, world.modules, at: top, into: &found)
        unknown("decision table", rules.map(\.table), Set(tables.keys), at: top, into: &found)
        for item in items {
            if let names = world.items, let listed = item.item {
                unknown("item", [listed], names, at: item.position, into: &found)
            }
            if let form = item.form {
                unknown("form", [form], Set(forms.keys), at: item.position, into: &found)
            }
            unknown("paper", item.papers, world.papers, at: item.position, into: &found)
            for limit in [item.statutoryLimit, item.promisedLimit].compactMap({ $0 })
            where limits[limit] == nil {
                found.append(DefinitionError(.limitNotArmed, at: item.position, ["name": limit]))
            }
            if let charge = item.charges.first, !item.flow.contains(where: { $0.by == .staff }) {
                found.append(
                    DefinitionError(.chargeWithoutReview, at: charge.position, ["name": item.id])
                )
            }
            materials(of: item, world, into: &found)
            flow(of: item, world, into: &found)
            plain(of: item, world, into: &found)
        }
        for (language, other) in [("zh", "en"), ("en", "zh")] {
            for key in words(language).texts.keys.sorted() where words(other)[key] == nil {
                found.append(
                    DefinitionError(
                        .missingKey,
                        at: SourcePosition(file: "words.\(other).yaml"),
                        ["key": key]
                    )
                )
            }
        }
        for variant in variants { check(variant, into: &found) }
        limitsInUse(into: &found)
        return found
    }

    func unknown(
        _ kind: String,
        _ names: [String],
        _ known: Set<String>?,
        at position: SourcePosition,
        into found: inout [DefinitionError]
    ) {
        guard let known else { return }
        for name in names where !known.contains(name) {
            found.append(
                DefinitionError(
                    .unknownName,
                    at: position,
                    ["kind": kind, "name": name, "known": known.sorted().joined(separator: ", ")]
                )
            )
        }
    }

    private func materials(
        of item: ItemDefinition,
        _ world: CatalogueWorld,
        into found: inout [DefinitionError]
    ) {
        for material in item.materials {
            if let proof = material.provenBy {
                let parts = proof.split(separator: " ", maxSplits: 1).map(String.init)
                let name = parts.count == 2 ? parts[1] : ""
                switch parts[0] {
                case "licence":
                    unknown(
                        "licence",
                        [name],
                        world.licences.map { Set($0.keys) },
                        at: material.position,
                        into: &found
                    )
                case "exchange":
                    let steps = name.split(separator: ".", maxSplits: 1).map(String.init)
                    operation(
                        steps.first ?? "",
                        steps.count == 2 ? steps[1] : "",
                        world,
                        at: material.position,
                        into: &found
                    )
                case "paper": unknown("paper", [name], world.papers, at: material.position, into: &found)
                default: break
                }
            } else if let source = world.licence(proving: material.name.zh) {
                found.append(
                    DefinitionError(
                        .provable,
                        at: material.position,
                        ["material": material.name.zh, "source": "the licence \(source)"]
                    )
                )
            } else if Self.provenByIdentity.contains(material.name.zh) {
                found.append(
                    DefinitionError(
                        .provable,
                        at: material.position,
                        ["material": material.name.zh, "source": "the identity check"]
                    )
                )
            }
        }
    }

    /// What the sign-in itself proves (ux.md 4: don't ask for what the account already has).
    static let provenByIdentity: Set<String> = ["身份证明", "身份证复印件", "居民身份证", "法定代表人身份证复印件"]

    func operation(
        _ party: String,
        _ operation: String,
        _ world: CatalogueWorld,
        at position: SourcePosition,
        into found: inout [DefinitionError]
    ) {
        guard let parties = world.parties else { return }
        guard let operations = parties[party] else {
            unknown("party", [party], Set(parties.keys), at: position, into: &found)
            return
        }
        unknown("operation of \(party)", [operation], operations, at: position, into: &found)
    }

    private func flow(of item: ItemDefinition, _ world: CatalogueWorld, into found: inout [DefinitionError]) {
        let names = Set(item.flow.map(\.name))
        for step in item.flow {
            unknown("step", step.after, names, at: step.position, into: &found)
            unknown("step", step.otherwise.map { [$0] } ?? [], names, at: step.position, into: &found)
            unknown("decision table", step.tables, Set(tables.keys), at: step.position, into: &found)
            unknown("paper", step.papers, world.papers, at: step.position, into: &found)
            unknown("module", step.module.map { [$0] } ?? [], world.modules, at: step.position, into: &found)
            if let party = step.party, let operation = step.operation {
                self.operation(party, operation, world, at: step.position, into: &found)
            }
            if let limit = step.limit, limits[limit] == nil {
                found.append(DefinitionError(.limitNotArmed, at: step.position, ["name": limit]))
            }
            // A rule that finds nothing must hand over to somebody: unknown is never a pass (company-opening §3).
            if step.by == .rule && step.otherwise == nil {
                found.append(DefinitionError(.deadEnd, at: step.position, ["name": step.name]))
            }
            if let asks = step.asks, let form = form(of: item), form.field(at: asks) == nil {
                found.append(
                    DefinitionError(
                        .unknownName,
                        at: step.position,
                        ["kind": "field", "name": asks, "known": form.file]
                    )
                )
            }
            if let when = step.when, let form = form(of: item) {
                let known = Set(form.pages.flatMap { $0.fields.map(\.name) }).union(Self.flowNames)
                unknown("name", when.expression.freeNames.sorted(), known, at: when.position, into: &found)
            }
        }
        if let cycle = Self.cycle(item.flow) {
            found.append(
                DefinitionError(
                    .cycle,
                    at: item.step(cycle[0])?.position ?? item.position,
                    ["steps": cycle.joined(separator: " → ")]
                )
            )
        }
    }

    /// What a `when` sees beside the form's own fields.
    static let flowNames: Set<String> = [
        "form", "case", "decision", "limits", "account", "enterprise", "context", "steps",
    ]

    /// Steps that wait for one another, in order; nil when there are none.
    static func cycle(_ flow: [FlowStep]) -> [String]? {
        var done: Set<String> = []
        var path: [String] = []
        let byName = Dictionary(flow.map { ($0.name, $0) }) { first, _ in first }
        func visit(_ name: String) -> [String]? {
            if done.contains(name) { return nil }
            if let index = path.firstIndex(of: name) { return Array(path[index...]) + [name] }
            path.append(name)
            let step = byName[name]
            if step?.otherwise == name { return [name, name] }
            for next in step?.after ?? [] { if let cycle = visit(next) { return cycle } }
            path.removeLast()
            done.insert(name)
            return nil
        }
        for step in flow { if let cycle = visit(step.name) { return cycle } }
        return nil
    }

    private func check(_ variant: RegionVariant, into found: inout [DefinitionError]) {
        guard let item = item(variant.item) else {
            unknown("item", [variant.item], Set(items.map(\.id)), at: variant.position, into: &found)
            return
        }
        unknown(
            "material",
            variant.without,
            Set(item.materials.map(\.name.zh)),
            at: variant.position,
            into: &found
        )
        if let trips = variant.trips, trips > item.trips {
            found.append(
                DefinitionError(
                    .badValue,
                    at: variant.position,
                    [
                        "value": "\(trips) trips",
                        "expected": "at most \(item.trips): a region may only do better",
                    ]
                )
            )
        }
        guard let promise = variant.promise, let name = item.promisedLimit, let limit = limits[name] else {
            return
        }
        for entry in limit.entries where !variant.region.hasPrefix("15") || entry.until == nil {
            if let standard = entry.value.period, !promise.isAtMost(standard) {
                found.append(
                    DefinitionError(
                        .badValue,
                        at: variant.position,
                        [
                            "value": promise.text,
                            "expected": "at most \(standard.text): a region may only do better",
                        ]
                    )
                )
                return
            }
        }
    }

    /// A limit that nothing starts, reads or judges by is a promise that nobody keeps.
    private func limitsInUse(into found: inout [DefinitionError]) {
        var used: Set<String> = []
        for item in items {
            used.formUnion([item.statutoryLimit, item.promisedLimit].compactMap { $0 })
            used.formUnion(item.flow.compactMap(\.limit))
            used.formUnion(
                limits.all.map(\.name).filter { name in item.charges.contains { $0.reads(limit: name) } }
            )
        }
        for limit in limits.all where limit.usedBy.isEmpty && !used.contains(limit.name) {
            let isRead = forms.values.contains { $0.reads(limit: limit.name) }
            if !isRead {
                found.append(DefinitionError(.limitNotArmed, at: limit.position, ["name": limit.name]))
            }
        }
    }
}

extension LimitPeriod {
    /// Whether this is certainly not longer; different kinds of unit cannot be compared and are not.
    func isAtMost(_ other: LimitPeriod) -> Bool {
        func minutes(_ period: LimitPeriod) -> Int {
            switch period.unit {
            case .minutes: period.amount
            case .hours, .workingHours: period.amount * 60
            // A working day is at least a calendar day: a promise in days never exceeds one in working days.
            case .days, .workingDays: period.amount * 1_440
            case .weeks: period.amount * 10_080
            case .months: period.amount * 31 * 1_440
            case .years: period.amount * 366 * 1_440
            }
        }
        func isWorking(_ unit: LimitPeriod.Unit) -> Bool { unit == .workingDays || unit == .workingHours }
        if isWorking(unit) && !isWorking(other.unit) { return amount == 0 }
        return minutes(self) <= minutes(other)
    }
}
