import Cases
import Catalogue
import Forms
import Identity
import Kernel
import Standards
import Storage
import Web

/// The times and shares that were promised, counted from the cases themselves.
enum MeasurePages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk/measures", who: .officers, scope: .region, zh: "办理效能", en: "Measures") {
                visit in
                let view = try await measures(visit, desk)
                return .page(
                    "workbench/measures",
                    view,
                    heading: Heading(visit.text("workbench.measures.title"), section: "measures")
                )
            }
        ]
    }

    private static func measures(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> MeasureView {
        let seat = try desk.seat(visit)
        let reach = try desk.permissions.scope("measure.read", of: seat.principal)
        let region = visit.query["region"] ?? seat.post.region
        guard region.utf8.count == 6, desk.standards.regions[region] != nil else {
            throw WebRefusal.badField(name: "region")
        }
        let items = try await desk.desk.definitions.offered(on: visit.now.date).filter {
            reach.covers(PermissionSubject(agency: $0.item.plain?.agency ?? desk.authority, region: region))
        }
        guard let first = items.first(where: { $0.item.id == "llc" }) ?? items.first else {
            throw WebRefusal.notFound
        }
        let item = visit.query["item"] ?? first.item.id
        guard let definition = items.first(where: { $0.item.id == item }) else {
            throw WebRefusal.badField(name: "item")
        }
        let until = try day("until", visit) ?? visit.now.date
        let from = try day("from", visit) ?? until.adding(days: -30)
        let today = visit.now.date
        let promised = definition.limits(region, today)["instantMinutes"].int
        let scope = MeasureScope(
            item: item,
            regionPrefix: desk.stem(of: region),
            from: Instant(from),
            until: Instant(until.adding(days: 1)),
            promisedMinutes: promised
        )
        let (counted, promises) = try await desk.database.browse { reader in
            (
                try MeasureStore.measure(scope, at: visit.now, in: reader),
                try MeasureStore.items(
                    below: scope.regionPrefix,
                    from: scope.from,
                    until: scope.until,
                    at: visit.now,
                    in: reader
                )
            )
        }
        let agency = definition.item.plain?.agency ?? desk.authority
        let reached = desk.standards.regions.all.filter {
            reach.covers(PermissionSubject(agency: agency, region: $0.code))
        }
        return MeasureView(
            from: from.description,
            until: until.description,
            regions: reached.prefix(200).map {
                MeasureView.Option(value: $0.code, label: $0.name, isChosen: $0.code == region)
            },
            items: items.map {
                MeasureView.Option(
                    value: $0.item.id,
                    label: $0.item.title(visit.language.rawValue),
                    isChosen: $0.item.id == item
                )
            },
            promises: self.promises(promises, of: items, in: region, visit),
            stats: stats(counted, promised: promised, visit),
            durations: durations(counted, visit),
            shares: shares(counted, visit),
            fallouts: fallouts(counted, visit),
            dataTime: visit.now.minuteText,
            isEmpty: counted.filling.count == 0,
            empty: EmptyView(
                visit.text("workbench.measures.empty"),
                text: visit.text("workbench.measures.empty-next")
            )
        )
    }

    /// What is promised for each item, and how it was kept.
    private static func promises(
        _ counted: [ItemMeasures],
        of items: [CaseDefinition],
        in region: String,
        _ visit: Visit
    ) -> TableView {
        TableView(
            caption: visit.text("workbench.measures.promises"),
            columns: ["item", "promised", "handed", "granted", "kept", "broken", "kept-share"].map {
                visit.text("workbench.column.\($0)")
            },
            rows: items.map { definition in
                let item = definition.item
                let found = counted.first { $0.item == item.id }
                let promise = item.promise(definition.system.limits, region: region, on: visit.now.date)
                let (kept, broken) = (found?.kept ?? 0, found?.broken ?? 0)
                return [
                    TableView.Cell(item.title(visit.language.rawValue)),
                    TableView.Cell(visit.dash(promise?.words(visit.language.rawValue))),
                    TableView.Cell(String(found?.handedIn ?? 0), isNumber: true),
                    TableView.Cell(String(found?.granted ?? 0), isNumber: true),
                    TableView.Cell(String(kept), isNumber: true),
                    TableView.Cell(String(broken), isNumber: true),
                    TableView.Cell(share(kept, kept + broken), isNumber: true),
                ]
            },
            emptyText: visit.text("workbench.measures.empty")
        )
    }

    private static func day(_ name: String, _ visit: Visit) throws(WebRefusal) -> LocalDate? {
        guard let text = visit.query.trimmed(name), !text.isEmpty else { return nil }
        guard let date = LocalDate(parsing: text) else { throw .badField(name: name) }
        return date
    }

    private static func stats(_ counted: Measures, promised: Int64?, _ visit: Visit) -> [StatView] {
        let prompt = counted.prompt.map { count in
            StatView(
                visit.text("workbench.measures.prompt"),
                share(count, counted.granted),
                note: visit.text("workbench.measures.prompt.meaning", ["minutes": String(promised ?? 0)])
            )
        }
        return [
            StatView(visit.text("workbench.measures.handed-in"), String(counted.filling.count)),
            StatView(visit.text("workbench.measures.granted"), String(counted.granted)),
            StatView(
                visit.text("workbench.measures.instant"),
                share(counted.instant, counted.granted),
                note: visit.text("workbench.measures.instant.meaning")
            ),
            prompt,
            StatView(
                visit.text("workbench.measures.right"),
                share(counted.firstTimeRight, counted.judged),
                note: visit.text("workbench.measures.right.meaning")
            ),
            StatView(visit.text("workbench.measures.returned"), String(counted.returned)),
            StatView(visit.text("workbench.measures.returned-again"), String(counted.returnedAgain)),
            StatView(visit.text("workbench.measures.refused"), String(counted.refused)),
            StatView(
                visit.text("workbench.measures.kept"),
                share(counted.kept, counted.kept + counted.broken),
                note: visit.text("workbench.measures.kept.meaning")
            ),
            StatView(
                visit.text("workbench.measures.lines"),
                mean(counted.lines, counted.granted),
                note: visit.text("workbench.measures.lines.meaning")
            ),
        ].compactMap { $0 }
    }

    /// `87 %`, or a dash: nothing counted is not zero.
    static func share(_ part: Int, _ whole: Int) -> String { whole == 0 ? "—" : "\(part * 100 / whole) %" }

    /// With one decimal.
    static func mean(_ sum: Int, _ count: Int) -> String {
        guard count > 0 else { return "—" }
        let tenths = (sum * 10 + count / 2) / count
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func durations(_ counted: Measures, _ visit: Visit) -> TableView {
        let rows: [(String, Measures.Duration)] = [
            ("filling", counted.filling), ("approval", counted.approval), ("whole", counted.whole),
        ]
        func words(_ milliseconds: Int64?) -> String {
            milliseconds.map { Waiting.atMost($0, visit: visit) } ?? "—"
        }
        return TableView(
            caption: visit.text("workbench.measures.durations"),
            columns: ["duration", "count", "median", "ninetieth", "meaning"].map {
                visit.text("workbench.column.\($0)")
            },
            rows: rows.map { name, duration in
                [
                    TableView.Cell(visit.text("workbench.measures.\(name)")),
                    TableView.Cell(String(duration.count), isNumber: true),
                    TableView.Cell(words(duration.median), isNumber: true),
                    TableView.Cell(words(duration.ninetieth), isNumber: true),
                    TableView.Cell(visit.text("workbench.measures.\(name).meaning")),
                ]
            },
            emptyText: visit.text("workbench.measures.empty")
        )
    }

    private static func shares(_ counted: Measures, _ visit: Visit) -> [MeterView] {
        [
            MeterView(
                label: visit.text("workbench.measures.instant"),
                words: "\(counted.instant) / \(counted.granted)",
                part: counted.instant,
                whole: counted.granted,
                tone: .good
            ),
            MeterView(
                label: visit.text("workbench.measures.right"),
                words: "\(counted.firstTimeRight) / \(counted.judged)",
                part: counted.firstTimeRight,
                whole: counted.judged,
                tone: .good
            ),
            MeterView(
                label: visit.text("workbench.measures.kept"),
                words: "\(counted.kept) / \(counted.kept + counted.broken)",
                part: counted.kept,
                whole: counted.kept + counted.broken,
                tone: counted.broken == 0 ? .good : .warn
            ),
        ]
            + counted.fallouts.prefix(12).map { fallout in
                MeterView(
                    label: reason(fallout.reason, visit),
                    words: String(fallout.count),
                    part: fallout.count,
                    whole: counted.fallouts.first?.count ?? 0,
                    tone: .warn
                )
            }
    }

    private static func fallouts(_ counted: Measures, _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("workbench.measures.fallouts"),
            columns: ["reason", "count"].map { visit.text("workbench.column.\($0)") },
            rows: counted.fallouts.map {
                [TableView.Cell(reason($0.reason, visit)), TableView.Cell(String($0.count), isNumber: true)]
            },
            emptyText: visit.text("workbench.measures.no-fallouts")
        )
    }

    /// `R06.officer.barred` → `R06 任职限制 …`; places of a particular case stay open.
    private static func reason(_ key: String, _ visit: Visit) -> String {
        guard let cut = key.firstIndex(of: ".") else { return key }
        let words = visit.text("rule.\(key[key.index(after: cut)...])")
        return "\(key[..<cut]) \(words.replacing(#/[：: ]*\{[A-Za-z]+\}/#, with: "…"))"
    }
}

struct MeasureView: PageView {
    struct Option: PageView {
        let value: String
        let label: String
        let isChosen: Bool
    }

    let from: String
    let until: String
    let regions: [Option]
    let items: [Option]
    /// Of every item that the post may see.
    let promises: TableView
    let stats: [StatView]
    let durations: TableView
    let shares: [MeterView]
    let fallouts: TableView
    let dataTime: String
    let isEmpty: Bool
    let empty: EmptyView
}
