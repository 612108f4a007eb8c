import Cases
import CompanyNames
import CompanyOpening
import Correspondence
import Credentials
import Exchange
import Forms
import Kernel
import Registers
import Server
import Storage

/// What must be true now.
extension Stage {
    /// - Returns: everything that is otherwise than expected, in words.
    func check(_ expected: Expectation) async throws -> [String] {
        var wrong: [String] = []
        func compare(_ what: String, _ wanted: String?, _ found: @autoclosure () -> String) {
            guard let wanted else { return }
            let found = found()
            if wanted != found { wrong.append("\(what): expected \(wanted), found \(found)") }
        }
        if expected.refusal != nil || refused != nil {
            let form = refused == "case.incomplete" ? " \(Self.list(problems))" : ""
            if (expected.refusal ?? "none") != (refused ?? "none") {
                wrong.append(
                    "refusal: expected \(expected.refusal ?? "none"), found \(refused ?? "none")\(form)"
                )
            }
            refused = nil
        }
        if let wanted = expected.problems {
            compare("problems", Self.list(wanted), Self.list(problems))
        }
        compare("voided", expected.voided, String(voided))
        wrong += try await checkCatalogue(expected)
        wrong += try await checkHeld(expected)
        wrong += try await checkMoney(expected)
        if let name = expected.name {
            let id = reservations[expected.of ?? last ?? ""] ?? ""
            let entry = try await platform.database.read { try NameLibrary.find(ID(id), in: $0) }
            compare("name", name, entry?.state.rawValue ?? "none")
        }
        if let day = expected.nameUntil {
            let id = reservations[expected.of ?? last ?? ""] ?? ""
            let entry = try await platform.database.read { try NameLibrary.find(ID(id), in: $0) }
            compare("nameUntil", day, entry?.lastDay?.description ?? "none")
        }
        wrong += try await checkSeals(expected)
        wrong += try await checkArchive(expected)
        wrong += checkStock(expected)
        wrong += try await checkLists(expected)
        guard expected.needsCase else { return wrong }
        let id = try current(expected.of)
        let subject = try await platform.desk.read(id)
        compare("state", expected.state, subject.state.rawValue)
        compare("complete", expected.complete, String(subject.completedAt != nil))
        compare("title", expected.title, subject.title)
        wrong += try await checkDecision(expected, of: subject)
        wrong += try await checkLines(expected, of: subject)
        wrong += try await checkResult(expected, of: subject)
        wrong += try await checkWords(expected, of: subject)
        wrong += try await checkClock(expected, of: subject)
        wrong += try await checkEntry(expected, of: subject)
        wrong += try await checkMeasures(expected, of: subject)
        wrong += try await checkSample(expected, of: subject)
        return wrong
    }

    static func list(_ words: [String]) -> String {
        "[\(Array(Set(words)).sorted().joined(separator: ", "))]"
    }

    /// `[R08.near, R10.crowded]` → R08, R10.
    static func rules(_ rows: [String]?) -> Set<String> {
        Set((rows ?? []).compactMap { $0.split(separator: ".").first.map(String.init) })
    }

    private func checkDecision(_ expected: Expectation, of subject: Case) async throws -> [String] {
        guard
            expected.reasons != nil || expected.rows != nil || expected.instant != nil
                || expected.state != nil || expected.decisions != nil || expected.decider != nil
                || expected.reads != nil || !expected.inputs.isEmpty
        else {
            return []
        }
        let decisions = try await platform.database.read { try DecisionStore.of(subject.id, in: $0) }
        if let place = seen.lastIndex(where: {
            $0.subject == subject.id && $0.number == decisions.count - 1
        }) {
            if expected.state != nil || expected.instant != nil { seen[place].stateAsked = true }
            if expected.reasons != nil { seen[place].reasonsAsked = true }
            seen[place].rowsAsked.formUnion(Self.rules(expected.rows))
        }
        let findings = decisions.last?.findings ?? []
        var wrong: [String] = []
        if let reasons = expected.reasons {
            let found = Self.list(findings.obstacles.map { "\($0.rule).\($0.reason)" })
            if Self.list(reasons) != found {
                wrong.append("reasons: expected \(Self.list(reasons)), found \(found)")
            }
        }
        if let rows = expected.rows {
            let rules = Self.rules(rows)
            let found = Self.list(
                findings.filter { rules.contains($0.rule) }.flatMap { finding in
                    finding.rows.map { "\(finding.rule).\($0)" }
                }
            )
            if Self.list(rows) != found { wrong.append("rows: expected \(Self.list(rows)), found \(found)") }
        }
        if let instant = expected.instant, instant != String(decisions.last?.instant ?? false) {
            wrong.append("instant: expected \(instant)")
        }
        wrong += checkReasons(expected, decisions)
        return wrong
    }

