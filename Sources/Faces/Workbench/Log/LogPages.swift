import Audit
import Identity
import Kernel
import Storage
import Web

/// The log for the administrator of audits: whether it is whole and signed, and who did or read what. Looking for
/// somebody's acts is itself an act, with a reason, and stands in the log.
enum LogPages {
    /// Lines of a page; a file takes more.
    private static let pageMax = 50
    private static let fileMax = 10_000
    /// The first day asked about, when none is given: as many days back.
    private static let daysBack = 30

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk/log", who: [.auditAdmin], scope: .platform, zh: "日志审计", en: "The log") {
                visit in
                _ = try desk.permissions.scope("audit.read", of: try desk.seat(visit).principal)
                return try await page(LogQuery(blank: visit), found: nil, visit, desk)
            },
            .page(
                .post,
                "/desk/log",
                who: [.auditAdmin],
                scope: .platform,
                zh: "按理由查询日志",
                en: "Search the log for a reason"
            ) { visit in
                let query = try ask(visit, desk)
                let found = try await search(query, act: "log.searched", limit: pageMax, visit, desk)
                return try await page(query, found: found, visit, desk)
            },
            .page(
                .post,
                "/desk/log/export",
                who: [.auditAdmin],
                scope: .platform,
                zh: "按理由导出日志",
                en: "Export entries of the log for a reason"
            ) { visit in
                let query = try ask(visit, desk)
                let found = try await search(query, act: "log.exported", limit: fileMax, visit, desk)
                let head = columns.map { visit.text("log.column.\($0)") }
                return .file(
                    CSV.bytes([head] + found.entries.map(cells)),
                    type: "text/csv; charset=utf-8",
                    name: "\(visit.text("log.title"))-\(visit.now.date).csv"
                )
            },
        ]
    }

    private static func ask(_ visit: Visit, _ desk: WorkbenchDesk) throws -> LogQuery {
        _ = try desk.permissions.scope("audit.read", of: try desk.seat(visit).principal)
        return try LogQuery(visit, daysBack: daysBack)
    }

    /// Notes the search, with its reason, and looks.
    private static func search(
        _ query: LogQuery,
        act: String,
        limit: Int,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> AuditFound {
        let told = visit.occasion
        let occasion = Occasion(
            now: told.now,
            actor: told.actor,
            request: told.request,
            purpose: query.purpose,
            entropy: told.entropy
        )
        let search = query.search
        try await desk.database.write { tx in
            try AuditLog.append(act, object: "log:entries", after: search.logged, occasion: occasion, in: tx)
            // Who looks for what was read of somebody learns about him: he sees that too.
            if let subject = search.subject {
                try AuditLog.read(act, object: "log:entries", of: subject, occasion: occasion, in: tx)
            }
        }
        return try await desk.database.read { try AuditLog.search(search, limit: limit, in: $0) }
    }

    private static let columns = [
        "sequence", "at", "actor", "role", "act", "object", "outcome", "subject", "purpose", "request",
    ]

    private static func cells(_ sequence: Int64, _ entry: AuditEntry) -> [String] {
        [
            String(sequence), entry.at.description, "\(entry.actor.kind.rawValue):\(entry.actor.id)",
            entry.actor.role, entry.act, entry.object, entry.outcome.text, entry.subject ?? "",
            entry.purpose ?? "", entry.request,
        ]
    }

    // MARK: the page

    private static func page(
        _ query: LogQuery,
        found: AuditFound?,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> Reply {
        let (size, head) = try await desk.database.read { reader in
            (try LogTree(reader).size, try AuditLog.heads(limit: 1, in: reader).first)
        }
        let damage = await desk.keeper.damage
        let whole = await desk.keeper.wholeAt
        let notice = damage.map { damage in
            NoticeView(
                .bad,
                title: visit.text("verdict.\(damage.problem.code)", damage.problem.arguments),
                visit.text("log.damaged", ["time": damage.seenAt.minuteText])
            )
        }
        let facts = [
            ("size", String(size)),
            ("head", head.map { "\($0.size) · \($0.at.minuteText)" } ?? visit.dash(nil)),
            ("whole", visit.dash(whole?.minuteText)), ("name", desk.keeper.log),
        ]
        return .page(
            "workbench/log",
            LogView(
                notice: notice,
                facts: SummaryView(rows: facts.map { .init(visit.text("log.state.\($0.0)"), $0.1) }),
                fields: query.fields(visit),
                found: found.map { table($0, visit) },
                hasFound: found?.entries.isEmpty == false,
                again: query.again(before: nil),
                next: found?.next.map { query.again(before: $0) }
            ),
            heading: Heading(visit.text("log.title"), section: "log")
        )
    }

    private static func table(_ found: AuditFound, _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("log.title"),
            columns: columns.map { visit.text("log.column.\($0)") },
            rows: found.entries.map { line in
                cells(line.sequence, line.entry).enumerated().map { place, text in
                    TableView.Cell(place == 1 ? line.entry.at.minuteText : text, isNumber: place == 0)
                }
            },
            emptyText: visit.text("log.nothing")
        )
    }
}

