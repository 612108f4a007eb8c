public import Forms
public import Kernel
public import Standards

/// What a guide page shows of an item, in the fixed order of ux.md §6.3, in one language. The same value makes the
/// page, the print and the API's answer.
public struct ItemGuide: Sendable {
    public let title: String
    /// Code of the catalogue or the national list.
    public let code: String?
    public let agency: String
    /// 即办件 or 承诺件.
    public let handling: String
    public let statutory: String?
    public let promised: String?
    public let trips: Int?
    public let fee: String
    /// What is to be paid, as a list of charges names it; empty where nothing is.
    public let charges: [GuideCharge]
    public let online: String
    /// Who may apply.
    public let applicants: String
    public let materials: [GuideMaterial]
    public let steps: [GuideStep]
    public let results: [String]
    /// `conditions`, `process`, `special`, `basis`, `places`, `contact`, `remedies`, `questions`, in that order: Markdown
    /// without the heading.
    public let sections: [GuideSection]
    public let theme: String?
    public let version: String?
    public let effective: LocalDate?
    public let updated: Instant?
    /// System and item to apply with; nil when it cannot be applied for here yet.
    public let application: (system: String, item: String)?
}

public struct GuideMaterial: Sendable, Hashable {
    public let name: String
    /// 免提交, 必要, 非必要.
    public let need: String
    /// Where it comes from.
    public let source: String
    public let note: String?
}

public struct GuideCharge: Sendable, Hashable {
    public let name: String
    /// `每份 10.00 元`, or that it is worked out from the answers.
    public let amount: String
    /// Whether it is charged in some cases only.
    public let isConditional: Bool
    /// For whom how much is taken off.
    public let reduction: String?
    /// The law or list that fixes it.
    public let law: String
}

public struct GuideStep: Sendable, Hashable {
    public let name: String
    public let by: String
    public let limit: String?
}

public struct GuideSection: Sendable, Hashable {
    public let id: String
    public let heading: String
    public let text: String
}

extension ItemGuide {
    /// A guide of any listed item, from the reference data alone.
    public init(_ item: ServiceItem, language: String = "zh") {
        let isEnglish = language.hasPrefix("en")
        func days(_ count: Int?) -> String? {
            guard let count else { return nil }
            if count == 0 { return isEnglish ? "On the spot" : "当场办结" }
            let unit = item.dayUnit == "工作日" ? LimitPeriod.Unit.workingDays : .days
            return LimitPeriod(count, unit).words(language)
        }
        title = item.name
        code = item.sequence
        agency = item.department
        handling = item.handlingKind
        statutory = days(item.statutoryDays)
        promised = days(item.promisedDays)
        trips = item.onsiteVisits
        fee = item.hasFee ? (isEnglish ? "Charged" : "收费") : (isEnglish ? "Free of charge" : "不收费")
        charges = []
        online = item.onlineDepth
        applicants = item.target
        materials = []
        steps = []
        results = item.resultDocument.isEmpty ? [] : [item.resultDocument]
        sections = [
            GuideSection(id: "basis", heading: isEnglish ? "Legal basis" : "设定依据", text: item.legalBasis)
        ]
        theme = item.theme
        version = nil
        effective = nil
        updated = nil
        application = nil
    }

    /// The full guide of an item that a published system offers, as it stands in a region on a day.
    public init(
        _ definition: SystemDefinition,
        item: ItemDefinition,
        listed: ServiceItem?,
        version: CatalogueVersion?,
        region: String,
        on date: LocalDate,
        language: String = "zh"
    ) {
        let isEnglish = language.hasPrefix("en")
        let limits = definition.limits
        title = item.title(language)
        code = item.codes["national"] ?? item.codes["catalogue"]
        agency = item.agencyName(language)
        handling = listed?.handlingKind ?? (isEnglish ? "Promised time" : "承诺件")
        statutory = item.statutoryLimit.flatMap {
            limits.value($0, region: region, on: date)?.period?.words(language)
        }
        promised = item.period(limits, region: region, on: date)?.words(language)
        trips = item.trips
        fee = item.fee?(language) ?? (isEnglish ? "Free of charge" : "不收费")
        let inForce = limits.values(region: region, on: date)
        charges = item.charges.map { Self.charge($0, inForce, isEnglish: isEnglish, language: language) }
        online = listed?.onlineDepth ?? (isEnglish ? "Wholly on line" : "全程网办")
        applicants = item.applicants.map { who in
            switch who {
            case .person: isEnglish ? "Natural persons" : "自然人"
            case .enterprise: isEnglish ? "Enterprises" : "法人"
            }
        }.joined(separator: isEnglish ? ", " : "、")
        materials = item.materials.map { Self.material($0, isEnglish: isEnglish, language: language) }
        steps = item.flow.map { step in
            GuideStep(
                name: step.label?(language) ?? step.name,
                by: step.by.words(language),
                limit: step.limit.flatMap {
                    limits.value($0, region: region, on: date)?.period?.words(language)
                }
            )
        }
        results = item.gives
        sections = Self.sections(
            of: definition.guides[isEnglish ? "en" : "zh"] ?? definition.guides["zh"] ?? ""
        )
        theme = listed?.theme
        self.version = version.map { String($0.number) }
        effective = version?.effective
        updated = version?.publishedAt
        application = (definition.id, item.id)
    }

