import Cases
import Identity
import Kernel
import Standards
import Storage
import Web

/// 谁查过我的信息: every look of another at the visitor's personal data.
enum ReadPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/my/reads",
                who: .applicants,
                scope: .own,
                zh: "谁查过我的信息",
                en: "Who read my data"
            ) { visit in
                let visitor = try visit.someone()
                let (reads, numbers) = try await desk.database.read { reader in
                    let reads = try DataReads.of(ID(visitor.actor.id), in: reader)
                    var numbers: [String: String] = [:]
                    for case .read(let read) in reads where numbers[read.object] == nil {
                        guard let id = caseID(read.object) else { continue }
                        // A draft that was forgotten since has no number any more.
                        numbers[read.object] = try OwnCaseStore.number(of: id, in: reader)
                    }
                    return (reads, numbers)
                }
                return .page(
                    "portal/reads",
                    ReadsPage(
                        reads: TableView(
                            caption: visit.text("portal.reads.title"),
                            columns: ["at", "by", "what", "purpose"].map {
                                visit.text("portal.reads.\($0)")
                            },
                            rows: reads.map { row($0, numbers: numbers, visit, desk) },
                            emptyText: visit.text("portal.reads.none")
                        )
                    ),
                    heading: Heading(
                        visit.text("portal.reads.title"),
                        crumbs: [
                            .init(visit.text("portal.nav.home"), href: "/"),
                            .init(visit.text("portal.my.title"), href: "/my"),
                        ],
                        section: "mine"
                    )
                )
            }
        ]
    }

    /// The case in `case:01J…`, also of a part of it such as `case:01J…/files/sm3:…`.
    private static func caseID(_ object: String) -> ID<Case>? {
        guard object.hasPrefix("case:") else { return nil }
        return ID(String(object.dropFirst("case:".count).prefix { $0 != "/" }))
    }

    private static func row(
        _ line: DataReadLine,
        numbers: [String: String],
        _ visit: Visit,
        _ desk: PortalDesk
    ) -> [TableView.Cell] {
        let read: DataRead
        switch line {
        case .read(let known): read = known
        case .unreadable(let sequence):
            let number = sequence.map { String($0) } ?? "—"
            let words = visit.text("portal.reads.unreadable", ["sequence": number])
            return ["—", "—", words, "—"].map { TableView.Cell($0) }
        }
        let number = numbers[read.object]
        let what = visit.text("data-read.\(read.act)")
        return [
            TableView.Cell(read.at.minuteText), TableView.Cell(reader(read, visit, desk)),
            TableView.Cell(number.map { "\(what)（\($0)）" } ?? what),
            TableView.Cell(read.purpose ?? visit.text("portal.reads.no-purpose")),
        ]
    }

    /// Body, division and post; never a name.
    private static func reader(_ read: DataRead, _ visit: Visit, _ desk: PortalDesk) -> String {
        guard let code = read.agency else { return visit.text("portal.reads.platform") }
        let isEnglish = visit.language == .en
        let agency = desk.standards.agencies[code]?.name ?? code
        let region = read.region.flatMap { desk.standards.regions[$0] }
            .map { isEnglish ? $0.englishName : $0.name }
        return [region, agency, visit.text("post.\(read.role)")].compactMap { $0 }
            .joined(separator: " · ")
    }
}

struct ReadsPage: PageView {
    let reads: TableView
}
