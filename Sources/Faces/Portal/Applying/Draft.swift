import Attachments
import Cases
import Catalogue
import Forms
import Identity
import Kernel
import Storage
import Web

/// An application that its applicant may still change, with everything that its pages need.
struct Draft: Sendable {
    let subject: Case
    let definition: CaseDefinition
    let context: FormContext
    /// What is known already, in the shape that forms prefill from.
    let known: [Prefill.Source: JSON]
    /// The files that were handed in with this case.
    let files: [Attachment]
    /// Paths of the answers that are the account's.
    let given: Set<String>
    /// What opening a company adds; nil for every other item.
    let opening: OpeningDraft?
    /// What is wrong between answers of several pages.
    let between: [FieldProblem]
    /// What a return asked for.
    let mending: Mending
    /// Every page that is asked, with how far it has come.
    let pages: [(page: FormPage, state: FormProgress.State)]

    var form: FormDefinition { definition.form }
    var path: String { "/drafts/\(subject.id)" }

    /// - Throws: `WebRefusal.notFound` for a stranger's case, `CaseError.notAllowed` when it can no longer be changed.
    /// - Parameter operation: as in `PortalDesk.ownCase`.
    static func open(_ visit: Visit, _ desk: PortalDesk, for operation: String? = nil) async throws -> Draft {
        let visitor = try visit.someone()
        let id = ID<Case>(try visit.segment("id"))
        let subject: Case
        do { subject = try await desk.desk.read(id) } catch CaseError.notFound { throw WebRefusal.notFound }
        guard subject.applicant == visitor.actor.id else { throw WebRefusal.notFound }
        try await desk.require(operation, on: subject, visit)
        guard subject.state.isEditable else {
            // Back to a page of the form after it was handed in: there it goes on.
            if visit.method == .get { throw Elsewhere("/cases/\(subject.number)") }
            throw CaseError.notAllowed(event: .edit, in: subject.state)
        }
        return try await Draft(subject, visit, desk)
    }

    init(_ subject: Case, _ visit: Visit, _ desk: PortalDesk) async throws {
        self.subject = subject
        definition = try await desk.desk.definition(of: subject)
        known = try await desk.desk.sources(
            for: subject.applicant,
            data: subject.data,
            definition: definition,
            occasion: visit.occasion
        )
        let files = try await desk.database.read { try AttachmentStore.of(subject.object, in: $0) }
        var context = desk.desk.formContext(
            region: subject.region,
            definition: definition,
            today: visit.now.date
        )
        // A digest counts only when its file came with this case.
        context.codes.file = { digest in
            files.first { $0.digest == digest }.map { ($0.kind.rawValue, $0.sizeBytes) }
        }
        self.files = files
        self.context = context
        let form = definition.form
        let fresh = form.prefilled(PrefilledData(data: [:], sources: [:]), from: known, context: context)
        given = Set(form.sources(fresh.sources, from: fresh.data, to: subject.data).keys)
        let opening = OpeningDraft(subject.data, definition: definition, visit, desk)
        self.opening = opening
        between = try await desk.desk.module(of: subject).problems(in: subject.data)
        mending = try await Mending.read(subject, desk)
        let wrong = Set(between.map { Self.root(of: $0.path) })
        pages = Self.pages(of: form, subject.data, context, given: given, opening: opening).map {
            page,
            state in
            let isWrong = page.fields.contains { wrong.contains($0.name) }
            return (page, state == .done && isWrong ? .open : state)
        }
    }

    /// The data with everything that the account answers and nobody may change.
    func filled(_ data: JSON) -> JSON {
        form.prefilled(
            PrefilledData(data: opening == nil ? data : OpeningDraft.written(data), sources: [:]),
            from: known,
            context: context
        ).data
    }

    /// Where prefilled values came from: those that still are what the account says.
    func sources(of data: JSON) -> [String: String] {
        let fresh = form.prefilled(
            PrefilledData(data: [:], sources: [:]),
            from: known,
            context: context
        )
        return form.sources(fresh.sources, from: fresh.data, to: data)
    }

    /// Keeps the data when they changed.
    /// - Throws: `CaseError.changedMeanwhile` when the page shows an older version and now says something else.
    @discardableResult
    func save(_ data: JSON, _ visit: Visit, _ desk: PortalDesk) async throws -> Case {
        let data = filled(data)
        guard data != subject.data else { return subject }
        if let seen = visit.form["_version"].flatMap(Int.init), seen != subject.version {
            throw CaseError.changedMeanwhile(act: "saved", at: visit.now)
        }
        return try await desk.desk.save(
            subject.id,
            data: data,
            version: subject.version,
            occasion: visit.occasion
        ).0
    }