    private static func material(_ material: Material, isEnglish: Bool, language: String) -> GuideMaterial {
        let need: String
        if material.provenBy != nil {
            need = isEnglish ? "Not to be handed in" : "免提交"
        } else if material.when != nil {
            need = isEnglish ? "Only in some cases" : "非必要"
        } else {
            need = isEnglish ? "Needed" : "必要"
        }
        let source =
            switch material.provenBy?.prefix(while: { $0 != " " }) {
            case "identity": isEnglish ? "Identity check" : "实名核验"
            case "form": isEnglish ? "Made from the form" : "由填报内容生成"
            case "signature": isEnglish ? "Electronic signature" : "电子签名"
            case "licence": isEnglish ? "Licence library" : "电子证照库"
            case "exchange": isEnglish ? "Shared data" : "数据共享"
            case "register": isEnglish ? "Register" : "登记簿"
            case "paper": isEnglish ? "Made by the platform" : "平台生成"
            default: isEnglish ? "The applicant" : "申请人"
            }
        return GuideMaterial(
            name: material.name(language),
            need: need,
            source: source,
            note: material.note?(language)
        )
    }

    private static func charge(_ charge: ItemCharge, _ limits: JSON, isEnglish: Bool, language: String)
        -> GuideCharge
    {
        let (amount, off) = charge.listed(limits)
        func yuan(_ money: Money) -> String {
            isEnglish ? "CNY \(money.yuanText)" : "\(money.yuanText) 元"
        }
        let words = amount.map { amount in
            guard let unit = charge.unit?(language) else { return yuan(amount) }
            return isEnglish ? "\(yuan(amount)) for each \(unit)" : "每\(unit) \(yuan(amount))"
        }
        let reduction = charge.reduction.map { reduction in
            let who = reduction.reason(language)
            let isWhole = amount != nil && off == amount && charge.times == nil
            if isWhole { return isEnglish ? "\(who): free of charge" : "\(who)：免收" }
            guard let off else {
                return isEnglish ? "\(who): less, worked out from the answers" : "\(who)：按填报内容减收"
            }
            return isEnglish ? "\(who): \(yuan(off)) less" : "\(who)：减收 \(yuan(off))"
        }
        return GuideCharge(
            name: charge.name(language),
            amount: words ?? (isEnglish ? "Worked out from the answers" : "按填报内容计算"),
            isConditional: charge.when != nil,
            reduction: reduction,
            law: charge.law(language)
        )
    }

    /// `## 受理条件 {#conditions}` begins a section; what stands before the first one is left out.
    static func sections(of markdown: String) -> [GuideSection] {
        var sections: [GuideSection] = []
        var heading: (id: String, text: String)?
        var lines: [Substring] = []
        func close() {
            guard let heading else { return }
            let text = lines.joined(separator: "\n")
            sections.append(
                GuideSection(id: heading.id, heading: heading.text, text: text.trimmingLines)
            )
        }
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## "), let mark = line.lastIndex(of: "#"), line.hasSuffix("}"),
                let brace = line.lastIndex(of: "{"),
                brace < mark
            {
                close()
                lines = []
                let id = line[line.index(after: mark)...].dropLast()
                heading = (String(id), String(line[line.index(line.startIndex, offsetBy: 3)..<brace].trimmed))
            } else {
                lines.append(line)
            }
        }
        close()
        return sections
    }
}

extension String {
    fileprivate var trimmingLines: String {
        var text = Substring(self)
        while text.first == "\n" { text.removeFirst() }
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}

extension FlowStep.Doer {
    /// Who acts in a step.
    public var words: Words {
        switch self {
        case .rule: Words(zh: "系统按规则即时判定", en: "Rules, at once")
        case .staff: Words(zh: "工作人员", en: "A member of staff")
        case .outside: Words(zh: "协同部门", en: "Another department")
        case .signers: Words(zh: "签署人", en: "Those who sign")
        case .module: Words(zh: "系统", en: "The platform")
        case .applicant: Words(zh: "申请人", en: "The applicant")
        }
    }
}
