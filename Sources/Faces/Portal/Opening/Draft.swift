import Attachments
import Cases
import Catalogue
import CompanyNames
import CompanyOpening
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
    /// What the account knows, in the shape that forms prefill from.
    let account: JSON
    /// The files that were handed in with this case.
    let files: [Attachment]
    /// Paths of the answers that are the account's.
    let given: Set<String>
    /// Phrases that need an approval first, and have none.
    let lacking: [FieldProblem]
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
        return try await Draft(subject, account: try await account(visit, desk), visit, desk)
    }

    init(_ subject: Case, account: JSON, _ visit: Visit, _ desk: PortalDesk) async throws {
        self.subject = subject
        self.account = account
        definition = try await desk.desk.definition(of: subject)
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
        let known = PrefilledData(data: [:], sources: [:])
        let fresh = form.prefilled(known, from: [.account: account], context: context)
        given = Set(form.sources(fresh.sources, from: fresh.data, to: subject.data).keys)
        lacking = Self.lacking(subject.data, form: definition.form, visit, desk)
        between = desk.opening.problems(in: subject.data)
        mending = try await Mending.read(subject, desk)
        let wrong = Set(between.map { Self.root(of: $0.path) })
        pages = Self.pages(of: form, subject.data, context, given: given, lacking: lacking).map {
            page,
            state in
            let isWrong = page.fields.contains { wrong.contains($0.name) }
            return (page, state == .done && isWrong ? .open : state)
        }
    }

    private static func lacking(
        _ data: JSON,
        form: FormDefinition,
        _ visit: Visit,
        _ desk: PortalDesk
    ) -> [FieldProblem] {
        guard let label = form.field(at: "approvals")?.label else { return [] }
        let given = data["approvals"].elements.compactMap { $0["phrase"].text?.uppercased() }
        return data["scope"].elements.compactMap(\.text).compactMap { code in
            guard let row = desk.opening.book.phrase(code, on: visit.now.date),
                row["permit_timing"] == "before", !given.contains(code.uppercased())
            else { return nil }
            return FieldProblem(
                path: "approvals",
                code: "form.approval-missing",
                arguments: [
                    "phrase": row[visit.language == .en ? "text_en" : "text_zh"],
                    "permit": row["permit_item"], "department": row["department_name"],
                ],
                label: label
            )
        }
    }

    /// What the signed-in person's account fills in.
    static func account(_ visit: Visit, _ desk: PortalDesk) async throws -> JSON {
        let person = ID<Person>(try visit.someone().actor.id)
        let occasion = visit.occasion
        return try await desk.database.read { reader in
            guard let found = try People.find(person, in: reader) else { return [:] }
            let papers = try People.ownDocument(
                of: person,
                keys: desk.identity.keys,
                occasion: occasion,
                in: reader
            )
            var account: JSON = [
                "name": .string(found.name), "idKind": .string(found.documentKind),
                "idNumber": .string(papers.number),
            ]
            if let phone = papers.phone { account["phone"] = .string(phone) }
            return account
        }
    }

    /// The data with everything that the account answers and nobody may change.
    func filled(_ data: JSON) -> JSON {
        var data = data
        // A code is a code in small letters too.
        for (index, row) in data["approvals"].elements.enumerated() {
            let path = FormPath([.member("approvals"), .index(index), .member("phrase")])
            if let code = row["phrase"].text { data[path] = .string(code.uppercased()) }
        }
        return form.prefilled(
            PrefilledData(data: data, sources: [:]),
            from: [.account: account],
            context: context
        ).data
    }

    /// Where prefilled values came from: those that still are what the account says.
    func sources(of data: JSON) -> [String: String] {
        let fresh = form.prefilled(
            PrefilledData(data: [:], sources: [:]),
            from: [.account: account],
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
        try await Draft(subject, account: account, visit, desk)
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
        return found + (page.map(beyond) ?? lacking + between)
    }

    /// What no field of a page says by itself.
    func beyond(_ page: String) -> [FieldProblem] {
        let fields = Set(form.page(page)?.fields.map(\.name) ?? [])
        return (page == "scope" ? lacking : []) + between.filter { fields.contains(Self.root(of: $0.path)) }
    }

    /// The field of the form in which a path lies.
    private static func root(of path: String) -> String { String(path.prefix { !".[".contains($0) }) }

    /// Whether a name still has to be reserved before the papers can be signed.
    var needsName: Bool {
        Draft.needsName(subject.data)
    }

    private static func needsName(_ data: JSON) -> Bool {
        let form = CompanyForm(data)
        return form.hasName && form.reservation == nil
    }

    private static func pages(
        of form: FormDefinition,
        _ data: JSON,
        _ context: FormContext,
        given: Set<String>,
        lacking: [FieldProblem]
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
            if page.id == "name", needsName(data) {
                return (page, answered.contains(page.id) ? .open : .notStarted)
            }
            if page.id == "scope", !lacking.isEmpty { return (page, .open) }
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
            service: visit.text("portal.home.opening"),
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
