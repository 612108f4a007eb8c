import Cases
import Exchange
import Forms
import Kernel
import Storage
import Web

/// Starting, filling, signing and handing in a case, and what became of it.
enum CaseCalls {
    private static let brief = Shape.object([
        "id": .text("Identifier"), "number": .text("办件编号"),
        "state": .choice("Where it stands", CaseState.allCases.map(\.rawValue)),
        "version": .integer("To be sent with the next change"), "title": .text("The enterprise's name"),
        "result?": .text("Credit code, once registered"),
    ])

    static func routes(_ desk: APIDesk) -> [Route] { writing(desk) + reading(desk) }

    private static func writing(_ desk: APIDesk) -> [Route] {
        [
            .api(
                .post,
                "/api/v1/cases",
                who: .applicants,
                scope: .own,
                zh: "新建办件",
                en: "Start a case",
                request: .object([
                    "item": .choice("What is applied for", ["llc", "sole-trader"]),
                    "region": .text("Six digits"),
                    "data?": .anything("The form so far"),
                ]),
                response: brief
            ) { visit in
                try await desk.require("case.start", visit)
                guard let item = visit.body["item"].text else { throw WebRefusal.badField(name: "item") }
                guard let region = visit.body["region"].text else {
                    throw WebRefusal.badField(name: "region")
                }
                let data = visit.body["data"]
                let started = try await desk.desk.start(
                    system: "company-opening",
                    item: item,
                    region: region,
                    channel: .online,
                    data: data.isNull ? [:] : data,
                    occasion: visit.occasion
                )
                var answer = json(started)
                answer["lookupCode"] = .string(started.lookupCode)
                return .json(answer, status: 201)
            },
            .api(
                .put,
                "/api/v1/cases/{id}/data",
                who: .applicants,
                scope: .own,
                zh: "保存表单",
                en: "Save the form",
                request: .object([
                    "version": .integer("The version you have seen"), "data": .anything("The whole form"),
                ]),
                response: .object([
                    "case": brief, "voided": .integer("Signatures that became void"),
                    "problems": .list(
                        .object(["path": .text("Field"), "code": .text("Stable; the reason")])
                    ),
                ])
            ) { visit in
                let found = try await desk.open(visit, for: "case.draft")
                guard let version = visit.body["version"].int else {
                    throw WebRefusal.badField(name: "version")
                }
                let data = visit.body["data"]
                guard case .object = data else { throw WebRefusal.badField(name: "data") }
                let kept = try await desk.desk.save(
                    found.id,
                    data: data,
                    version: Int(version),
                    occasion: visit.occasion
                )
                let definition = try await desk.desk.definition(of: kept.saved)
                let problems = desk.desk.problems(
                    in: data,
                    region: kept.saved.region,
                    definition: definition,
                    today: visit.now.date
                )
                return .json([
                    "case": json(kept.saved), "voided": JSON(kept.voided),
                    "problems": .array(
                        problems.map { ["path": .string($0.path.description), "code": .string($0.code)] }
                    ),
                ])
            },
            .api(
                .post,
                "/api/v1/cases/{id}/signatures",
                who: .applicants,
                scope: .own,
                zh: "发起签署",
                en: "Ask for signatures",
                response: .object([
                    "invited": .integer("Signers invited now; each gets a link of his own by message")
                ])
            ) { visit in
                let found = try await desk.open(visit, for: "case.draft")
                let links = try await desk.desk.askSignatures(found.id, occasion: visit.occasion)
                return .json(["invited": JSON(links.count)])
            },
            .api(
                .post,
                "/api/v1/cases/{id}/submission",
                who: .applicants,
                scope: .own,
                zh: "提交（请求头 Idempotency-Key）",
                en: "Hand in (header Idempotency-Key)",
                response: brief
            ) { visit in
                let found = try await desk.open(visit, for: "case.submit")
                return .json(
                    try await Once(desk: desk, visit: visit, scope: "submit:\(found.applicant)").run {
                        json(try await desk.desk.submit(found.id, occasion: visit.occasion))
                    }
                )
            },
        ]
    }

