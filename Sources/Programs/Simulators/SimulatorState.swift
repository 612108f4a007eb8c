import Exchange
import Kernel

/// What a simulator holds in memory. Every change of it is a line that `recall` understands, so that a restart
/// leads to the same state.
struct SimulatorState {
    struct Waiting {
        let number: Int
        let report: Report
        var at: Instant
        var attempts: Int
        var isTold: Bool
    }

    struct Order {
        let letter: Letter
        let entry: Int
        /// What is said at once.
        let first: Report
        /// The numbers of its later reports.
        let reports: [Int]
    }

    let delay: Int64
    var facts: [JSON]
    var switches: [SimulatorSwitch] = []
    var journal: [SimulatorEntry] = []
    /// What a carrier's telephones would show, the latest last; in memory only.
    private(set) var texts: [SimulatorText] = []
    private static let textsMax = 50
    private var orders: [String: Order] = [:]
    private var waiting: [Int: Waiting] = [:]
    private var nonces: [String: Instant] = [:]
    private var noncesMax = 10_000
    private var reportCount = 0

    init(delay: Int64, facts: [JSON]) {
        self.delay = delay
        self.facts = facts
    }

    func isSet(_ mode: SimulatorSwitch.Mode, _ operation: String) -> Bool {
        switches.contains { $0.mode == mode && ($0.operation == nil || $0.operation == operation) }
    }

    mutating func use(nonce: String, at: Instant, forgetting before: Instant) -> Bool {
        if nonces.count > noncesMax {
            nonces = nonces.filter { $0.value >= before }
            // The next time when there are twice as many: under load all are young, and each look would be in vain.
            noncesMax = max(10_000, 2 * nonces.count)
        }
        return nonces.updateValue(at, forKey: nonce) == nil
    }

    // MARK: orders

    /// Takes a letter: the same key again is the same order and is told how it stands now. The second value is
    /// the line to remember, if there is something new.
    mutating func take(
        _ letter: Letter,
        _ operation: PartyOperation,
        party: Party,
        now: Instant
    ) -> (Report, JSON?) {
        if let order = orders[letter.key] {
            journal[order.entry].times += 1
            return (standing(order, now: now), nil)
        }
        let once = switches.firstIndex {
            $0.once && ($0.operation == nil || $0.operation == letter.operation)
        }
        let course = Course(letter, operation, party: party, state: self, now: now)
        var used: JSON = .null
        if let once, course.usedSwitch == switches[once] {
            used = .string(switches[once].text)
        }
        if let phone = letter.fields["phone"].text, let text = letter.fields["text"].text {
            texts = texts.suffix(Self.textsMax - 1) + [SimulatorText(at: now, phone: phone, text: text)]
        }
        // What was asked of it has been judged: a simulator's file keeps no telephone, number or text of anybody.
        var kept = letter
        kept.fields = [:]
        let line: JSON = [
            "kind": "order", "at": JSON(now.milliseconds), "letter": kept.json, "first": course.first.json,
            "later": .array(course.later.map { ["at": JSON($0.at.milliseconds), "report": $0.report.json] }),
            "used": used,
        ]
        recall(line)
        // Questions are not worth a line in the file.
        return (course.first, operation.kind == .question ? nil : line)
    }

    /// The last report whose time has come.
    private func standing(_ order: Order, now: Instant) -> Report {
        let come = order.reports.compactMap { waiting[$0] }.filter {
            $0.at <= now && $0.report.operation == order.letter.operation
        }
        return come.max { ($0.at, $0.number) < ($1.at, $1.number) }?.report ?? order.first
    }

    /// The transactions that a payment platform has told of: what its statements list.
    var movements: [JSON] {
        waiting.values.filter { $0.report.status == .done && !$0.report.answer["transaction"].isNull }.map {
            let paid = $0.report.answer["paidAt"]
            return [
                "transaction": $0.report.answer["transaction"], "amountFen": $0.report.answer["amountFen"],
                "paidAt": paid, "operation": .string($0.report.operation),
                "bill": .string($0.report.caseNumber), "day": .string(String((paid.text ?? "").prefix(10))),
            ]
        }
    }

    // MARK: reports

    var nextReport: Instant? { waiting.values.lazy.filter { !$0.isTold }.map(\.at).min() }

    func due(now: Instant) -> [Waiting] {
        waiting.values.filter { !$0.isTold && $0.at <= now }.sorted {
            ($0.at, $0.number) < ($1.at, $1.number)
        }
    }

    // MARK: memory

    mutating func recall(_ line: JSON) {
        switch line["kind"].text {
        case "switch":
            guard let text = line["text"].text else { return }
            if text == "up" {
                switches = []
            } else if let new = try? SimulatorSwitch(parsing: text), !switches.contains(new) {
                switches.append(new)
            }
        case "fact": facts.append(line["fact"])
        case "order": recallOrder(line)
        case "again":
            guard let number = line["number"].int.map({ Int($0) }), var report = waiting[number],
                let at = line["at"].int
            else { return }
            report.attempts += 1
            report.isTold = report.attempts >= 12
            report.at = Instant(milliseconds: at) + min(3_600_000, 30_000 << Int64(min(report.attempts, 7)))
            waiting[number] = report
        case "told":
            guard let number = line["number"].int.map({ Int($0) }) else { return }
            waiting[number]?.isTold = true
        default: return
        }
    }

    private mutating func recallOrder(_ line: JSON) {
        guard let letter = Letter(line["letter"]), let first = Report(line["first"]), let at = line["at"].int
        else { return }
        if let used = line["used"].text, let index = switches.firstIndex(where: { $0.text == used }) {
            switches.remove(at: index)
        }
        var numbers: [Int] = []
        for entry in line["later"].elements {
            guard let report = Report(entry["report"]), let at = entry["at"].int else { continue }
            reportCount += 1
            numbers.append(reportCount)
            waiting[reportCount] = Waiting(
                number: reportCount,
                report: report,
                at: Instant(milliseconds: at),
                attempts: 0,
                isTold: false
            )
        }
        let last = line["later"].elements.last.flatMap { $0["report"]["status"].text }
        journal.append(
            SimulatorEntry(
                at: Instant(milliseconds: at),
                operation: letter.operation,
                caseNumber: letter.caseNumber,
                creditCode: letter.creditCode,
                outcome: last ?? first.status.rawValue,
                times: 1
            )
        )
        orders[letter.key] = Order(letter: letter, entry: journal.count - 1, first: first, reports: numbers)
    }
}
