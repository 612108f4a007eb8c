import Cases
import Catalogue
import Kernel
import Web

/// What an act on a case asks for, filled from the rules that were not passed.
struct CaseBoxes {
    let found: Case
    let obstacles: [Finding]
    let points: [OpenPoint]
    /// Open ones.
    let objections: [Objection]
    /// A person has returned the case before.
    let wasReturned: Bool
    let visit: Visit
    let module: any CaseModule
    /// What the item calls its decisions.
    let decision: DecisionWords

    /// Empty rows behind those of the rules; a longer list takes a second return, which nobody wants.
    private static let emptyRows = 3

    /// Acts after which the case is no longer on the desk.
    static let ending: Set<String> = ["grant", "return", "refuse", "transfer"]

    var hasObjections: Bool { !objections.isEmpty }

    func name(of act: String) -> String {
        decision.said(act, visit.language.rawValue) ?? visit.text("workbench.act.\(act)")
    }

    func hint(of act: String) -> String {
        let words = visit.text("workbench.act.\(act).hint")
        guard act == "return", wasReturned else { return words }
        return "\(words) \(visit.text("workbench.act.return.again"))"
    }

    func of(_ act: String) -> [ActView.Box] {
        let reason = ActView.Box("reason", visit.text("workbench.act.reason"), of: act)
        switch act {
        case "grant": return points.map { settle($0) } + [reason]
        case "return": return list
        case "refuse":
            return [
                .init("facts", required("workbench.box.facts"), of: act, value: facts), reason,
                .init("law", required("workbench.box.law"), of: act, isLines: false, value: law),
            ]
        case "transfer":
            let bodies = module.bodies(besides: found.agency)
            return [
                .init(
                    "body",
                    visit.text("workbench.box.body"),
                    of: act,
                    options: [unchosen] + bodies.map { .init(value: $0.code, label: $0.name) }
                ), reason,
            ]
        case "recheck": return [ActView.confirmation(of: act, visit)]
        case "settle-objection": return ObjectionDesk.boxes(objections, visit) + [reason]
        default: return [reason]
        }
    }

    private func required(_ key: String) -> String {
        visit.text("workbench.box.required", ["label": visit.text(key)])
    }

    private var unchosen: ActView.Option { .init(value: "", label: visit.text("workbench.box.choose")) }

    private func settle(_ point: OpenPoint) -> ActView.Box {
        .init(
            point.name,
            visit.text("settle.\(point.kind)", ["words": point.words]),
            of: "grant",
            options: [unchosen]
                + point.answers.map { .init(value: $0, label: visit.text("settle.\(point.kind).\($0)")) }
        )
    }

    /// One row of what, why and how for each thing.
    private var list: [ActView.Box] {
        let known = against.map { finding in
            Told.Point(
                what: words(finding),
                why: module.law(of: finding.rule),
                how: finding.outcome == .return
                    ? visit.text("rule.\(finding.reason).next", finding.arguments) : ""
            )
        }
        let rows = known + Array(repeating: Told.Point(what: "", why: "", how: ""), count: Self.emptyRows)
        return rows.enumerated().flatMap { index, point in
            let number = String(index + 1)
            return [("what", point.what), ("why", point.why), ("how", point.how)].map { name, value in
                ActView.Box(
                    "\(name)-\(number)",
                    visit.text("workbench.box.\(name)", ["number": number]),
                    of: "return",
                    isLines: name == "what",
                    value: value
                )
            }
        }
    }

    /// What speaks against the applicant. What a rule asks a person to look at is the officer's own task: nothing that
    /// the applicant could mend, and no fact.
    private var against: [Finding] { obstacles.filter { $0.outcome == .return || $0.outcome == .refuse } }

    private var facts: String { against.map(words).joined(separator: "；") }

    private var law: String {
        var laws: [String] = []
        for law in against.map({ module.law(of: $0.rule) }) where !law.isEmpty && !laws.contains(law) {
            laws.append(law)
        }
        return laws.joined(separator: "、")
    }

    private func words(_ finding: Finding) -> String {
        visit.text("rule.\(finding.reason)", finding.arguments)
    }
}

extension CaseActs {
    /// Answers to open points, by the names of their boxes; the engine takes those it asked for.
    static func settled(_ visit: Visit) -> [String: String] {
        var settled: [String: String] = [:]
        for number in 1...Told.pointsMax {
            if let answer = visit.form.trimmed("scope-\(number)") { settled["scope-\(number)"] = answer }
        }
        return settled
    }

    /// What the boxes of a decision against the applicant say.
    static func told(
        _ event: CaseEvent,
        of found: Case,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> Told {
        let names = WholeNames(of: found)
        var points: [Told.Point] = []
        for number in 1...Told.pointsMax {
            let parts = ["what", "why", "how"].map { visit.form.trimmed("\($0)-\(number)") }
            guard parts.contains(where: { $0 != nil }) else { continue }
            let said = parts.map { names.written($0 ?? "") }
            points.append(Told.Point(what: said[0], why: said[1], how: said[2]))
        }
        let bodies = try await desk.desk.module(of: found).bodies(besides: found.agency)
        let code = visit.form.trimmed("body")
        let body = bodies.first { $0.code == code }
        if event == .transfer, body == nil {
            throw WebRefusal.badField(name: visit.text("workbench.box.body"))
        }
        return Told(
            points: event == .return ? points : [],
            facts: names.written(visit.form.trimmed("facts") ?? ""),
            law: visit.form.trimmed("law") ?? "",
            body: body?.name ?? ""
        )
    }
}
