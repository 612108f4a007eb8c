import Cases
import Catalogue
import CompanyOpening
import Credentials
import Forms
import Identity
import Kernel
import Registers
import Standards
import Storage
import Web

/// The licences of the visitor's enterprises, and what these must do after their birth.
enum WalletPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/wallet", who: .applicants, scope: .relation, zh: "证照夹", en: "Licences") { visit in
                try await list(visit, desk)
            },
            .page(
                .get,
                "/wallet/{code}",
                who: .applicants,
                scope: .relation,
                zh: "企业证照",
                en: "Licences of a firm"
            ) {
                visit in try await show(visit, desk)
            },
            .page(
                .get,
                "/wallet/{code}/files/{credential}",
                who: .applicants,
                scope: .relation,
                zh: "下载证照文件",
                en: "Download a credential"
            ) { visit in try await file(visit, desk) },
            .page(
                .post,
                "/wallet/{code}/tasks/{task}",
                who: .applicants,
                scope: .relation,
                zh: "标记任务完成",
                en: "Tick a task off"
            ) { visit in try await tick(visit, desk) },
        ]
    }

    /// Codes of the firms whose licences the visitor may read today, by whatever right he acts for each of them.
    private static func codes(_ visit: Visit, _ desk: PortalDesk, in reader: any Reader) throws -> [String] {
        try Enterprises.actable(by: ID(try visit.someone().actor.id), on: visit.now.date, in: reader)
            .map(\.code).filter { try desk.may(reads, for: $0, visit, in: reader) }
    }

    /// A row of the permission table, as is `ticks`.
    static let reads = "licence.read"
    static let ticks = "task.tick"

    /// The firm of the path. Somebody else's is not there; for his own the visitor is told what his right lacks.
    private static func own(
        _ operation: String,
        _ visit: Visit,
        _ desk: PortalDesk,
        in reader: any Reader
    ) throws -> String {
        let code = try visit.segment("code")
        try desk.require(operation, for: code, visit, in: reader)
        return code
    }

    private static func list(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let (own, firms) = try await desk.database.read { reader in
            let own = try OwnWallet.line(visit, desk, in: reader)
            return try (
                own,
                codes(visit, desk, in: reader).compactMap { code in
                    try RegisterStore.find(code, in: reader).map { subject in
                        (
                            subject, try Credentials.held(by: code, in: reader),
                            try TaskStore.of(code, in: reader), try Seals.owned(by: code, in: reader)
                        )
                    }
                }
            )
        }
        let tasks =
            (own.map { [$0] } ?? [])
            + firms.map { subject, held, tasks, seals in
                let day = visit.now.date
                // The record of a seal that waits to be claimed is valid, and the seal cannot be used.
                let waiting = Set(seals.filter { $0.state(at: visit.now) == .made }.compactMap(\.credential))
                let valid = held.count { $0.state(on: day) == .valid && !waiting.contains($0.id) }
                let open = tasks.count(where: \.isOpen)
                return TaskListView.Task(
                    subject.name,
                    hint: visit.text(
                        waiting.isEmpty ? "wallet.line" : "wallet.line.seals",
                        [
                            "code": subject.code, "count": String(valid), "tasks": String(open),
                            "seals": String(waiting.count),
                        ]
                    ),
                    href: "/wallet/\(subject.code)",
                    badge: BadgeView(
                        visit.text("subject-state.\(subject.state.rawValue)"),
                        subject.state == .active ? .good : .warn
                    )
                )
            }
        let view = WalletPage(
            firms: tasks.isEmpty ? nil : TaskListView(tasks),
            empty: tasks.isEmpty
                ? EmptyView(
                    visit.text("wallet.empty"),
                    text: visit.text("wallet.empty.next"),
                    link: (visit.text("wallet.open"), "/guides/company-opening")
                ) : nil
        )
        return .page("portal/wallet", view, heading: Heading(visit.text("wallet.title"), section: "wallet"))
    }

    private static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let person = try visit.someone().actor.id
        if try visit.segment("code") == person { return try await OwnWallet.show(person, visit, desk) }
        let (subject, held, seals, causes, drawn, taken, tasks, opening, mayTick, mayPresent) =
            try await desk.database
            .read {
                reader in
                let code = try own(reads, visit, desk, in: reader)
                let held = try Credentials.held(by: code, in: reader)
                var seals: [ID<Credential>: SealStanding] = [:]
                for one in held { seals[one.id] = try SealStanding(of: one, at: visit.now, in: reader) }
                return (
                    try RegisterStore.find(code, in: reader), held, seals,
                    try Credentials.causes(of: held, in: reader),
                    try LicenceOriginals.drawn(held, in: reader),
                    try TakenLicences.held(by: code, in: reader),
                    try TaskStore.of(code, in: reader), try CaseStore.granting(code, in: reader),
                    try desk.may(ticks, for: code, visit, in: reader),
                    try desk.may(PresentPages.presents, for: code, visit, in: reader)
                )
            }
        guard let subject else { throw WebRefusal.notFound }
        let isOwn = opening?.applicant == person
        let page = try FirmPage(
            subject,
            held: held,
            seals: seals,
            causes: causes,
            drawn: drawn,
            taken: taken,
            tasks: tasks,
            mayTick: mayTick,
            mayPresent: mayPresent,
            opening: isOwn ? opening?.number : nil,
            desk: desk,
            visit: visit
        )
        return .page(
            "portal/wallet-firm",
            page,
            heading: Heading(
                subject.name,
                crumbs: [.init(visit.text("wallet.title"), href: "/wallet")],
                section: "wallet"
            )
        )
    }

    private static func file(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let id = ID<Credential>(try visit.segment("credential"))
        let found = try await desk.database.read { reader in
            let code = try own(reads, visit, desk, in: reader)
            return try Credentials.find(id, in: reader).flatMap { $0.record.holder.code == code ? $0 : nil }
        }
        guard let found else { throw WebRefusal.notFound }
        return .file(
            found.file,
            type: "application/octet-stream",
            name: "\(found.record.name)-\(found.record.holder.code).suban"
        )
    }

    private static func tick(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let task = try visit.segment("task")
        let isDone = visit.form["act"] != "undone"
        let occasion = visit.occasion
        let code = try await desk.database.write { tx in
            let code = try own(ticks, visit, desk, in: tx)
            try TaskStore.tick(task, code: code, isDone: isDone, occasion: occasion, in: tx)
            return code
        }
        return .redirect(to: "/wallet/\(code)#tasks")
    }
}

