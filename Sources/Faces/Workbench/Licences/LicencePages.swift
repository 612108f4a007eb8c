import Credentials
import Identity
import Kernel
import Standards
import Storage
import Web

/// The library's desk: licences by number, identifier or holder, and those that do not stand by their state. Lists say how
/// a licence stands and nothing of what is on it.
enum LicencePages {
    private static let rowsMax = 50
    /// Nobody reads all that stand.
    private static let states = CredentialState.allCases.filter { ![.valid, .expired].contains($0) }

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk/licences", who: .officers, scope: .region, zh: "证照库", en: "Licence library") {
                visit in try await list(visit, desk)
            }
        ]
    }

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let scope = try desk.permissions.scope(reads, of: try desk.seat(visit).principal)
        let reach = LibraryReach(from: scope.regionLow, upTo: scope.regionHigh)
        let words = String(BorderText.words(visit.query.trimmed("q") ?? "").prefix(120))
        let state = visit.query.trimmed("state").flatMap(CredentialState.init(rawValue:))
        let after = mark(visit.query["after"])
        let day = visit.now.date
        let found = try await desk.database.browse { reader in
            guard words.isEmpty else {
                return try LicenceLibrary.find(words, reach: reach, limit: rowsMax, on: day, in: reader)
            }
            guard let state, states.contains(state) else { return [] }
            return try LicenceLibrary.inState(
                state,
                reach: reach,
                after: after,
                limit: rowsMax,
                on: day,
                in: reader
            )
        }
        let next = found.count == rowsMax && words.isEmpty ? found.last?.mark : nil
        let view = LicencesView(
            words: words,
            states: states.map {
                FieldView.Option(
                    value: $0.rawValue,
                    label: visit.text("credential-state.\($0.rawValue)"),
                    isChosen: $0 == state
                )
            },
            table: words.isEmpty && state == nil ? nil : table(found, visit, desk),
            nextHref: next.map {
                "/desk/licences?state=\(state?.rawValue ?? "")&after=\($0.region)-\($0.id)"
            }
        )
        return .page(
            "workbench/licences",
            view,
            heading: Heading(visit.text("workbench.licences.title"), section: "licences")
        )
    }

    /// A row of the permission table.
    static let reads = "licence.read"

    private static func mark(_ text: String?) -> LicenceLine.Mark? {
        let parts = (text ?? "").split(separator: "-").map(String.init)
        return parts.count == 2 ? LicenceLine.Mark(region: parts[0], id: parts[1]) : nil
    }

    private static func table(_ lines: [LicenceLine], _ visit: Visit, _ desk: WorkbenchDesk) -> TableView {
        let columns = ["name", "number", "holder", "issuer", "state", "until"]
        return TableView(
            caption: visit.text("workbench.licences.title"),
            columns: columns.map { visit.text("workbench.licences.\($0)") },
            rows: lines.map { line in
                let name = line.holder.kind == .person ? line.holder.maskedName : line.holder.name
                let state = visit.text("credential-state.\(line.state.rawValue)")
                return [
                    TableView.Cell(line.name),
                    TableView.Cell(
                        [line.number, line.identifier, line.source].compactMap { $0 }.joined(separator: " · ")
                    ),
                    TableView.Cell(name), TableView.Cell(line.issuer),
                    TableView.Cell("", badge: BadgeView(state, line.state == .valid ? .good : .warn)),
                    TableView.Cell(visit.dash(line.validUntil?.description)),
                ]
            },
            emptyText: visit.text("workbench.licences.none")
        )
    }
}

/// Template: `workbench/licences`.
struct LicencesView: PageView {
    let words: String
    let states: [FieldView.Option]
    /// Nil until something was asked for.
    let table: TableView?
    let nextHref: String?
}
