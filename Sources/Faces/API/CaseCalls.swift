import Cases
import Cryptography
import Exchange
import Forms
import Jobs
import Kernel
import Storage
import Web

/// Starting, filling, signing and handing in a case, and what became of it.
enum CaseCalls {
    private static let code = Shape.text(
        "Once granted: the credit code, or the number of what was granted",
        lengthMax: 100
    ).orNull

    private static let title = Shape.text(
        "What the case is called: of an opening the enterprise's name",
        lengthMax: 200
    )

    static let brief = Shape.object([
        "id": .text("Identifier", lengthMax: 64),
        "number": .text("办件编号", lengthMax: 23, pattern: "^[0-9]{23}$"),
        "state": .choice("Where it stands", CaseState.allCases.map(\.rawValue)),
        "version": .integer("To be sent with the next change", min: 1),
        "title": title, "region": CallShapes.region,
        "submittedAt": CallShapes.momentOrNull, "decidedAt": CallShapes.momentOrNull,
        "completedAt": CallShapes.momentOrNull, "result": code,
        "lookupCode?": .text("With the number it opens the public progress page", lengthMax: 6),
    ])

    private static let step = Shape.object([
        "name": .text("Step of the flow", lengthMax: 64), "state": .text("Where it stands", lengthMax: 32),
        "outcome": .text("How it ended", lengthMax: 64).orNull, "openedAt": CallShapes.moment,
        "closedAt": CallShapes.momentOrNull,
    ])

    private static let line = Shape.object([
        "party": .text("Who", lengthMax: 64), "operation": .text("What", lengthMax: 64),
        "state": .choice("Where it stands", LineState.allCases.map(\.rawValue)),
        "changedAt": CallShapes.moment, "dueAt": CallShapes.momentOrNull,
        "reason": .text("Why not, a stable code", lengthMax: 64).orNull,
    ])

    private static let decision = Shape.object([
        "at": CallShapes.moment,
        "outcome": .choice("What", CaseEvent.allCases.map(\.rawValue)),
        "instant": .flag("By rules alone"), "reason": .text("The officer's words", lengthMax: 2_000),
        "findings": .list(
            .object([
                "rule": .text("R01…R18", lengthMax: 64),
                "outcome": .choice("What the rule says", ["pass", "person", "return", "transfer", "refuse"]),
                "reason": .text("Stable code; empty when it passed", lengthMax: 100),
                "subject": .text("Whom or what it is about, masked", lengthMax: 200).orNull,
                "arguments": .anything("Values of the message"),
                "dataTimes": .anything("When each source was read"),
            ])
        ),
    ])

    private static let staff = Set<Role>.applicants.union(Set<Role>.officers)

    static func routes(_ desk: APIDesk) -> [Route] {
        [
            start(desk), attach(desk), save(desk), askSignatures(desk), submit(desk), withdraw(desk),
            read(desk),
            lines(desk), decisions(desk), progress(desk),
        ]
    }

    // MARK: writing

    private static func save(_ desk: APIDesk) -> Route {
        .api(
            .put,
            "/api/v1/cases/{id}/data",
            who: .applicants,
            scope: .own,
            zh: "保存表单",
            en: "Save the form",
            request: .object([
                "version": .integer("The version you have seen", min: 1), "data": .anything("The whole form"),
            ]),
            response: .object([
                "case": brief, "voided": .integer("Signatures that became void", min: 0),
                "problems": .list(
                    .object([
                        "path": .text("Field", lengthMax: 200),
                        "code": .text("Stable; the reason", lengthMax: 100),
                    ])
                ),
            ])
        ) { visit in
            let body = try visit.only(["version", "data"])
            let found = try await desk.open(visit, for: "case.draft")
            guard let version = body["version"].int else { throw WebRefusal.badField(name: "version") }
            let data = body["data"]
            guard case .object = data else { throw WebRefusal.badField(name: "data") }
            let kept = try await desk.desk.save(
                found.id,
                data: data,
                version: Int(version),
                occasion: visit.occasion
            )
            let definition = try await desk.desk.definition(of: kept.saved)
            let problems = desk.desk.problems(
                in: kept.saved.data,
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
        }.noting(refusals: [
            409: ["case.changed-meanwhile", "case.not-allowed-now"], 413: ["case.draft-too-large"],
            422: ["form.too-many-rows"],
        ])
    }

    private static func askSignatures(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/cases/{id}/signatures",
            who: .applicants,
            scope: .own,
            zh: "发起签署",
            en: "Ask for signatures",
            response: .object([
                "invited": .integer("Signers invited now; each gets a link of his own by message", min: 0)
            ])
        ) { visit in
            let found = try await desk.open(visit, for: "case.sign")
            let links = try await desk.desk.askSignatures(found.id, occasion: visit.occasion)
            return .json(["invited": JSON(links.count)])
        }.noting(refusals: [409: ["case.not-allowed-now"], 422: ["case.incomplete"]])
    }

