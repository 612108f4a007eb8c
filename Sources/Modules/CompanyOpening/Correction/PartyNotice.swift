import Cases
import Exchange
import Kernel
import Registers
import Storage

/// What became of an entry, as everybody is told who was told of it before (company-opening.md section 7, end).
struct PartyNotice {
    /// `correct`, `withdraw`, `withdraw-item`, `restore`, `name` …
    let kind: String
    /// The entry afterwards.
    let subject: RegisterSubject
    let matter: Correction
    /// The day of the decision.
    let decidedOn: LocalDate
    /// Nothing that a party still has to do for this firm goes on.
    let isOver: Bool

    static let operation = "registration-changed"

    struct Told {
        /// Identifiers of the parties, sorted.
        let parties: [String]
        /// Lines that were still under way.
        let setAside: [String]
    }

    /// For the publicity system and the national collection: the whole public entry.
    var record: JSON {
        [
            "creditCode": .string(subject.code), "record": subject.publicRecord, "kind": .string(kind),
        ]
    }

    /// For everybody else: who, how he stands, since when.
    func fields(seals: [JSON]) -> JSON {
        var fields: JSON = [
            "creditCode": .string(subject.code), "name": .string(subject.name),
            "state": .string(subject.state.rawValue), "kind": .string(kind),
            "decidedOn": .string(decidedOn.description),
        ]
        if !seals.isEmpty { fields["seals"] = .array(seals) }
        return fields
    }
}

extension CompanyOpening {
    /// Opens a line to each party that has had word of the firm. Those that were never told, because nobody ticked
    /// the service or the message never left, hear nothing now either.
    func tellParties(
        _ notice: PartyNotice,
        of granted: Case,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> PartyNotice.Told {
        var parties: Set<String> = ["publicity", "national-collection"]
        var setAside: [String] = []
        for line in try ExchangeStore.lines(of: granted.id.rawValue, in: tx) {
            if try hasLeft(line, in: tx) { parties.insert(line.order.party) }
            guard notice.isOver, line.order.operation != PartyNotice.operation, !line.state.isEnd,
                !["publicity", "national-collection"].contains(line.order.party)
            else { continue }
            _ = try exchange.halt(line.id, occasion: occasion, in: tx)
            setAside.append(line.id.rawValue)
        }
        let seals = try sealCodes(of: notice.subject.code, case: granted.id, in: tx).elements
        var told: [String] = []
        for party in parties.sorted() {
            guard let (operation, fields) = message(notice, to: party, seals: seals) else { continue }
            _ = try exchange.open(
                LineOrder(
                    party: party,
                    operation: operation,
                    caseID: granted.id.rawValue,
                    caseNumber: granted.number,
                    creditCode: notice.subject.code,
                    purpose: "\(granted.system).\(notice.kind)",
                    consent: "law",
                    fields: fields,
                    key: "\(granted.id)/\(notice.kind)-\(notice.matter.id)-\(notice.matter.version)/\(party)",
                    counts: false
                ),
                occasion: occasion,
                in: tx
            )
            told.append(party)
        }
        return PartyNotice.Told(parties: told, setAside: setAside)
    }

    /// Whether the party has, or may have, the message of a line.
    private func hasLeft(_ line: PartyLine, in reader: any Reader) throws -> Bool {
        switch line.state {
        case .sent, .received, .working, .done, .returned, .personNeeded: return true
        case .pending, .overdue, .notNeeded, .later:
            // Handed over without an answer, or set aside after the party had it.
            if line.attempts > 0 { return true }
            return try ExchangeStore.changes(of: line.id, in: reader).contains { change in
                [.sent, .received, .working, .done, .returned, .personNeeded].contains(change.event)
            }
        }
    }

    /// Nil for parties that keep nothing of a firm, such as the carrier of messages.
    private func message(_ notice: PartyNotice, to party: String, seals: [JSON]) -> (String, JSON)? {
        switch party {
        case "publicity": return ("publish", notice.record)
        case "national-collection": return ("collect", notice.record)
        default:
            let known = exchange.parties.all.first { $0.id == party }
            guard known?.operation(PartyNotice.operation) != nil else { return nil }
            let holdsSeals = party == "police-seal" || party == "engraver"
            return (PartyNotice.operation, notice.fields(seals: holdsSeals ? seals : []))
        }
    }

    /// Takes up again what a withdrawal set aside that was itself undone.
    func reopenLines(_ ids: [String], occasion: Occasion, in tx: any Transaction) throws {
        for id in ids {
            guard let line = try ExchangeStore.line(ID(id), in: tx), line.state == .later else { continue }
            _ = try exchange.reopen(line.id, occasion: occasion, in: tx)
        }
    }
}
