import ArchivePackages
import CaseArchive
import Cases
import Identity
import Kernel
import Standards
import Storage
import Web

/// The archives of closed cases: found, read for a purpose, verified, held and disposed of.
enum ArchiveDeskPages {
    static let reads = "archive.read"
    /// Any region's, by whoever knows the number.
    static let readsAcross = "archive.read-across"
    static let disposes = "archive.dispose"
    private static let rowsMax = 100

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk/archives", who: .officers, scope: .region, zh: "电子档案", en: "Archives") {
                try await list($0, desk)
            },
            .page(
                .get,
                "/desk/archives/{archive}",
                who: .officers,
                scope: .region,
                zh: "一份电子档案",
                en: "One archive"
            ) { visit in try await ArchiveSheet.page(visit, desk, verdict: nil) },
            .page(
                .post,
                "/desk/archives/{archive}/file",
                who: .officers,
                scope: .region,
                zh: "查阅电子档案",
                en: "Read an archive"
            ) { visit in try await ArchiveActs.take(visit, desk) },
            .page(
                .post,
                "/desk/archives/{archive}/verify",
                who: .officers,
                scope: .region,
                zh: "核验在库档案",
                en: "Verify a kept archive"
            ) { visit in
                let archive = try await open(visit, desk)
                let verdict = try await desk.archives.check(archive, now: visit.now)
                return try await ArchiveSheet.page(visit, desk, verdict: verdict)
            },
            .page(
                .post,
                "/desk/archives/{archive}",
                who: .officers,
                scope: .region,
                zh: "冻结或销毁档案",
                en: "Hold or dispose of an archive"
            ) { visit in try await ArchiveActs.act(visit, desk) },
        ]
    }

    static func subject(_ archive: Archive, _ desk: WorkbenchDesk) -> PermissionSubject {
        PermissionSubject(agency: desk.agencies.agency(ofBody: archive.body), region: archive.region)
    }

    /// The archive of the path, if it is in the post's reach, or in that of a post that reads across regions.
    static func open(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Archive {
        let id = ID<Archive>(try visit.segment("archive"))
        let found = try await desk.database.read { try desk.archives.find(id, in: $0) }
        guard let found, mayRead(found, visit, desk) else { throw WebRefusal.notFound }
        return found
    }

    private static func mayRead(_ archive: Archive, _ visit: Visit, _ desk: WorkbenchDesk) -> Bool {
        guard let seat = try? desk.seat(visit) else { return false }
        let scopes = [reads, readsAcross].compactMap { try? desk.permissions.scope($0, of: seat.principal) }
        return scopes.contains { $0.covers(subject(archive, desk)) }
    }

    // MARK: the list

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seat = try desk.seat(visit)
        let (low, high) = desk.regions(of: try desk.permissions.scope(reads, of: seat.principal))
        let words = visit.query.trimmed("q").map { String(BorderText.words($0).prefix(80)) } ?? ""
        let item = visit.query.trimmed("item") ?? ""
        let year = visit.query.trimmed("year").flatMap { Int($0) }
        let isDue = visit.query.has("due")
        let day = visit.now.date
        let stem = desk.stem(of: seat.post.region)
        let over = isDue ? nil : try await overNotice(seat, visit, desk)
        let (found, progress) = try await desk.database.browse { reader in
            if isDue {
                let due = try desk.archives.due(low: low, high: high, on: day, limit: rowsMax, in: reader)
                return (due, nil as Archives.Progress?)
            }
            guard !words.isEmpty else {
                let search = ArchiveSearch(
                    low: low,
                    high: high,
                    item: item.isEmpty ? nil : item,
                    year: year.flatMap { (1_950...2_200).contains($0) ? $0 : nil }
                )
                return (try desk.archives.list(search, limit: rowsMax, in: reader), nil)
            }
            let numbered = try desk.archives.numbered(words, in: reader)
            guard numbered.isEmpty else { return (numbered, nil) }
            let cases = try CaseSearchStore.find(words, regionPrefix: stem, limit: rowsMax, in: reader)
            let archives = try cases.flatMap { try desk.archives.of($0.id, in: reader) }
            guard archives.isEmpty, let only = cases.first, cases.count == 1 else { return (archives, nil) }
            let subject = try CaseStore.find(only.id, in: reader)
            return ([], try desk.archives.progress(of: subject, in: reader))
        }
        let readable = found.filter { mayRead($0, visit, desk) }
        if let only = readable.first, readable.count == 1, !words.isEmpty {
            return .redirect(to: "/desk/archives/\(only.id)")
        }
        return .page(
            "workbench/archives",
            ArchiveListView(
                words: words,
                item: item,
                year: year.map { String($0) } ?? "",
                isDue: isDue,
                over: over,
                renewal: try await renewalNotice(visit, desk),
                progress: progress.flatMap { notice($0, of: words, visit) },
                table: table(readable, visit, desk)
            ),
            heading: Heading(visit.text("archive-desk.title"), section: "archives")
        )
    }

    /// Tells who may dispose of archives that the term of some is over.
    private static func overNotice(_ seat: Seat, _ visit: Visit, _ desk: WorkbenchDesk) async throws
        -> NoticeView?
    {
        guard let scope = try? desk.permissions.scope(disposes, of: seat.principal) else { return nil }
        let (low, high) = desk.regions(of: scope)
        let day = visit.now.date
        let due = try await desk.database.browse { reader in
            try desk.archives.due(low: low, high: high, on: day, limit: rowsMax + 1, in: reader)
        }
        let own = due.filter { scope.covers(subject($0, desk)) }
        guard !own.isEmpty else { return nil }
        let count = due.count > rowsMax ? "\(rowsMax)+" : String(own.count)
        return NoticeView(
            .warn,
            visit.text("archive-desk.due-count", ["count": count]),
            link: (visit.text("archive-desk.due-show"), "/desk/archives?due=1")
        )
    }

    /// Tells whoever reads archives how far the renewing of their time stamps is, while some wait for it.
    private static func renewalNotice(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> NoticeView? {
        let (now, work) = (visit.now, desk.archiveRenewals)
        let progress = try await desk.database.browse { try work.progress(now: now, in: $0) }
        guard progress.left > 0 else { return nil }
        let most = ArchiveRenewalWork.Progress.most
        return NoticeView(
            .info,
            visit.text(
                "archive-desk.renewing",
                [
                    "renewed": String(progress.renewed),
                    "left": progress.left >= most ? "\(most)+" : String(progress.left),
                ]
            )
        )
    }

    private static func notice(_ progress: Archives.Progress, of number: String, _ visit: Visit)
        -> NoticeView?
    {
        switch progress {
        case .none, .made: nil
        case .waits(let until):
            NoticeView(
                .info,
                visit.text("archive-desk.waiting", ["number": number, "time": until.minuteText])
            )
        case .running: NoticeView(.info, visit.text("archive-desk.running", ["number": number]))
        case .failed(let why):
            NoticeView(.bad, visit.text("archive-desk.failed", ["number": number, "why": why]))
        }
    }

    private static func table(_ archives: [Archive], _ visit: Visit, _ desk: WorkbenchDesk) -> TableView {
        TableView(
            caption: visit.text("archive-desk.title"),
            columns: ["number", "matter", "outcome", "closed", "until", "state"].map {
                visit.text("archive-desk.\($0)")
            },
            rows: archives.map { archive in
                let matter = archive.index.matter
                return [
                    .init(archive.number, href: "/desk/archives/\(archive.id)"), .init(matter.title),
                    .init("", badge: ArchiveSheet.outcome(matter, visit)),
                    .init(matter.closedAt.date.description),
                    .init(ArchiveSheet.until(archive, visit, desk)),
                    .init(visit.text("archive-state.\(archive.state.rawValue)")),
                ]
            },
            emptyText: visit.text("archive-desk.empty")
        )
    }
}

/// Template: `workbench/archives`.
struct ArchiveListView: PageView {
    let words: String
    let item: String
    let year: String
    let isDue: Bool
    /// How many wait for the two who dispose of them; nil when none does or the post is not theirs.
    let over: NoticeView?
    /// How far the renewing of time stamps is; nil while none waits for it.
    let renewal: NoticeView?
    let progress: NoticeView?
    let table: TableView
}