    private static func submit(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/cases/{id}/submission",
            who: .applicants,
            scope: .own,
            zh: "提交",
            en: "Hand in",
            response: brief
        ) { visit in
            let found = try await desk.open(visit, for: "case.submit")
            guard let key = visit.onceKey else { throw WebRefusal.badField(name: "Idempotency-Key") }
            let once = Once<Case>(
                key: key,
                scope: "submit:\(found.applicant)",
                request: SM3.digest(Array("\(visit.path)\n".utf8) + visit.bytes),
                keeping: json
            )
            let outcome = try await once.run(in: desk.database) {
                try await desk.desk.submit(found.id, once: $0, occasion: visit.occasion)
            }
            switch outcome {
            case .done(let handedIn): return .json(json(handedIn))
            case .before(let answer): return .json(answer)
            }
        }.noting(
            headers: CallShapes.once,
            refusals: [
                409: ["case.not-allowed-now"],
                422: ["case.incomplete", "idempotency.different-body"],
            ]
        )
    }

    private static func withdraw(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/cases/{id}/withdrawal",
            who: .applicants,
            scope: .own,
            zh: "撤回申请",
            en: "Take the application back",
            request: .object([
                "version": .integer("The version you have seen", min: 1),
                "freeName?": .flag("Give the reserved name up as well: it is free for others at once"),
            ]),
            response: brief
        ) { visit in
            let body = try visit.only(["version", "freeName"])
            let found = try await desk.open(visit, for: "case.withdraw")
            guard let version = body["version"].int else { throw WebRefusal.badField(name: "version") }
            guard body["freeName"].isNull || body["freeName"].bool != nil else {
                throw WebRefusal.badField(name: "freeName")
            }
            return .json(
                json(
                    try await desk.desk.withdraw(
                        found.id,
                        version: Int(version),
                        freeing: body["freeName"].bool ?? false,
                        occasion: visit.occasion
                    )
                )
            )
        }.noting(refusals: [
            409: ["case.changed-meanwhile", "case.not-allowed-now", "case.withdraw-too-late"]
        ])
    }

    // MARK: reading

    private static func read(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/cases/{id}",
            who: staff,
            scope: .relation,
            zh: "读取办件",
            en: "Read a case",
            response: .object([
                "id": .text("Identifier", lengthMax: 64), "number": .text("办件编号", lengthMax: 23),
                "state": .choice("Where it stands", CaseState.allCases.map(\.rawValue)),
                "version": .integer("To be sent with the next change", min: 1),
                "title": title, "region": CallShapes.region,
                "submittedAt": CallShapes.momentOrNull, "decidedAt": CallShapes.momentOrNull,
                "completedAt": CallShapes.momentOrNull, "result": code,
                "data?": .anything("The form, to the applicant only"), "steps": .list(step),
            ])
        ) { visit in
            let (found, steps) = try await desk.open(visit, whole(visit.segments))
            var answer = json(found)
            // Staff read the form at the workbench, where a purpose is asked for.
            if found.applicant == visit.occasion.actor.id { answer["data"] = found.data }
            answer["steps"] = json(steps)
            return .json(answer)
        }.asking { whole($0).questions }
    }

    private static func whole(_ segments: [String: String]) -> Glance<(Case, [CaseStep])> {
        let id = ID<Case>(segments["id"] ?? "")
        return CaseStore.glance(id).with(StepStore.glance(of: id))
    }

    private static func lines(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/cases/{id}/lines",
            who: staff,
            scope: .relation,
            zh: "联办事项进度",
            en: "Lines of the parties",
            response: .list(line)
        ) { visit in
            let (_, lines) = try await desk.open(visit) {
                try ExchangeStore.lines(of: $0.id.rawValue, in: $1)
            }
            return .json(json(lines))
        }
    }

    private static func decisions(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/cases/{id}/decisions",
            who: staff,
            scope: .relation,
            zh: "决定与规则结果",
            en: "Decisions and what the rules said",
            response: .list(decision)
        ) { visit in
            let (_, decisions) = try await desk.open(visit) { try DecisionStore.of($0.id, in: $1) }
            return .json(.array(decisions.map(json)))
        }
    }

    /// A wrong number and a wrong code give one answer, and too many lock the number for a while.
    private static func progress(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/progress",
            who: .everyone,
            scope: .secret,
            zh: "按编号和查询码查询进度",
            en: "Progress by number and code",
            request: .object([
                "number": .text("办件编号", lengthMax: 40), "code": .text("查询码", lengthMax: 20),
            ]),
            response: .object([
                "number": .text("办件编号", lengthMax: 23),
                "state": .choice("Where it stands", CaseState.allCases.map(\.rawValue)),
                "title": title,
                "submittedAt": CallShapes.momentOrNull, "decidedAt": CallShapes.momentOrNull,
                "completedAt": CallShapes.momentOrNull, "steps": .list(step), "lines": .list(line),
            ])
        ) { visit in
            let body = try visit.only(["number", "code"])
            let found = try await desk.desk.lookUp(
                number: try body.needed("number", lengthMax: 40),
                code: try body.needed("code", lengthMax: 20),
                address: visit.address,
                policy: try await desk.lookUpPolicy(visit.region, visit.now.date),
                occasion: visit.occasion
            )
            let whole = json(found)
            let (steps, lines) = try await desk.database.read { reader in
                (
                    try StepStore.of(found.id, in: reader),
                    try ExchangeStore.lines(of: found.id.rawValue, in: reader)
                )
            }
            var answer: JSON = ["steps": json(steps), "lines": json(lines)]
            for name in ["number", "state", "title", "submittedAt", "decidedAt", "completedAt"] {
                answer[name] = whole[name]
            }
            return .json(answer)
        }.noting(refusals: [404: ["case.lookup-wrong"], 429: ["case.lookup-locked"]])
    }

    // MARK: as JSON

    private static func json(_ steps: [CaseStep]) -> JSON {
        .array(
            steps.map { step in
                [
                    "name": .string(step.name), "state": .string(step.state.rawValue),
                    "outcome": JSON(step.outcome), "openedAt": .string(step.openedAt.description),
                    "closedAt": JSON(step.closedAt?.description),
                ]
            }
        )
    }

    private static func json(_ lines: [PartyLine]) -> JSON {
        .array(
            lines.map { line in
                [
                    "party": .string(line.order.party), "operation": .string(line.order.operation),
                    "state": .string(line.state.rawValue),
                    "changedAt": .string(line.changedAt.description),
                    "dueAt": JSON(line.dueAt?.description), "reason": JSON(line.reasonCode),
                ]
            }
        )
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
