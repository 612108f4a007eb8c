public import Forms
public import Kernel
public import Rules

/// A system as data: one folder under `Systems`. The grammar is in `Docs/formats/system.md`.
public struct SystemDefinition: Sendable {
    public let id: String
    public let name: Words
    /// Where the requirement stands, such as `S0 L22-28; S4 m26`.
    public let source: String
    /// The agency that answers for it.
    public let owner: String
    public let engines: [String]
    /// Swift modules that it needs, by their listed names.
    public let modules: [String]
    public let clauses: [Clause]
    /// Numbers of rules.md that touch it, such as `R08`.
    public let numbers: [String]
    public let items: [ItemDefinition]
    public let limits: DatedLimits
    /// By path inside the folder.
    public let forms: [String: FormDefinition]
    /// By name: `rules/R01.yaml` is `R01`.
    public let tables: [String: DecisionTable]
    /// How the tables are used, in the order in which reasons are shown.
    public let rules: [RuleUse]
    /// `zh` and `en`: Markdown, front matter removed.
    public let guides: [String: String]
    /// `zh` and `en`: the words that it brings along.
    let systemWords: [String: SystemWords]
    /// Changes that single leagues and banners make, by region.
    public let variants: [RegionVariant]
    /// SM3 over the folder's paths and contents: equal folders give equal digests.
    public let digest: String

    public func item(_ id: String) -> ItemDefinition? { items.first { $0.id == id } }

    /// The item as it stands in a region: variants of the region, its league and its banner applied in that order.
    public func item(_ id: String, region: String) -> ItemDefinition? {
        guard var item = item(id) else { return nil }
        for code in DatedLimits.chain(region).reversed() {
            for variant in variants where variant.region == code && variant.item == id {
                item = variant.applied(to: item)
            }
        }
        return item
    }

    public func form(of item: ItemDefinition) -> FormDefinition? { item.form.flatMap { forms[$0] } }
}

/// How one decision table is put to a case.
public struct RuleUse: Sendable {
    /// The table's name: `R06`.
    public let table: String
    /// `person in people`: the table is put to every element of the list, under the name.
    public let each: Each?
    /// Put only when this is true; otherwise the rule passes.
    public let when: FormCondition?
    /// Sources whose data times belong to its findings: `police`, `court`, `register` …
    public let reads: [String]

    public struct Each: Sendable, Equatable {
        public let variable: String
        public let list: String
    }
}

/// One sentence of what the system must do.
public struct Clause: Hashable, Sendable {
    /// `must_do.3`, as scenarios name it.
    public let id: String
    public let text: String
    /// Why it waits, or nil when scenarios prove it.
    public let later: String?
}

/// Which law of procedure a case follows (design.md rule 4).
public enum ProcedureProfile: String, Sendable, CaseIterable {
    /// 行政许可: acceptance, correction, five-day deemed acceptance.
    case licence
    /// 登记: on the spot, or 3+3 working days; 退还并一次性告知.
    case registration
    case filing, confirmation, payment, publicService, ownMotion
}

/// One thing that can be applied for (业务办理项).
public struct ItemDefinition: Sendable {
    public let id: String
    /// As items.tsv names it; nil for what the list does not have.
    public let item: String?
    public let title: Words
    /// Codes of the national and regional lists, by list.
    public let codes: [String: String]
    public let procedure: ProcedureProfile
    /// What granting and refusing it are called.
    public let decision: DecisionWords
    public let applicants: [Applicant]
    /// Who decides, without a place.
    public let agencyName: Words
    /// The same in Chinese, as names of bodies end.
    public var agency: String { agencyName.zh }
    /// Names in limits.yaml.
    public let statutoryLimit: String?
    public let promisedLimit: String?
    public let form: String?
    public internal(set) var materials: [Material]
    /// Times that somebody has to come.
    public internal(set) var trips: Int
    /// Set by a region's variant instead of the named promise.
    public internal(set) var promiseOverride: LimitPeriod?
    public let fee: Words?
    /// What is to be paid before the matter is granted, worked out when it is handed in.
    public let charges: [ItemCharge]
    public let flow: [FlowStep]
    /// Kinds of credential or document that success gives.
    public let gives: [String]
    public let papers: [String]
    /// How its cases run without a module of their own; nil: a listed module runs them.
    public let plain: PlainCase?
    public let position: SourcePosition

