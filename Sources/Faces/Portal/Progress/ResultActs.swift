import CaseArchive
import Cases
import Catalogue
import CompanyOpening
import Correspondence
import Forms
import Kernel
import Storage
import Web

/// What the applicant sees after handing in: the receipt first, the result sheet later.
enum ResultActs {
    /// Leads to where the applicant can go on.
    static func enter(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit)
        switch subject.state {
        case .draft: return .redirect(to: "/drafts/\(subject.id)")
        case .signing: return .redirect(to: "/cases/\(subject.number)/signers")
        case .received, .accepted, .review, .returned, .transferred, .granted, .refused, .withdrawn, .revoked,
            .lapsed:
            return .redirect(to: "/cases/\(subject.number)/result")
        }
    }

    static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit)
        if subject.state == .draft { return .redirect(to: "/drafts/\(subject.id)") }
        let progress = try await CaseProgress.read(subject, desk: desk, now: visit.now)
        let wallet = try await desk.database.read { reader in
            try subject.result.flatMap { code in
                try desk.may(WalletPages.reads, for: code, visit, in: reader) ? "/wallet/\(code)" : nil
            }
        }
        let archive = try await desk.database.read { try desk.archives.progress(of: subject, in: $0) }
        let page = try ResultPage(progress, walletHref: wallet, archive: archive, desk: desk, visit: visit)
        return .page(
            "portal/result",
            page,
            heading: Heading(
                visit.text(
                    "result.title.\(subject.isDiscarded ? "discarded" : subject.state.rawValue)",
                    [
                        "item": progress.definition.item.title(visit.language.rawValue),
                        "refused": progress.definition.item.decision.refused(visit.language.rawValue),
                    ]
                ),
                service: subject.title.isEmpty ? nil : subject.title,
                crumbs: [.init(visit.text("progress.mine"), href: "/my")],
                section: "mine"
            )
        )
    }
}

extension ResultActs {
    /// A sealed copy of the file for the applicant, without what is for bodies only.
    static func archive(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit, for: "case.read")
        let found = try await desk.database.read { try desk.archives.of(subject.id, in: $0) }
        guard let archive = found.last(where: { $0.state == .kept }) else { throw WebRefusal.notFound }
        let bytes = try await desk.archives.copy(archive, occasion: visit.occasion)
        return .file(bytes, type: "application/zip", name: archive.fileName)
    }
}

/// Template: `portal/result`.
struct ResultPage: PageView {
    let progress: ProgressPage
    let isGood: Bool
    let number: String
    let code: String
    let codeWords: String
    let qrMarkup: Markup
    let resultLabel: String
    let creditCode: String?
    let instant: String?
    let papers: TaskListView?
    let walletHref: String?
    let receiptHref: String?
    /// Where the archive of the ended case is taken away.
    let archiveAction: String?
    /// When it will be there.
    let archiveWaits: String?
    let withdraw: Withdraw?
    /// Where the same answers begin a new application; nil while this one is alive or was granted.
    let againAction: String?

    struct Withdraw: PageView {
        let action: String
        let version: String
        let words: String
        /// A name is kept for the applicant that he may give up as well.
        let holdsName: Bool
    }

    /// - Parameter walletHref: nil for who may not read the firm's licences, or no longer.
    init(
        _ progress: CaseProgress,
        walletHref: String?,
        archive: Archives.Progress,
        desk: PortalDesk,
        visit: Visit
    ) throws {
        let subject = progress.subject
        self.progress = ProgressPage(progress, isOwner: true, desk: desk, visit: visit)
        isGood = [.granted, .received, .accepted, .review].contains(subject.state)
        number = subject.number
        code = subject.lookupCode
        codeWords = visit.text("result.code-words")
        let address = desk.address("/progress/\(subject.number)?code=\(subject.lookupCode)", visit)
        qrMarkup = try QRCode.markup(address, title: visit.text("result.qr"))
        resultLabel = visit.text(progress.resultLabel)
        creditCode = subject.result
        instant =
            progress.isInstant && subject.state == .granted ? Self.instant(subject, visit) : nil
        let base = "/cases/\(subject.number)/papers"
        let tasks = progress.papers.map { paper in
            TaskListView.Task(
                visit.language == .en ? paper.titleEn : paper.titleZh,
                hint: [paper.number, paper.filedAt.minuteText].compactMap { $0 }.joined(separator: "　"),
                href: "\(base)/\(paper.id)",
                badge: BadgeView(visit.text("result.paper-served"), .good)
            )
        }
        papers = tasks.isEmpty ? nil : TaskListView(tasks)
        self.walletHref = walletHref
        receiptHref = subject.submittedAt == nil ? nil : "/receipts/\(subject.number)"
        switch archive {
        case .made(let all) where all.contains { $0.state == .kept }:
            (archiveAction, archiveWaits) = ("/cases/\(subject.number)/archive", nil)
        case .waits(let until):
            (archiveAction, archiveWaits) = (
                nil, visit.text("result.archive.waiting", ["time": until.minuteText])
            )
        case .made, .none, .running, .failed: (archiveAction, archiveWaits) = (nil, nil)
        }
        againAction = subject.state.cameToNothing ? "/cases/\(subject.number)/again" : nil
        let mayWithdraw = (try? subject.state.after(.withdraw, in: subject.procedure)) != nil
        withdraw =
            mayWithdraw
            ? Withdraw(
                action: "/cases/\(subject.number)/withdraw",
                version: String(subject.version),
                words: visit.text("result.withdraw-words"),
                holdsName: CompanyForm(subject.data).reservation != nil
            ) : nil
    }

    /// From the hand-in to the decision, in whole seconds that were not exceeded.
    private static func instant(_ subject: Case, _ visit: Visit) -> String? {
        guard let start = subject.submittedAt, let end = subject.decidedAt else { return nil }
        let milliseconds = end - start
        if milliseconds < 1_000 { return visit.text("result.instant-at-once") }
        let seconds = (milliseconds + 999) / 1_000
        return visit.text("result.instant", ["seconds": String(seconds)])
    }
}
