import Cases
import Catalogue
import CompanyOpening
import Exchange
import Forms
import Kernel
import Storage
import Web

/// A service that was put off or not wanted is taken up after the licence: its questions are asked first, and what the
/// party needs goes out with the answers.
enum ServiceActs {
    static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let service = try await TakenUp.read(visit, desk)
        guard service.isOpen else { return service.back }
        return try await service.page(service.data, visit: visit, desk: desk)
    }

    /// Of two services answered in one moment the later puts its answers onto those of the first.
    static func answer(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        for _ in 1..<triesMax {
            do { return try await answerOnce(visit, desk) } catch CaseError.changedMeanwhile { continue }
        }
        return try await answerOnce(visit, desk)
    }

    private static let triesMax = 3

    private static func answerOnce(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let service = try await TakenUp.read(visit, desk)
        guard service.isOpen else { return service.back }
        let turn = try FormTurn(visit, try await service.sheet(service.data, visit: visit, desk: desk))
        let data = service.taking(turn.data)
        guard turn.wish == .onward else {
            return try await service.page(data, visit: visit, desk: desk)
        }
        let offers = try await Offers.load(visit, desk, word: nil)
        let problems =
            turn.refused + service.problems(in: data, offers, desk: desk, today: visit.now.date)
        guard problems.isEmpty else {
            return try await service.page(data, problems: problems, visit: visit, desk: desk)
        }
        let occasion = visit.occasion
        let step = service.step.name
        let module = try await desk.desk.module(of: service.subject)
        try await desk.desk.takeUp(
            service.asks,
            of: service.subject.id,
            seen: service.subject.data,
            data: data,
            occasion: occasion
        ) { kept, tx in
            for line in try ExchangeStore.lines(of: kept.id.rawValue, in: tx)
            where line.state.isPutOff && line.step(of: kept.id) == step {
                let orders = try module.messages(for: [step], of: kept, in: tx)[step]
                _ = try desk.exchange.reopen(
                    line.id,
                    fields: orders?.first?.fields,
                    occasion: occasion,
                    in: tx
                )
            }
        }
        return service.back
    }

    /// Where the questions of a line are asked; nil for a line that has none.
    static func path(asking line: ID<PartyLine>, of subject: Case, desk: PortalDesk) async throws -> String? {
        let definition = try await desk.desk.definition(of: subject)
        let found = try await desk.database.read { try ExchangeStore.line(line, in: $0) }
        guard let found, found.order.caseID == subject.id.rawValue else { throw WebRefusal.notFound }
        let step = definition.item.flow.first { $0.name == found.step(of: subject.id) }
        return step.flatMap { path(of: $0, state: nil, line: found, subject: subject) }
    }

    /// Where a step of the flow is taken up; nil when it cannot be, or has no questions.
    static func path(of step: FlowStep, state: StepState?, line: PartyLine?, subject: Case) -> String? {
        guard step.asks != nil, subject.state == .granted else { return nil }
        // What waits for another step begins with it.
        let isOpen = line.map(\.state.isPutOff) ?? (state == .skipped && step.needs.isEmpty)
        return isOpen ? "/cases/\(subject.number)/services/\(step.name)" : nil
    }
}

extension LineState {
    var isPutOff: Bool { self == .later || self == .notNeeded }
}

/// One service of a granted case and the questions of the form that belong to it.
private struct TakenUp {
    let subject: Case
    let definition: CaseDefinition
    let step: FlowStep
    /// The choice on which the step hangs, such as `joined.bank.choice`.
    let asks: String
    let form: FormPage
    let isOpen: Bool

    static func read(_ visit: Visit, _ desk: PortalDesk) async throws -> TakenUp {
        let subject = try await desk.ownCase(visit, for: visit.method == .get ? nil : "case.line")
        let name = try visit.segment("step")
        let definition = try await desk.desk.definition(of: subject)
        guard let step = definition.item.flow.first(where: { $0.name == name }), let asks = step.asks,
            let top = asks.split(separator: ".").first,
            let page = definition.form.pages.first(where: { page in
                page.fields.contains { field in
                    guard field.name == top, case .group(let groups) = field.kind else { return false }
                    return groups.contains { asks.hasPrefix("\(top).\($0.name).") }
                }
            })
        else { throw WebRefusal.notFound }
        let (state, line) = try await desk.database.read { reader in
            (
                try StepStore.find(name, of: subject.id, in: reader)?.state,
                try ExchangeStore.lines(of: subject.id.rawValue, in: reader).first {
                    $0.step(of: subject.id) == name
                }
            )
        }
        return TakenUp(
            subject: subject,
            definition: definition,
            step: step,
            asks: asks,
            form: page,
            isOpen: ServiceActs.path(of: step, state: state, line: line, subject: subject) != nil
        )
    }

