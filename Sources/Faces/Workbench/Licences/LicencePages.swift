import Credentials
import Forms
import Identity
import Kernel
import Registers
import Standards
import Storage
import Web

/// The library's desk: licences by number, identifier, code or name of the holder, by type, and those that do not stand by
/// their state; what waits for a second official and what was decided. Lists say how a licence stands and nothing of what is on it.
enum LicencePages {
    static let path = "/desk/licences"

    private static let rowsMax = 50
    /// Nobody reads all that stand, or all that were never renewed: of these somebody says of which type or whose.
    private static let broad: Set<CredentialState> = [.valid, .expired]

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

    /// What somebody looks for.
    private struct Wish: Sendable {
        let words: String
        let state: CredentialState?
        let type: LicenceType?
        let after: LicenceLine.Mark?
        let reach: LibraryReach
        let day: LocalDate

        var isTooBroad: Bool { words.isEmpty && type == nil && state.map(broad.contains) ?? false }
        var isEmpty: Bool { words.isEmpty && type == nil && state == nil || isTooBroad }

        /// - Returns: what was found, and where the next page goes on.
        func found(in reader: any Reader) throws -> ([LicenceLine], LicenceLine.Mark?) {
            guard !isEmpty else { return ([], nil) }
            if !words.isEmpty { return (try named(in: reader), nil) }
            if let type {
                return try LicenceLibrary.ofType(
                    type.key,
                    in: state,
                    reach: reach,
                    after: after,
                    limit: rowsMax,
                    on: day,
                    in: reader
                )
            }
            guard let state else { return ([], nil) }
            let found = try LicenceLibrary.inState(
                state,
                reach: reach,
                after: after,
                limit: rowsMax,
                on: day,
                in: reader
            )
            return (found, found.count == rowsMax ? found.last?.mark : nil)
        }

        private func named(in reader: any Reader) throws -> [LicenceLine] {
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
            return found.filter {
                (type == nil || $0.type == type?.key) && (state == nil || $0.state == state)
            }
        }
    }

    /// - Parameter refused: what was said to a proposal and is wrong.
    static func list(_ visit: Visit, _ desk: WorkbenchDesk, refused: LicenceRefused? = nil) async throws
        -> Reply
    {
        let seat = try desk.seat(visit)
        let scope = try desk.permissions.scope(reads, of: seat.principal)
        let wish = Wish(
            words: String(BorderText.words(visit.query.trimmed("q") ?? "").prefix(120)),
            state: visit.query.trimmed("state").flatMap(CredentialState.init(rawValue:)),
            type: visit.query.trimmed("type").flatMap { desk.types[$0] },
            after: mark(visit.query["after"]),
            reach: LibraryReach(from: scope.regionLow, upTo: scope.regionHigh),
            day: visit.now.date
        )
        let ((found, next), proposals) = try await desk.database.browse { reader in
            (
                try wish.found(in: reader),
                try LicenceProposals(of: scope.agency, reach: wish.reach, in: reader)
            )
        }
        let view = LicencesView(
            errors: refused?.summary(visit),
            done: refused == nil ? LicenceActs.done(visit) : nil,
            words: wish.words,
            types: types(visit, desk, chosen: wish.type?.key, where: { _ in true }),
            states: CredentialState.allCases.map {
                FieldView.Option(
                    value: $0.rawValue,
                    label: visit.text("credential-state.\($0.rawValue)"),
                    isChosen: $0 == wish.state
                )
            },
            newHref: LicenceForm.offered(seat, desk).isEmpty ? nil : LicenceForm.new,
            broad: wish.isTooBroad ? NoticeView(.warn, visit.text("workbench.licences.broad")) : nil,
            proposals: proposals.waiting.map {
                LicenceProposalView($0, proposals, seat, refused: refused, visit, desk)
            },
            closed: proposals.closed(visit, desk),
            table: wish.isEmpty ? nil : table(found, visit, desk),
            nextHref: next.map {
                let (type, state) = (wish.type?.key ?? "", wish.state?.rawValue ?? "")
                return "\(path)?type=\(type)&state=\(state)&after=\($0.region)-\($0.id)"
            }
        )
        return .page(
            "workbench/licences",
            view,
            heading: Heading(
                visit.text("workbench.licences.title"),
                section: "licences",
                hasErrors: refused != nil
            ),
            status: refused?.status ?? 200
        )
    }

    /// Whoever bears the whole name, enterprises whose names begin with it, then those in whose names it stands.
    private static func holders(named words: String, in reader: any Reader) throws -> [String] {
        guard words.count > 1 else { return [] }
        let people = try People.named(words, limit: rowsMax, in: reader).map(\.rawValue)
        let begun = try RegisterStore.named(words, limit: rowsMax, in: reader)
        let holding = try RegisterStore.search(words, regionPrefix: "", limit: rowsMax, in: reader)
        var seen: Set<String> = []
        return (people + (begun + holding).map(\.code)).filter { seen.insert($0).inserted }
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
    let errors: ErrorSummary?
    let done: NoticeView?
    let words: String
    let types: [FieldView.Option]
    let states: [FieldView.Option]
    /// Nil where the post issues none.
    let newHref: String?
    /// Too many are in the state that was asked for.
    let broad: NoticeView?
    let proposals: [LicenceProposalView]
    let closed: TableView
    /// Nil until something was asked for.
    let table: TableView?
    let nextHref: String?
}
