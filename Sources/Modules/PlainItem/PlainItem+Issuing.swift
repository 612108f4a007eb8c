public import Cases
import Catalogue
import Correspondence
import Forms
public import Kernel
import Standards
public import Storage

extension PlainItem {
    public func issue(
        _ kind: String,
        for subject: Case,
        details: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let template = Self.templates[kind] ?? kind
        let fields = fields(of: subject, details: details, occasion: occasion)
        var chosen: JSON = [:]
        for name in try tools.correspondence.library.fields(of: template) {
            let bare = name.hasSuffix("?") ? String(name.dropLast()) : name
            if !fields[bare].isNull { chosen[bare] = fields[bare] }
        }
        let document = try tools.correspondence.render(
            template,
            fields: chosen,
            on: occasion.now.date,
            agencyWord: bodyName(subject.agency)
        )
        let paper = try tools.correspondence.file(
            document,
            caseID: subject.id.rawValue,
            agency: subject.agency,
            occasion: occasion,
            in: tx
        )
        guard subject.data["service"]["electronic"].bool == true else { return }
        _ = try tools.correspondence.serve(
            paper.id,
            on: subject.applicant,
            by: .electronic,
            consent: "promise.electronicService",
            occasion: occasion,
            in: tx
        )
    }

    /// What happened, as cases name it, and the template that says it.
    static let templates = [
        "receipt": "item-receipt", "return-notice": "item-return", "refusal": "item-refusal",
        "not-ours-notice": "item-elsewhere", "withdrawal-confirmation": "item-withdrawn",
        "extension-notice": "item-extended", "result-sheet": "item-result",
    ]

    private func fields(of subject: Case, details: JSON, occasion: Occasion) -> JSON {
        let region = tools.standards.regions.fullName(of: subject.region)
        let words = definition.system.words("zh")
        let findings = details["findings"].elements.compactMap(Finding.init(json:))
        let told = Told(json: details["told"])
        let found = findings.map { words.reason($0.reason, $0.arguments) }.joined(separator: "；")
        let reason = details["reason"].text ?? found
        let problems =
            told?.points.map {
                ["what": .string($0.what), "why": .string($0.why), "how": .string($0.how)] as JSON
            }
            ?? findings.filter { $0.outcome == .return }.map {
                [
                    "what": .string(words.reason($0.reason, $0.arguments)),
                    "how": .string(words.next($0.reason, $0.arguments)),
                ]
            }
        let law = findings.map { self.law(of: $0.rule) }.filter { !$0.isEmpty }
        var fields: JSON = [
            "applicant": .string(
                firm(of: subject.data)?.name ?? subject.data[plain.applicant]["name"].text ?? ""
            ),
            "caseNumber": .string(subject.number), "title": .string(subject.title),
            "matter": .string(definition.item.title.zh), "agencyName": .string(bodyName(subject.agency)),
            "contact": .string("12345"), "receivedAt": .string(occasion.now.minuteText),
            "limitText": .string(details["limitText"].text ?? limit(of: subject, on: occasion.now.date)),
            "reviewBody": .string("\(region)人民政府"),
            // Leagues have intermediate courts only, and which banner's it is depends on the office's seat.
            "court": .string(subject.region.hasSuffix("00") ? "有管辖权的人民法院" : "\(region)人民法院"),
            "reason": .string(reason), "facts": .string(told.map(\.facts) ?? reason),
            "law": .string(told.map(\.law) ?? law.joined(separator: "、")),
            "otherBody": .string(told?.body ?? findings.compactMap { $0.arguments["authority"] }.first ?? ""),
            "foundReason": .string(reason), "problems": .array(problems.map(Self.withoutEmpty)),
            "granted": .string(definition.item.decision.granted.zh),
            "refused": .string(definition.item.decision.refused.zh),
            "ownRemedies": JSON(definition.item.decision.remedies?.zh),
            "result": JSON(subject.result), "decidedOn": JSON(subject.decidedAt?.minuteText),
        ]
        for (key, value) in details.members where fields[key].isNull { fields[key] = value }
        return fields
    }

    private func limit(of subject: Case, on day: LocalDate) -> String {
        definition.item.period(definition.system.limits, region: subject.region, on: day)?.words.zh ?? ""
    }

    private static func withoutEmpty(_ fields: JSON) -> JSON {
        .object(fields.members.filter { $0.value.text != "" })
    }
}
