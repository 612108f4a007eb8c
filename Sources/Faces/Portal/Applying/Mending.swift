import Cases
import Forms
import Kernel
import Storage
import Web

/// What a return asked for, and the pages of the form on which it is put right.
struct Mending: Sendable {
    let findings: [Finding]
    /// Pages that were changed since.
    let touched: Set<String>
    /// Of the form.
    let pages: Set<String>

    static func read(_ subject: Case, _ desk: PortalDesk) async throws -> Mending {
        guard subject.state == .returned else { return Mending(findings: [], touched: [], pages: []) }
        let form = try await desk.desk.definition(of: subject).form
        return try await desk.database.read { reader in
            let last = try DecisionStore.of(subject.id, in: reader).last
            let since = try HappeningStore.timeline(of: subject.id, publicOnly: false, in: reader)
                .reversed().prefix(while: { $0.act != "returned" })
            return Mending(
                // A person's words name no page.
                findings: last.flatMap { $0.told.isNull ? $0.findings.obstacles : nil }?
                    .filter { $0.outcome == .return } ?? [],
                touched: Set(
                    since.filter { $0.act == "mended" }.flatMap {
                        $0.details["pages"].elements.compactMap(\.text)
                    }
                ),
                pages: Set(form.pages.map(\.id))
            )
        }
    }

    /// Whether the page still stands as it was returned.
    func wants(_ page: String) -> Bool {
        !touched.contains(page) && findings.contains { Self.page(of: $0.reason, in: pages) == page }
    }

    /// The reasons that are put right on a page.
    func reasons(on page: String) -> [Finding] {
        wants(page) ? findings.filter { Self.page(of: $0.reason, in: pages) == page } : []
    }

    /// - Parameter pages: of the form; both forms name theirs alike.
    /// - Returns: nil for what is put right elsewhere, such as a signature, or may stand on several pages.
    static func page(of reason: String, in pages: Set<String>) -> String? {
        let part = reason.split(separator: ".").first.map(String.init) ?? ""
        return Optional(places[reason] ?? places[part] ?? part).flatMap { pages.contains($0) ? $0 : nil }
    }

    /// By reason, else by the first word of the reason; where neither is here, that word is the page.
    private static let places = [
        "authority": "district", "name": "name", "scope": "scope", "address": "address",
        "address.neighbours-consent": "premises", "capital": "shareholders",
        "capital.not-positive": "capital",
        "capital.outlier": "capital", "structure": "governance",
        "structure.too-many-shareholders": "shareholders",
        "structure.no-shareholder": "shareholders", "structure.no-director": "directors",
        "structure.board-too-small": "directors", "structure.supervisor-also": "supervisors",
        "structure.no-supervisor": "supervisors", "structure.single-supervisor": "supervisors",
        "structure.supervisory-board-too-small": "supervisors",
        "structure.legal-representative": "representative", "shareholder": "shareholders",
        "foreign": "operator",
        "owners": "beneficial", "agent": "applicant", "operator": "operator",
    ]

    /// Where a reason is put right: its page, the signers, or the check of all answers.
    static func href(of finding: Finding, subject: Case, in pages: Set<String>) -> String {
        if let page = page(of: finding.reason, in: pages) { return "/drafts/\(subject.id)/\(page)" }
        let isSigning = [
            "signature.stale", "signature.missing", "identity.not-verified", "identity.score-low",
        ]
        .contains(finding.reason)
        return isSigning ? "/cases/\(subject.number)/signers" : "/drafts/\(subject.id)/check"
    }
}
