import Cases
import Catalogue
import Kernel
import Storage
import Web

/// Looking a case up by its number and its code of six characters.
enum LookUpActs {
    static func ask(_ visit: Visit, problem: String?, status: Int) -> Reply {
        let number =
            visit.form.trimmed("number") ?? visit.segments["number"] ?? visit.query.trimmed("number") ?? ""
        let lines = problem.map { [ErrorSummary.Line($0, field: "code")] } ?? []
        let view = LookUpPage(
            errors: ErrorSummary(lines, visit: visit),
            form: FormView(
                action: "/progress",
                elements: [
                    .field(
                        FieldView(
                            name: "number",
                            label: visit.text("progress.number"),
                            kind: .number,
                            value: number,
                            hint: visit.text("progress.number-hint"),
                            lengthMax: 40
                        )
                    ),
                    .field(
                        FieldView(
                            name: "code",
                            label: visit.text("progress.code"),
                            kind: .code,
                            value: visit.form.trimmed("code") ?? "",
                            hint: visit.text("progress.code-hint"),
                            errors: problem.map { [$0] } ?? [],
                            lengthMax: 20
                        )
                    ),
                ],
                submit: visit.text("progress.find")
            )
        )
        return .page(
            "portal/progress-ask",
            view,
            heading: Heading(visit.text("progress.title"), section: "progress", hasErrors: problem != nil),
            status: status
        )
    }

    static func find(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let number = digits(visit.form.trimmed("number") ?? "")
        let code = letters(visit.form.trimmed("code") ?? "")
        guard !number.isEmpty, !code.isEmpty else {
            return ask(visit, problem: visit.text("progress.both"), status: 422)
        }
        do {
            let found = try await lookUp(number, code: code, visit, desk)
            return .redirect(to: "/progress/\(found.number)?code=\(found.lookupCode)")
        } catch let error as CaseError {
            return refused(error, visit)
        }
    }

    static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let number = digits(try visit.segment("number"))
        guard let code = visit.query.trimmed("code").map(letters), !code.isEmpty else {
            return ask(visit, problem: nil, status: 200)
        }
        let found: Case
        do { found = try await lookUp(number, code: code, visit, desk) } catch let error as CaseError {
            return refused(error, visit)
        }
        let progress = try await CaseProgress.read(found, desk: desk, now: visit.now)
        return .page(
            "portal/progress",
            ProgressPage(progress, isOwner: false, desk: desk, visit: visit),
            heading: Heading(
                visit.text("progress.of", ["title": found.title]),
                crumbs: [.init(visit.text("progress.title"), href: "/progress")],
                section: "progress"
            )
        )
    }

    private static func refused(_ error: CaseError, _ visit: Visit) -> Reply {
        let (wrong, next) = visit.explain(error)
        let status = error == .lookupWrong ? 422 : error.status.rawValue
        return ask(visit, problem: wrong + next, status: status)
    }

    private static func lookUp(
        _ number: String,
        code: String,
        _ visit: Visit,
        _ desk: PortalDesk
    ) async throws -> Case {
        let policy = try await policy(visit, desk)
        return try await desk.desk.lookUp(
            number: String(number.prefix(40)),
            code: String(code.prefix(20)),
            address: visit.address,
            policy: policy,
            occasion: visit.occasion
        )
    }

    /// How often a wrong code may be tried: dated numbers of the service platform's definition.
    private static func policy(_ visit: Visit, _ desk: PortalDesk) async throws -> LookupPolicy {
        let day = visit.now.date
        let (_, platform) = try await desk.database.read { reader in
            try desk.published.current("gov-service-platform", on: day, in: reader)
        }
        return try LookupPolicy(platform.limits.values(region: visit.region, on: day))
    }

    /// Digits as people type them: full-width ones are put right, spaces and hyphens fall away.
    static func digits(_ text: String) -> String { plain(text).filter(\.isNumber) }

    static func letters(_ text: String) -> String {
        plain(text).uppercased().filter { $0.isLetter || $0.isNumber }
    }

    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.compactMap { scalar in
                    let value =
                        (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
                    return Unicode.Scalar(value).flatMap { $0.isASCII ? $0 : nil }
                }
            )
        )
    }
}

/// Template: `portal/progress-ask`.
struct LookUpPage: PageView {
    let errors: ErrorSummary?
    let form: FormView
}
