import Credentials
import Forms
import Kernel
import Standards
import Storage
import Web

/// 加注件: whoever acts for the holder takes a licence away as OFD or PDF, which says for whom, what for and until when.
enum CopyPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/wallet/{code}/files/{credential}/copy",
                who: .applicants,
                scope: .relation,
                zh: "下载证照（加注件）",
                en: "Take a copy of a licence"
            ) { visit in try await ask(visit, desk) },
            .page(
                .post,
                "/wallet/{code}/files/{credential}/copy",
                who: .applicants,
                scope: .relation,
                zh: "制作加注件",
                en: "Make a copy of a licence"
            ) { visit in try await make(visit, desk) },
        ]
    }

    static func path(_ code: String, _ credential: ID<Credential>) -> String {
        "/wallet/\(code)/files/\(credential)/copy"
    }

    private static func licence(_ visit: Visit, _ desk: PortalDesk) async throws -> (Credential, LicenceType)
    {
        let id = ID<Credential>(try visit.segment("credential"))
        let found = try await desk.database.read { reader in
            let code = try visit.segment("code")
            try desk.require(PresentPages.presents, for: code, visit, in: reader)
            return try Credentials.find(id, in: reader).flatMap { $0.record.holder.code == code ? $0 : nil }
        }
        guard let found, let type = desk.credentials.types.licences[found.record.type] else {
            throw WebRefusal.notFound
        }
        return (found, type)
    }

    private typealias Wrong = (field: String, words: String)

    private static func ask(
        _ visit: Visit,
        _ desk: PortalDesk,
        wrong: [Wrong] = [],
        status: RefusalStatus = .unacceptable
    ) async throws -> Reply {
        let (credential, type) = try await licence(visit, desk)
        let record = credential.record
        let days = try await desk.copies.daysMax(on: visit.now.date)
        func errors(_ name: String) -> [String] { wrong.filter { $0.field == name }.map(\.words) }
        let format = LicencePress.Format(rawValue: visit.form["format"] ?? "") ?? .ofd
        func line(_ name: String, _ value: String) -> FieldView {
            FieldView(
                name: name,
                label: visit.text("copy.\(name)"),
                value: visit.form.trimmed(name) ?? value,
                hint: visit.text("copy.\(name).hint"),
                errors: errors(name),
                lengthMax: 200
            )
        }
        let until = FieldView(
            name: "until",
            label: visit.text("copy.until"),
            kind: .date,
            value: visit.form.trimmed("until") ?? visit.now.date.adding(days: days).description,
            hint: visit.text("copy.until.hint", ["days": String(days)]),
            errors: errors("until")
        )
        let formats = FieldView(
            name: "format",
            label: visit.text("copy.format"),
            kind: .radios,
            options: LicencePress.Format.allCases.map {
                FieldView.Option(
                    value: $0.rawValue,
                    label: visit.text("copy.format.\($0.rawValue)"),
                    isChosen: $0 == format
                )
            }
        )
        let view = PresentPage(
            lead: visit.text("copy.lead"),
            form: FormView(
                action: path(record.holder.code, record.id),
                elements: [
                    line("whom", ""), line("purpose", ""), line("case", visit.text("copy.case.none")), until,
                    formats,
                ]
                .map { .field($0) },
                errors: ErrorSummary(wrong.map { .init($0.words, field: $0.field) }, visit: visit),
                submit: visit.text("copy.make"),
                isDownload: true
            )
        )
        return .page(
            "portal/present",
            view,
            heading: Heading(
                visit.text("copy.title", ["name": type.name(visit.language.rawValue)]),
                crumbs: [
                    .init(visit.text("wallet.title"), href: "/wallet"),
                    .init(record.holder.name, href: "/wallet/\(record.holder.code)"),
                ],
                section: "wallet",
                hasErrors: !wrong.isEmpty
            ),
            status: wrong.isEmpty ? 200 : status.rawValue
        )
    }

    private static func make(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let (credential, type) = try await licence(visit, desk)
        let format = LicencePress.Format(rawValue: visit.form["format"] ?? "") ?? .ofd
        var wrong: [Wrong] = ["whom", "purpose", "case"].filter { visit.form.trimmed($0) == nil }.map {
            ($0, visit.text("copy.missing", ["field": visit.text("copy.\($0)")]))
        }
        let until = LocalDate(parsing: visit.form.trimmed("until") ?? "")
        if until == nil { wrong.append(("until", visit.text("copy.until.unread"))) }
        guard let until, wrong.isEmpty else { return try await ask(visit, desk, wrong: wrong) }
        do {
            let made = try await desk.copies.make(
                CopyWish(
                    original: credential.id,
                    forWhom: visit.form.trimmed("whom") ?? "",
                    purpose: visit.form.trimmed("purpose") ?? "",
                    caseNumber: visit.form.trimmed("case") ?? "",
                    validUntil: until
                ),
                as: format,
                occasion: visit.occasion
            )
            let record = credential.record
            // A person's code is his account's, which says nothing to anybody.
            let whose = record.holder.kind == .enterprise ? record.holder.code : record.identifier.description
            return .file(
                made.bytes,
                type: format.mediaType,
                name: "\(type.name.zh)-\(whose).\(format.rawValue)"
            )
        } catch let refusal as CopyError {
            let field =
                switch refusal {
                case .past, .tooLong: "until"
                case .purpose, .state: "whom"
                }
            return try await ask(
                visit,
                desk,
                wrong: [(field, visit.sentence(refusal))],
                status: refusal.status
            )
        }
    }
}
