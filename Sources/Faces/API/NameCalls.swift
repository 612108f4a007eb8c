import CompanyNames
import CompanyOpening
import Kernel
import Storage
import Web

/// Checking and reserving a name.
enum NameCalls {
    private static let asked = Shape.object([
        "type": .choice("Kind of enterprise", ["llc", "soleTrader"]),
        "district": CallShapes.region,
        "name": .object([
            "division": .text("行政区划", lengthMax: 40), "brand": .text("字号", lengthMax: 40),
            "trade": .text("行业", lengthMax: 40),
            "form": .text("组织形式", lengthMax: 40),
            "order?": .choice(
                "Where the division stands",
                ["divisionFirst", "divisionAfterBrand", "divisionAfterTrade"]
            ),
        ]),
        "capital?": .integer("Registered capital", unit: "fen", min: 0),
        "scope?": .list(.text("Code of a scope phrase", lengthMax: 16), countMax: 200),
        "promised?": .flag("The applicant promises that no name of others is harmed"),
    ])

    private static let finding = Shape.object([
        "check": .text("Which check"), "severity": .choice("How heavy", ["notice", "person", "refuse"]),
        "code": .text("Stable; the reason"), "part": .text("Part of the name"),
        "arguments": .anything("Values of the message"),
    ])

    static func routes(_ desk: APIDesk) -> [Route] {
        [
            .api(
                .post,
                "/api/v1/names/check",
                who: .everyone,
                scope: .open,
                zh: "名称查重",
                en: "Check a name",
                request: asked,
                response: .object([
                    "name": .text("The whole name"),
                    "verdict": .choice("May it be reserved", ["free", "person", "refused"]),
                    "findings": .list(finding), "proposals": .list(.text("A free name")),
                ])
            ) { visit in
                let wish = try wish(visit, desk)
                let rules = desk.nameRules
                let report = try await desk.database.read {
                    try NameCheck.run(wish, under: rules, now: visit.now, in: $0)
                }
                return .json([
                    "name": .string(report.proposal.parts.text), "verdict": .string(report.verdict.rawValue),
                    "findings": .array(report.findings.map(\.json)),
                    "proposals": .array(report.proposals.map { .string($0.text) }),
                ])
            },
            .api(
                .post,
                "/api/v1/names",
                who: .applicants,
                scope: .own,
                zh: "名称自主申报",
                en: "Reserve a name",
                request: asked,
                response: .object([
                    "reservation": .text("Goes into the form as name.reservation"),
                    "name": .text("The whole name"),
                    "until": .text("Last day", format: "date"),
                ])
            ) { visit in
                let wish = try wish(visit, desk)
                try await desk.require("name.reserve", visit)
                let rules = desk.nameRules
                let promised = visit.body["promised"].bool ?? false
                let outcome = try await desk.database.write { tx in
                    let report = try NameCheck.run(wish, under: rules, now: visit.now, in: tx)
                    return try ReserveName.run(
                        report,
                        promised: promised,
                        under: rules,
                        occasion: visit.occasion,
                        in: tx
                    )
                }
                switch outcome {
                case .reserved(let entry):
                    return .json(
                        [
                            "reservation": .string(entry.id.rawValue), "name": .string(entry.text),
                            "until": JSON(entry.lastDay?.description),
                        ],
                        status: 201
                    )
                case .taken(let taken):
                    return .refusal(
                        NameError.refused(code: taken.finding.code, arguments: taken.finding.arguments)
                    )
                }
            }.noting(status: 201, refusals: [409: ["name.refused"]]),
        ]
    }

    private static func wish(_ visit: Visit, _ desk: APIDesk) throws(WebRefusal) -> NameProposal {
        let body = try visit.only(["type", "district", "name", "capital", "scope", "promised"])
        guard ["llc", "soleTrader"].contains(try body.needed("type")) else { throw .badField(name: "type") }
        guard try body.needed("district").utf8.count == 6 else { throw .badField(name: "district") }
        guard case .object = body["name"] else { throw .badField(name: "name") }
        for part in ["division", "brand", "trade", "form"] where !body["name"][part].isNull {
            _ = try body["name"].needed(part, lengthMax: 40)
        }
        if !body["capital"].isNull, body["capital"].int == nil { throw .badField(name: "capital") }
        return desk.opening.proposal(
            for: CompanyForm(body),
            applicant: visit.occasion.actor.id,
            on: visit.now.date
        )
    }
}
