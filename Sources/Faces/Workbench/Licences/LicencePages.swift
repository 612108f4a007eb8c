import Credentials
import Forms
import Identity
import Kernel
import Registers
import Standards
import Storage
import Web

/// The library's desk: licences by number, identifier, code or name of the holder, by type, and those that do not stand by their state; what
/// waits for a second official. Lists say how a licence stands and nothing of what is on it.
enum LicencePages {
    static let path = "/desk/licences"

    private static let rowsMax = 50
    /// Nobody reads all that stand.
    private static let states = CredentialState.allCases.filter { ![.valid, .expired].contains($0) }

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, path, who: .officers, scope: .region, zh: "证照库", en: "Licence library") {
                visit in try await list(visit, desk)
            }
        ] + LicenceForm.routes(desk) + LicenceSheet.routes(desk) + LicenceActs.routes(desk)
    }

    /// Rows of the permission table.
    static let reads = "licence.read"
    static let decides = "licence.decide"
    static let confirms = "licence.confirm"

    /// What a licence of a type at a place is to the permission table.
    static func subject(_ type: String, region: String, _ desk: WorkbenchDesk) -> PermissionSubject {
        PermissionSubject(agency: desk.types[type]?.agency, region: region)
    }

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seat = try desk.seat(visit)
        let scope = try desk.permissions.scope(reads, of: seat.principal)
        let reach = LibraryReach(from: scope.regionLow, upTo: scope.regionHigh)
        let words = String(BorderText.words(visit.query.trimmed("q") ?? "").prefix(120))
        let state = visit.query.trimmed("state").flatMap(CredentialState.init(rawValue:))
        let type = visit.query.trimmed("type").flatMap { desk.types[$0] }
        let after = mark(visit.query["after"])
        let day = visit.now.date
        let (found, waiting) = try await desk.database.browse { reader in
            let waiting = try LicenceDesk.waiting(
                of: scope.agency,
                reach: reach,
                limit: rowsMax,
                in: reader
            )
            if !words.isEmpty {
                var found = try LicenceLibrary.find(words, reach: reach, limit: rowsMax, on: day, in: reader)
                if found.isEmpty {
                    found = try LicenceLibrary.held(
                        by: try holders(named: words, in: reader),
                        reach: reach,
                        limit: rowsMax,
                        on: day,
                        in: reader
                    )
                }
                return (
                    found.filter {
                        (type == nil || $0.type == type?.key) && (state == nil || $0.state == state)
                    },
                    waiting
                )
            }
            if let type {
                let kept = state.flatMap { states.contains($0) ? $0 : nil }
                let list = LicenceLibrary.ofType
                return (try list(type.key, kept, reach, after, rowsMax, day, reader), waiting)
            }
            guard let state, states.contains(state) else { return ([], waiting) }
            let list = LicenceLibrary.inState
            return (try list(state, reach, after, rowsMax, day, reader), waiting)
        }
        let next = found.count == rowsMax && words.isEmpty ? found.last?.mark : nil
        let view = LicencesView(
            words: words,
            types: types(visit, desk, chosen: type?.key, where: { _ in true }),
            states: states.map {
                FieldView.Option(
                    value: $0.rawValue,
                    label: visit.text("credential-state.\($0.rawValue)"),
                    isChosen: $0 == state
                )
            },
            newHref: LicenceForm.offered(seat, desk).isEmpty ? nil : LicenceForm.new,
            proposals: waiting.map { LicenceProposalView($0, seat, visit, desk) },
            table: words.isEmpty && state == nil && type == nil ? nil : table(found, visit, desk),
            nextHref: next.map {
                "\(path)?type=\(type?.key ?? "")&state=\(state?.rawValue ?? "")&after=\($0.region)-\($0.id)"
            }
        )
        return .page(
            "workbench/licences",
            view,
            heading: Heading(visit.text("workbench.licences.title"), section: "licences")
        )
    }

    /// Whoever bears the whole name, and enterprises whose names begin with it.
    private static func holders(named words: String, in reader: any Reader) throws -> [String] {
        guard words.count > 1 else { return [] }
        let people = try People.named(words, limit: rowsMax, in: reader).map(\.rawValue)
        return people + (try RegisterStore.named(words, limit: rowsMax, in: reader).map(\.code))
    }

    /// Types of licence to choose from.
    static func types(
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        chosen: String?,
        where isOffered: (LicenceType) -> Bool
    ) -> [FieldView.Option] {
        desk.types.all.filter(isOffered).map {
            FieldView.Option(
                value: $0.key,
                label: $0.name(visit.language.rawValue),
                isChosen: $0.key == chosen
            )
        }
    }

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
                    TableView.Cell(line.name, href: line.id.map { LicenceSheet.path($0) }),
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
    let types: [FieldView.Option]
    let states: [FieldView.Option]
    /// Nil where the post issues none.
    let newHref: String?
    let proposals: [LicenceProposalView]
    /// Nil until something was asked for.
    let table: TableView?
    let nextHref: String?
}

/// What an official proposed and another has to confirm. Template: `workbench/licence-proposal`.
struct LicenceProposalView: PageView {
    let title: String
    let rows: SummaryView
    let action: String
    let mayConfirm: Bool
    let mayRefuse: Bool

    init(_ proposal: LicenceProposal, _ seat: Seat, _ visit: Visit, _ desk: WorkbenchDesk) {
        let type = desk.types[proposal.type]
        title = [
            visit.text("licence-act.\(proposal.act.rawValue)"),
            type?.name(visit.language.rawValue) ?? proposal.type,
        ].joined(separator: " · ")
        var rows: [SummaryView.Row] = []
        if let id = proposal.credential {
            rows.append(
                .init(
                    visit.text("licence-desk.licence"),
                    visit.text("licence-desk.open"),
                    valueHref: LicenceSheet.path(id)
                )
            )
        }
        func may(_ operation: String) -> Bool {
            desk.may(operation, LicencePages.subject(proposal.type, region: proposal.region, desk), seat)
        }
        mayRefuse = may(LicencePages.decides)
        // What shall stand on it is for those who decide.
        if let draft = proposal.draft, let type, mayRefuse {
            rows.append(.init(visit.text("licence.holder"), "\(draft.holder.name)"))
            rows.append(.init(visit.text("licence.issuer"), draft.issuer.name))
            rows += type.fields.compactMap { field in
                field.words(of: draft.fields[field.key]).map {
                    .init(field.name(visit.language.rawValue), $0)
                }
            }
        }
        rows.append(.init(visit.text("licence-desk.number"), proposal.decision.number))
        rows.append(.init(visit.text("licence-desk.reason"), proposal.decision.reason))
        rows.append(.init(visit.text("licence-desk.proposed"), proposal.at.minuteText))
        self.rows = SummaryView(rows: rows)
        action = "\(LicencePages.path)/proposals/\(proposal.id)"
        mayConfirm = may(LicencePages.confirms) && proposal.proposedBy != visit.visitor?.actor.id
    }
}