    private func checkLines(_ expected: Expectation, of subject: Case) async throws -> [String] {
        var wrong: [String] = []
        if !expected.fields.isEmpty || !expected.sent.isEmpty || !expected.answered.isEmpty {
            wrong += try await checkSent(expected, of: subject)
        }
        if !expected.lines.isEmpty {
            let lines = try await platform.database.read {
                try ExchangeStore.lines(of: subject.id.rawValue, in: $0)
            }
            for (step, state) in expected.lines.sorted(by: { $0.key < $1.key }) {
                // `bank.account` is what the bank does after the booking that the step ordered.
                let own = lines.filter {
                    if step.contains(".") { return "\($0.order.party).\($0.order.operation)" == step }
                    let parts = $0.order.key.split(separator: "/")
                    return parts.count > 1 && parts[1] == step
                }
                let found =
                    own.isEmpty ? "none" : Set(own.map(\.state.rawValue)).sorted().joined(separator: "+")
                if found != state {
                    let why = own.compactMap(\.reasonCode).joined(separator: " ")
                    wrong.append("line \(step): expected \(state), found \(found) \(why)")
                }
            }
        }
        if !expected.flow.isEmpty {
            let steps = try await platform.database.read { try StepStore.of(subject.id, in: $0) }
            for (step, state) in expected.flow.sorted(by: { $0.key < $1.key }) {
                let found = steps.first { $0.name == step }?.state.rawValue ?? "none"
                if found != state { wrong.append("step \(step): expected \(state), found \(found)") }
            }
        }
        return wrong
    }

    /// The one in force, else the last that was: of two that were issued in one moment the order is chance.
    static func businessLicence(in held: [Credential], on today: LocalDate) -> Credential? {
        let all = held.filter { $0.record.type == "business-licence" }
        return all.last { [.valid, .suspended].contains($0.state(on: today)) } ?? all.last
    }

    private func checkResult(_ expected: Expectation, of subject: Case) async throws -> [String] {
        var wrong: [String] = []
        let code = subject.result ?? ""
        let today = now.date
        if let wanted = expected.licence {
            let held = try await platform.database.read { try Credentials.held(by: code, in: $0) }
            let found = Self.businessLicence(in: held, on: today)?.state(on: today).rawValue ?? "none"
            if found != wanted { wrong.append("licence: expected \(wanted), found \(found)") }
        }
        if let wanted = expected.entry {
            let found =
                try await platform.database.read { try RegisterStore.find(code, in: $0) }?.state.rawValue
                ?? "none"
            if found != wanted { wrong.append("entry: expected \(wanted), found \(found)") }
        }
        for (name, wanted) in expected.tasks.sorted(by: { $0.key < $1.key }) {
            let tasks = try await platform.database.read { try TaskStore.of(code, in: $0) }
            // `annual-report.from` is what the task says besides its day.
            let parts = name.split(separator: ".").map(String.init)
            let task = tasks.first { $0.kind == parts[0] }
            let found =
                parts.count > 1
                ? task?.arguments[parts[1]].text ?? "none"
                : task.map { $0.dueOn?.description ?? "open" } ?? "none"
            if found != wanted { wrong.append("task \(name): expected \(wanted), found \(found)") }
        }
        return wrong
    }

    private func checkWords(_ expected: Expectation, of subject: Case) async throws -> [String] {
        var wrong: [String] = []
        if let papers = expected.papers {
            let issued = try await platform.database.read {
                try CorrespondenceStore.papers(of: subject.id.rawValue, in: $0)
            }
            let found = Self.list(issued.map(\.kind))
            if Self.list(papers) != found {
                wrong.append("papers: expected \(Self.list(papers)), found \(found)")
            }
        }
        if !expected.happened.isEmpty {
            let timeline = try await platform.database.read {
                try HappeningStore.timeline(of: subject.id, publicOnly: false, in: $0)
            }
            for (act, count) in expected.happened.sorted(by: { $0.key < $1.key }) {
                let found = String(timeline.count { $0.act == act })
                if found != count { wrong.append("\(act): expected \(count) times, found \(found)") }
            }
        }
        if !expected.messages.isEmpty {
            let messages = try await platform.database.read {
                try CorrespondenceStore.messages(case: subject.number, in: $0)
            }
            for (template, count) in expected.messages.sorted(by: { $0.key < $1.key }) {
                let found = String(messages.count { $0.template == template })
                if found != count { wrong.append("message \(template): expected \(count), found \(found)") }
            }
        }
        return wrong
    }
}

extension Expectation {
    /// Something is said about a case, not only about a refusal or a name.
    var needsCase: Bool {
        state != nil || reasons != nil || rows != nil || !lines.isEmpty || !flow.isEmpty || complete != nil
            || licence != nil || entry != nil || title != nil || papers != nil || !happened.isEmpty
            || !tasks.isEmpty
            || !messages.isEmpty || instant != nil || decisions != nil || decider != nil || reads != nil
            || !inputs.isEmpty || version != nil || due != nil || light != nil || !fields.isEmpty
            || !sent.isEmpty || !answered.isEmpty || needsEntry
            || !logged.isEmpty || !measures.isEmpty || !sample.isEmpty
    }

    /// Something is said about the entry in the register.
    var needsEntry: Bool {
        !items.isEmpty || !licensed.isEmpty || acts != nil || published != nil || !publicBy.isEmpty
            || matter != nil
            || matterDue != nil || banned != nil || code != nil
    }
}
