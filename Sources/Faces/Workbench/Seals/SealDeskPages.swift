import Credentials
import Identity
import Kernel
import Storage
import Web

/// The desk of electronic seals: what waits for an approval, a filing or its owner, and one seal by its code.
enum SealDeskPages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, "/desk/seals", who: .officers, scope: .region, zh: "电子印章申请", en: "Seals that wait") {
                try await list($0, desk)
            },
            .page(.get, "/desk/seals/{seal}", who: .officers, scope: .region, zh: "一枚印章", en: "One seal") {
                visit in
                let seal = try await open(visit, desk)
                return try await page(seal, visit, desk)
            },
            .page(
                .post,
                "/desk/seals/{seal}",
                who: .officers,
                scope: .region,
                zh: "办理印章",
                en: "Act on a seal"
            ) {
                try await act($0, desk)
            },
        ]
    }

    private static let reads = "seal.read"
    private static let decides = "seal.decide"
    private static let rowsMax = 100

    /// The seal of the path, if it is in the post's reach.
    private static func open(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Seal {
        let seat = try desk.seat(visit)
        let reach = try desk.permissions.scope(reads, of: seat.principal)
        let id = ID<Seal>(try visit.segment("seal"))
        guard let seal = try await desk.database.read({ try Seals.find(id, in: $0) }),
            reach.covers(subject(seal, desk))
        else { throw WebRefusal.notFound }
        return seal
    }

    private static func subject(_ seal: Seal, _ desk: WorkbenchDesk) -> PermissionSubject {
        PermissionSubject(agency: desk.authority, region: seal.region)
    }

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seat = try desk.seat(visit)
        let reach = try desk.permissions.scope(reads, of: seat.principal)
        let (low, high) = desk.regions(of: reach)
        let code = visit.query.trimmed("code")
        let waiting: [SealState] = [.applied, .approved, .recorded, .made, .lost]
        let (seals, found) = try await desk.database.read { reader in
            let seals = try waiting.flatMap {
                try Seals.waiting(in: $0, from: low, below: high, limit: rowsMax, in: reader)
            }
            return (seals, try code.flatMap { try Seals.find(code: $0, in: reader) })
        }
        if let found, reach.covers(subject(found, desk)) { return .redirect(to: "/desk/seals/\(found.id)") }
        let view = SealListView(
            lead: visit.text("seal-desk.lead"),
            code: code ?? "",
            problem: code == nil ? nil : NoticeView(.warn, visit.text("seal-desk.find.none")),
            table: TableView(
                caption: visit.text("seal-desk.title"),
                columns: ["seal-desk.owner", "seal-desk.kind", "seal.code", "seal-desk.state"].map {
                    visit.text($0)
                },
                rows: try seals.map { seal in
                    [
                        .init(seal.owner.name, href: "/desk/seals/\(seal.id)"),
                        .init(try kind(seal, visit, desk)), .init(seal.code ?? "—"),
                        .init(visit.text("seal-state.\(seal.state(at: visit.now).rawValue)")),
                    ]
                },
                emptyText: visit.text("seal-desk.empty")
            )
        )
        return .page(
            "workbench/seals",
            view,
            heading: Heading(visit.text("seal-desk.title"), section: "seals")
        )
    }

    private static func kind(_ seal: Seal, _ visit: Visit, _ desk: WorkbenchDesk) throws -> String {
        let type = try desk.seals.authority.types.type(seal.kind)
        let name = visit.language == .zh ? type.nameZH : type.nameEN
        return [name, seal.line, seal.number > 1 ? "(\(seal.number))" : nil].compactMap { $0 }
            .joined(separator: " ")
    }

    // MARK: One seal

    private static func page(_ seal: Seal, _ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let id = seal.id
        let steps = try await desk.database.read { try Seals.history(of: id, in: $0) }
        let state = seal.state(at: visit.now)
        var rows: [SummaryView.Row] = [
            .init(visit.text("seal-desk.owner"), "\(seal.owner.name) \(seal.owner.code)"),
            .init(visit.text("seal-desk.kind"), try kind(seal, visit, desk)),
            .init(visit.text("seal-desk.state"), visit.text("seal-state.\(state.rawValue)")),
        ]
        if let name = seal.mongolian { rows.append(.init(visit.text("seal.mongolian"), name)) }
        if let code = seal.code { rows.append(.init(visit.text("seal.code"), code)) }
        if let filing = seal.filing { rows.append(.init(visit.text("seal.filing"), filing)) }
        if let made = seal.made {
            rows.append(.init(visit.text("seal.valid-until"), made.validUntil.minuteText))
            rows.append(.init(visit.text("seal.certificate"), made.certificate))
        }
        let seat = try desk.seat(visit)
        let mayDecide =
            (try? Permission.check(
                decides,
                on: subject(seal, desk),
                by: seat.principal,
                table: desk.permissions
            ))
            != nil
        let view = SealDeskView(
            facts: SummaryView(rows: rows),
            history: TableView(
                caption: visit.text("seal-desk.events"),
                columns: ["seal-desk.since", "seal-desk.state", "seal-desk.reason"].map { visit.text($0) },
                rows: steps.map {
                    [
                        .init($0.at.minuteText), .init(visit.text("seal-state.\($0.state.rawValue)")),
                        .init($0.reason),
                    ]
                },
                emptyText: visit.text("seal-desk.empty")
            ),
            action: "/desk/seals/\(seal.id)",
            version: String(seal.version),
            asksFiling: state == .approved,
            hasActs: mayDecide && !events(state).isEmpty,
            acts: mayDecide
                ? events(state).map {
                    SealDeskView.Act(
                        value: $0.rawValue,
                        label: visit.text("seal-desk.\($0.rawValue)"),
                        key: keys[$0] ?? "",
                        isMain: [.approve, .record, .deliver].contains($0)
                    )
                } : []
        )
        return .page(
            "workbench/seal",
            view,
            heading: Heading(
                seal.owner.name,
                crumbs: [.init(visit.text("seal-desk.title"), href: "/desk/seals")],
                section: "seals"
            )
        )
    }

    private static let keys: [SealEvent: String] = [
        .approve: "a", .reject: "r", .record: "f", .deliver: "d", .suspend: "s", .resume: "e", .void: "v",
    ]

    private static func events(_ state: SealState) -> [SealEvent] {
        switch state {
        case .applied: [.approve, .reject]
        case .approved: [.record, .void]
        case .recorded, .lost, .expired: [.void]
        case .made: [.deliver, .void]
        case .active: [.suspend, .void]
        case .suspended: [.resume, .void]
        case .rejected, .voided: []
        }
    }

    private static func act(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seal = try await open(visit, desk)
        let seat = try desk.seat(visit)
        try await Permission.require(
            decides,
            on: subject(seal, desk),
            object: "seal:\(seal.id)",
            by: seat.principal,
            table: desk.permissions,
            occasion: visit.occasion,
            database: desk.database
        )
        guard let event = visit.form.trimmed("act").flatMap(SealEvent.init(rawValue:)),
            let version = visit.form.trimmed("version").flatMap({ Int64($0) })
        else { throw WebRefusal.badField(name: visit.text("seal.act")) }
        let reason = visit.form.trimmed("reason") ?? ""
        let (occasion, id) = (visit.occasion, seal.id)
        switch event {
        case .approve:
            let body = IssuingBody(code: seal.region, name: desk.seals.maker.name)
            try await desk.seals.approve(id, issuer: body, expecting: version, occasion: occasion)
        case .record:
            let filing = visit.form.trimmed("filing") ?? ""
            try await desk.database.write { tx in
                _ = try Seals.record(id, filing: filing, expecting: version, occasion: occasion, in: tx)
            }
        case .deliver, .resume, .suspend, .void, .reject, .lose, .make:
            // Whoever ends, suspends or refuses says why, by the number of the letter.
            let given = event == .deliver || event == .resume ? "desk" : reason
            try await desk.database.write { tx in
                _ = try Seals.move(
                    id,
                    by: event,
                    reason: given,
                    expecting: version,
                    occasion: occasion,
                    in: tx
                )
            }
        }
        return .redirect(to: "/desk/seals/\(id)")
    }
}

/// Template: `workbench/seals`.
struct SealListView: PageView {
    let lead: String
    let code: String
    let problem: NoticeView?
    let table: TableView
}

/// Template: `workbench/seal`.
struct SealDeskView: PageView {
    let facts: SummaryView
    let history: TableView
    let action: String
    let version: String
    let asksFiling: Bool
    let hasActs: Bool
    let acts: [Act]

    struct Act: PageView {
        let value: String
        let label: String
        /// The key that presses it, beside the browser's own.
        let key: String
        let isMain: Bool
    }
}
