import Cases
import Correspondence
import Kernel
import Storage
import Web

/// The papers of a case, the authority's and the founders', to be read and handed over the counter. Each reading is
/// logged, as papers name people. Template: `workbench/paper`.
enum DeskPapers {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .get,
                "/desk/cases/{id}/papers/{paper}",
                who: .officers,
                scope: .region,
                zh: "查看和打印文书",
                en: "Read and print a paper"
            ) { visit in
                let (found, _) = try await desk.open(visit, for: "person.unmask")
                let page = try await find(found, visit, desk)
                try await CaseReads.note(
                    "case.paper-read",
                    of: found,
                    purpose: visit.text("workbench.paper.purpose", ["title": page.title]),
                    visit,
                    desk
                )
                return .page(
                    "workbench/paper",
                    page,
                    heading: Heading(
                        page.title,
                        service: found.title,
                        crumbs: [
                            .init(visit.text("workbench.inbox.title"), href: "/desk"),
                            .init(found.title, href: "/desk/cases/\(found.id)"),
                        ],
                        section: "inbox"
                    )
                )
            }
        ]
    }

    private static func find(_ found: Case, _ visit: Visit, _ desk: WorkbenchDesk) async throws
        -> OfficialPaper
    {
        let wanted = try visit.segment("paper")
        let progress = desk.address("/progress/\(found.number)?code=\(found.lookupCode)", visit)
        let (filed, signing) = try await desk.database.read { reader in
            (
                try CorrespondenceStore.paper(ID(wanted), in: reader),
                try SignerStore.state(of: found.id, in: reader)
            )
        }
        if let filed, filed.caseID == found.id.rawValue {
            return try OfficialPaper(
                title: filed.titleZh,
                number: filed.number,
                text: filed.text,
                digest: Hex.encode(filed.digest),
                seal: filed.seal.map { _ in visit.text("workbench.paper.sealed") }
                    ?? (filed.agency.isEmpty ? nil : visit.text("workbench.paper.seal-here")),
                of: found,
                progress: progress,
                visit
            )
        }
        guard let own = signing.papers.first(where: { $0.kind == wanted }) else { throw WebRefusal.notFound }
        return try OfficialPaper(
            title: own.title,
            number: nil,
            text: own.content,
            digest: own.digest,
            seal: nil,
            of: found,
            progress: progress,
            visit
        )
    }
}

/// One paper as it lies on the counter.
struct OfficialPaper: PageView {
    struct Line: PageView {
        let text: String
    }

    let title: String
    let number: String?
    let paragraphs: [Line]
    /// SM3 of the text, so that a print can be compared with what was filed.
    let digest: String
    /// Whether it was sealed electronically, or where the seal goes; nil for papers of the founders.
    let seal: String?
    let caseNumber: String
    let lookupCode: String
    let back: String
    /// Opens the public progress of the case.
    let qrMarkup: Markup

    /// - Parameter progress: the address of the case's public progress.
    init(
        title: String,
        number: String?,
        text: String,
        digest: String,
        seal: String?,
        of found: Case,
        progress: String,
        _ visit: Visit
    ) throws {
        self.title = title
        self.number = number
        // The canonical text begins with the title and, where there is one, the number.
        let head = [title, number].compactMap { $0 }
        let lines = text.split(separator: "\n").map(String.init)
        let body = Array(lines.prefix(head.count)) == head ? Array(lines.dropFirst(head.count)) : lines
        paragraphs = body.map { Line(text: $0.replacing("\t", with: "　")) }
        self.digest = digest
        self.seal = seal
        caseNumber = found.number
        lookupCode = found.lookupCode
        back = "/desk/cases/\(found.id)"
        qrMarkup = try QRCode.markup(progress, title: visit.text("workbench.paper.qr"))
    }
}
