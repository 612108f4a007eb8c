import Cases
import Catalogue
import Identity
import Kernel
import Standards
import Storage
import Web

/// What a clerk looks for in the inbox, as the address says it: it goes on to the next page and into the export.
struct InboxWish: Sendable {
    /// `me`, `nobody`, or the account of a colleague.
    let assignee: String?
    let rule: String?
    let due: Due?
    /// Six digits of a region inside the post's own.
    let region: String?

    enum Due: String, CaseIterable {
        case over, today, soon

        /// How long from now the clock may still run. Periods of the law count working days, and so does `soon`; where the
        /// days of that year are not published yet, days are days.
        func end(_ now: Instant, _ calendar: WorkingCalendar) -> Instant {
            switch self {
            case .over: return now
            case .today: return Instant(now.date.adding(days: 1))
            case .soon:
                let last = (try? calendar.adding(workingDays: 3, to: now.date)) ?? now.date.adding(days: 3)
                return Instant(last.adding(days: 1))
            }
        }
    }

    /// - Parameter values: a query, or the hidden fields of the export's form.
    init(_ values: FormValues) throws(WebRefusal) {
        let isMine = values["mine"] == "1"
        assignee = isMine ? "me" : values.trimmed("assignee")
        rule = values.trimmed("rule").map { $0.uppercased() }
        region = values.trimmed("where")
        if let text = values.trimmed("due") {
            guard let due = Due(rawValue: text) else { throw .badField(name: "due") }
            self.due = due
        } else {
            due = nil
        }
    }

    /// As fields of an address or a hidden form, only those that say something.
    var pairs: [(name: String, value: String)] {
        [("assignee", assignee), ("rule", rule), ("due", due?.rawValue), ("where", region)].compactMap {
            name,
            value in value.map { (name, $0) }
        }
    }

    func filter(_ visit: Visit, _ desk: WorkbenchDesk) -> InboxFilter {
        let who: String? =
            switch assignee {
            case "me": visit.occasion.actor.id
            case "nobody": InboxFilter.nobody
            default: assignee
            }
        return InboxFilter(
            assignee: who,
            dueBefore: due.map { $0.end(visit.now, desk.standards.calendar) },
            place: region.map(desk.stem)
        )
    }

    /// The post's own reach, inside which the region has to lie that is looked for.
    func scope(_ seat: Seat, _ desk: WorkbenchDesk) throws -> InboxScope {
        let own = try desk.inbox(of: seat)
        guard let region else { return own }
        guard region.utf8.count == 6, desk.stem(of: region).hasPrefix(own.regionPrefix) else {
            throw WebRefusal.badField(name: "where")
        }
        return own
    }

    func keeps(_ rules: [String]) -> Bool { rule.map { rules.contains($0) } ?? true }
}

/// One choice of the filters above the inbox.
struct InboxChoice: PageView {
    struct Option: PageView {
        let value: String
        let label: String
        let isChosen: Bool
    }

    let id: String
    let name: String
    let label: String
    let options: [Option]

    init(_ name: String, label: String, all: String, _ options: [(String, String)], chosen: String?) {
        id = "filter-\(name)"
        self.name = name
        self.label = label
        self.options = ([("", all)] + options).map {
            Option(value: $0.0, label: $0.1, isChosen: $0.0 == (chosen ?? ""))
        }
    }

    /// - Parameter rules: those that the systems in force know.
    static func all(
        _ wish: InboxWish,
        rules: [String],
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws -> [InboxChoice] {
        let everything = visit.text("workbench.filter.all")
        let scope = try desk.inbox(of: seat)
        let me = visit.occasion.actor.id
        let colleagues = try InboxStore.assignees(scope, in: reader).filter { $0 != me }.map {
            ($0, try InboxPages.assignee($0, visit: visit, in: reader))
        }
        let regions = desk.standards.regions.banners.filter { $0.code.hasPrefix(scope.regionPrefix) }
        var choices = [
            InboxChoice(
                "assignee",
                label: visit.text("workbench.column.assignee"),
                all: everything,
                [
                    ("me", visit.text("workbench.filter.me")),
                    ("nobody", visit.text("workbench.unassigned")),
                ] + colleagues,
                chosen: wish.assignee
            ),
            InboxChoice(
                "due",
                label: visit.text("workbench.column.due"),
                all: everything,
                InboxWish.Due.allCases.map {
                    ($0.rawValue, visit.text("workbench.filter.due.\($0.rawValue)"))
                },
                chosen: wish.due?.rawValue
            ),
            InboxChoice(
                "rule",
                label: visit.text("workbench.column.rules"),
                all: everything,
                rules.map { ($0, RuleWords.name($0, visit)) },
                chosen: wish.rule
            ),
        ]
        if regions.count > 1 {
            choices.append(
                InboxChoice(
                    "where",
                    label: visit.text("workbench.column.region"),
                    all: everything,
                    regions.map { ($0.code, visit.language == .en ? $0.englishName : $0.name) },
                    chosen: wish.region
                )
            )
        }
        return choices
    }
}
