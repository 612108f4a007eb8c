import Audit
import Cases
import CompanyOpening
import Identity
import Kernel
import Storage
import Web

/// Entries of the log for people: names beside identifiers, words beside the names of acts. Names of people are masked.
struct LogWords {
    private let visit: Visit
    private let desk: WorkbenchDesk
    private var known: [String: String?] = [:]

    init(_ visit: Visit, _ desk: WorkbenchDesk) {
        self.visit = visit
        self.desk = desk
    }

    private static let names = ["sequence", "at", "actor", "act", "object", "outcome", "subject", "purpose"]

    static func columns(_ visit: Visit) -> [String] { names.map { visit.text("log.column.\($0)") } }

    func lines(_ lines: [AuditLine], in reader: any Reader) throws -> [LogView.Row] {
        var words = self
        let columns = Self.columns(visit)
        return try lines.map { line in
            let cells = try words.cells(line, in: reader)
            return LogView.Row(
                cells: zip(columns, cells).map { column, cell in
                    LogView.Cell(column: column, words: cell.words, code: cell.code)
                }
            )
        }
    }

    private typealias Cell = (words: String?, code: String?)

    private mutating func cells(_ line: AuditLine, in reader: any Reader) throws -> [Cell] {
        let number = visit.dash(line.sequence.map { String($0) })
        guard let entry = line.entry else {
            let unreadable: Cell = (visit.text("log.unreadable-entry", ["sequence": number]), nil)
            return Self.names.map { name in
                switch name {
                case "sequence": (number, nil)
                case "act": unreadable
                default: (nil, nil)
                }
            }
        }
        let actor = "\(entry.actor.kind.rawValue):\(entry.actor.id)"
        return [
            (number, nil),
            (entry.at.minuteText, entry.request),
            (try name(of: entry.actor, in: reader), actor),
            (Self.act(entry.act, visit), entry.act),
            (try object(entry.object, in: reader), entry.object),
            Self.outcome(entry.outcome, visit),
            (try entry.subject.flatMap { try person($0, in: reader) }, entry.subject),
            (entry.purpose, nil),
        ]
    }

    /// The post and the masked name.
    private mutating func name(of actor: Actor, in reader: any Reader) throws -> String? {
        let name: String? =
            switch actor.kind {
            case .staff:
                try remember("staff:\(actor.id)") {
                    try StaffRegister.find(ID(actor.id), in: reader).map { PersonMask.name($0.name) }
                }
            case .person: try person(actor.id, in: reader)
            case .party: LinePages.partyName(actor.id, visit, desk)
            case .platform, .anonymous: nil
            }
        let post = visit.has("post.\(actor.role)") ? visit.text("post.\(actor.role)") : nil
        let kind = visit.text("workbench.actor.\(actor.kind.rawValue)")
        return [post ?? kind, name].compactMap(\.self).joined(separator: " ")
    }

    private mutating func person(_ id: String, in reader: any Reader) throws -> String? {
        try remember("person:\(id)") {
            try People.find(ID(id), in: reader).map { PersonMask.name($0.name) }
        }
    }

    /// The number of the case; of what bears its own number or name nothing more.
    private mutating func object(_ object: String, in reader: any Reader) throws -> String? {
        let parts = object.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0] == "case", let id = parts[1].split(separator: "/").first else {
            return nil
        }
        return try remember("case:\(id)") { try OwnCaseStore.number(of: ID(String(id)), in: reader) }
    }

    /// Looked up once a page.
    private mutating func remember(_ key: String, _ look: () throws -> String?) throws -> String? {
        if let found = known[key] { return found }
        let found = try look()
        known[key] = .some(found)
        return found
    }

    /// The words of an act; nil for one that has none.
    static func act(_ act: String, _ visit: Visit) -> String? {
        keys(of: act).first(where: visit.has).map { visit.text($0) }
    }

    /// Where the words of an act stand: with the page that shows it, or here.
    static func keys(of act: String) -> [String] {
        let rest = act.split(separator: ".", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
        var keys = ["log-act.\(act)", "data-read.\(act)"]
        if act.hasPrefix("case.") { keys.append("timeline.\(rest)") }
        if act.hasPrefix("exchange.line-") {
            keys.append("workbench.line-act.\(rest.dropFirst("line-".count))")
        }
        if act.hasPrefix("register.") { keys.append("register-act.\(rest)") }
        return keys
    }

    private static func outcome(_ outcome: AuditEntry.Outcome, _ visit: Visit) -> Cell {
        switch outcome {
        case .done: (visit.text("log.outcome.done"), nil)
        case .read: (visit.text("log.outcome.read"), nil)
        case .refused(let code): (visit.text("log.outcome.refused"), code)
        }
    }
}