/// Template: `portal/wallet`.
struct WalletPage: PageView {
    let firms: TaskListView?
    let empty: EmptyView?
}

/// Template: `portal/wallet-firm`.
struct FirmPage: PageView {
    let name: String
    let code: String
    let badge: BadgeView
    /// To each licence and seal, and what comes after them.
    let contents: [GuidePage.Link]
    let cards: [CredentialCard]
    /// Licences of other registers, which bear no signature of ours; nil when there are none.
    let taken: TaskListView?
    /// Where services that were put off are taken up.
    let servicesHref: String?
    let rightsHref: String
    let usesHref: String
    let sealsHref: String
    let engravingHref: String
    let tasks: [TaskCard]
    let hasTasks: Bool
    /// How many wait, and the most urgent of them; nil when none does.
    let first: NoticeView?
    /// How many seals wait to be claimed; nil when none does.
    let unclaimed: NoticeView?

    struct TaskCard: PageView {
        let title: String
        let law: String
        let due: String
        let badge: BadgeView
        let isOpen: Bool
        /// Ticked off by somebody, and to be taken up again when that was a mistake.
        let isDone: Bool
        let action: String
    }

    /// - Parameters:
    ///   - mayTick: whether the visitor may say that a duty is done.
    ///   - mayPresent: whether he may show a licence to others.
    ///   - opening: the number of the visitor's case that opened the firm.
    init(
        _ subject: RegisterSubject,
        held: [Credential],
        seals: [ID<Credential>: SealStanding],
        causes: [ID<Credential>: CredentialStep],
        drawn: Set<ID<Credential>>,
        taken: [TakenLicence],
        tasks: [BirthTask],
        mayTick: Bool,
        mayPresent: Bool,
        opening: String?,
        desk: PortalDesk,
        visit: Visit
    ) throws {
        usesHref = UsePages.path(subject.code)
        sealsHref = SealPages.path(subject.code)
        engravingHref = EngravingPages.path(subject.code)
        servicesHref = opening.map { "/cases/\($0)/result#lines" }
        rightsHref = RightsPages.path(subject.code)
        name = subject.name
        code = subject.code
        badge = BadgeView(
            visit.text("subject-state.\(subject.state.rawValue)"),
            subject.state == .active ? .good : .warn
        )
        // The business licence first, then other licences, the seals after them.
        let current = held.filter { $0.state(on: visit.now.date) != .replaced }
        func place(_ one: Credential) -> Int {
            one.record.type == "business-licence" ? 0 : one.record.sealCode == nil ? 1 : 2
        }
        cards = try (0...2).flatMap { wanted in current.filter { place($0) == wanted } }.map {
            try CredentialCard(
                $0,
                desk: desk,
                visit: visit,
                seal: seals[$0.id],
                mayPresent: mayPresent,
                cause: causes[$0.id],
                hasPicture: drawn.contains($0.id)
            )
        }
        self.taken = taken.isEmpty ? nil : TaskListView(taken.map { Self.line($0, visit: visit) })
        contents =
            cards.map { GuidePage.Link(href: "#\($0.anchor)", text: "\($0.name) · \($0.badge.text)") }
            + (taken.isEmpty ? [] : [GuidePage.Link(href: "#taken", text: visit.text("wallet.taken"))])
            + (tasks.isEmpty ? [] : [GuidePage.Link(href: "#tasks", text: visit.text("task.title"))])
        let ordered = BirthTask.byUrgency(tasks)
        let lines = ordered.map { TaskCard($0, mayTick: mayTick, visit: visit) }
        self.tasks = lines
        hasTasks = !tasks.isEmpty
        let made = seals.values.count { $0.state == .made }
        unclaimed =
            made == 0
            ? nil
            : NoticeView(
                .warn,
                visit.text("wallet.unclaimed", ["count": String(made)]),
                link: (visit.text("wallet.unclaimed.link"), sealsHref)
            )
        first = ordered.firstIndex(where: \.isOpen).map { urgent in
            NoticeView(
                .warn,
                title: visit.text("task.open", ["count": String(ordered.count(where: \.isOpen))]),
                lines[urgent].title,
                link: (visit.text("task.title"), "#tasks")
            )
        }
    }
}

