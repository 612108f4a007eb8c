import Cases
import Identity
import Kernel
import Storage
import Web

/// The times and shares that were promised, as the workbench counts them.
enum MeasureCalls {
    private static let duration = Shape.object([
        "count": .integer("Cases", min: 0), "median": .integer("Half took no longer", unit: "ms").orNull,
        "ninetieth": .integer("Nine tenths took no longer", unit: "ms").orNull,
    ])

    static func routes(_ desk: APIDesk) -> [Route] {
        [
            .api(
                .get,
                "/api/v1/measures",
                who: .officers,
                scope: .region,
                zh: "办理效能",
                en: "Measures",
                request: .object([
                    "region": CallShapes.region, "item?": .choice("Which", ["llc", "sole-trader"]),
                    "from?": .text("First day", format: "date"), "until?": .text("Last day", format: "date"),
                ]),
                response: .object([
                    "region": CallShapes.region, "from": .text("First day", format: "date"),
                    "until": .text("Last day", format: "date"), "dataTime": CallShapes.moment,
                    "filling": duration, "approval": duration, "whole": duration,
                    "kept": .integer("Cases done within the promise of the region", min: 0),
                    "broken": .integer("Cases late, done or not", min: 0),
                    "granted": .integer("Cases", min: 0),
                    "instant": .integer("By rules alone", min: 0),
                    "prompt": .integer("Granted within the promised minutes", min: 0).orNull,
                    "judged": .integer("Granted, refused or returned at least once", min: 0),
                    "firstTimeRight": .integer("Of these never returned", min: 0),
                    "returned": .integer("Cases returned", min: 0),
                    "returnedAgain": .integer("Cases returned more than once", min: 0),
                    "refused": .integer("Cases refused", min: 0),
                    "lines": .integer("Begun by granted cases", min: 0),
                    "fallouts": .list(
                        .object(["reason": .text("Rule and reason"), "count": .integer("Cases", min: 0)])
                    ),
                ])
            ) { visit in
                guard let region = visit.query["region"], region.utf8.count == 6,
                    region.utf8.allSatisfy({ (0x30...0x39).contains($0) })
                else {
                    throw WebRefusal.badField(name: "region")
                }
                let reach = try desk.permissions.scope("measure.read", of: desk.principal(visit))
                guard reach.covers(PermissionSubject(agency: desk.authority, region: region)) else {
                    throw WebRefusal.notFound
                }
                let item = visit.query["item"] ?? "llc"
                guard ["llc", "sole-trader"].contains(item) else { throw WebRefusal.badField(name: "item") }
                let until = try day("until", visit) ?? visit.now.date
                let from = try day("from", visit) ?? until.adding(days: -30)
                let definition = try await desk.desk.definitions.current(
                    "company-opening",
                    item: item,
                    region: region,
                    on: visit.now.date
                )
                let scope = MeasureScope(
                    item: item,
                    regionPrefix: stem(of: region),
                    from: Instant(from),
                    until: Instant(until.adding(days: 1)),
                    promisedMinutes: definition.limits(region, visit.now.date)["instantMinutes"].int
                )
                let counted = try await desk.database.read {
                    try MeasureStore.measure(scope, at: visit.now, in: $0)
                }
                return .json(json(counted, from: from, until: until, region: region, at: visit.now))
            }.noting(refusals: [404: ["web.not-found"], 422: ["web.bad-field"]])
        ]
    }

    private static func day(_ name: String, _ visit: Visit) throws(WebRefusal) -> LocalDate? {
        guard let text = visit.query[name] else { return nil }
        guard let date = LocalDate(parsing: text) else { throw .badField(name: name) }
        return date
    }

    private static func json(
        _ counted: Measures,
        from: LocalDate,
        until: LocalDate,
        region: String,
        at now: Instant
    ) -> JSON {
        func duration(_ value: Measures.Duration) -> JSON {
            [
                "count": JSON(value.count), "median": value.median.map { JSON($0) } ?? .null,
                "ninetieth": value.ninetieth.map { JSON($0) } ?? .null,
            ]
        }
        return [
            "region": .string(region), "from": .string(from.description), "until": .string(until.description),
            "dataTime": .string(now.description), "filling": duration(counted.filling),
            "approval": duration(counted.approval), "whole": duration(counted.whole),
            "kept": JSON(counted.kept), "broken": JSON(counted.broken), "granted": JSON(counted.granted),
            "instant": JSON(counted.instant), "prompt": counted.prompt.map { JSON($0) } ?? .null,
            "judged": JSON(counted.judged), "firstTimeRight": JSON(counted.firstTimeRight),
            "returned": JSON(counted.returned), "returnedAgain": JSON(counted.returnedAgain),
            "refused": JSON(counted.refused),
            "lines": JSON(counted.lines),
            "fallouts": .array(
                counted.fallouts.map { ["reason": .string($0.reason), "count": JSON($0.count)] }
            ),
        ]
    }
}
