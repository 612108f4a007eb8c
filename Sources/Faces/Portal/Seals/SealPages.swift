import Credentials
import Cryptography
import Identity
import Kernel
import Storage
import Web

/// The electronic seals of a firm: where each stands, who may use it, what waits for an answer, every use.
enum SealPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        let all = "/wallet/{code}/seals"
        let one = "\(all)/{seal}"
        func get(
            _ path: String,
            zh: String,
            en: String,
            _ work: @escaping @Sendable (Visit) async throws -> Reply
        )
            -> Route
        {
            .page(.get, path, who: .applicants, scope: .relation, zh: zh, en: en, handle: work)
        }
        return [
            get(all, zh: "电子印章", en: "Electronic seals of a firm") { try await list($0, desk) },
            get(one, zh: "一枚电子印章", en: "One electronic seal") { try await show($0, desk) },
            get("\(one)/picture", zh: "印章图样", en: "Picture of a seal") { try await picture($0, desk) },
            get("\(one)/ledger", zh: "用印台账", en: "Ledger of a seal") { try await ledger($0, desk) },
            get("\(one)/papers/{certificate}", zh: "印章证明", en: "Certificate about a seal") {
                try await paper($0, desk)
            },
        ] + SealActs.routes(desk)
    }

    static func path(_ code: String) -> String { "/wallet/\(code)/seals" }
    static func path(_ seal: Seal) -> String { "\(path(seal.owner.code))/\(seal.id)" }

    /// The seal of the path, for whoever acts for its owner by a right that covers `operation`.
    static func own(_ operation: String, _ visit: Visit, _ desk: PortalDesk, in reader: any Reader) throws
        -> Seal
    {
        let code = try visit.segment("code")
        try desk.require(operation, for: code, visit, in: reader)
        guard let seal = try Seals.find(ID(try visit.segment("seal")), in: reader), seal.owner.code == code
        else {
            throw WebRefusal.notFound
        }
        return seal
    }

    // MARK: Pages

    /// The page again, with what the seal would look like.
    static func preview(
        _ kind: SealKind,
        line: String?,
        mongolian: String?,
        _ visit: Visit,
        _ desk: PortalDesk
    ) async throws -> Reply {
        let code = try visit.segment("code")
        let firm = try await desk.database.read { try Enterprises.find(code, in: $0) }
        guard let firm else { throw WebRefusal.notFound }
        let png = try await desk.seals.preview(
            SealApplication(
                owner: Holder(.enterprise, code: code, name: firm.name),
                kind: kind,
                line: line,
                mongolian: mongolian,
                region: firm.region
            ),
            occasion: visit.occasion
        )
        let picture = PictureView(
            href: "data:image/png;base64,\(Base64.encode(png))",
            words: visit.text("seal.preview.words", ["name": firm.name])
        )
        return try await list(visit, desk, preview: picture)
    }

    static func list(
        _ visit: Visit,
        _ desk: PortalDesk,
        refused: SealRefused? = nil,
        preview: PictureView? = nil
    ) async throws -> Reply {
        let code = try visit.segment("code")
        let (firm, seals, stopped, written, mayApply) = try await desk.database.read { reader in
            try desk.require(WalletPages.reads, for: code, visit, in: reader)
            guard let firm = try Enterprises.find(code, in: reader) else { throw WebRefusal.notFound }
            let seals = try Seals.owned(by: code, in: reader)
            return (
                firm, seals,
                Set(try seals.filter { try Seals.isStoppedByOwner($0, in: reader) }.map(\.id)),
                try mongolianName(of: code, in: reader),
                try Enterprises.acting(
                    ID(try visit.someone().actor.id),
                    for: code,
                    at: visit.now,
                    in: reader
                )?
                .isLegalRepresentative == true
            )
        }
        let tasks = try seals.map { seal in
            TaskListView.Task(
                try name(seal, visit, desk),
                hint: visit.text(
                    seal.code == nil ? "seal.line.waits" : "seal.line",
                    ["code": seal.code ?? "", "until": seal.made?.validUntil.date.description ?? "—"]
                ),
                href: path(seal),
                badge: badge(seal, isStopped: stopped.contains(seal.id), visit)
            )
        }
        let view = SealsPage(
            lead: visit.text("seal.lead", ["name": firm.name]),
            seals: tasks.isEmpty ? nil : TaskListView(tasks),
            empty: tasks.isEmpty
                ? EmptyView(visit.text("seal.empty"), text: visit.text("seal.empty.next")) : nil,
            errors: refused?.summary(visit),
            preview: preview,
            form: mayApply ? try SealForms.apply(code, written, refused, visit, desk) : nil
        )
        return .page(
            "portal/seals",
            view,
            heading: Heading(
                visit.text("seal.title"),
                crumbs: [
                    .init(visit.text("wallet.title"), href: "/wallet"),
                    .init(firm.name, href: "/wallet/\(code)"),
                ],
                section: "wallet",
                hasErrors: refused != nil
            ),
            status: refused?.status ?? 200
        )
    }

    /// - Parameters:
    ///   - refused: the form that is shown again.
    ///   - compared: what became of a file that was held against a request.
    static func show(
        _ visit: Visit,
        _ desk: PortalDesk,
        refused: SealRefused? = nil,
        compared: SealCompared? = nil
    ) async throws -> Reply {
        let person = try visit.someone().actor.id
        let facts = try await desk.database.read { reader in
            let seal = try own(WalletPages.reads, visit, desk, in: reader)
            let isAlone = try desk.seals.standsAlone(seal, on: visit.now.date, in: reader)
            return try SealFacts(seal, isAlone: isAlone, person: ID(person), at: visit.now, in: reader)
        }
        let view = try SealPage(facts, refused: refused, compared: compared, visit, desk)
        return .page(
            "portal/seal",
            view,
            heading: Heading(
                view.name,
                crumbs: [
                    .init(visit.text("wallet.title"), href: "/wallet"),
                    .init(facts.seal.owner.name, href: "/wallet/\(facts.seal.owner.code)"),
                    .init(visit.text("seal.title"), href: path(facts.seal.owner.code)),
                ],
                section: "wallet",
                hasErrors: refused != nil
            ),
            status: refused?.status ?? 200
        )
    }

    // MARK: Files

    private static func picture(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let seal = try await desk.database.read { try own(WalletPages.reads, visit, desk, in: $0) }
        guard let picture = try seal.picture else { throw WebRefusal.notFound }
        return .file(picture, type: "image/png", keeping: .never)
    }

    private static func ledger(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let (seal, uses) = try await desk.database.read { reader in
            let seal = try own(WalletPages.reads, visit, desk, in: reader)
            return (seal, try SealLedger.uses(of: seal.id, limit: ledgerMax, in: reader))
        }
        let text = SealLedger.csv(uses, code: seal.code ?? "")
        return .file(
            Array("\u{FEFF}\(text)".utf8),
            type: "text/csv; charset=utf-8",
            name: "seal-\(seal.code ?? seal.id.rawValue).csv",
            keeping: .never
        )
    }

    /// Lines of a file of the ledger.
    private static let ledgerMax = 10_000

    private static func paper(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let kind = SealPaper(rawValue: try visit.segment("certificate"))
        let (seal, text) = try await desk.database.read { reader in
            let seal = try own(WalletPages.reads, visit, desk, in: reader)
            return (seal, try kind.flatMap { try Seals.paper($0, of: seal.id, in: reader) })
        }
        guard let text, let kind else { throw WebRefusal.notFound }
        return .file(
            Array(text.utf8),
            type: "application/json",
            name: "seal-\(seal.code ?? "")-\(kind.rawValue).json",
            keeping: .never
        )
    }

    // MARK: Words

    static func name(_ seal: Seal, _ visit: Visit, _ desk: PortalDesk) throws -> String {
        let type = try desk.credentials.types.type(seal.kind)
        let kind = visit.language == .zh ? type.nameZH : type.nameEN
        return [kind, seal.line, seal.ordinal].compactMap { $0 }
            .joined(separator: " ")
    }

    static func badge(_ seal: Seal, isStopped: Bool, _ visit: Visit) -> BadgeView {
        badge(seal.state(at: visit.now), isStopped: isStopped, visit)
    }

    static func badge(_ state: SealState, isStopped: Bool, _ visit: Visit) -> BadgeView {
        let tone: Tone =
            switch state {
            case .active: .good
            case .applied, .approved, .recorded, .made: .info
            case .suspended, .lost, .expired: .warn
            case .rejected, .voided: .neutral
            }
        return BadgeView(words(state, isStopped: isStopped, visit), tone)
    }

    /// As it stands on the firm's business licence.
    private static func mongolianName(of code: String, in reader: any Reader) throws -> String? {
        try Credentials.held(by: code, in: reader).last { $0.record.type == "business-licence" }?
            .record.fields["nameMongolian"].text
    }

    /// The one word for how a seal stands, on every page.
    /// - Parameter isStopped: suspended by its owner, who may resume it.
    static func words(_ state: SealState, isStopped: Bool, _ visit: Visit) -> String {
        visit.text(state == .suspended && isStopped ? "seal-state.stopped" : "seal-state.\(state.rawValue)")
    }
}

/// Template: `portal/seals`.
struct SealsPage: PageView {
    let lead: String
    let seals: TaskListView?
    let empty: EmptyView?
    let errors: ErrorSummary?
    /// What the seal that is being applied for would look like.
    let preview: PictureView?
    let form: FormView?
}
