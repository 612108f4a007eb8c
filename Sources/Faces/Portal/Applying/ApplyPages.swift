import Cases
import Catalogue
import Cryptography
import Forms
import Identity
import Jobs
import Kernel
import Standards
import Storage
import Web

/// From the guide to the draft, the list of its pages, the check of the answers, and the call for signatures.
enum ApplyPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/apply/{item}",
                who: .applicants,
                scope: .own,
                zh: "开始办理",
                en: "Start an application"
            ) {
                visit in
                try await desk.require("case.start", visit)
                return try await ask(visit, desk)
            },
            .page(
                .post,
                "/apply/{item}",
                who: .applicants,
                scope: .own,
                zh: "开始办理",
                en: "Start an application"
            ) {
                visit in
                try await desk.require("case.start", visit)
                return try await start(visit, desk)
            },
            .page(
                .post,
                "/cases/{number}/again",
                who: .applicants,
                scope: .own,
                zh: "以原有内容重新申请",
                en: "Apply again with the same answers"
            ) { visit in try await again(visit, desk) },
            .page(
                .get,
                "/drafts/{id}",
                who: .applicants,
                scope: .own,
                zh: "填报进度",
                en: "Pages of an application"
            ) {
                visit in
                tasks(try await Draft.open(visit, desk), visit)
            },
            .page(
                .get,
                "/drafts/{id}/check",
                who: .applicants,
                scope: .own,
                zh: "核对信息",
                en: "Check the answers"
            ) {
                visit in
                try await CheckPage.show(try await Draft.open(visit, desk), visit, desk)
            },
            .page(
                .post,
                "/drafts/{id}/sign",
                who: .applicants,
                scope: .own,
                zh: "邀请签署",
                en: "Ask for signatures"
            ) {
                visit in
                let draft = try await Draft.open(visit, desk, for: "case.sign")
                guard draft.problems().isEmpty, draft.opening?.needsName != true else {
                    return try await CheckPage.show(draft, visit, desk, isRefused: true)
                }
                _ = try await desk.desk.askSignatures(draft.subject.id, occasion: visit.occasion)
                // The seal of an enterprise takes a second person: it is asked for first.
                return .redirect(
                    to: draft.definition.item.plain?.seal == nil
                        ? "/cases/\(draft.subject.number)/signers" : SealingPages.path(draft.subject)
                )
            },
        ] + discarding(desk)
    }

    private static func discarding(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/drafts/{id}/discard",
                who: .applicants,
                scope: .own,
                zh: "删除草稿",
                en: "Delete a draft"
            ) { visit in
                let draft = try await Draft.open(visit, desk)
                return .page(
                    "portal/discard",
                    DiscardPage(
                        action: visit.path,
                        backHref: draft.path,
                        words: visit.text("portal.discard.words", ["title": draft.subject.title]),
                        version: String(draft.subject.version)
                    ),
                    heading: draft.heading(visit.text("portal.discard.title"), visit)
                )
            },
            .page(
                .post,
                "/drafts/{id}/discard",
                who: .applicants,
                scope: .own,
                zh: "删除草稿",
                en: "Delete a draft"
            ) { visit in
                let draft = try await Draft.open(visit, desk)
                guard let version = visit.form.trimmed("version").flatMap(Int.init) else {
                    throw WebRefusal.badField(name: "version")
                }
                try await desk.desk.discardDraft(draft.subject.id, version: version, occasion: visit.occasion)
                return .redirect(to: "/my?done=discarded")
            },
        ]
    }

    /// The system that offers the item of the path.
    private static func offered(_ visit: Visit, _ desk: PortalDesk) async throws -> (
        SystemDefinition, ItemDefinition
    ) {
        let id = try visit.segment("item")
        let today = visit.now.date
        let system = try await desk.database.read { try desk.published.offering(id, on: today, in: $0) }
        guard let system, let item = system.item(id) else { throw WebRefusal.notFound }
        return (system, item)
    }

    private static func ask(_ visit: Visit, _ desk: PortalDesk, error: String? = nil) async throws -> Reply {
        let (system, item) = try await offered(visit, desk)
        let title = item.title(visit.language.rawValue)
        let guide = GuidePages.path(of: system.id)
        let service = system.name(visit.language.rawValue)
        let chosen = visit.form["district"] ?? visit.region
        let options = Offers.banners(desk.standards, visit.language, chosen: chosen).map(\.option)
        let field = FieldView(
            name: "district",
            label: visit.text("portal.apply.district"),
            kind: .select,
            hint: visit.text(item.plain == nil ? "portal.apply.district-hint" : "portal.apply.district-body"),
            options: options,
            errors: error.map { [$0] } ?? []
        )
        let firm = try item.plain?.firm == nil ? nil : ActingPages.firm(visit)
        // What only firms apply for: it is asked first for which one.
        if item.plain?.firm != nil, firm == nil {
            return .redirect(to: ActingPages.path(next: visit.path))
        }
        let form = FormView(
            action: visit.path,
            elements: (firm.map {
                [
                    .notice(
                        NoticeView(
                            .info,
                            visit.text("acting.now", ["name": $0.name]),
                            link: (visit.text("acting.change"), ActingPages.path(next: visit.path))
                        )
                    )
                ]
            } ?? [])
                + [.field(field)],
            errors: ErrorSummary(error.map { [.init($0, field: "district")] } ?? [], visit: visit),
            submit: visit.text("portal.apply.start"),
            back: guide
        )
        return .page(
            "portal/apply",
            ApplyPage(form: form),
            heading: Heading(
                title,
                service: service,
                crumbs: [.init(visit.text("portal.nav.home"), href: "/"), .init(service, href: guide)],
                section: "services",
                hasErrors: error != nil
            ),
            status: error == nil ? 200 : 422
        )
    }

    /// Opens a draft once for each form that was shown, however often its button is pressed.
    private static func start(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let (system, item) = try await offered(visit, desk)
        let district = visit.form.trimmed("district") ?? ""
        guard desk.standards.regions.banners.contains(where: { $0.code == district }) else {
            return try await ask(visit, desk, error: visit.text("portal.apply.no-district"))
        }
        var data: JSON = [:]
        if let path = FormPath(parsing: item.plain?.district ?? "district") { data[path] = .string(district) }
        if let group = item.plain?.firm {
            guard let firm = try ActingPages.firm(visit) else { throw CaseError.noFirmChosen }
            data[group] = ["creditCode": .string(firm.enterprise)]
        }
        return try await open((system.id, item.id), district, data: data, visit, desk)
    }

    /// Begins again with what an application said that came to nothing: its answers, but none of its files.
    static func again(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit, for: "case.start")
        guard subject.state.cameToNothing else {
            throw CaseError.notAllowed(event: .edit, in: subject.state)
        }
        let data = subject.data.withoutFiles
        let district = data["district"].text ?? subject.region
        return try await open((subject.system, subject.item), district, data: data, visit, desk)
    }

    /// Opens a draft and leads to the first page that is open.
    private static func open(
        _ applied: (system: String, item: String),
        _ district: String,
        data: JSON,
        _ visit: Visit,
        _ desk: PortalDesk
    ) async throws -> Reply {
        guard let key = visit.onceKey else { throw WebRefusal.badField(name: "_once") }
        let once = Once<Case>(
            key: key,
            scope: "start:\(try visit.someone().actor.id)",
            request: SM3.digest(Array("\(applied.item) \(district)".utf8))
        ) { ["case": .string($0.id.rawValue)] }
        let outcome = try await once.run(in: desk.database, looksFirst: false) { start in
            try await desk.desk.start(
                system: applied.system,
                item: applied.item,
                region: district,
                channel: .online,
                data: data,
                once: start,
                occasion: visit.occasion
            )
        }
        let started: Case
        switch outcome {
        case .done(let new): started = new
        case .before(let answer): return .redirect(to: "/drafts/\(answer["case"].text ?? "")")
        }
        let draft = try await Draft(started, visit, desk)
        let kept = try await draft.save(data, visit, desk)
        // What is answered is done: on with the page after it, so that the steps count up.
        return .redirect(to: try await draft.with(kept, visit, desk).open)
    }

    private static func tasks(_ draft: Draft, _ visit: Visit) -> Reply {
        let pages = draft.pages
        let done = pages.count { $0.state == .done }
        var tasks = pages.map { page, state in
            TaskListView.Task(
                page.title(visit.language.rawValue),
                href: "\(draft.path)/\(page.id)",
                badge: draft.badge(of: page, state, visit)
            )
        }
        let isReady = done == pages.count
        tasks.append(
            TaskListView.Task(
                visit.text("portal.check.title"),
                href: isReady ? "\(draft.path)/check" : nil,
                badge: BadgeView(
                    visit.text(isReady ? "portal.page.notStarted" : "portal.page.waits"),
                    .neutral
                )
            )
        )
        if draft.definition.item.plain?.seal != nil {
            tasks.append(
                TaskListView.Task(
                    visit.text("sealing.link"),
                    href: isReady ? SealingPages.path(draft.subject) : nil,
                    badge: BadgeView(
                        visit.text(isReady ? "portal.page.notStarted" : "portal.page.waits"),
                        .neutral
                    )
                )
            )
        }
        return .page(
            "portal/tasks",
            TasksPage(
                number: draft.subject.number,
                code: draft.subject.lookupCode,
                progress: MeterView(
                    label: visit.text("portal.tasks.progress"),
                    words: visit.text(
                        "portal.tasks.count",
                        ["done": String(done), "count": String(pages.count)]
                    ),
                    part: done,
                    whole: pages.count
                ),
                nextHref: draft.open,
                discardHref: draft.subject.submittedAt == nil ? "\(draft.path)/discard" : nil,
                tasks: TaskListView(tasks),
                reasons: draft.mending.findings.map { finding in
                    NoticeView(
                        .warn,
                        title: visit.text("rule.\(finding.reason)", finding.arguments),
                        visit.text("rule.\(finding.reason).next", finding.arguments),
                        link: (
                            visit.text("progress.mend"),
                            Mending.href(of: finding, subject: draft.subject, in: draft.mending.pages)
                        )
                    )
                }
            ),
            heading: draft.heading(visit.text("portal.tasks.title"), visit)
        )
    }
}

struct ApplyPage: PageView {
    let form: FormView
}

struct TasksPage: PageView {
    let number: String
    let code: String
    let progress: MeterView
    let nextHref: String
    /// A draft that was never handed in can be deleted.
    let discardHref: String?
    let tasks: TaskListView
    /// Why it was returned.
    let reasons: [NoticeView]
}

/// Asks once more before a draft goes. Template: `portal/discard`.
struct DiscardPage: PageView {
    let action: String
    let backHref: String
    let words: String
    let version: String
}
