import Audit
import Identity
import Kernel
import Storage
import Web

/// The log for the administrator of audits: whether it is whole and signed, and who did or read what. Looking for
/// somebody's acts is itself an act, with a reason, and stands in the log.
enum LogPages {
    /// Lines of a page; a file takes as many as `LogLimits` says.
    private static let pageMax = 50
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
                let query = try await ask(visit, desk)
                let limits = desk.logLimits(visit.now.date)
                let found = try await search(query, act: "log.searched", visit, desk) { search in
                    try await desk.database.read {
                        try AuditLog.search(search, limit: pageMax, look: limits.look, in: $0)
                    }
                }
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
                let query = try await ask(visit, desk)
                let limits = desk.logLimits(visit.now.date)
                let found = try await search(query, act: "log.exported", visit, desk) { search in
                    try await AuditLog.searchAll(
                        search,
                        limit: limits.file,
                        look: limits.look,
                        in: desk.database
                    )
                }
                let head = columns.map { visit.text("log.column.\($0)") }
                // A file says itself that it is not all there is.
                let count = ["count": String(found.entries.count)]
                let end = found.next == nil ? [] : [[visit.text("log.file.more", count)]]
                return .file(
                    CSV.bytes([head] + found.entries.map { cells($0, visit) } + end),
                    type: "text/csv; charset=utf-8",
                    name: "\(visit.text("log.title"))-\(visit.now.date).csv"
                )
            },
        ]
    }

    private static func ask(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> LogQuery {
        _ = try desk.permissions.scope("audit.read", of: try desk.seat(visit).principal)
        let asked = try LogQuery(visit, daysBack: daysBack)
        let query = try await desk.database.read { try asked.resolved(desk, in: $0) }
        guard let typed = query.search.subject else { return query }
        // Only what is an identifier may go into the log: a name or a number could never be taken out again.
        let person = try await desk.database.read { reader -> String? in
            if try People.find(ID(typed), in: reader) != nil { return typed }
            let account = try Accounts.find(ID(typed), in: reader)
            return account?.kind == .person ? account?.holder : nil
        }
        guard let person else { throw WebRefusal.badField(name: visit.text("log.field.subject")) }
        return query.about(person)
    }

    /// Notes the search, with its reason, looks, and notes of whom the answer tells that his data were read: he sees that
    /// too.
    private static func search(
        _ query: LogQuery,
        act: String,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        look: (AuditSearch) async throws -> AuditFound
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
        }
        let found = try await look(search)
        let subjects = Set(found.entries.compactMap(\.entry?.subject) + [search.subject].compactMap(\.self))
        for subjects in stride(from: 0, to: subjects.count, by: writesMax).map({ start in
            Array(subjects.sorted().dropFirst(start).prefix(writesMax))
        }) {
            try await desk.database.write { tx in
                for subject in subjects {
                    try AuditLog.read(act, object: "log:entries", of: subject, occasion: occasion, in: tx)
                }
            }
        }
        return found
    }

    /// Entries written at a time, so that nobody waits long for the writer.
    private static let writesMax = 200

    private static let columns = [
        "sequence", "at", "actor", "role", "act", "object", "outcome", "subject", "purpose", "request",
    ]

    /// One that cannot be read says that in the place of the act.
    private static func cells(_ line: AuditLine, _ visit: Visit) -> [String] {
        let number = line.sequence.map { String($0) } ?? visit.dash(nil)
        guard let entry = line.entry else {
            return columns.map { column in
                switch column {
                case "sequence": number
                case "act": visit.text("log.unreadable-entry", ["sequence": number])
                default: ""
                }
            }
        }
        return [
            number, entry.at.description, "\(entry.actor.kind.rawValue):\(entry.actor.id)",
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
            // A tree that cannot be read is what this page is looked at for.
            (
                try AuditLog.readable { try LogTree(reader).size },
                try AuditLog.heads(limit: 1, in: reader).first
            )
        }
        let (whole, compared) = (await desk.keeper.wholeAt, await desk.keeper.comparedAt)
        let notice = await notice(visit, desk.keeper)
        let lines = try await desk.database.read { reader in
            try found.map { try LogWords(visit, desk).lines($0.entries, in: reader) }
        }
        let facts = [
            ("size", visit.dash(size.map { String($0) })),
            ("head", head.map { "\($0.size) · \($0.at.minuteText)" } ?? visit.dash(nil)),
            ("whole", visit.dash(whole?.minuteText)), ("compared", visit.dash(compared?.minuteText)),
            ("name", desk.keeper.log),
        ]
        return .page(
            "workbench/log",
            LogView(
                notice: notice,
                facts: SummaryView(rows: facts.map { .init(visit.text("log.state.\($0.0)"), $0.1) }),
                fields: query.fields(visit),
                found: lines.map { LogView.Found(columns: LogWords.columns(visit), rows: $0) },
                again: query.again(before: nil),
                next: found?.next.map { query.again(before: $0) }
            ),
            heading: Heading(visit.text("log.title"), section: "log")
        )
    }

    /// The worst that is known to be wrong.
    private static func notice(_ visit: Visit, _ keeper: LogKeeper) async -> NoticeView? {
        if let damage = await keeper.damage {
            return NoticeView(
                .bad,
                title: visit.text("verdict.\(damage.problem.code)", damage.problem.arguments),
                visit.text("log.damaged", ["time": damage.seenAt.minuteText])
            )
        }
        if let object = await keeper.altered.first {
            let count = await keeper.altered.count
            return NoticeView(
                .bad,
                title: visit.text("log.other", ["object": object]),
                visit.text("log.altered", ["count": String(count)])
            )
        }
        guard await keeper.isFailing else { return nil }
        return NoticeView(.bad, title: visit.text("log.failing"), visit.text("log.failing.next"))
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

    struct Found: PageView {
        let columns: [Column]
        let rows: [Row]
        let isEmpty: Bool

        init(columns: [String], rows: [Row]) {
            self.columns = columns.map(Column.init(text:))
            self.rows = rows
            isEmpty = rows.isEmpty
        }
    }

    struct Column: PageView {
        let text: String
    }

    struct Row: PageView {
        let cells: [Cell]
    }

    /// Words for people, and beside them what stands in the log.
    struct Cell: PageView {
        let column: String
        let words: String?
        let code: String?
    }

    let notice: NoticeView?
    let facts: SummaryView
    let fields: [Field]
    /// Nil before anything was asked.
    let found: Found?
    let again: Again
    let next: Again?
}
