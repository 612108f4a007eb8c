import Credentials
import Exchange
import Identity
import Kernel
import SealFiling
import Storage
import Web

/// What officials do with a seal: each act has an address and a form of its own, so that no key does another act than the
/// one that is looked at.
enum SealDeskActs {
    /// Asked for on a page of their own: they stop or end a seal, or take the place of its owner.
    static let grave: Set<SealEvent> = [.deliver, .suspend, .void]

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        let path = "\(SealDeskPages.all)/{seal}/{act}"
        return [
            .page(.get, path, who: .officers, scope: .region, zh: "确认办理印章", en: "Confirm an act on a seal") {
                visit in
                let seal = try await SealDeskPages.open(visit, desk)
                return try await confirm(seal, try event(visit), [], visit, desk)
            },
            .page(.post, path, who: .officers, scope: .region, zh: "办理印章", en: "Act on a seal") {
                try await act($0, desk)
            },
        ]
    }

    /// The word in the address of sending a seal to the police, which is no step of its life.
    static let sending = "send"

    static func path(_ seal: Seal, _ event: SealEvent) -> String {
        "\(SealDeskPages.path(seal))/\(event.rawValue)"
    }

    private static func event(_ visit: Visit) throws -> SealEvent {
        guard let event = SealEvent(rawValue: try visit.segment("act")), event != .make, event != .lose else {
            throw WebRefusal.notFound
        }
        return event
    }

    private static func act(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seal = try await SealDeskPages.open(visit, desk)
        let isSending = try visit.segment("act") == sending
        let event = isSending ? .record : try event(visit)
        try await Permission.require(
            SealDeskPages.decides,
            on: SealDeskPages.subject(seal, desk),
            object: "seal:\(seal.id)",
            by: try desk.seat(visit).principal,
            table: desk.permissions,
            occasion: visit.occasion,
            database: desk.database
        )
        let faults = grave.contains(event) ? faults(of: event, visit) : []
        guard faults.isEmpty else { return try await confirm(seal, event, faults, visit, desk) }
        do {
            if isSending {
                try await send(seal, visit, desk)
            } else {
                try await run(event, seal, visit, desk)
            }
        } catch let problem as any Refusal where problem is SealError || problem is ExchangeError {
            let now = try await SealDeskPages.open(visit, desk)
            return try await SealSheet.page(now, visit, desk, problem: problem)
        }
        return .redirect(to: "\(SealDeskPages.path(seal))?done=\(isSending ? sending : event.rawValue)")
    }

    private static func version(_ visit: Visit) throws(SealError) -> Int64 {
        guard let version = visit.form.trimmed("version").flatMap({ Int64($0) }) else { throw .stale }
        return version
    }

    private static func send(_ seal: Seal, _ visit: Visit, _ desk: WorkbenchDesk) async throws {
        let (version, filing) = (try version(visit), SealFiling(exchange: desk.exchange))
        try await desk.database.write { tx in
            guard let now = try Seals.find(seal.id, in: tx), now.version == version else {
                throw SealError.stale
            }
            try filing.send(now, occasion: visit.occasion, in: tx)
        }
    }

    private static func run(_ event: SealEvent, _ seal: Seal, _ visit: Visit, _ desk: WorkbenchDesk)
        async throws
    {
        let version = try version(visit)
        let (occasion, id) = (visit.occasion, seal.id)
        switch event {
        case .approve:
            let body = IssuingBody(code: seal.region, name: desk.seals.maker.name)
            try await desk.seals.approve(id, issuer: body, expecting: version, occasion: occasion)
        case .record:
            let (filing, reason) = (visit.form.trimmed("filing") ?? "", visit.form.trimmed("reason") ?? "")
            try await desk.database.write { tx in
                _ = try Seals.record(
                    id,
                    filing: filing,
                    byHand: reason,
                    expecting: version,
                    occasion: occasion,
                    in: tx
                )
            }
        case .deliver, .resume, .suspend, .void, .reject, .lose, .make:
            // Whoever claims a seal for its owner says what the owner showed.
            let given = [visit.form.trimmed("reason"), visit.form.trimmed("evidence")].compactMap { $0 }
                .joined(separator: visit.text("seal.joint"))
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
    }

    // MARK: A page of its own

    /// What a step's reason takes; half of it where two stand in it.
    private static func wordsMax(_ event: SealEvent) -> Int { event == .deliver ? 95 : 200 }

    private static func fields(of event: SealEvent) -> [(name: String, fault: SealError)] {
        event == .deliver ? [("evidence", .evidence), ("reason", .reason)] : [("reason", .reason)]
    }

    /// The key is destroyed: whoever does that says that he means it.
    private static func wantsTick(_ event: SealEvent) -> Bool { event == .void }

    private static func faults(of event: SealEvent, _ visit: Visit) -> [(name: String, words: String)] {
        let missing = fields(of: event).filter {
            !(1...wordsMax(event)).contains((visit.form.trimmed($0.name) ?? "").count)
        }.map { (name: $0.name, words: visit.sentence($0.fault)) }
        guard wantsTick(event), visit.form["confirm"] != "yes" else { return missing }
        let label = visit.text("workbench.confirm")
        return missing + [(name: "confirm", words: visit.text("problem.form.promise", ["label": label]))]
    }

    private static func tick(_ errors: [String], _ visit: Visit) -> FormView.Element {
        .field(
            FieldView(
                name: "confirm",
                label: visit.text("workbench.confirm"),
                kind: .tick,
                value: visit.form["confirm"] ?? "",
                errors: errors
            )
        )
    }

    private static func confirm(
        _ seal: Seal,
        _ event: SealEvent,
        _ faults: [(name: String, words: String)],
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> Reply {
        guard grave.contains(event), try SealSheet.mayDecide(seal, visit, desk) else {
            throw WebRefusal.notFound
        }
        let state = seal.state(at: visit.now)
        let isStopped = try await desk.database.read { try Seals.isStoppedByOwner(seal, in: $0) }
        guard SealSheet.events(state, isStopped: isStopped).contains(event) else {
            throw SealError.notAllowed(event: event.rawValue, state: state)
        }
        let name = event.rawValue
        func errors(_ name: String) -> [String] { faults.filter { $0.name == name }.map(\.words) }
        let version = FieldView(
            name: "version",
            label: "",
            kind: .hidden,
            value: visit.form["version"] ?? String(seal.version)
        )
        let form = FormView(
            action: path(seal, event),
            elements: [.field(version)]
                + fields(of: event).map { field in
                    .field(
                        FieldView(
                            name: field.name,
                            label: visit.text("seal-desk.\(field.name)"),
                            value: visit.form[field.name] ?? "",
                            hint: field.name == "evidence" ? visit.text("seal-desk.evidence.hint") : nil,
                            errors: errors(field.name),
                            lengthMax: wordsMax(event)
                        )
                    )
                } + (wantsTick(event) ? [tick(errors("confirm"), visit)] : []),
            submit: visit.text("seal-desk.\(name).sure")
        )
        let view = SealConfirmView(
            errors: ErrorSummary(
                faults.map { ErrorSummary.Line($0.words, field: $0.name) },
                visit: visit
            ),
            title: visit.text("seal-desk.\(name)"),
            question: visit.text(
                seal.isOfAuthority ? "seal-desk.\(name).ask.body" : "seal-desk.\(name).ask"
            ),
            facts: SummaryView(rows: try SealSheet.rows(seal, isStopped, visit, desk)),
            form: form,
            back: SealDeskPages.path(seal)
        )
        return .page(
            "workbench/seal-confirm",
            view,
            heading: SealSheet.heading(seal, visit, hasErrors: !faults.isEmpty),
            status: faults.isEmpty ? 200 : 422
        )
    }
}

/// Template: `workbench/seal-confirm`.
struct SealConfirmView: PageView {
    let errors: ErrorSummary?
    let title: String
    let question: String
    let facts: SummaryView
    let form: FormView
    let back: String
}