extension FirmPage {
    /// Number, issuer, last day and where it comes from.
    static func line(_ licence: TakenLicence, visit: Visit) -> TaskListView.Task {
        let state = licence.state(on: visit.now.date)
        let until = licence.validUntil.map { visit.text("wallet.taken.until", ["day": $0.description]) }
        return TaskListView.Task(
            licence.name,
            hint: visit.text(
                "wallet.taken.line",
                [
                    "number": licence.number, "issuer": licence.issuer,
                    "until": until ?? visit.text("wallet.taken.open"), "source": licence.source,
                ]
            ),
            href: nil,
            badge: BadgeView(
                visit.text("credential-state.\(state.rawValue)"),
                state == .valid ? .good : .warn
            )
        )
    }
}

extension BirthTask {
    /// Waits to be done once; a standing duty is none of these.
    var isOpen: Bool { doneAt == nil && !isStanding }

    /// What forbids trading first, then by the day, then what has none; what is done and what stands come last.
    static func byUrgency(_ tasks: [BirthTask]) -> [BirthTask] {
        func weight(_ task: BirthTask) -> Int {
            if !task.isOpen { return task.isStanding ? 4 : 3 }
            return task.kind == "permit" ? 0 : task.dueOn == nil ? 2 : 1
        }
        return tasks.enumerated().sorted {
            (weight($0.element), $0.offset) < (weight($1.element), $1.offset)
        }.map(\.element)
    }
}

extension FirmPage.TaskCard {
    init(_ task: BirthTask, mayTick: Bool, visit: Visit) {
        var arguments = task.arguments.members.compactMapValues(\.text)
        if let amount = task.arguments["amountFen"].int {
            arguments["amount"] = Self.money(amount, visit)
        }
        if let period = task.arguments["period"].text.flatMap(LimitPeriod.init(parsing:)) {
            arguments["period"] = period.words(visit.language.rawValue)
        }
        title = visit.text("task.\(task.kind)", arguments)
        // 92: a sole trader (GB 32100), whose yearly report has rules of its own.
        let isTrader = task.kind == "annual-report" && task.code.hasPrefix("92")
        law = visit.text(isTrader ? "task.annual-report.trader.law" : "task.\(task.kind).law")
        let day = ["day": task.dueOn?.description ?? "", "from": arguments["from"] ?? ""]
        due =
            task.dueOn == nil
            ? visit.text("task.no-day")
            : visit.text(arguments["from"] == nil ? "task.due" : "task.due-from", day)
        isOpen = mayTick && task.isOpen
        isDone = mayTick && task.doneAt != nil
        if task.doneAt != nil {
            badge = BadgeView(visit.text("task.state.done"), .good)
        } else if task.isStanding {
            badge = BadgeView(visit.text("task.state.standing"), .neutral)
        } else if let day = task.dueOn, day < visit.now.date {
            badge = BadgeView(visit.text("task.state.over"), .bad)
        } else {
            badge = BadgeView(visit.text("task.state.open"), task.dueOn == nil ? .neutral : .info)
        }
        action = "/wallet/\(task.code)/tasks/\(task.id)"
    }

    /// Chinese counts capital in ten thousands of yuan, English in yuan.
    private static func money(_ fen: Int64, _ visit: Visit) -> String {
        let amount = Money(fen: fen)
        guard visit.language == .en else { return amount.tenThousandYuanText }
        let parts = amount.yuanText.split(separator: ".")
        let whole = parts[0].reversed().enumerated().reduce(into: "") { digits, one in
            if one.offset > 0, one.offset % 3 == 0 { digits.append(",") }
            digits.append(one.element)
        }
        return String(whole.reversed()) + (parts[1] == "00" ? "" : ".\(parts[1])")
    }
}
