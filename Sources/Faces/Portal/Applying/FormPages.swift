import Attachments
import Cases
import Catalogue
import Forms
import Kernel
import Storage
import Web

/// The form, one page of questions at a time; every page handed in is kept at once (ux.md §4).
enum FormPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/drafts/{id}/{page}",
                who: .applicants,
                scope: .own,
                zh: "填写表单",
                en: "A page of the form"
            ) {
                visit in
                let draft = try await Draft.open(visit, desk)
                let page = try page(visit, draft)
                let offers = try await Offers.load(visit, desk, word: nil)
                let sheet = sheet(page, draft, offers, visit)
                return show(sheet, draft, visit, offers)
            },
            .page(
                .post,
                "/drafts/{id}/{page}",
                who: .applicants,
                scope: .own,
                zh: "填写表单",
                en: "A page of the form",
                upload: .documents
            ) {
                visit in
                try await answer(visit, desk)
            }.worded { visit in
                await AnswerWording.of(visit, page: visit.segments["page"] ?? "", desk)
            },
            .page(
                .get,
                "/cases/{number}/files/{digest}",
                who: .applicants,
                scope: .own,
                zh: "下载已上传的文件",
                en: "A file that was handed in"
            ) { visit in
                let subject = try await desk.ownCase(visit)
                let digest = try visit.segment("digest")
                let files = try await desk.database.read { try AttachmentStore.of(subject.object, in: $0) }
                guard let file = files.first(where: { $0.digest == digest }),
                    let bytes = try await desk.blobs.read(digest)
                else { throw WebRefusal.notFound }
                return .file(bytes, type: file.kind.mediaType, name: file.name)
            },
        ]
    }

    private static func page(_ visit: Visit, _ draft: Draft) throws(WebRefusal) -> FormPage {
        let id = try visit.segment("page")
        guard draft.pages.contains(where: { $0.page.id == id }), let page = draft.form.page(id) else {
            throw .notFound
        }
        return page
    }

    /// - Parameter typed: what is shown in place of what is kept.
    static func sheet(
        _ page: FormPage,
        _ draft: Draft,
        _ offers: Offers,
        _ visit: Visit,
        typed: JSON? = nil
    ) -> FormSheet {
        let kept = typed ?? draft.subject.data
        let data = draft.opening != nil && page.id == "address" ? offers.suggested(kept) : kept
        return FormSheet(
            draft.form,
            page: page,
            data: data,
            sources: draft.sources(of: data),
            context: draft.context,
            visit: visit,
            keptFile: draft.keptFile,
            offer: offers.offer(for: data)
        )
    }

    private static func answer(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let draft = try await Draft.open(visit, desk)
        let page = try page(visit, draft)
        let word = visit.form.trimmed("_word").map { String($0.prefix(40)) }
        let offers = try await Offers.load(visit, desk, word: word)
        let asked = sheet(page, draft, offers, visit)
        let uploads = try await Uploads.keep(visit, asked, draft, desk)
        let turn = try FormTurn(visit, asked, files: uploads.digests)
        let saved: Case
        do { saved = try await draft.save(turn.data, visit, desk) } catch CaseError.changedMeanwhile {
            // Kept elsewhere since, mostly by the same person in another tab: nothing typed is lost.
            let now = try await Draft.open(visit, desk)
            let shown = sheet(page, now, offers, visit, typed: turn.data)
            return show(shown, now, visit, offers, blanks: turn.blanks, isOutdated: true)
        }
        let kept = try await draft.with(saved, visit, desk)
        let isSearching = word != nil && word != visit.form.trimmed("_last")
        let refusedAtOnce = uploads.problems + turn.refused
        if !refusedAtOnce.isEmpty {
            // What else is wrong is said at the same time, unless the page was not meant to be handed in yet.
            let refused = Set(refusedAtOnce.map(\.path))
            let others = turn.wish == .onward ? kept.problems(page: page.id) : []
            return show(
                sheet(page, kept, offers, visit),
                kept,
                visit,
                offers,
                problems: refusedAtOnce + others.filter { !refused.contains($0.path) },
                blanks: turn.blanks
            )
        }
        if turn.wish == .stay || isSearching {
            return show(sheet(page, kept, offers, visit), kept, visit, offers, blanks: turn.blanks)
        }
        if turn.wish == .later { return .redirect(to: "/my") }
        if turn.wish == .back { return .redirect(to: back(from: page.id, kept, visit)) }
        let problems =
            kept.problems(page: page.id) + offers.problems(on: page, of: kept.form, kept.subject.data)
        guard problems.isEmpty else {
            return show(sheet(page, kept, offers, visit), kept, visit, offers, problems: problems)
        }
        return .redirect(
            to: visit.query["from"] == "check" ? "\(kept.path)/check" : kept.next(after: page.id)
        )
    }

    private static func show(
        _ sheet: FormSheet,
        _ draft: Draft,
        _ visit: Visit,
        _ offers: Offers,
        problems: [FieldProblem] = [],
        blanks: [String: Int] = [:],
        isOutdated: Bool = false
    ) -> Reply {
        let isChange = visit.query["from"] == "check"
        let blanks = draft.opening?.blanks(blanks, on: sheet) ?? blanks
        let action = "\(draft.path)/\(sheet.page.id)\(isChange ? "?from=check" : "")"
        let plain = sheet.view(
            action: action,
            problems: problems,
            blanks: blanks,
            submit: visit.text("portal.form.next"),
            second: visit.text("portal.form.later"),
            back: back(from: sheet.page.id, draft, visit)
        )
        let title = sheet.page.title(visit.language.rawValue)
        let view = FormPageView(
            place: draft.place(of: sheet.page, visit),
            hint: sheet.page.hint?(visit.language.rawValue),
            listHref: draft.path,
            pages: draft.links(here: sheet.page.id, visit),
            outdated: isOutdated
                ? NoticeView(
                    .warn,
                    title: visit.text("portal.form.outdated"),
                    visit.text("portal.form.outdated.next")
                ) : nil,
            form: dressed(plain, sheet, draft, visit, offers)
        )
        return .page(
            "portal/form",
            view,
            heading: draft.heading(title, visit, hasErrors: !problems.isEmpty || isOutdated),
            status: isOutdated ? 409 : problems.isEmpty ? 200 : 422
        )
    }

    /// Where 返回上一步 leads.
    private static func back(from page: String, _ draft: Draft, _ visit: Visit) -> String {
        visit.query["from"] == "check" ? "\(draft.path)/check" : draft.previous(before: page)
    }

    /// What a return asked for on this page, and approvals that come first.
    private static func notices(on page: String, _ draft: Draft, _ visit: Visit) -> [FormView.Element] {
        let mending = draft.mending.reasons(on: page).map { finding in
            NoticeView(
                .warn,
                title: visit.text("rule.\(finding.reason)", finding.arguments),
                visit.text("rule.\(finding.reason).next", finding.arguments)
            )
        }
        guard mending.isEmpty else { return mending.map(FormView.Element.notice) }
        return draft.opening?.notices(on: page, visit) ?? []
    }

    /// The form with the version that the page shows, and what its system adds.
    static func dressed(
        _ view: FormView,
        _ sheet: FormSheet,
        _ draft: Draft,
        _ visit: Visit,
        _ offers: Offers
    ) -> FormView {
        var elements =
            draft.opening?.searching(view.elements, on: sheet.page.id, view, visit, offers) ?? view.elements
        // What the box above the form does not say already.
        if view.errors == nil {
            elements.insert(contentsOf: notices(on: sheet.page.id, draft, visit), at: 0)
        }
        elements.append(
            .field(
                FieldView(name: "_version", label: "", kind: .hidden, value: String(draft.subject.version))
            )
        )
        return FormView(
            action: view.action,
            elements: elements,
            errors: view.errors,
            submit: view.submit,
            second: view.second,
            back: view.back,
            asked: view.asked
        )
    }
}

struct FormPageView: PageView {
    let place: String
    let hint: String?
    let listHref: String
    let pages: [PageLink]
    /// The form was kept elsewhere since the page was shown.
    let outdated: NoticeView?
    let form: FormView
}
