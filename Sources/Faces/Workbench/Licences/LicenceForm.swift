import Credentials
import Forms
import Identity
import Kernel
import Standards
import Storage
import Web

/// The form by which an official proposes to issue a licence, or to change one: the fields of its type.
enum LicenceForm {
    static let new = "\(LicencePages.path)/new"

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(.get, new, who: .officers, scope: .region, zh: "发证", en: "Issue a licence") { visit in
                try await ask(visit, desk)
            },
            .page(
                .post,
                LicencePages.path,
                who: .officers,
                scope: .region,
                zh: "提议发证",
                en: "Propose a licence"
            ) {
                visit in try await issue(visit, desk)
            },
            .page(
                .get,
                "\(LicencePages.path)/{licence}/change",
                who: .officers,
                scope: .region,
                zh: "变更证照",
                en: "Change a licence"
            ) { visit in
                try await changing(visit, desk) { found, type, _ in
                    page(type, visit, desk, old: found, answers: Answers(of: found, type))
                }
            },
            .page(
                .post,
                "\(LicencePages.path)/{licence}/change",
                who: .officers,
                scope: .region,
                zh: "提议变更证照",
                en: "Propose to change a licence"
            ) { visit in try await change(visit, desk) },
        ]
    }

    /// Types that the post may issue.
    static func offered(_ seat: Seat, _ desk: WorkbenchDesk) -> [LicenceType] {
        desk.types.all.filter { type in
            !type.followsRegister && type.agency != nil
                && desk.may(
                    LicencePages.decides,
                    LicencePages.subject(type.key, region: seat.post.region, desk),
                    seat
                )
        }
    }

    /// What was typed, or stands on the licence that is to be changed.
    struct Answers {
        var texts: [String: String] = [:]
        var problems: [String: String] = [:]

        init(_ visit: Visit) {
            for (name, value) in visit.form.pairs { texts[name] = value }
        }

        init(of credential: Credential, _ type: LicenceType) {
            let record = credential.record
            for field in type.fields {
                let value = record.fields[field.key]
                let lines = value.elements.compactMap(\.text).joined(separator: "\n")
                texts[field.key] = field.kind == .list ? lines : field.words(of: value) ?? ""
            }
            texts["from"] = record.validFrom.description
            if type.validity == .dated { texts["until"] = record.validUntil?.description }
        }
    }

    // MARK: - Issuing

    private static func ask(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seat = try desk.seat(visit)
        _ = try desk.permissions.scope(LicencePages.decides, of: seat.principal)
        let types = offered(seat, desk)
        guard let key = visit.query.trimmed("type"), let type = types.first(where: { $0.key == key }) else {
            let view = LicenceChoice(
                types: LicencePages.types(visit, desk, chosen: nil) { type in
                    types.contains { $0.key == type.key }
                },
                isEmpty: types.isEmpty
            )
            return .page(
                "workbench/licence-new",
                view,
                heading: heading(visit.text("licence-desk.new"), visit)
            )
        }
        var answers = Answers(visit)
        answers.texts["from"] = visit.now.date.description
        return page(type, visit, desk, old: nil, answers: answers)
    }

    private static func issue(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seat = try desk.seat(visit)
        _ = try desk.permissions.scope(LicencePages.decides, of: seat.principal)
        let key = visit.form.trimmed("type") ?? ""
        guard let type = desk.types[key] else { throw CredentialError.unknownType(key) }
        try await desk.require(
            LicencePages.decides,
            LicencePages.subject(key, region: seat.post.region, desk),
            object: "licence-type:\(key)",
            seat,
            visit
        )
        var answers = Answers(visit)
        let asked = fields(type, &answers, visit)
        let from = day("from", &answers, visit)
        let until = type.validity == .dated ? day("until", &answers, visit) : nil
        let holder: Holder?
        do { holder = try await Self.holder(type, answers.texts["holder"] ?? "", visit, desk) } catch let
            refusal as LicenceDeskError
        {
            answers.note(refusal, type, visit)
            holder = nil
        }
        answers.noteDecision(visit)
        guard let holder, answers.problems.isEmpty else {
            return page(type, visit, desk, old: nil, answers: answers, status: 422)
        }
        do {
            let draft = LicenceDraft(
                type: key,
                holder: holder,
                issuer: IssuingBody(code: seat.post.region, name: body(type, seat, desk)),
                region: seat.post.region,
                fields: asked,
                validFrom: from,
                validUntil: until
            )
            _ = try await desk.licences.propose(
                issuing: draft,
                try decision(answers),
                occasion: visit.occasion
            )
        } catch let refusal as any Refusal where refusal.status != .notFound {
            answers.note(refusal, type, visit)
            return page(type, visit, desk, old: nil, answers: answers, status: refusal.status.rawValue)
        }
        return .redirect(to: "\(LicencePages.path)?done=proposed")
    }

    /// The body in whose name the post issues.
    private static func body(_ type: LicenceType, _ seat: Seat, _ desk: WorkbenchDesk) -> String {
        let region = seat.post.region
        if region.hasSuffix("0000"), let agency = desk.standards.agencies[seat.post.agency] {
            return agency.name
        }
        return desk.standards.regions.fullName(of: region) + type.issues.zh
    }

    /// Whom the register or the accounts know by the number that was typed.
    private static func holder(_ type: LicenceType, _ text: String, _ visit: Visit, _ desk: WorkbenchDesk)
        async throws -> Holder
    {
        let code = BorderText.code(text)
        switch type.holder {
        case .enterprise:
            let found = try await desk.database.read { try Enterprises.find(code, in: $0) }
            guard let found else { throw LicenceDeskError.holder }
            return Holder(.enterprise, code: code, name: found.name)
        case .person:
            let document: IdentityDocument
            do {
                document = try desk.standards.identityDocument(
                    kind: "resident-id",
                    number: code,
                    on: visit.now.date
                )
            } catch { throw LicenceDeskError.holder }
            let keys = desk.identity.keys
            let found = try await desk.database.read {
                try People.find(document: document, keys: keys, in: $0)
            }
            guard let found else { throw LicenceDeskError.holder }
            return Holder(.person, code: found.id.rawValue, name: found.name)
        }
    }

    // MARK: - Changing

    /// A licence that cannot be changed now is shown instead, with why.
    private static func changing(
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        _ work: (Credential, LicenceType, String) async throws -> Reply
    ) async throws -> Reply {
        let (found, type, region) = try await LicenceSheet.open(visit, desk, for: LicencePages.decides)
        _ = try desk.licences.agency(of: type.key)
        do { _ = try found.state(on: visit.now.date).after(.replace) } catch {
            return try await LicenceSheet.show(visit, desk, refusal: error)
        }
        return try await work(found, type, region)
    }

    private static func change(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try await changing(visit, desk) { try await change($0, $1, $2, visit, desk) }
    }

    private static func change(
        _ found: Credential,
        _ type: LicenceType,
        _ region: String,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> Reply {
        let record = found.record
        var answers = Answers(visit)
        let draft = LicenceDraft(
            type: type.key,
            holder: record.holder,
            issuer: record.issuer,
            region: region,
            fields: fields(type, &answers, visit),
            validFrom: day("from", &answers, visit),
            validUntil: type.validity == .dated ? day("until", &answers, visit) : nil
        )
        answers.noteDecision(visit)
        guard answers.problems.isEmpty else {
            return page(type, visit, desk, old: found, answers: answers, status: 422)
        }
        do {
            _ = try await desk.licences.propose(
                changing: found.id,
                expecting: visit.form.trimmed("version").flatMap { Int64($0) } ?? 0,
                to: draft,
                try decision(answers),
                occasion: visit.occasion
            )
        } catch let refusal as any Refusal where refusal.status != .notFound {
            answers.note(refusal, type, visit)
            return page(type, visit, desk, old: found, answers: answers, status: refusal.status.rawValue)
        }
        return .redirect(to: "\(LicenceSheet.path(found.id))?done=proposed")
    }

    // MARK: - What was typed

    private static func decision(_ answers: Answers) throws -> LicenceDecision {
        try LicenceDecision(
            number: answers.texts["decision"]?.trimmed ?? "",
            reason: answers.texts["reason"]?.trimmed ?? ""
        )
    }

    private static func day(_ name: String, _ answers: inout Answers, _ visit: Visit) -> LocalDate? {
        guard let text = visit.form.trimmed(name) else { return nil }
        let day = LocalDate(parsing: text)
        if day == nil {
            answers.problems[name] = visit.text(
                "refusal.licence.field-date",
                ["field": visit.text("licence-desk.\(name)")]
            )
        }
        return day
    }

    private static func fields(_ type: LicenceType, _ answers: inout Answers, _ visit: Visit) -> JSON {
        var fields: JSON = [:]
        for field in type.fields {
            guard let text = visit.form.trimmed(field.key) else { continue }
            switch field.kind {
            case .text, .code, .date: fields[field.key] = .string(text)
            case .amount: fields[field.key] = Money(yuan: text).map { JSON($0.fen) } ?? .string(text)
            case .list:
                let lines = text.split(whereSeparator: \.isNewline).map { String($0).trimmed }
                fields[field.key] = .array(lines.filter { !$0.isEmpty }.map(JSON.string))
            }
        }
        for problem in type.problems(of: fields) {
            let name = type.field(problem.field)?.name(visit.language.rawValue) ?? problem.name
            let key = "refusal.\(LicenceError.field(problem).code)"
            answers.problems[problem.field] =
                visit.text(key, ["field": name]) + visit.text("\(key).next", ["field": name])
        }
        return fields
    }

    // MARK: - The page

    private static func heading(_ title: String, _ visit: Visit, hasErrors: Bool = false) -> Heading {
        Heading(
            title,
            crumbs: [.init(visit.text("workbench.licences.title"), href: LicencePages.path)],
            section: "licences",
            hasErrors: hasErrors
        )
    }

    private static func page(
        _ type: LicenceType,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        old: Credential?,
        answers: Answers,
        status: Int = 200
    ) -> Reply {
        let language = visit.language.rawValue
        func field(_ name: String, _ kind: FieldView.Kind, hint: Bool = true, max: Int? = nil) -> FieldView {
            FieldView(
                name: name,
                label: visit.text("licence-desk.\(name)"),
                kind: kind,
                value: answers.texts[name] ?? "",
                hint: hint ? visit.text("licence-desk.\(name).hint") : nil,
                errors: answers.problems[name].map { [$0] } ?? [],
                lengthMax: max
            )
        }
        var elements: [FieldView] = []
        if let old {
            elements.append(
                FieldView(name: "version", label: "", kind: .hidden, value: String(old.version))
            )
        } else {
            elements.append(FieldView(name: "type", label: "", kind: .hidden, value: type.key))
            var holder = field("holder", .code, max: 18)
            holder.hint = visit.text("licence-desk.holder.\(type.holder.rawValue)")
            elements.append(holder)
        }
        elements += type.fields.map { asked in
            FieldView(
                name: asked.key,
                label: asked.name(language),
                kind: asked.kind.box,
                value: answers.texts[asked.key] ?? "",
                hint: asked.kind == .list ? visit.text("licence-desk.list.hint") : nil,
                errors: answers.problems[asked.key].map { [$0] } ?? [],
                isOptional: !asked.isRequired,
                unit: asked.kind == .amount ? visit.text("licence-desk.yuan") : nil
            )
        }
        elements.append(field("from", .date))
        if type.validity == .dated { elements.append(field("until", .date)) }
        elements += [field("decision", .text, max: 200), field("reason", .lines(2), max: 200)]
        elements.append(
            FieldView(
                name: "confirm",
                label: visit.text("workbench.confirm"),
                kind: .tick,
                value: answers.texts["confirm"] ?? "",
                errors: answers.problems["confirm"].map { [$0] } ?? []
            )
        )
        let title = visit.text(
            old == nil ? "licence-desk.new.of" : "licence-desk.change.of",
            ["name": type.name(language)]
        )
        let lines = elements.compactMap { element in
            element.errors.first.map { ErrorSummary.Line($0, field: element.name) }
        }
        let view = LicenceFormView(
            lead: visit.text("licence-desk.validity.\(type.validity.key)", type.validity.arguments),
            form: FormView(
                action: old.map { "\(LicenceSheet.path($0.id))/change" } ?? LicencePages.path,
                elements: elements.map { .field($0) },
                errors: ErrorSummary(lines, visit: visit),
                submit: visit.text("licence-desk.propose")
            )
        )
        return .page(
            "workbench/licence-form",
            view,
            heading: heading(title, visit, hasErrors: !lines.isEmpty),
            status: status
        )
    }
}

/// Template: `workbench/licence-new`.
struct LicenceChoice: PageView {
    let types: [FieldView.Option]
    let isEmpty: Bool
}

/// Template: `workbench/licence-form`.
struct LicenceFormView: PageView {
    let lead: String
    let form: FormView
}