/// What was typed, and the search that it means.
struct LogQuery: Sendable {
    let search: AuditSearch
    let purpose: String
    private let from: LocalDate
    private let until: LocalDate

    /// Before anything was asked.
    init(blank visit: Visit) {
        let today = visit.now.date
        (from, until, purpose) = (today, today, "")
        search = AuditSearch(from: visit.now, until: visit.now)
    }

    /// - Throws: `badField` without a reason, for a day that is none, or days the wrong way round.
    init(_ visit: Visit, daysBack: Int) throws {
        func words(_ name: String) -> String? {
            visit.form.trimmed(name).flatMap { $0.isEmpty ? nil : String($0.prefix(200)) }
        }
        func day(_ name: String, or missing: LocalDate) throws(WebRefusal) -> LocalDate {
            guard let words = words(name) else { return missing }
            guard let day = LocalDate(parsing: words) else {
                throw .badField(name: visit.text("log.field.\(name)"))
            }
            return day
        }
        guard let purpose = words("purpose") else {
            throw WebRefusal.badField(name: visit.text("log.field.purpose"))
        }
        self.purpose = purpose
        until = try day("until", or: visit.now.date)
        from = try day("from", or: until.adding(days: -daysBack))
        guard from <= until else { throw WebRefusal.badField(name: visit.text("log.field.from")) }
        search = AuditSearch(
            actor: words("actor"),
            object: words("object"),
            subject: words("subject"),
            from: Instant(from),
            until: Instant(until.adding(days: 1)),
            before: words("before").flatMap { Int64($0) }
        )
    }

    private var values: [(name: String, value: String)] {
        [
            ("actor", search.actor ?? ""), ("object", search.object ?? ""),
            ("subject", search.subject ?? ""), ("from", purpose.isEmpty ? "" : from.description),
            ("until", purpose.isEmpty ? "" : until.description), ("purpose", purpose),
        ]
    }

    func fields(_ visit: Visit) -> [LogView.Field] {
        values.map { name, value in
            LogView.Field(
                name: name,
                value: value,
                label: visit.text("log.field.\(name)"),
                hint: visit.text("log.hint.\(name)"),
                isRequired: name == "purpose"
            )
        }
    }

    /// The same question once more, for the next page or for a file.
    func again(before: Int64?) -> LogView.Again {
        LogView.Again(
            fields: (values + [("before", before.map { String($0) } ?? "")]).map {
                LogView.Hidden(name: $0.name, value: $0.value)
            }
        )
    }
}

/// Template: `workbench/log`.
struct LogView: PageView {
    struct Field: PageView {
        let name: String
        let value: String
        let label: String
        let hint: String
        let isRequired: Bool
    }

    struct Hidden: PageView {
        let name: String
        let value: String
    }

    struct Again: PageView {
        let fields: [Hidden]
    }

    let notice: NoticeView?
    let facts: SummaryView
    let fields: [Field]
    /// Nil before anything was asked.
    let found: TableView?
    let hasFound: Bool
    let again: Again
    let next: Again?
}
