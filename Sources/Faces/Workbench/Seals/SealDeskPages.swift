import Credentials
import Identity
import Kernel
import Storage
import Web

/// The desk of electronic seals: what waits for an approval, a filing or its owner, and one seal by its code or by the
/// name of its owner.
enum SealDeskPages {
    static let all = "/desk/seals"

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, all, who: .officers, scope: .region, zh: "电子印章申请", en: "Seals that wait") {
                try await list($0, desk)
            },
            .page(.get, "\(all)/{seal}", who: .officers, scope: .region, zh: "一枚印章", en: "One seal") {
                visit in
                try await SealSheet.page(try await open(visit, desk), visit, desk, problem: nil)
            },
        ] + SealDeskActs.routes(desk)
    }

    private static let reads = "seal.read"
    static let decides = "seal.decide"
    private static let rowsMax = 100

    static func path(_ seal: Seal) -> String { "\(all)/\(seal.id)" }

    /// The seal of the path, if it is in the post's reach.
    static func open(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Seal {
        let seat = try desk.seat(visit)
        let reach = try desk.permissions.scope(reads, of: seat.principal)
        let id = ID<Seal>(try visit.segment("seal"))
        guard let seal = try await desk.database.read({ try Seals.find(id, in: $0) }),
            reach.covers(subject(seal, desk))
        else { throw WebRefusal.notFound }
        return seal
    }

    static func subject(_ seal: Seal, _ desk: WorkbenchDesk) -> PermissionSubject {
        PermissionSubject(agency: desk.authority, region: seal.region)
    }

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seat = try desk.seat(visit)
        let reach = try desk.permissions.scope(reads, of: seat.principal)
        let (low, high) = desk.regions(of: reach)
        let words = visit.query.trimmed("q")
        let waiting: [SealState] = [.applied, .approved, .recorded, .made, .lost]
        let (seals, found, lines, bodies) = try await desk.database.read { reader in
            let found = try words.flatMap { try Seals.find(code: $0, in: reader) }
            let seals =
                try words.map { try Seals.named($0, from: low, below: high, limit: rowsMax, in: reader) }
                ?? waiting.flatMap {
                    try Seals.waiting(in: $0, from: low, below: high, limit: rowsMax, in: reader)
                }
            var lines: [ID<Seal>: Line] = [:]
            for seal in seals {
                lines[seal.id] = Line(
                    since: try Seals.since(seal, in: reader),
                    isStopped: try Seals.isStoppedByOwner(seal, in: reader)
                )
            }
            // What waits longest comes first, in whichever state.
            let sorted =
                words == nil
                ? seals.sorted {
                    let (one, other) = (lines[$0.id]?.since, lines[$1.id]?.since)
                    return (one ?? visit.now, $0.id.rawValue) < (other ?? visit.now, $1.id.rawValue)
                } : seals
            let bodies =
                try words == nil
                ? Seals.ofAuthorities(from: low, below: high, limit: rowsMax, in: reader) : []
            return (sorted, found, lines, bodies)
        }
        if let found, reach.covers(subject(found, desk)) { return .redirect(to: path(found)) }
        let view = SealListView(
            lead: visit.text("seal-desk.lead"),
            words: words ?? "",
            problem: words != nil && seals.isEmpty
                ? NoticeView(.warn, visit.text("seal-desk.find.none")) : nil,
            table: TableView(
                caption: visit.text(words == nil ? "seal-desk.title" : "seal-desk.found"),
                columns: [
                    "seal-desk.owner", "seal-desk.kind", "seal.code", "seal-desk.state", "seal-desk.since",
                ].map { visit.text($0) },
                rows: try seals.map { seal in
                    let line = lines[seal.id]
                    return [
                        .init(seal.owner.name, href: path(seal)),
                        .init(try kind(seal, visit, desk)), .init(seal.code ?? "—"),
                        .init(Self.words(seal.state(at: visit.now), line?.isStopped == true, visit)),
                        .init(line?.since?.minuteText ?? "—"),
                    ]
                },
                emptyText: visit.text("seal-desk.empty")
            ),
            bodies: bodies.isEmpty ? nil : Self.bodies(bodies, visit)
        )
        return .page(
            "workbench/seals",
            view,
            heading: Heading(visit.text("seal-desk.title"), section: "seals")
        )
    }

    /// The seals of issuing bodies, which wait for nobody.
    private static func bodies(_ seals: [Seal], _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("seal-desk.bodies"),
            columns: ["seal-desk.body", "seal.code", "seal-desk.state", "seal.valid-until"].map {
                visit.text($0)
            },
            rows: seals.map { seal in
                [
                    .init(seal.owner.name, href: path(seal)), .init(seal.code ?? "—"),
                    .init(words(seal.state(at: visit.now), false, visit)),
                    .init(seal.made?.validUntil.minuteText ?? "—"),
                ]
            },
            emptyText: visit.text("seal-desk.empty")
        )
    }

    /// What a row of the list tells beside the seal itself.
    private struct Line {
        let since: Instant?
        let isStopped: Bool
    }

    static func kind(_ seal: Seal, _ visit: Visit, _ desk: WorkbenchDesk) throws -> String {
        let type = try desk.seals.authority.types.type(seal.kind)
        let name = visit.language == .zh ? type.nameZH : type.nameEN
        return [name, seal.line, seal.ordinal].compactMap { $0 }
            .joined(separator: " ")
    }

    /// - Parameter isStopped: suspended by its owner.
    static func words(_ state: SealState, _ isStopped: Bool, _ visit: Visit) -> String {
        visit.text(state == .suspended && isStopped ? "seal-state.stopped" : "seal-state.\(state.rawValue)")
    }
}

/// Template: `workbench/seals`.
struct SealListView: PageView {
    let lead: String
    let words: String
    let problem: NoticeView?
    let table: TableView
    let bodies: TableView?
}
