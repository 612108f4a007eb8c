import Audit
import Cases
import Correspondence
import Cryptography
import Kernel
import Storage
import Web

/// Papers of the authority as they were served, and the receipt of the log.
enum PaperActs {
    /// Shows a paper; the first time it is opened counts as read.
    static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit)
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
        if services.contains(where: { $0.readAt == nil }) {
            let correspondence = desk.correspondence
            let occasion = visit.occasion
            try await desk.database.write { tx in
                for service in services where service.readAt == nil {
                    try correspondence.opened(service.id, occasion: occasion, in: tx)
                }
            }
        }
        let notice = services.first.map { service in
            NoticeView(.info, visit.text("paper.served", ["at": service.servedAt.minuteText]))
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
                notice: notice
            ),
            heading: Heading(
                paper.titleZh,
                service: subject.title,
                crumbs: [.init(subject.title, href: back)],
                section: "mine"
            )
        )
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
