import Audit
import Cases
import Catalogue
import Forms
import Identity
import Kernel
import Standards
import Storage
import Web

/// The inbox as a file for a spreadsheet. Taking it away is an act, so it is a form and stands in the log.
enum InboxExport {
    /// More rows than any office has open; the file says when it was cut.
    static let rowsMax = 10_000

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.post, "/desk/export", who: .officers, scope: .region, zh: "导出待办", en: "Export the inbox") {
                visit in
                let seat = try desk.seat(visit)
                let wish = try InboxWish(visit.form)
                let scope = try wish.scope(seat, desk)
                let occasion = visit.occasion
                let rows = try await desk.database.write { tx in
                    let rows = try all(scope, wish, visit, desk, in: tx)
                    try AuditLog.append(
                        "case.list-exported",
                        object: "inbox:\(seat.post.region)",
                        after: ["rows": JSON(rows.count), "filter": filter(wish)],
                        occasion: occasion,
                        in: tx
                    )
                    return try rows.map { try cells($0, visit, desk, in: tx) }
                }
                let head = columns.map { visit.text("workbench.column.\($0)") }
                return .file(
                    CSV.bytes([head] + rows),
                    type: "text/csv; charset=utf-8",
                    name: "\(visit.text("workbench.inbox.title"))-\(visit.now.date).csv"
                )
            }
        ]
    }

    private static let columns = [
        "number", "item", "company", "handed-in", "due", "assignee", "channel", "rules",
    ]

    private static func filter(_ wish: InboxWish) -> JSON {
        .object(Dictionary(wish.pairs.map { ($0.name, JSON.string($0.value)) }) { $1 })
    }

    /// What the page's filter leaves, on all its pages.
    private static func all(
        _ scope: InboxScope,
        _ wish: InboxWish,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws -> [InboxRow] {
        var rows: [InboxRow] = []
        var after: (Instant, String)?
        while rows.count < rowsMax {
            let page = try InboxStore.list(
                scope,
                filter: wish.filter(visit, desk),
                after: after,
                limit: 500,
                in: reader
            )
            rows += try page.filter { wish.keeps(try InboxPages.failedRules(of: $0.caseID, in: reader)) }
            guard let last = page.last, page.count == 500 else { break }
            after = (last.openedAt, last.caseID.rawValue)
        }
        return rows
    }

    private static func cells(
        _ row: InboxRow,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws -> [String] {
        let clock = try ClockWords(row.clock, visit: visit, calendar: desk.standards.calendar, in: reader)
        return [
            CSV.code(row.number),
            try desk.desk.definitions.of(row.origin, in: reader).item.title(visit.language.rawValue),
            row.title,
            visit.dash(row.submittedAt?.minuteText),
            [clock.due, clock.badge?.text].compactMap { $0 }.joined(separator: " "),
            try InboxPages.assignee(row.assignee, visit: visit, in: reader),
            visit.text("workbench.channel.\(row.channel.rawValue)"),
            try InboxPages.failedRules(of: row.caseID, in: reader).map { RuleWords.name($0, visit) }
                .joined(separator: "、"),
        ]
    }
}
