import Cases
import Catalogue
import Charges
import CompanyNames
import Correspondence
import Deadlines
import Exchange
import Forms
import Kernel
import Storage

/// Everything that the pages about one case show, read together.
struct CaseProgress: Sendable {
    let subject: Case
    let definition: CaseDefinition
    /// The name of the body that decides.
    let body: String
    let timeline: [CaseHappening]
    let steps: [CaseStep]
    let lines: [PartyLine]
    let papers: [Paper]
    /// Of the latest decision, heaviest first.
    let obstacles: [Finding]
    /// What a person decided last, in his words; nil after a decision by rule.
    let told: Told?
    let reason: String
    let isInstant: Bool
    /// The clock of the law on the review, while it runs or stands still.
    let clock: DeadlineClock?
    /// What is to be paid still; nil when nothing is.
    let owed: Bill?
    /// All of them, the oldest first.
    let bills: [Bill]
    /// From the first hand-in on; nil before it.
    let times: CaseTimes?
    /// Engravers and bank branches that can be chosen instead, while a line of theirs has come back.
    let choices: LineChoices
    /// The engravers and branches that were chosen, by code: where a founder fetches what is ready.
    let shops: [String: ReferenceRow]

    static func read(_ subject: Case, desk: PortalDesk, now: Instant) async throws -> CaseProgress {
        let definition = try await desk.desk.definition(of: subject)
        let body = try await desk.desk.module(of: subject).bodyName(subject.agency)
        return try await desk.database.read { reader in
            let bills = try Bills.of(subject.object, in: reader)
            let decisions = try DecisionStore.of(subject.id, in: reader)
            let steps = try StepStore.of(subject.id, in: reader)
            let clock = try steps.last { $0.kind == .staff && $0.clock != nil }?.clock.flatMap {
                try Deadlines.find(ID($0), in: reader)
            }
            let lines = try ExchangeStore.lines(of: subject.id.rawValue, in: reader).filter {
                $0.order.party != "sms"
            }
            return CaseProgress(
                subject: subject,
                definition: definition,
                body: body,
                timeline: try HappeningStore.timeline(of: subject.id, publicOnly: true, in: reader),
                steps: steps,
                lines: lines,
                papers: try CorrespondenceStore.papers(of: subject.id.rawValue, in: reader).filter {
                    // A proof of service is for the file: the paper itself says when it was served.
                    $0.state == .filed && $0.kind != "service-proof"
                },
                obstacles: decisions.last?.findings.obstacles ?? [],
                told: decisions.last.flatMap { Told(json: $0.told) },
                reason: decisions.last?.reason ?? "",
                isInstant: decisions.last?.instant ?? false,
                clock: clock,
                owed: bills.first { $0.state == .due },
                bills: bills,
                times: try CaseTimesStore.of(subject.id, in: reader),
                choices: lines.contains { $0.state == .returned }
                    ? try LineChoices.read(subject, on: now.date, in: reader) : LineChoices(),
                shops: try LineChoices.chosen(in: lines, on: now.date, in: reader)
            )
        }
    }

    /// Lines of a step of the flow, in the order in which they were opened.
    func lines(of step: String) -> [PartyLine] {
        lines.filter { $0.step(of: subject.id) == step }
    }

    /// Lines that opened because another was done.
    func followers(of line: PartyLine) -> [PartyLine] {
        lines.filter { $0.order.key.hasPrefix("\(line.id)>") }
    }

    /// What the number is that came out: the enterprise's credit code, else that of the result.
    var resultLabel: String { definition.module == nil ? "progress.result-number" : "progress.credit-code" }

    /// The last day on which something that the bundle waits for is due; nil when nothing is open.
    var bundleDue: Instant? {
        lines.filter { $0.order.counts && $0.state.isWaiting }.compactMap(\.dueAt).max()
    }
}

extension PartyLine {
    /// The step of the flow that opened the line; empty for a line that another one brought along.
    func step(of id: ID<Case>) -> String {
        let parts = order.key.split(separator: "/")
        return parts.count >= 2 && parts[0] == id.rawValue ? String(parts[1]) : ""
    }
}
