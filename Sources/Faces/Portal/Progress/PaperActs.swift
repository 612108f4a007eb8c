import Audit
import Cases
import Correspondence
import Cryptography
import Kernel
import Storage
import Web

/// Papers of the authority as they were served, and the receipt of the log.
enum PaperActs {
    /// Shows a paper. Looking changes nothing: that it was read, its recipient says himself.
    static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let (subject, paper, services) = try await served(visit, desk)
        let isUnread = services.contains { $0.readAt == nil }
        let notice = services.first.map { service in
            let times = [
                "at": service.servedAt.minuteText, "read": service.readAt?.minuteText ?? "",
            ]
            return NoticeView(.info, visit.text(isUnread ? "paper.served" : "paper.was-read", times))
        }
        let back =
            subject.state == .draft ? "/drafts/\(subject.id)/name" : "/cases/\(subject.number)/result"
        return .page(
            "portal/paper",
            PaperView(
                title: paper.titleZh,
                number: paper.number,
                text: paper.text,
                digest: Hex.encode(paper.digest),
                back: back,
                notice: notice,
                readAction: isUnread ? "\(visit.path)/read" : nil
            ),
            heading: Heading(
                paper.titleZh,
                service: subject.title,
                crumbs: [.init(subject.title, href: back)],
                section: "mine"
            )
        )
    }

    /// The recipient says that he has read the paper: a further proof of its service.
    static func read(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let (subject, paper, services) = try await served(visit, desk)
        let (correspondence, occasion) = (desk.correspondence, visit.occasion)
        try await desk.database.write { tx in
            for service in services {
                try correspondence.opened(service.id, occasion: occasion, in: tx)
            }
        }
        return .redirect(to: "/cases/\(subject.number)/papers/\(paper.id)")
    }

    /// A paper of the visitor's own case, and how it was served on him.
    private static func served(_ visit: Visit, _ desk: PortalDesk) async throws -> (
        Case, Paper, [PaperService]
    ) {
        let subject = try await desk.ownCase(visit, for: "case.read")
        let id = ID<Paper>(try visit.segment("paper"))
        let (paper, services) = try await desk.database.read { reader in
            (
                try CorrespondenceStore.paper(id, in: reader),
                try CorrespondenceStore.services(of: id, in: reader).filter {
                    $0.recipient == subject.applicant
                }
            )
        }
        guard let paper, paper.caseID == subject.id.rawValue else { throw WebRefusal.notFound }
        return (subject, paper, services)
    }

    /// The proof that the submission stands in the log, as a file for the applicant to keep.
    static func receipt(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit)
        let history = try await desk.database.read { try AuditLog.history(of: subject.object, in: $0) }
        guard let entry = history.last(where: { $0.act == "case.submitted" }) else {
            throw WebRefusal.notFound
        }
        let receipt = try await desk.keeper.receipt(for: entry.id)
        return .file(receipt.file, type: "application/json", name: "receipt-\(subject.number).json")
    }
}
