import Exchange
import Kernel

/// What becomes of one letter: what is said at once and what is reported later.
struct Course {
    struct Later {
        let at: Instant
        let report: Report
    }

    let first: Report
    private(set) var later: [Later] = []
    /// The switch that decided the outcome, so that one meant for one order is taken off.
    let usedSwitch: SimulatorSwitch?

    init(_ letter: Letter, _ operation: PartyOperation, party: Party, state: SimulatorState, now: Instant) {
        let applying = state.switches.filter { $0.operation == nil || $0.operation == letter.operation }
        let known = letter.operation == "statement" ? state.movements : state.facts
        var outcome = Conduct(party: party.id, letter: letter, facts: known, now: now)
            .outcome(isPartial: applying.contains { $0.mode == .partial })
        var used: SimulatorSwitch? = applying.first { $0.mode == .partial }
        for entry in applying {
            switch entry.mode {
            case .refuse(let code): (outcome, used) = (.returned(code, [:]), entry)
            case .person(let code): (outcome, used) = (.person(code), entry)
            case .down, .slow, .silent, .duplicate, .outOfOrder, .wrongFirm, .nonsense, .unsigned, .partial,
                .after:
                continue
            }
        }
        usedSwitch = used
        func report(_ status: Report.Status, _ answer: JSON = [:], code: String? = nil) -> Report {
            Report(
                operation: letter.operation,
                caseNumber: letter.caseNumber,
                creditCode: letter.creditCode,
                key: letter.key,
                status: status,
                answer: answer,
                reasonCode: code,
                reasonText: code.flatMap { operation.reason($0)?.text.zh },
                dataTime: now
            )
        }
        if operation.kind == .question {
            switch outcome {
            case .done(let answer): first = report(.answered, answer)
            case .returned(let code, _), .person(let code): first = report(.refused, code: code)
            }
            return
        }
        let final: Report =
            switch outcome {
            case .done(let answer): report(.done, answer)
            case .returned(let code, let answer): report(.returned, answer, code: code)
            case .person(let code): report(.personNeeded, code: code)
            }
        var pause = state.delay
        for case .after(let milliseconds) in applying.map(\.mode) { pause = milliseconds }
        if Conduct.answersAtOnce(party: party.id, operation: letter.operation) {
            first = final
        } else {
            first = report(.received)
            later.append(Later(at: now + pause / 2, report: report(.working)))
            later.append(Later(at: now + pause, report: final))
        }
        if party.id == "bank", letter.operation == "book", final.status == .done {
            later.append(Later(at: now + pause * 10, report: Self.account(letter, party, state, now: now)))
        }
        if applying.contains(where: { $0.mode == .outOfOrder }), later.count > 1 {
            later = zip(later, later.map(\.report).reversed()).map { Later(at: $0.at, report: $1) }
        }
        if applying.contains(where: { $0.mode == .duplicate }) {
            later = later.flatMap { [$0, $0] }
        }
        if applying.contains(where: { $0.mode == .silent }) { later = [] }
    }

    /// What the bank reports after its own look at the firm.
    private static func account(
        _ letter: Letter,
        _ party: Party,
        _ state: SimulatorState,
        now: Instant
    ) -> Report {
        var report = Report(
            operation: "account",
            caseNumber: letter.caseNumber,
            creditCode: letter.creditCode,
            key: letter.key,
            status: .done,
            answer: [:],
            dataTime: now
        )
        for entry in state.switches where entry.operation == "account" {
            switch entry.mode {
            case .refuse(let code): (report.status, report.reasonCode) = (.returned, code)
            case .person(let code): (report.status, report.reasonCode) = (.personNeeded, code)
            case .down, .slow, .silent, .duplicate, .outOfOrder, .wrongFirm, .nonsense, .unsigned, .partial,
                .after:
                continue
            }
        }
        if let code = report.reasonCode {
            report.reasonText = party.operation("account")?.reason(code)?.text.zh
        } else {
            let conduct = Conduct(party: party.id, letter: letter, facts: state.facts, now: now)
            report.answer = [
                "accountNumber": .string("6214" + conduct.digits("account", 15)),
                "bank": letter.fields["bank"],
            ]
        }
        return report
    }
}
