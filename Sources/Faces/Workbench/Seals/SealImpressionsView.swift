import Credentials
import Kernel
import Storage
import Web

/// The ledger of an issuing body's seal on its page, a page of lines at a time.
struct SealImpressionsView: PageView {
    /// Lines that were read, and whether older ones follow.
    struct Page: Sendable {
        let lines: [SealImpression]
        let isLast: Bool

        private static let linesMax = 50

        /// Nil for a seal whose ledger its owner keeps and sees elsewhere.
        init?(of seal: Seal, _ visit: Visit, in reader: any Reader) throws {
            guard seal.isOfAuthority else { return nil }
            let before = visit.query.trimmed("before").map { ID<SealImpression>($0) }
            let read = try SealLedger.impressions(
                of: seal.id,
                before: before,
                limit: Self.linesMax + 1,
                in: reader
            )
            lines = Array(read.prefix(Self.linesMax))
            isLast = read.count <= Self.linesMax
        }

        /// Members of staff whose names the page shows.
        var staff: [String] {
            lines.flatMap { [$0.authority, $0.actor] }.filter { $0.hasPrefix("staff ") }.map {
                String($0.dropFirst("staff ".count))
            }
        }
    }

    let table: TableView
    /// Where the page of older lines is.
    let older: String?

    init(_ page: Page, of seal: Seal, _ names: [String: String], _ visit: Visit) {
        table = TableView(
            caption: visit.text("seal-desk.ledger"),
            columns: [
                "seal-desk.since", "seal-desk.ledger.kind", "seal-desk.ledger.licence",
                "seal-desk.ledger.case",
                "seal-desk.ledger.authority", "seal-desk.ledger.actor", "seal-desk.ledger.digest",
            ].map { visit.text($0) },
            rows: page.lines.map { line in
                [
                    .init(line.at.minuteText),
                    .init(visit.text("seal-desk.ledger.kind.\(line.kind.rawValue)")),
                    .init(line.identifier), .init(line.caseNumber.isEmpty ? "—" : line.caseNumber),
                    .init(Self.who(line.authority, names, visit)), .init(Self.who(line.actor, names, visit)),
                    .init(line.digest),
                ]
            },
            emptyText: visit.text("seal-desk.ledger.empty")
        )
        older = page.isLast ? nil : page.lines.last.map { "\(SealDeskPages.path(seal))?before=\($0.id)" }
    }

    /// A member of staff by name; of others what they are.
    private static func who(_ by: String, _ names: [String: String], _ visit: Visit) -> String {
        let parts = by.split(separator: " ", maxSplits: 1)
        guard let kind = parts.first.flatMap({ Actor.Kind(rawValue: String($0)) }) else { return "—" }
        if kind == .person { return visit.text("seal-desk.ledger.holder") }
        return parts.last.flatMap { names[String($0)] } ?? visit.text("seal-desk.by.\(kind.rawValue)")
    }
}
