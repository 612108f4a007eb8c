public import Cases
import Catalogue
import Correspondence
import Deadlines
public import Kernel
import Registers
public import Storage

extension CompanyOpening {
    /// Writes, files and serves a paper of the authority on a case.
    /// - Parameter kind: what happened, as cases name it: `receipt`, `return-notice`, `refusal` …
    public func issue(
        _ kind: String,
        for subject: Case,
        details: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let form = CompanyForm(subject.data)
        let template = Self.templates[kind] ?? kind
        var fields = authorityFields(of: subject, form: form, details: details, occasion: occasion)
        if kind == "result-sheet" { fields = try resultFields(of: subject, fields: fields, in: tx) }
        try write(template, for: subject, fields: fields, occasion: occasion, in: tx)
    }

    /// Renders and files a paper in the folder of a case. A paper of the registering body is served at once on an
    /// applicant who agreed to electronic service.
    /// - Parameter agency: who issues it, where that is not the registering body.
    @discardableResult
    func write(
        _ template: String,
        for subject: Case,
        fields: JSON,
        agency: String? = nil,
        supersedes: ID<Paper>? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Paper {
        let document = try correspondence.render(
            template,
            fields: try chosen(fields, for: template),
            on: occasion.now.date,
            agencyWord: agencyName(agency ?? subject.agency)
        )
        let paper = try correspondence.file(
            document,
            caseID: subject.id.rawValue,
            agency: agency ?? subject.agency,
            supersedes: supersedes,
            occasion: occasion,
            in: tx
        )
        if !Self.unserved.contains(template),
            CompanyForm(subject.data).data["service"]["electronic"].bool == true
        {
            _ = try correspondence.serve(
                paper.id,
                on: subject.applicant,
                by: .electronic,
                consent: "promise.electronicService",
                occasion: occasion,
                in: tx
            )
        }
        return paper
    }

    /// What is for the file alone, or another's paper.
    private static let unserved = ["party-receipt", "service-proof", "archive-catalogue"]

    /// What the head of most papers says, by the names of the templates.
    func headFields(of subject: Case) -> JSON {
        let form = CompanyForm(subject.data)
        return [
            "applicant": .string(form.data["applicant"]["name"].text ?? ""),
            "caseNumber": .string(subject.number),
            "companyName": .string(
                form.hasName || form.registeredName.isEmpty ? subject.title : form.registeredName
            ),
            "creditCode": .string(subject.result ?? ""),
            "agencyName": .string(agencyName(subject.agency)),
        ]
    }

    /// The fields that a template asks for and no others: an unknown one is refused.
    func chosen(_ fields: JSON, for template: String) throws -> JSON {
        var chosen: JSON = [:]
        for name in try correspondence.library.fields(of: template) {
            let bare = name.hasSuffix("?") ? String(name.dropLast()) : name
            if !fields[bare].isNull { chosen[bare] = fields[bare] }
        }
        return chosen
    }

    private static let templates = [
        "receipt": "materials-receipt", "refusal": "refusal-notice", "not-ours-notice": "jurisdiction-notice",
        "result-sheet": "opening-result",
    ]

    private func authorityFields(of subject: Case, form: CompanyForm, details: JSON, occasion: Occasion)
        -> JSON
    {
        let region = regionName(subject.region)
        let words = details["reason"].text
        let told = Told(json: details["told"])
        let findings = details["findings"].elements.compactMap(Finding.init(json:))
        let reason = words ?? findings.map { reasons.wrong($0) }.joined(separator: "；")
        let own: JSON = [
            "matter": .string(form.kind == .llc ? "公司设立登记" : "个体工商户设立登记"), "contact": .string("12345"),
            "receivedAt": .string(occasion.now.minuteText),
            "registeredOn": .string(occasion.now.date.description),
            "limitText": .string(details["limitText"].text ?? "三个工作日"),
            "approvedBy": .string(details["approvedBy"].text ?? "本机关负责人"),
            "materials": details["materials"], "reason": .string(reason),
            "reviewBody": .string("\(region)人民政府"), "court": .string("\(region)人民法院"),
        ]
        var fields = headFields(of: subject)
        for (key, value) in own.members { fields[key] = value }
        let grounds = ground(told, findings: findings, reason: reason)
        for (key, value) in grounds.members { fields[key] = value }
        if let due = details["dueOn"].text { fields["dueOn"] = .string(due) }
        for (key, value) in details.members where fields[key].isNull { fields[key] = value }
        return fields
    }

    /// What a decision against the applicant rests on: as a person wrote it, else as the rules found it.
    private func ground(_ told: Told?, findings: [Finding], reason: String) -> JSON {
        guard let told else {
            var laws: [String] = []
            for law in findings.map({ reasons.law($0.rule) }) where !law.isEmpty && !laws.contains(law) {
                laws.append(law)
            }
            let law = laws.isEmpty ? Self.decisionLaw : laws.joined(separator: "、")
            let body = findings.compactMap { $0.arguments["authority"] }.first { !$0.isEmpty }
            return [
                "facts": .string(reason), "law": .string(law),
                "reason": .string(findings.isEmpty ? reason : "上述情形不符合\(law)规定的登记条件。"),
                "otherBody": .string(body ?? "有管辖权的登记机关"), "foundReason": .string(reason),
                "problems": .array(
                    findings.filter { $0.outcome == .return }.map { finding in
                        problem(
                            Told.Point(
                                what: reasons.wrong(finding),
                                why: reasons.law(finding.rule),
                                how: reasons.next(finding)
                            )
                        )
                    }
                ),
            ]
        }
        return [
            "facts": .string(told.facts), "reason": .string(reason), "law": .string(told.law),
            "otherBody": .string(told.body), "foundReason": .string(reason),
            "problems": .array(told.points.map(problem)),
        ]
    }

    /// What is empty stays out, so that the paper says nothing of it.
    private func problem(_ point: Told.Point) -> JSON {
        var fields: JSON = ["what": .string(point.what)]
        if !point.why.isEmpty { fields["why"] = .string(point.why) }
        if !point.how.isEmpty { fields["how"] = .string(point.how) }
        return fields
    }

    /// How a registration is decided at all.
    private static let decisionLaw = "《市场主体登记管理条例》第十九条"

    private func resultFields(of subject: Case, fields: JSON, in tx: any Transaction) throws -> JSON {
        var fields = fields
        let steps = try StepStore.of(subject.id, in: tx).filter { $0.kind == .outside }
        fields["lines"] = .array(
            steps.map { step in
                [
                    "name": .string(StepText.chinese(step.name)),
                    "state": .string(StepText.chinese(step.state)),
                    "result": "", "next": "",
                ]
            }
        )
        fields["complete"] = true
        fields["registeredAt"] = .string(subject.decidedAt?.minuteText ?? "")
        return fields
    }
}

/// Names of steps and states on the result sheet.
enum StepText {
    static func chinese(_ step: String) -> String {
        [
            "sealFiling": "公章刻制备案", "engraving": "印章刻制", "tax": "税务信息确认", "socialInsurance": "社会保险登记",
            "medicalInsurance": "医疗保险登记", "housingFund": "住房公积金登记", "bank": "银行预约开户", "publicity": "登记信息公示",
            "collection": "登记数据归集", "eLicence": "电子营业执照归集", "beneficialOwners": "受益所有人备案",
            "permitNotice": "双告知",
            "paperLicence": "纸质营业执照寄递",
        ][step] ?? step
    }

    static func chinese(_ state: StepState) -> String {
        switch state {
        case .open: "办理中"
        case .done: "办结"
        case .skipped: "暂不需要"
        case .failed: "需本人办理"
        case .later: "稍后办"
        }
    }
}
