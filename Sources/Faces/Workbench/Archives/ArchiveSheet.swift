import ArchivePackages
import CaseArchive
import Cases
import Identity
import Kernel
import Standards
import Storage
import Web

/// The page of one archive: what is in it, who read it, until when it is kept.
enum ArchiveSheet {
    static func page(_ visit: Visit, _ desk: WorkbenchDesk, verdict: ArchiveVerdict?) async throws -> Reply {
        let archive = try await ArchiveDeskPages.open(visit, desk)
        let seat = try desk.seat(visit)
        let now = visit.now
        let (stamps, reads, holds, proposals) = try await desk.database.read { reader in
            (
                try desk.archiveRenewals.standing(of: archive, now: now, in: reader),
                try desk.archives.reads(of: archive, in: reader),
                try desk.archives.holds(of: archive.id, in: reader),
                try desk.archives.proposals(of: archive.id, in: reader)
            )
        }
        let isKept = archive.state == .kept
        let mayDispose =
            isKept
            && (try? Permission.check(
                ArchiveDeskPages.disposes,
                on: ArchiveDeskPages.subject(archive, desk),
                by: seat.principal,
                table: desk.permissions
            )) != nil
        let acts = mayDispose ? acts(archive, holds, proposals, visit, desk) : []
        return .page(
            "workbench/archive",
            ArchivePageView(
                action: "/desk/archives/\(archive.id)",
                facts: SummaryView(rows: facts(archive, visit, desk) + Self.stamps(stamps, visit)),
                isKept: isKept,
                verdict: verdict.map { notice($0, visit) },
                findings: verdict.map { $0.problems.map { visit.text("verdict.\($0.code)", $0.arguments) } }
                    ?? [],
                count: visit.text(
                    "archive-desk.count",
                    ["count": String(archive.index.files.count)]
                ),
                index: index(archive, visit),
                reads: table(reads, visit, desk),
                events: events(holds, proposals, visit),
                hasActs: !acts.isEmpty,
                acts: acts
            ),
            heading: Heading(
                archive.index.matter.title,
                crumbs: [.init(visit.text("archive-desk.title"), href: "/desk/archives")],
                section: "archives"
            )
        )
    }

    static func until(_ archive: Archive, _ visit: Visit, _ desk: WorkbenchDesk) -> String {
        desk.archives.keptUntil(archive, on: visit.now.date)?.description
            ?? visit.text("archive-desk.for-ever")
    }

    static func outcome(_ matter: ArchivedMatter, _ visit: Visit) -> BadgeView? {
        CaseState(rawValue: matter.outcome).map { CasePages.state($0, nil, visit) }
    }

    private static func facts(_ archive: Archive, _ visit: Visit, _ desk: WorkbenchDesk) -> [SummaryView.Row]
    {
        let matter = archive.index.matter
        func row(_ name: String, _ value: String, _ href: String? = nil) -> SummaryView.Row {
            SummaryView.Row(visit.text("archive-desk.\(name)"), value, valueHref: href)
        }
        return [
            row("number", archive.number),
            row("case", matter.number, "/desk/cases/\(archive.caseID)"),
            row("body", archive.index.fonds.name), row("closed", matter.closedAt.minuteText),
            row("version", String(archive.index.version)), row("sealed", archive.sealedAt.minuteText),
            row("until", until(archive, visit, desk)),
            row("state", visit.text("archive-state.\(archive.state.rawValue)")),
            row("size", CaseFiles.size(archive.sizeBytes)), row("package-digest", archive.digest),
            row("index-digest", archive.index.digest),
        ]
    }

    /// The last renewal of the time stamps, until when that one counts, and when the next one is due.
    private static func stamps(_ standing: ArchiveRenewalWork.Standing?, _ visit: Visit) -> [SummaryView.Row]
    {
        guard let standing else { return [] }
        let last = standing.renewals.last.map {
            visit.text(
                "archive-desk.renewed",
                ["number": String($0.number), "time": $0.stampedAt.minuteText]
            )
        }
        let next =
            standing.next <= visit.now
            ? visit.text("archive-desk.renewal-waits")
            : visit.text("archive-desk.renewal-from", ["day": standing.next.date.description])
        return [
            ("renewal", last ?? visit.text("archive-desk.renewed-never")),
            ("stamp-ends", standing.ends.date.description), ("renewal-next", next),
        ].map { SummaryView.Row(visit.text("archive-desk.\($0.0)"), $0.1) }
    }

