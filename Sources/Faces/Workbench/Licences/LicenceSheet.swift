import Audit
import Credentials
import Forms
import Identity
import Kernel
import Standards
import Storage
import Web

/// One licence at the desk: how it stands and came to stand so, its versions, who used it, and what can be done with it.
enum LicenceSheet {
    static func path(_ id: ID<Credential>) -> String { "\(LicencePages.path)/\(id)" }

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .get,
                "\(LicencePages.path)/{licence}",
                who: .officers,
                scope: .region,
                zh: "一份证照",
                en: "One licence"
            ) { visit in try await show(visit, desk) },
            .page(
                .post,
                "\(LicencePages.path)/{licence}/read",
                who: .officers,
                scope: .region,
                zh: "查看证照全部内容",
                en: "Read all of a licence"
            ) { visit in try await read(visit, desk) },
            .page(
                .post,
                "\(LicencePages.path)/{licence}/file",
                who: .officers,
                scope: .region,
                zh: "取出证照原件",
                en: "Take the file of a licence"
            ) { visit in try await file(visit, desk) },
            .page(
                .get,
                "\(LicencePages.path)/{licence}/picture",
                who: .officers,
                scope: .region,
                zh: "证照首页图",
                en: "Picture of a licence"
            ) { visit in try await picture(visit, desk) },
        ]
    }

    /// The licence of the path, its type and its place.
    /// - Throws: `WebRefusal.notFound` beyond the post's reach, `PermissionError` for an act that is not the role's.
    static func open(_ visit: Visit, _ desk: WorkbenchDesk, for operation: String = LicencePages.reads)
        async throws -> (Credential, LicenceType, String)
    {
        let seat = try desk.seat(visit)
        let id = ID<Credential>(try visit.segment("licence"))
        let scope = try desk.permissions.scope(LicencePages.reads, of: seat.principal)
        let (found, region) = try await desk.database.read { reader in
            (try Credentials.find(id, in: reader), try LicenceLibrary.region(of: id, in: reader))
        }
        guard let found, found.record.sealCode == nil, let type = desk.types[found.record.type],
            scope.covers(LicencePages.subject(type.key, region: region, desk))
        else { throw WebRefusal.notFound }
        if operation != LicencePages.reads {
            try await desk.require(
                operation,
                LicencePages.subject(type.key, region: region, desk),
                object: "credential:\(id)",
                seat,
                visit
            )
        }
        return (found, type, region)
    }

    /// Whether something of it is shown only for a reason that its holder reads.
    static func isGuarded(_ type: LicenceType) -> Bool { type.security != .open || type.holdsMasked }

    /// - Parameter faults: what is wrong with the boxes of the refused act, where that is known of each.
    static func show(
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        refusal: (any Refusal)? = nil,
        faults: [ErrorSummary.Line] = [],
        isOpen: Bool = false
    ) async throws -> Reply {
        let (found, type, region) = try await open(visit, desk)
        let seat = try desk.seat(visit)
        let (record, day) = (found.record, visit.now.date)
        let (waiting, steps, versions, uses) = try await desk.database.read { reader in
            (
                try LicenceDesk.waiting(on: found.id, in: reader),
                try Credentials.history(of: found.id, in: reader),
                try LicenceLibrary.versions(of: record, on: day, in: reader),
                try LicenceUses.of(licence: "credential:\(found.id)", limit: usesMax, in: reader)
            )
        }
        let isProposed = waiting.contains { $0.expecting == found.version }
        let acts = LicenceActs.offered(
            found,
            type,
            region,
            isProposed: isProposed,
            seat,
            visit,
            desk
        ).refilled(after: refusal, visit)
        let isShown = isOpen || !isGuarded(type)
        let kept = try await desk.originals.find(found.id)
        let state = found.state(on: day)
        let view = LicenceSheetView(
            errors: ErrorSummary(faults, visit: visit),
            refused: faults.isEmpty
                ? refusal.map { RefusedAct(visit.deskWords($0), acts: acts, visit: visit) } : nil,
            done: refusal == nil && !isOpen ? LicenceActs.done(visit) : nil,
            waiting: waiting.map { LicenceProposals.notice($0, visit, desk) },
            facts: facts(found, type, isShown: isShown, visit),
            read: isShown ? nil : LicenceActs.reading(found, visit),
            file: LicenceActs.taking(found, kept, visit),
            digest: kept?.digest,
            picture: kept == nil || isGuarded(type)
                ? nil
                : PictureView(
                    href: "\(path(found.id))/picture",
                    words: visit.text(
                        "licence.picture",
                        [
                            "name": type.name(visit.language.rawValue),
                            "state": visit.text("credential-state.\(state.rawValue)"),
                        ]
                    )
                ),
            followsRegister: type.followsRegister,
            hasActs: !acts.isEmpty,
            acts: acts,
            changeHref: !isProposed && LicenceActs.mayChange(found, type, region, seat, visit, desk)
                ? "\(path(found.id))/change" : nil,
            steps: history(steps, visit),
            versions: self.versions(versions, of: found.id, visit),
            uses: table(uses, visit)
        )
        let name = type.name(visit.language.rawValue)
        return .page(
            "workbench/licence",
            view,
            heading: Heading(
                name,
                crumbs: [.init(visit.text("workbench.licences.title"), href: LicencePages.path)],
                section: "licences",
                hasErrors: refusal != nil
            ),
            status: refusal?.status.rawValue ?? 200
        )
    }

    private static let usesMax = 20

    private static func read(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let (found, _, _) = try await open(visit, desk)
        do { try await note(found, visit, desk) } catch let refusal as CredentialError {
            return try await show(visit, desk, refusal: refusal)
        }
        return try await show(visit, desk, isOpen: true)
    }

    /// Hands out the kept file, of any version and in any state, for a reason that its holder reads.
    private static func file(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let (found, type, _) = try await open(visit, desk)
        do { try await note(found, visit, desk) } catch let refusal as CredentialError {
            return try await show(visit, desk, refusal: refusal)
        }
        let format = LicencePress.Format(rawValue: visit.form["format"] ?? "") ?? .ofd
        let (_, bytes) = try await desk.originals.file(of: found, format, occasion: visit.occasion)
        return .file(
            bytes,
            type: format.mediaType,
            name: "\(type.name.zh)-\(found.record.identifier.serial).\(format.rawValue)"
        )
    }

    private static func picture(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let (found, type, _) = try await open(visit, desk)
        let state = found.state(on: visit.now.date)
        guard !isGuarded(type),
            let png = try await desk.originals.picture(
                of: found.id,
                mark: state == .valid ? nil : visit.text("credential-state.\(state.rawValue)"),
                on: visit.now.date
            )
        else { throw WebRefusal.notFound }
        return .file(png, type: "image/png")
    }

    /// Writes for the holder who looked at his licence and why, before anything is shown.
    static func note(_ found: Credential, _ visit: Visit, _ desk: WorkbenchDesk) async throws {
        guard let reason = visit.form.trimmed("reason"), reason.count <= 200 else {
            throw CredentialError.reason
        }
        let occasion = visit.occasion.because(reason)
        try await desk.database.write { tx in
            _ = try AuditLog.read(
                "licence.read",
                object: "credential:\(found.id)",
                of: found.record.holder.code,
                occasion: occasion,
                in: tx
            )
        }
    }

    private static func facts(_ found: Credential, _ type: LicenceType, isShown: Bool, _ visit: Visit)
        -> SummaryView
    {
        let record = found.record
        let state = found.state(on: visit.now.date)
        let holder = isShown ? record.holder.name : record.holder.maskedName
        var rows: [SummaryView.Row] = [
            .init(
                visit.text("workbench.licences.state"),
                "",
                badge: BadgeView(
                    visit.text("credential-state.\(state.rawValue)"),
                    state == .valid ? .good : .warn
                )
            ), .init(visit.text("licence.holder"), holder),
        ]
        let isCodePrinted = type.fields.contains { record.fields[$0.key].text == record.holder.code }
        if record.holder.kind == .enterprise, !isCodePrinted {
            rows.append(.init(visit.text("licence.creditCode"), record.holder.code))
        }
        for field in type.fields {
            guard let words = words(of: field, record.fields, visit) else { continue }
            let isHidden = !isShown && (field.isMasked || type.security != .open)
            rows.append(
                .init(
                    field.name(visit.language.rawValue),
                    isHidden && field.catalogue != "ZZBH" ? visit.text("licence-desk.hidden") : words
                )
            )
        }
        rows += [
            .init(visit.text("licence.identifier"), record.identifier.description),
            .init(visit.text("licence.issuer"), record.issuer.name),
            .init(visit.text("licence.issuedAt"), record.issuedAt.minuteText),
            .init(visit.text("licence-desk.from"), record.validFrom.description),
            .init(
                visit.text("licence.until"),
                record.validUntil?.description ?? visit.text("licence.no-end")
            ),
        ]
        return SummaryView(rows: rows)
    }

    /// What stands in a field, to be read; nil where nothing does.
    static func words(of field: LicenceField, _ fields: JSON, _ visit: Visit) -> String? {
        let words = field.words(of: fields[field.key])
        return field.kind == .amount ? words.map { visit.text("workbench.yuan", ["amount": $0]) } : words
    }

    private static func history(_ steps: [CredentialStep], _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("licence-desk.steps"),
            columns: ["since", "state", "number", "reason"].map { visit.text("licence-desk.\($0)") },
            rows: steps.enumerated().map { place, step in
                let isWorded = visit.has("licence-desk.step.\(step.reason)")
                return [
                    .init(step.at.minuteText),
                    .init(visit.text("credential-state.\(step.state.rawValue)")),
                    .init(visit.dash(step.decision)),
                    .init(
                        isWorded
                            ? visit.text("licence-desk.step.\(step.reason)")
                            : place == 0
                                ? visit.text("licence-desk.step.issued-for", ["reason": step.reason])
                                : step.reason
                    ),
                ]
            },
            emptyText: visit.text("licence-desk.steps.none")
        )
    }

    private static func versions(_ lines: [LicenceLine], of own: ID<Credential>, _ visit: Visit) -> TableView
    {
        TableView(
            caption: visit.text("licence-desk.versions"),
            columns: ["identifier", "state"].map { visit.text("licence-desk.\($0)") },
            rows: lines.map { line in
                [
                    .init(line.identifier ?? "—", href: line.id == own ? nil : line.id.map(path)),
                    .init(visit.text("credential-state.\(line.state.rawValue)")),
                ]
            },
            emptyText: visit.text("licence-desk.steps.none")
        )
    }

    private static func table(_ uses: [LicenceUse], _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("licence-desk.uses"),
            columns: ["at", "who", "what", "purpose"].map { visit.text("use.\($0)") },
            rows: uses.map { use in
                [
                    .init(use.at.minuteText), .init(visit.dash(use.organisation)),
                    .init(visit.text("use.way.\(use.way.rawValue)")), .init(use.purpose),
                ]
            },
            emptyText: visit.text("use.none")
        )
    }
}

/// Template: `workbench/licence`.
struct LicenceSheetView: PageView {
    let errors: ErrorSummary?
    let refused: RefusedAct?
    let done: NoticeView?
    /// What waits for a second official.
    let waiting: [NoticeView]
    let facts: SummaryView
    /// Asks why the rest is to be shown; nil where nothing is hidden.
    let read: ActView?
    /// Asks why the file is to be taken.
    let file: ActView
    /// Of the kept file; nil before it was made.
    let digest: String?
    let picture: PictureView?
    let followsRegister: Bool
    let hasActs: Bool
    let acts: [ActView]
    let changeHref: String?
    let steps: TableView
    let versions: TableView
    let uses: TableView
}