    private static func reading(_ desk: APIDesk) -> [Route] {
        let who = Set<Role>.applicants.union(Set<Role>.officers)
        return [
            .api(
                .get,
                "/api/v1/cases/{id}",
                who: who,
                scope: .relation,
                zh: "读取办件",
                en: "Read a case",
                response: brief
            ) {
                visit in
                let found = try await desk.open(visit, for: "case.read")
                var answer = json(found)
                // Staff read the form at the workbench, where a purpose is asked for.
                if found.applicant == visit.occasion.actor.id { answer["data"] = found.data }
                let steps = try await desk.database.read { try StepStore.of(found.id, in: $0) }
                answer["steps"] = .array(
                    steps.map { step in
                        [
                            "name": .string(step.name), "state": .string(step.state.rawValue),
                            "outcome": JSON(step.outcome), "openedAt": .string(step.openedAt.description),
                            "closedAt": JSON(step.closedAt?.description),
                        ]
                    }
                )
                return .json(answer)
            },
            .api(
                .get,
                "/api/v1/cases/{id}/lines",
                who: who,
                scope: .relation,
                zh: "联办事项进度",
                en: "Lines of the parties",
                response: .list(
                    .object([
                        "party": .text("Who"), "operation": .text("What"), "state": .text("Where it stands"),
                        "dueAt?": .text("Until when", format: "date-time"), "reason?": .text("Why not"),
                    ])
                )
            ) { visit in
                let found = try await desk.open(visit, for: "case.read")
                let lines = try await desk.database.read {
                    try ExchangeStore.lines(of: found.id.rawValue, in: $0)
                }
                return .json(
                    .array(
                        lines.map { line in
                            [
                                "party": .string(line.order.party),
                                "operation": .string(line.order.operation),
                                "state": .string(line.state.rawValue),
                                "changedAt": .string(line.changedAt.description),
                                "dueAt": JSON(line.dueAt?.description), "reason": JSON(line.reasonCode),
                            ]
                        }
                    )
                )
            },
            .api(
                .get,
                "/api/v1/cases/{id}/decisions",
                who: who,
                scope: .relation,
                zh: "决定与规则结果",
                en: "Decisions and what the rules said",
                response: .list(
                    .object([
                        "at": .text("When", format: "date-time"), "outcome": .text("What"),
                        "instant": .flag("By rules alone"),
                        "findings": .list(.anything("What one rule said")),
                    ])
                )
            ) { visit in
                let found = try await desk.open(visit, for: "case.read")
                let decisions = try await desk.database.read { try DecisionStore.of(found.id, in: $0) }
                return .json(.array(decisions.map(json)))
            },
        ]
    }

    static func json(_ value: Case) -> JSON {
        [
            "id": .string(value.id.rawValue), "number": .string(value.number),
            "state": .string(value.state.rawValue),
            "version": JSON(value.version), "title": .string(value.title), "region": .string(value.region),
            "submittedAt": JSON(value.submittedAt?.description),
            "decidedAt": JSON(value.decidedAt?.description),
            "completedAt": JSON(value.completedAt?.description), "result": JSON(value.result),
        ]
    }

    /// Inputs of the rules stay inside; reasons and data times go out.
    private static func json(_ decision: Decision) -> JSON {
        [
            "at": .string(decision.at.description), "outcome": .string(decision.outcome.rawValue),
            "instant": .bool(decision.instant), "reason": .string(decision.reason),
            "findings": .array(
                decision.findings.map { finding in
                    [
                        "rule": .string(finding.rule), "outcome": .string(finding.outcome.rawValue),
                        "reason": .string(finding.reason), "subject": JSON(finding.subject),
                        "arguments": .object(finding.arguments.mapValues(JSON.string)),
                        "dataTimes": .object(finding.dataTimes.mapValues { .string($0.description) }),
                    ]
                }
            ),
        ]
    }
}