    /// The same draft as it was kept; its region's limits and its files may have changed.
    func with(_ subject: Case, _ visit: Visit, _ desk: PortalDesk) async throws -> Draft {
        try await Draft(subject, visit, desk)
    }

    /// A file of this case as its question shows it.
    var keptFile: @Sendable (String) -> FieldView.Kept? {
        let (files, number) = (files, subject.number)
        return { digest in
            files.first { $0.digest == digest }.map {
                FieldView.Kept(name: $0.name, href: "/cases/\(number)/files/\(digest)")
            }
        }
    }

    func problems(page: String? = nil) -> [FieldProblem] {
        let found = form.check(subject.data, page: page, context: context)
        return found + (page.map(beyond) ?? (opening?.lacking ?? []) + between)
    }

    /// What no field of a page says by itself.
    func beyond(_ page: String) -> [FieldProblem] {
        let fields = Set(form.page(page)?.fields.map(\.name) ?? [])
        return (opening?.beyond(page) ?? []) + between.filter { fields.contains(Self.root(of: $0.path)) }
    }

    /// The field of the form in which a path lies.
    private static func root(of path: String) -> String { String(path.prefix { !".[".contains($0) }) }

    private static func pages(
        of form: FormDefinition,
        _ data: JSON,
        _ context: FormContext,
        given: Set<String>,
        opening: OpeningDraft?
    ) -> [(page: FormPage, state: FormProgress.State)] {
        // What was worked out or filled in from the account is nobody's answer yet.
        let answered = Set(
            form.summary(data, context: context).filter { section in
                section.rows.contains { !given.contains($0.path) && form.field(at: $0.path)?.computed == nil }
            }.map(\.page)
        )
        let progress = form.progress(data, visited: answered, context: context)
        return form.pages.compactMap { page in
            guard let state = progress.state(of: page.id), state != .notNeeded else { return nil }
            if let own = opening?.state(of: page.id, isAnswered: answered.contains(page.id)) {
                return (page, own)
            }
            if state == .done { return (page, .done) }
            return (page, answered.contains(page.id) ? .open : .notStarted)
        }
    }

    /// Where the page after this one lies; after the last one the answers are checked as a whole.
    func next(after page: String) -> String {
        form.page(after: page, data: subject.data, context: context).map { "\(path)/\($0.id)" }
            ?? "\(path)/check"
    }

    /// The first page that still wants something, what a return asked for before all; the check of the whole when
    /// none does.
    var open: String {
        let pages = pages
        let wanted = pages.first { mending.wants($0.page.id) } ?? pages.first { $0.state != .done }
        return wanted.map { "\(path)/\($0.page.id)" } ?? "\(path)/check"
    }

    /// `需要修改`, else how far the page has come.
    func badge(of page: FormPage, _ state: FormProgress.State, _ visit: Visit) -> BadgeView {
        if mending.wants(page.id) { return BadgeView(visit.text("portal.page.mend"), .warn) }
        let tones: [FormProgress.State: Tone] = [.done: .good, .open: .info]
        return BadgeView(visit.text("portal.page.\(state.rawValue)"), tones[state] ?? .neutral)
    }

    func previous(before page: String) -> String {
        form.page(before: page, data: subject.data, context: context).map { "\(path)/\($0.id)" } ?? path
    }

    /// `第 3 步，共 21 步`.
    func place(of page: FormPage, _ visit: Visit) -> String {
        let index = pages.firstIndex { $0.page.id == page.id } ?? 0
        return visit.text(
            "web.step-of",
            [
                "number": String(index + 1), "count": String(pages.count),
                "title": page.title(visit.language.rawValue),
            ]
        )
    }

    /// All pages, as the list beside a page shows them.
    func links(here: String, _ visit: Visit) -> [PageLink] {
        pages.map { page, state in
            PageLink(
                title: page.title(visit.language.rawValue),
                href: "\(path)/\(page.id)",
                state: badge(of: page, state, visit).text,
                tone: state == .done && !mending.wants(page.id) ? "good" : "",
                isDone: state == .done && !mending.wants(page.id),
                isHere: page.id == here
            )
        }
    }

    func heading(_ title: String, _ visit: Visit, hasErrors: Bool = false) -> Heading {
        Heading(
            title,
            service: definition.system.name(visit.language.rawValue),
            crumbs: [
                .init(visit.text("portal.nav.home"), href: "/"),
                .init(visit.text("portal.my.title"), href: "/my"),
                .init(subject.title, href: path),
            ],
            section: "mine",
            hasErrors: hasErrors
        )
    }
}

/// One page of the form in the list beside it. Template: `portal/form-pages`.
struct PageLink: PageView {
    let title: String
    let href: String
    let state: String
    let tone: String
    let isDone: Bool
    let isHere: Bool
}