    private static func notice(_ verdict: ArchiveVerdict, _ visit: Visit) -> NoticeView {
        verdict.isValid
            ? NoticeView(.good, visit.text("archive-desk.verdict.good"))
            : NoticeView(.bad, visit.text("archive-desk.verdict.bad"))
    }

    private static func index(_ archive: Archive, _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("archive-desk.index"),
            columns: ["file", "responsible", "date", "access", "size"].map {
                visit.text("archive-desk.\($0)")
            },
            rows: archive.index.files.map { file in
                [
                    .init("\(file.name)　\(file.path)"), .init(file.body),
                    .init(file.date.date.description),
                    .init(visit.text("archive-access.\(file.access.rawValue)")),
                    .init(CaseFiles.size(file.size), isNumber: true),
                ]
            },
            emptyText: visit.text("archive-desk.empty")
        )
    }

    private static func table(_ reads: [DataRead], _ visit: Visit, _ desk: WorkbenchDesk) -> TableView {
        TableView(
            caption: visit.text("archive-desk.reads"),
            columns: ["at", "by", "purpose"].map { visit.text("archive-desk.reads.\($0)") },
            rows: reads.map { read in
                let region = read.region.flatMap { desk.standards.regions[$0]?.name }
                let agency = read.agency.map { desk.standards.agencies[$0]?.name ?? $0 }
                let by = [region, agency, visit.text("post.\(read.role)")].compactMap { $0 }
                return [
                    .init(read.at.minuteText), .init(by.joined(separator: " · ")),
                    .init(visit.dash(read.purpose)),
                ]
            },
            emptyText: visit.text("archive-desk.reads.none")
        )
    }

    // MARK: term and disposal

    private static func events(_ holds: [ArchiveHold], _ proposals: [ArchiveDisposal], _ visit: Visit)
        -> TableView
    {
        var lines: [(at: Instant, what: String, words: String)] = []
        for hold in holds {
            lines.append((hold.at, "hold", hold.reason))
            if let at = hold.liftedAt { lines.append((at, "lift", hold.liftReason ?? "")) }
        }
        for proposal in proposals {
            lines.append((proposal.proposedAt, "proposed", proposal.reason))
            if let at = proposal.decidedAt {
                lines.append((at, proposal.outcome.rawValue, proposal.words ?? ""))
            }
        }
        return TableView(
            caption: visit.text("archive-desk.events"),
            columns: ["reads.at", "state", "reason"].map { visit.text("archive-desk.\($0)") },
            rows: lines.sorted { $0.at < $1.at }.map { line in
                [
                    .init(line.at.minuteText), .init(visit.text("archive-event.\(line.what)")),
                    .init(line.words),
                ]
            },
            emptyText: visit.text("archive-desk.events.none")
        )
    }

    /// What the archive allows now; who may not do it himself is told so by the act.
    private static func acts(
        _ archive: Archive,
        _ holds: [ArchiveHold],
        _ proposals: [ArchiveDisposal],
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) -> [ArchivePageView.Act] {
        let isHeld = holds.contains(where: \.stands)
        let isProposed = proposals.contains { $0.outcome == .proposed }
        let day = visit.now.date
        let isOver = desk.archives.keptUntil(archive, on: day).map { $0 < day } ?? false
        var acts: [ArchiveActs.Act] = isHeld ? [.lift] : [.hold]
        if isProposed { acts += [.agree, .disagree] } else if isOver, !isHeld { acts.append(.propose) }
        return acts.map { act in
            ArchivePageView.Act(value: act.rawValue, label: visit.text("archive-desk.act.\(act.rawValue)"))
        }
    }
}

/// Template: `workbench/archive`.
struct ArchivePageView: PageView {
    let action: String
    let facts: SummaryView
    let isKept: Bool
    let verdict: NoticeView?
    let findings: [String]
    /// How many files the index lists.
    let count: String
    let index: TableView
    let reads: TableView
    let events: TableView
    let hasActs: Bool
    let acts: [Act]

    struct Act: PageView {
        let value: String
        let label: String
    }
}
