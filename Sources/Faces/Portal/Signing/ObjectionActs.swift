import Cases
import Kernel
import Web

/// "I did not agree": a named person's complaint, by his own link.
enum ObjectionActs {
    static func ask(_ visit: Visit, typed: String, problem: String?) -> Reply {
        let lines = problem.map { [ErrorSummary.Line($0, field: "text")] } ?? []
        let view = ObjectionPage(
            errors: ErrorSummary(lines, visit: visit),
            form: FormView(
                action: visit.path,
                elements: [
                    .field(
                        FieldView(
                            name: "text",
                            label: visit.text("objection.text"),
                            kind: .lines(6),
                            value: typed,
                            hint: visit.text("objection.text-hint"),
                            errors: problem.map { [$0] } ?? [],
                            lengthMax: 2_000
                        )
                    )
                ],
                submit: visit.text("objection.submit")
            ),
            done: nil
        )
        return .page(
            "portal/sign-objection",
            view,
            heading: Heading(visit.text("objection.title"), section: "sign", hasErrors: problem != nil),
            status: problem == nil ? 200 : 422
        )
    }

    static func object(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let typed = visit.form["text"] ?? ""
        do {
            let made = try await desk.desk.object(
                try visit.segment("secret"),
                text: typed,
                occasion: visit.occasion
            )
            let view = ObjectionPage(
                errors: nil,
                form: nil,
                done: NoticeView(
                    .good,
                    title: visit.text("objection.done"),
                    visit.text("objection.done.next", ["at": made.at.minuteText])
                )
            )
            return .page(
                "portal/sign-objection",
                view,
                heading: Heading(visit.text("objection.title"), section: "sign")
            )
        } catch let error as CaseError {
            switch error {
            case .reasonMissing:
                return ask(visit, typed: typed, problem: visit.text("objection.text-missing"))
            case .reasonTooLong(let max):
                return ask(
                    visit,
                    typed: typed,
                    problem: visit.text("objection.text-long", ["max": String(max)])
                )
            default: throw error
            }
        }
    }
}

/// Template: `portal/sign-objection`.
struct ObjectionPage: PageView {
    let errors: ErrorSummary?
    let form: FormView?
    let done: NoticeView?
}