    public enum Applicant: String, Sendable, CaseIterable { case person, enterprise }

    public func step(_ name: String) -> FlowStep? { flow.first { $0.name == name } }

    /// The types of licence by which materials are proven, each once.
    public var licenceProofs: [String] {
        var types: [String] = []
        for proof in materials.compactMap(\.provenBy) where proof.hasPrefix("licence ") {
            let type = String(proof.dropFirst("licence ".count))
            if !types.contains(type) { types.append(type) }
        }
        return types
    }

    /// The materials that a form with these answers calls for; a condition that cannot be told is not true.
    /// - Parameter data: settled.
    public func materials(for data: JSON, today: LocalDate, calendar: RuleCalendar) -> [Material] {
        let context = RuleContext(json: data, today: today, calendar: calendar)
        return materials.filter { $0.when?.expression.evaluate(in: context).isTrue ?? true }
    }

    /// The promised period in a region on a day; the statutory one when nothing is promised.
    public func period(_ limits: DatedLimits, region: String, on date: LocalDate) -> LimitPeriod? {
        promise(limits, region: region, on: date)
            ?? statutoryLimit.flatMap { limits.value($0, region: region, on: date)?.period }
    }

    /// What a region promises on a day, if it promises anything.
    public func promise(_ limits: DatedLimits, region: String, on date: LocalDate) -> LimitPeriod? {
        promiseOverride ?? promisedLimit.flatMap { limits.value($0, region: region, on: date)?.period }
    }
}

public struct Material: Sendable {
    public let name: Words
    /// What proves it inside: `identity`, `form`, `signature`, `licence <kind>`, `exchange <party>.<operation>`,
    /// `paper <name>`; nil when it has to be handed in.
    public let provenBy: String?
    /// When the proof is not available: `commitment`, `upload`, `counter`.
    public let orElse: String?
    /// When it is needed, asked of the form; nil: always.
    public let when: FormCondition?
    public let note: Words?
    /// The question of the form by which it is handed in: a file.
    public let asks: String?
    public let position: SourcePosition
}

/// One step of a flow. A step that is not taken counts as done for `after`.
public struct FlowStep: Sendable {
    public enum Doer: String, Sendable, CaseIterable {
        /// Decision tables, a member of staff, an outside party, those who must sign, a listed module, the applicant.
        case rule, staff, outside, signers, module, applicant
    }

    public let name: String
    public let label: Words?
    public let by: Doer
    /// Decision tables, in order.
    public let tables: [String]
    public let role: String?
    public let agency: String?
    /// Name in limits.yaml.
    public let limit: String?
    public let after: [String]
    /// Steps of `after` that must be done with their result: one that was skipped or dropped does not count.
    public let needs: [String]
    /// What the founder may decide about the step once it is open: `later`, `none`. Nothing where a statute asks for it.
    public let founderMay: [String]
    public let when: FormCondition?
    /// The step that takes over when this one cannot decide.
    public let otherwise: String?
    public let party: String?
    public let operation: String?
    /// Whether the case waits for it before it closes.
    public let closes: Bool
    /// Field of the form by which the applicant chooses now, none or later: `joined.tax.choice`.
    public let asks: String?
    public let module: String?
    /// What the party of an outside step receives, by its field; nothing where a module says it.
    public let sends: [(key: String, value: FormCondition)]
    public let gives: [String]
    public let papers: [String]
    public let position: SourcePosition
}

/// What one region changes in an item. It may only do better: a shorter promise, fewer trips, fewer materials; every
/// other field is locked.
public struct RegionVariant: Sendable {
    public let region: String
    public let item: String
    public let promise: LimitPeriod?
    public let trips: Int?
    /// Chinese names of materials that are not asked there.
    public let without: [String]
    public let position: SourcePosition

    func applied(to item: ItemDefinition) -> ItemDefinition {
        var item = item
        if let promise { item.promiseOverride = promise }
        if let trips { item.trips = min(trips, item.trips) }
        item.materials.removeAll { without.contains($0.name.zh) }
        return item
    }
}
