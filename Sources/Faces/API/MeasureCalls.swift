import Cases
import Catalogue
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

    static func routes(_ desk: APIDesk) -> [Route] { [figures(desk), items(desk)] }

    private static let span: KeyValuePairs<String, Shape> = [
        "region": CallShapes.region, "from?": .text("First day", format: "date"),
        "until?": .text("Last day", format: "date"),
    ]

    private static func figures(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/measures",
            who: .officers,
            scope: .region,
            zh: "办理效能",
            en: "Measures",
            request: .object([
                "region": CallShapes.region, "item?": ItemCalls.item,
                "from?": .text("First day", format: "date"), "until?": .text("Last day", format: "date"),
            ]),
            response: .object([
                "region": CallShapes.region, "from": .text("First day", format: "date"),
                "until": .text("Last day", format: "date"), "dataTime": CallShapes.moment,
                "item": ItemCalls.item, "filling": duration, "approval": duration, "whole": duration,
                "kept": .integer("Cases done within the promise of the region", min: 0),
                "broken": .integer("Cases late, done or not", min: 0), "granted": .integer("Cases", min: 0),
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
            let place = try await Place(visit, desk)
            let item = visit.query["item"] ?? place.first
            guard let definition = place.items.first(where: { $0.item.id == item }) else {
                throw WebRefusal.badField(name: "item")
            }
            let scope = MeasureScope(
                item: item,
                regionPrefix: stem(of: place.region),
                from: Instant(place.from),
                until: Instant(place.until.adding(days: 1)),
                promisedMinutes: definition.limits(place.region, visit.now.date)["instantMinutes"].int
            )
            let counted = try await desk.database.read {
                try MeasureStore.measure(scope, at: visit.now, in: $0)
            }
            return .json(json(counted, of: item, place, at: visit.now))
        }.noting(refusals: [404: ["web.not-found"], 422: ["web.bad-field"]])
    }

    private static func items(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/measures/items",
            who: .officers,
            scope: .region,
            zh: "各事项承诺兑现情况",
            en: "How the promises of items were kept",
            request: .object(span),
            response: .list(
                .object([
                    "item": ItemCalls.item,
                    "promised": .text("What is promised there today, such as 5 wd", lengthMax: 20).orNull,
                    "handedIn": .integer("Cases handed in", min: 0),
                    "granted": .integer("Cases granted", min: 0),
                    "kept": .integer("Cases done within the promise", min: 0),
                    "broken": .integer("Cases late, done or not", min: 0),
                ])
            )
        ) { visit in
            let place = try await Place(visit, desk)
            let counted = try await desk.database.read {
                try MeasureStore.items(
                    below: stem(of: place.region),
                    from: Instant(place.from),
                    until: Instant(place.until.adding(days: 1)),
                    at: visit.now,
                    in: $0
                )
            }
            return .json(
                .array(
                    place.items.map { definition in
                        let found = counted.first { $0.item == definition.item.id }
                        let promise = definition.item.promise(
                            definition.system.limits,
                            region: place.region,
                            on: visit.now.date
                        )
                        return [
                            "item": .string(definition.item.id), "promised": JSON(promise?.text),
                            "handedIn": JSON(found?.handedIn ?? 0), "granted": JSON(found?.granted ?? 0),
                            "kept": JSON(found?.kept ?? 0), "broken": JSON(found?.broken ?? 0),
                        ]
                    }
                )
            )
        }.noting(refusals: [404: ["web.not-found"], 422: ["web.bad-field"]])
    }

    /// Where and when is measured, and which items the caller may see there.
    private struct Place {
        let region: String
        let from: LocalDate
        let until: LocalDate
        let items: [CaseDefinition]

        init(_ visit: Visit, _ desk: APIDesk) async throws {
            guard let region = visit.query["region"], region.utf8.count == 6,
                region.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { throw WebRefusal.badField(name: "region") }
            let reach = try desk.permissions.scope("measure.read", of: desk.principal(visit))
            items = try await desk.desk.definitions.offered(on: visit.now.date).filter {
                reach.covers(
                    PermissionSubject(agency: $0.item.plain?.agency ?? desk.authority, region: region)
                )
            }
            guard !items.isEmpty else { throw WebRefusal.notFound }
            self.region = region
            until = try day("until", visit) ?? visit.now.date
            from = try day("from", visit) ?? until.adding(days: -30)
        }

        /// What is measured where no item is named.
        var first: String { (items.first { $0.item.id == "llc" } ?? items[0]).item.id }
    }

    private static func day(_ name: String, _ visit: Visit) throws(WebRefusal) -> LocalDate? {
        guard let text = visit.query[name] else { return nil }
        guard let date = LocalDate(parsing: text) else { throw .badField(name: name) }
        return date
    }

    private static func json(
        _ counted: Measures,
        of item: String,
        _ place: Place,
        at now: Instant
    ) -> JSON {
        func duration(_ value: Measures.Duration) -> JSON {
            [
                "count": JSON(value.count), "median": value.median.map { JSON($0) } ?? .null,
                "ninetieth": value.ninetieth.map { JSON($0) } ?? .null,
            ]
        }
        return [
            "region": .string(place.region), "from": .string(place.from.description),
            "until": .string(place.until.description), "item": .string(item),
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