    var back: Reply { .redirect(to: "/cases/\(subject.number)/result#lines") }

    /// `joined.bank.` of `joined.bank.choice`.
    private var group: String { asks.split(separator: ".").dropLast().joined(separator: ".") + "." }
    private var top: String { asks.split(separator: ".").first.map { "\($0)." } ?? "" }

    /// Whether a path belongs to this service: other services may stand on the same page of the form.
    private func has(_ path: String) -> Bool { "\(path).".hasPrefix(group) || !path.hasPrefix(top) }

    /// The form as it stands, with the service chosen.
    var data: JSON {
        var data = subject.data
        if let path = FormPath(parsing: asks) { data[path] = "now" }
        return data
    }

    /// The form as it stands, with this service's answers of another.
    func taking(_ answers: JSON) -> JSON {
        var data = data
        for field in form.fields where "\(field.name)." != top { data[field.name] = answers[field.name] }
        if let path = FormPath(parsing: String(group.dropLast())) { data[path] = answers[path] }
        if let path = FormPath(parsing: asks) { data[path] = "now" }
        return data
    }

    func problems(in data: JSON, _ offers: Offers, desk: PortalDesk, today: LocalDate) -> [FieldProblem] {
        let found = desk.desk.problems(
            in: data,
            page: form.id,
            region: subject.region,
            definition: definition,
            today: today
        )
        return (found + offers.problems(on: form, of: definition.form, data)).filter { has($0.path) }
    }

    func sheet(_ data: JSON, visit: Visit, desk: PortalDesk) async throws -> FormSheet {
        let offers = try await Offers.load(visit, desk, word: nil)
        return FormSheet(
            definition.form,
            page: form,
            data: data,
            context: desk.desk.formContext(
                region: subject.region,
                definition: definition,
                today: visit.now.date
            ),
            visit: visit,
            offer: offers.offer(for: data)
        )
    }

    func page(_ data: JSON, problems: [FieldProblem] = [], visit: Visit, desk: PortalDesk) async throws
        -> Reply
    {
        let whole = try await sheet(data, visit: visit, desk: desk).view(
            action: visit.path,
            problems: problems,
            submit: visit.text("service.submit"),
            back: "/cases/\(subject.number)/result#lines"
        )
        let view = FormView(
            action: whole.action,
            elements: own(whole.elements),
            errors: whole.errors,
            submit: whole.submit,
            back: whole.back,
            asked: whole.asked
        )
        let title = step.label?(visit.language.rawValue) ?? step.name
        return .page(
            "portal/service",
            ServicePage(form: view),
            heading: Heading(
                title,
                service: subject.title,
                crumbs: [
                    .init(visit.text("progress.mine"), href: "/my"),
                    .init(subject.title, href: "/cases/\(subject.number)/result"),
                ],
                section: "mine",
                hasErrors: !problems.isEmpty
            ),
            status: problems.isEmpty ? 200 : 422
        )
    }

    /// The questions of this service alone; that it is wanted is settled.
    private func own(_ elements: [FormView.Element]) -> [FormView.Element] {
        var kept: [FormView.Element] = []
        var heading: FormView.Element?
        for element in elements {
            switch element {
            case .section: heading = element
            case .notice: kept.append(element)
            case .field(let field) where field.name == asks:
                kept.append(.field(FieldView(name: asks, label: "", kind: .hidden, value: "now")))
            case .field(let field):
                guard has(field.name) else { continue }
                if let title = heading { kept.append(title) }
                heading = nil
                kept.append(element)
            case .group(let group):
                guard has(group.name) else { continue }
                heading = nil
                kept.append(element)
            }
        }
        return kept
    }
}

/// Template: `portal/service`.
struct ServicePage: PageView {
    let form: FormView
}
